//! What a watch shows starts the time to choose, as a list does: else watching would be looking for ever.
//!
//! An outage ends the stream here, as what was not counted is not to be shown; whoever watches resumes.

use leadhand_domain::policy::required;
use leadhand_domain::time::{Millis, Span};
use leadhand_proto::pool::v1::watch_pool_response::Item;

use super::{End, Watch};
use crate::selection;

/// How often a watcher who may choose for as long as they like is asked about again: the policy may have changed.
const ASKED_AGAIN: Span = Span::minutes(1);

impl Watch {
    /// Starts the watcher's window before `item` is sent, if it shows leads and none runs.
    pub(super) async fn choose(&mut self, item: &Item) -> Result<(), End> {
        let shows = match item {
            Item::Snapshot(page) => !page.leads.is_empty(),
            Item::Entered(_) | Item::Changed(_) => true,
            Item::Left(_) | Item::CaughtUp(_) => false,
        };
        let now = Millis(self.clock.now_ms());
        if shows && now >= self.chooses_until {
            let (rep, pool) = (&self.ask.viewer.rep, &self.ask.pool);
            let policy = required(self.store.recent_policy(&self.workspace).await?).map_err(leadhand_store::Error::from)?;
            let until = selection::look(&self.store, &self.workspace, rep, pool, &policy, now).await?;
            self.chooses_until = until.unwrap_or_else(|| now.after(ASKED_AGAIN));
        }
        Ok(())
    }
}
