//! Fills a workspace's ring with what Redis brings, for as long as anybody subscribes.

use std::convert::Infallible;
use std::time::Duration;

use leadhand_domain::id::Workspace;
use leadhand_store::{Error, Store};
use tokio::sync::watch;

use crate::ring::Ring;

/// How long one read waits for an event. A Redis that is frozen is noticed this much later.
const WAIT: Duration = Duration::from_secs(2);
/// How many events one read brings at most.
const BATCH: usize = 256;
/// How soon a tail that broke is opened again …
const FIRST_RETRY: Duration = Duration::from_millis(20);
/// … and how soon at the latest, when that fails time and again.
const LAST_RETRY: Duration = Duration::from_millis(500);

/// Follows the workspace's events until dropped.
pub(crate) async fn follow(store: Store, workspace: Workspace, ring: watch::Sender<Ring>) {
    let mut retry = FIRST_RETRY;
    loop {
        let Err(error) = follow_one(&store, &workspace, &ring).await;
        if ring.send_if_modified(Ring::close) {
            tracing::warn!(%workspace, error = &error as &dyn std::error::Error, "lost the events of a workspace");
            retry = FIRST_RETRY;
        }
        tokio::time::sleep(retry).await;
        retry = (retry * 2).min(LAST_RETRY);
    }
}

/// Opens a tail where the ring ends, if the stream still has that event, and follows it until it breaks.
async fn follow_one(store: &Store, workspace: &Workspace, ring: &watch::Sender<Ring>) -> Result<Infallible, Error> {
    // Subscribers will prove their cursors by the store's other connections: those must not be to an old primary either.
    store.time().await?;
    let newest = ring.borrow().newest();
    let mut tail = store.events_tail(workspace, newest).await?;
    ring.send_modify(|ring| ring.open(tail.position()));
    tracing::debug!(%workspace, position = %tail.position(), "following the events of a workspace");
    loop {
        let events = tail.next(WAIT, BATCH).await?;
        if !events.is_empty() {
            ring.send_modify(|ring| events.into_iter().for_each(|event| ring.push(event)));
        }
    }
}
