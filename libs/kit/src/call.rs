//! What a call in progress carries with it: its deadline, and its place in the server's count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

tokio::task_local! {
    static CALL: Call;
}

/// The call that the current task works for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    /// When its answer is no longer wanted.
    pub(crate) deadline: Option<Instant>,
    /// Its place in the count, held by everything that still works for it.
    pub(crate) place: Option<Arc<Place>>,
}

impl Call {
    /// The call of the current task; an empty one outside of any.
    pub(crate) fn current() -> Call {
        CALL.try_with(Call::clone).unwrap_or_default()
    }

    /// The deadline of the current task's call, without cloning the call.
    pub(crate) fn current_deadline() -> Option<Instant> {
        CALL.try_with(|call| call.deadline).ok().flatten()
    }

    /// Runs `future` as part of this call.
    pub(crate) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CALL.scope(self, future)
    }

    /// Runs `f` as part of this call.
    pub(crate) fn sync_scope<T>(self, f: impl FnOnce() -> T) -> T {
        CALL.sync_scope(self, f)
    }
}

/// How much work a server has in hand.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Unary calls being handled.
    pub(crate) calls: AtomicUsize,
    /// Streaming calls that are open.
    pub(crate) streams: AtomicUsize,
    /// Calls refused because of a limit.
    pub(crate) refused: AtomicU64,
    /// Bytes of messages received in part.
    pub(crate) receiving: AtomicUsize,
    /// The connections there are.
    pub(crate) connections: TaskTracker,
    /// Connections refused because of their limit.
    pub(crate) connections_refused: AtomicU64,
    /// Critical steps under way, also those whose caller has left.
    pub(crate) critical: TaskTracker,
}

/// What a request holds of the bytes that may be received in part; given back when dropped.
#[derive(Debug)]
pub(crate) struct Receiving {
    load: Arc<Load>,
    limit: usize,
    bytes: usize,
}

impl Receiving {
    /// Of a request that has not begun to come in, where all together may hold so much.
    pub(crate) fn nothing(load: &Arc<Load>, limit: usize) -> Receiving {
        Receiving { load: load.clone(), limit, bytes: 0 }
    }

    /// Holds so many bytes from now on. `false`, and as before, when all together would hold more than they may.
    pub(crate) fn hold(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        if more > 0 && self.load.receiving.fetch_add(more, Ordering::AcqRel).saturating_add(more) > self.limit {
            self.load.receiving.fetch_sub(more, Ordering::AcqRel);
            self.load.refused.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        self.load.receiving.fetch_sub(self.bytes.saturating_sub(bytes), Ordering::AcqRel);
        self.bytes = bytes;
        true
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.load.receiving.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// One call's place in the [`Load`], given back when the last holder drops it.
#[derive(Debug)]
pub(crate) struct Place {
    load: Arc<Load>,
    streaming: bool,
}

impl Place {
    /// A place, or `None` when `limit` places are taken.
    pub(crate) fn take(load: &Arc<Load>, streaming: bool, limit: usize) -> Option<Arc<Place>> {
        let place = Place { load: load.clone(), streaming };
        if place.count().fetch_add(1, Ordering::AcqRel) < limit {
            Some(Arc::new(place))
        } else {
            load.refused.fetch_add(1, Ordering::Relaxed);
            None
        }
    }

    /// The tracker of critical steps of the server that this place belongs to.
    pub(crate) fn critical(&self) -> &TaskTracker {
        &self.load.critical
    }

    fn count(&self) -> &AtomicUsize {
        if self.streaming { &self.load.streams } else { &self.load.calls }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.count().fetch_sub(1, Ordering::AcqRel);
    }
}
