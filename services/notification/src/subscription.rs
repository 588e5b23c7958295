//! One subscriber: a cursor that moves over a workspace's events.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use leadhand_domain::id::Workspace;
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::shared::Share;
use leadhand_proto::event::v1::Event;
use leadhand_proto::notification::v1::CaughtUp;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_store::events::{Page, Position, Stored};
use leadhand_store::{Error, Store};
use prost::Message;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;
use crate::ring::{Next, Ring};

/// How many events a subscriber takes at once; more than that it never holds.
pub(crate) const PAGE: usize = 64;
/// How soon a page that could not be read is asked for again.
const RETRY: Duration = Duration::from_millis(100);

/// How long a subscription waits for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    heartbeat: Duration,
    outage: Duration,
}

impl Patience {
    /// Silence until a heartbeat, and until an outage ends the subscription, in milliseconds.
    pub(crate) fn new(heartbeat_ms: u64, outage_ms: u64) -> Self {
        Self { heartbeat: Duration::from_millis(heartbeat_ms), outage: Duration::from_millis(outage_ms) }
    }
}

/// Why a subscription ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The service is going away.
    ShuttingDown,
    /// As many workspaces as may be are subscribed to already.
    Overloaded,
    /// Redis did not answer for longer than an outage is borne.
    Outage,
    /// Events after the cursor are no longer kept.
    Trimmed,
    /// The stream does not hold the cursor.
    Lost,
    /// Nothing fills the ring any more: its tail is gone, which it never should be.
    Abandoned,
    /// Redis failed, or an event in it cannot be read.
    Store(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// A subscription that has begun.
pub(crate) struct Subscription {
    pub(crate) store: Store,
    pub(crate) workspace: Workspace,
    pub(crate) shutdown: CancellationToken,
    pub(crate) patience: Patience,
    /// Everything up to here was sent.
    pub(crate) cursor: Position,
    /// Follows the cursor without a gap.
    pub(crate) ready: std::vec::IntoIter<Arc<Stored>>,
    /// The newest event when the call came; `None` once the subscriber knows that it has caught up.
    pub(crate) backlog: Option<Position>,
    pub(crate) ring: watch::Receiver<Ring>,
    /// The generation of the ring for which the cursor was last seen in Redis.
    pub(crate) proven: Option<u64>,
    /// Since something was last sent.
    pub(crate) silence: Stopwatch,
    /// Since when Redis does not answer, if so.
    pub(crate) outage: Option<Stopwatch>,
    /// Keeps the ring filled.
    pub(crate) _hub: Arc<Share<Workspace, Hub>>,
    /// Counts.
    pub(crate) _place: OwnedSemaphorePermit,
}

impl Subscription {
    /// What is sent, until its end.
    pub(crate) fn stream(self) -> impl Stream<Item = Result<Item, End>> {
        unfold(Some(self), |subscription| async {
            let mut subscription = subscription?;
            let item = subscription.next().await;
            subscription.silence = Stopwatch::start();
            let rest = item.is_ok().then_some(subscription);
            Some((item, rest))
        })
    }

    async fn next(&mut self) -> Result<Item, End> {
        loop {
            if self.shutdown.is_cancelled() {
                return Err(End::ShuttingDown);
            }
            if let Some(stored) = self.ready.next() {
                self.cursor = stored.position;
                return Ok(self.event(&stored)?);
            }
            if self.backlog.is_some_and(|newest| newest <= self.cursor) {
                return Ok(self.caught_up());
            }
            if self.take().await? {
                continue;
            }
            if let Some(item) = self.wait().await? {
                return Ok(item);
            }
        }
    }

    /// Gets what follows the cursor ready, from the ring or from Redis; whether there is anything to go on with.
    async fn take(&mut self) -> Result<bool, End> {
        let (next, generation, live) = {
            let ring = self.ring.borrow_and_update();
            let generation = ring.generation();
            let proven = self.proven == Some(generation);
            let next = if proven { ring.after(self.cursor, PAGE) } else { Next::Unknown };
            (next, generation, ring.is_live())
        };
        let page = match next {
            Next::Events(events) => {
                self.answers(live);
                self.ready = events.into_iter();
                return Ok(true);
            }
            Next::Nothing => {
                self.answers(live);
                return Ok(false);
            }
            Next::Unknown => self.store.events_after(&self.workspace, self.cursor, PAGE).await,
        };
        match page {
            Ok(page) => {
                self.ready = follow(page)?;
                self.proven = Some(generation);
                self.answers(live);
                if self.ready.len() == 0 {
                    // There is no more, not even what was the newest when the call came: it has been trimmed.
                    self.backlog = self.backlog.map(|_| Position::START);
                }
                Ok(self.ready.len() > 0 || self.backlog.is_some())
            }
            Err(Error::Unavailable(_)) if self.outage_left() > Duration::ZERO => {
                self.answers(false);
                let pause = tokio::time::sleep(RETRY.min(self.outage_left()));
                self.shutdown.run_until_cancelled(pause).await;
                Ok(true)
            }
            Err(error) => Err(End::Store(error)),
        }
    }

    /// Waits until there may be more; or what to send because there is not.
    async fn wait(&mut self) -> Result<Option<Item>, End> {
        let heartbeat = self.patience.heartbeat.saturating_sub(self.silence.elapsed());
        let (outage, left) = (self.outage.is_some(), self.outage_left());
        tokio::select! {
            changed = self.ring.changed() => match changed {
                Ok(()) => Ok(None),
                Err(_) if self.shutdown.is_cancelled() => Ok(None),
                Err(_) => Err(End::Abandoned),
            },
            () = self.shutdown.cancelled() => Ok(None),
            () = tokio::time::sleep(left), if outage => Err(End::Outage),
            // Only who is sure may say that there is nothing.
            () = tokio::time::sleep(heartbeat), if !outage => Ok(Some(self.caught_up())),
        }
    }

    /// Notes whether Redis answers.
    fn answers(&mut self, live: bool) {
        if live {
            self.outage = None;
        } else {
            self.outage.get_or_insert_with(Stopwatch::start);
        }
    }

    /// For how much longer an outage is borne.
    fn outage_left(&self) -> Duration {
        let so_far = self.outage.map_or(Duration::ZERO, |since| since.elapsed());
        self.patience.outage.saturating_sub(so_far)
    }

    fn caught_up(&mut self) -> Item {
        self.backlog = None;
        let position = if self.cursor == Position::START { String::new() } else { self.cursor.to_string() };
        Item::CaughtUp(CaughtUp { position })
    }

    fn event(&self, stored: &Stored) -> Result<Item, Error> {
        let event = Event::decode(stored.event.as_slice())
            .map_err(|fault| Error::Damaged(format!("event {} of {}: {fault}", stored.position, self.workspace)))?;
        Ok(Item::Event(Event { position: stored.position.to_string(), ..event }))
    }
}

/// The events of a page, or why it has none.
pub(crate) fn follow(page: Page) -> Result<std::vec::IntoIter<Arc<Stored>>, End> {
    match page {
        Page::Events(events) => Ok(events.into_iter().map(Arc::new).collect::<Vec<_>>().into_iter()),
        Page::Trimmed => Err(End::Trimmed),
        Page::Lost => Err(End::Lost),
    }
}
