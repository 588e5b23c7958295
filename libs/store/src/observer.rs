//! Somebody who is called with each event once it is committed: for metrics.

use std::fmt;
use std::sync::Arc;

use leadhand_domain::change::Change;
use leadhand_domain::event::Event;

/// What is done with each event.
type Observe = dyn Fn(&Event) + Send + Sync;

/// Who is called, if anybody is.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Observe>>);

impl Observer {
    pub(crate) fn new(observe: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observe)))
    }

    /// These changes are committed.
    pub(crate) fn committed<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) {
        if let Some(observe) = &self.0 {
            changes.into_iter().flat_map(|change| &change.events).for_each(|event| observe(event));
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.0.is_some()).finish()
    }
}
