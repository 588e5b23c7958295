//! Telling a watcher what a pool lists, and what changes.
//!
//! A watch holds a cursor in the index's log and nothing of what it has told: a change in the log has the lead before and after
//! it, and whether the list had it is whether it would have shown it then. What the clock opens is told the same way, by looking
//! at a lead at the moment before and now. So a slow reader costs a page of memory; when the log does not reach back to it any
//! more, it begins anew with a snapshot.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use leadhand_domain::expression::Expression;
use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::search::Query;
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::opens_after;
use leadhand_kit::clock::{Clock, Stopwatch};
use leadhand_kit::shared::Share;
use leadhand_kit::status;
use leadhand_proto::pool::v1 as wire;
use leadhand_proto::pool::v1::watch_pool_response::Item;
use leadhand_proto::refusal;
use leadhand_store::Store;
use leadhand_store::events::Position;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::browse::{self, Failed};
use crate::config::Browse;
use crate::hub::{Hub, Hubs, Progress};
use crate::index::{Ask, Entry, Logged, Place, Sort, What};
use crate::token::{self, Stamp, Told};

mod choosing;
mod resume;

/// How many leads a page of a snapshot has at most, and how many changes are got ready at once.
const PAGE: usize = 256;
/// How many leads are looked at for one page of a snapshot before others have a turn.
const LOOKED_AT: usize = 2_000;
/// How often it is looked for what the clock has opened …
const OPENED: Duration = Duration::from_millis(500);
/// … and for what a filter by time shows by now.
const FILTERED: Duration = Duration::from_secs(2);

/// Who watches what, from where on.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) workspace: Workspace,
    pub(crate) rep: RepId,
    pub(crate) pool: PoolId,
    pub(crate) filter: Option<Expression>,
    pub(crate) query: Query,
    pub(crate) after: Option<Told>,
    pub(crate) stamp: Stamp,
}

/// Why a watch ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The service is going away.
    ShuttingDown,
    /// Redis did not answer for longer than an outage is borne.
    Outage,
    /// What a list fails of.
    Failed(Failed),
}

impl<E: Into<Failed>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl End {
    /// What the watcher is told.
    pub(crate) fn status(&self, now: Millis) -> Status {
        match self {
            Self::ShuttingDown => status::shutting_down(),
            Self::Outage => refusal::unavailable(),
            Self::Failed(failed) => failed.status(now),
        }
    }
}

/// What is told next of one lead.
#[derive(Debug)]
enum Change {
    Entered(Arc<Entry>),
    Changed(Arc<Entry>),
    Left(LeadId),
}

/// A pool that is watched.
pub(crate) struct Watch {
    store: Store,
    clock: Clock,
    shutdown: CancellationToken,
    config: Arc<Browse>,
    workspace: Workspace,
    ask: Ask,
    stamp: Stamp,
    hub: Arc<Share<Workspace, Hub>>,
    progress: watch::Receiver<Progress>,
    /// The snapshot is told up to this place; `None` outside of one.
    snapshot: Option<Option<Place>>,
    /// The next change of the log.
    cursor: u64,
    /// Events up to here have been told, but for what is in the log and what is ready.
    position: Position,
    /// By what the clock says here.
    at: Millis,
    /// The same once everything that is ready has been told.
    at_next: Option<Millis>,
    /// Each with the position that it is told with.
    ready: VecDeque<(Position, Change)>,
    caught_up: bool,
    /// Since it was last looked at what the clock has opened.
    swept: Option<Stopwatch>,
    silence: Stopwatch,
    /// Until then the watcher's time to choose is known to run.
    chooses_until: Millis,
    outage: Option<Stopwatch>,
    /// Counts.
    _place: OwnedSemaphorePermit,
}

impl Watch {
    /// Begins: where the watcher was, if that can be, or else with a snapshot.
    pub(crate) async fn begin(
        store: Store,
        clock: Clock,
        shutdown: CancellationToken,
        hubs: &Hubs,
        watched: Watched,
        place: OwnedSemaphorePermit,
    ) -> Result<Self, End> {
        let Watched { workspace, rep, pool, filter, query, after, stamp } = watched;
        let (seen, newest) =
            tokio::join!(browse::viewer(&store, &workspace, &rep, &pool), store.events_newest(&workspace));
        let ((policy, viewer), newest) = (seen?, newest?);
        let hub = hubs.join(&workspace).ok_or(Failed::Overloaded)?;
        browse::wait(&hub, newest, &hubs.config).await?;
        let cursor = hub.index().read().log().end();
        let mut watch = Self {
            ask: Ask { policy, viewer, pool, filter, query },
            progress: hub.progress(),
            snapshot: Some(None),
            cursor,
            position: Position::START,
            at: Millis(clock.now_ms()),
            at_next: None,
            ready: VecDeque::new(),
            caught_up: false,
            swept: None,
            silence: Stopwatch::start(),
            chooses_until: Millis(0),
            outage: None,
            config: hubs.config.clone(),
            store,
            clock,
            shutdown,
            workspace,
            stamp,
            hub,
            _place: place,
        };
        if let Some(told) = after {
            watch.resume(told).await?;
        }
        Ok(watch)
    }

    /// What is sent, until its end.
    pub(crate) fn stream(self) -> impl Stream<Item = Result<wire::WatchPoolResponse, Status>> {
        unfold(Some(self), |watch| async {
            let mut watch = watch?;
            let item = watch.next().await;
            let item = match item {
                Ok(item) => watch.choose(&item).await.map(|()| item),
                Err(end) => Err(end),
            };
            watch.silence = Stopwatch::start();
            match item {
                Ok(item) => Some((Ok(wire::WatchPoolResponse { item: Some(item) }), Some(watch))),
                Err(end) => Some((Err(end.status(Millis(watch.clock.now_ms()))), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Item, End> {
        loop {
            if self.shutdown.is_cancelled() {
                return Err(End::ShuttingDown);
            }
            if let Some((position, change)) = self.ready.pop_front() {
                self.position = self.position.max(position);
                return Ok(self.told(change));
            }
            self.at = self.at_next.take().unwrap_or(self.at);
            if self.snapshot.is_some() {
                if let Some(page) = self.page().await {
                    return Ok(page);
                }
                continue;
            }
            if self.look().await? {
                continue;
            }
            if !std::mem::replace(&mut self.caught_up, true) {
                return Ok(self.caught_up());
            }
            if let Some(item) = self.wait().await? {
                return Ok(item);
            }
        }
    }

    /// The next page of the snapshot; `None`: none of what was looked at is to be shown.
    async fn page(&mut self) -> Option<Item> {
        let after = self.snapshot.flatten();
        let found = self.hub.index().read().page(&self.ask, Sort::Waiting, after, PAGE, LOOKED_AT, self.at);
        self.snapshot = found.next.map(Some);
        tokio::task::yield_now().await;
        let first = after.is_none();
        let leads: Vec<_> = found.leads.iter().map(|entry| entry.preview()).collect();
        (first || !leads.is_empty()).then_some(Item::Snapshot(wire::PoolSnapshot { first, leads }))
    }

    /// Begins with a snapshot.
    fn begin_anew(&mut self) {
        self.snapshot = Some(None);
        self.cursor = self.hub.index().read().log().end();
        self.at = Millis(self.clock.now_ms());
        (self.at_next, self.swept, self.caught_up) = (None, None, false);
        self.ready.clear();
    }

    /// Gets ready what has changed; whether there was anything.
    async fn look(&mut self) -> Result<bool, End> {
        // Before the log: what it has by then is everything up to here.
        let progress = *self.progress.borrow_and_update();
        if progress.live {
            self.outage = None;
        } else {
            self.outage.get_or_insert_with(Stopwatch::start);
        }
        let Some(logged) = self.hub.index().read().log().from(self.cursor, PAGE) else {
            tracing::debug!(workspace = %self.workspace, "a watcher of a pool was too slow and begins anew");
            self.begin_anew();
            return Ok(true);
        };
        if !logged.is_empty() {
            for logged in logged {
                self.cursor += 1;
                if self.take(logged).await? {
                    break;
                }
            }
            return Ok(true);
        }
        if self.is_due() && !self.sweep() {
            // Something has come meanwhile, which is to be told first.
            return Ok(true);
        }
        self.position = self.position.max(progress.position.unwrap_or(Position::START));
        Ok(!self.ready.is_empty())
    }

    /// Gets a change ready; whether everything begins anew.
    async fn take(&mut self, logged: Logged) -> Result<bool, End> {
        match logged.what {
            What::Lead { old, new } => {
                let shows = |entry: Option<Arc<Entry>>| entry.filter(|entry| self.ask.shows(entry, self.at));
                let change = change(shows(old), shows(new));
                self.ready.extend(change.map(|change| (logged.position, change)));
                Ok(false)
            }
            What::Tiers(reps) if !reps.contains(&self.ask.viewer.rep) => Ok(false),
            What::Tiers(_) | What::Anew => {
                let Ask { viewer, pool, .. } = &self.ask;
                let (policy, viewer) = browse::viewer(&self.store, &self.workspace, &viewer.rep, pool).await?;
                let differs = policy.version != self.ask.policy.version || viewer != self.ask.viewer;
                (self.ask.policy, self.ask.viewer) = (policy, viewer);
                if differs {
                    self.begin_anew();
                }
                Ok(differs)
            }
        }
    }

    /// How often it is looked at what the clock does; `None`: it does nothing.
    fn every(&self) -> Option<Duration> {
        // A text with the word in it is looked at in vain.
        if self.ask.filter.as_ref().is_some_and(|filter| filter.source().contains("now")) {
            return Some(FILTERED);
        }
        opens_after(&self.ask.policy, &self.ask.viewer).map(|_| OPENED)
    }

    fn is_due(&self) -> bool {
        self.every().is_none_or(|every| self.swept.is_none_or(|swept| swept.elapsed() >= every))
    }

    /// Gets ready what the clock has changed since it was last looked; `false` when there are changes of another kind before.
    fn sweep(&mut self) -> bool {
        let now = Millis(self.clock.now_ms());
        let Some(every) = self.every() else {
            self.at = now;
            return true;
        };
        let entries = {
            let index = self.hub.index().read();
            if index.log().end() != self.cursor {
                return false;
            }
            let opened = opens_after(&self.ask.policy, &self.ask.viewer).filter(|_| every == OPENED);
            let (after, until) = match opened {
                Some(after) => (self.at.0.saturating_sub(after.0), now.0.saturating_sub(after.0)),
                None => (i64::MIN, i64::MAX),
            };
            index.entered(&self.ask.pool, Millis(after), Millis(until))
        };
        self.swept = Some(Stopwatch::start());
        for entry in entries {
            let then = self.ask.shows(&entry, self.at).then_some(&entry);
            let now = self.ask.shows(&entry, now).then_some(&entry);
            let change = change(then.cloned(), now.cloned());
            self.ready.extend(change.map(|change| (self.position, change)));
        }
        self.at_next = Some(now);
        true
    }

    /// Waits until there may be more; or what to send because there is not.
    async fn wait(&mut self) -> Result<Option<Item>, End> {
        let heartbeat = Duration::from_millis(self.config.heartbeat_ms).saturating_sub(self.silence.elapsed());
        let swept = self.swept.map_or(Duration::ZERO, |swept| swept.elapsed());
        let (every, outage) = (self.every(), self.outage.is_some());
        let so_far = self.outage.map_or(Duration::ZERO, |since| since.elapsed());
        let borne = Duration::from_millis(self.config.outage_tolerance_ms).saturating_sub(so_far);
        tokio::select! {
            changed = self.progress.changed() => match changed {
                Ok(()) => Ok(None),
                // What fills the index ends with the process only.
                Err(_) => Err(End::ShuttingDown),
            },
            () = self.shutdown.cancelled() => Ok(None),
            () = tokio::time::sleep(every.unwrap_or_default().saturating_sub(swept)), if every.is_some() => Ok(None),
            () = tokio::time::sleep(borne), if outage => Err(End::Outage),
            // Only who is sure may say that there is nothing.
            () = tokio::time::sleep(heartbeat), if !outage => Ok(Some(self.caught_up())),
        }
    }

    fn caught_up(&self) -> Item {
        Item::CaughtUp(wire::PoolCaughtUp { position: self.told_position() })
    }

    fn told(&self, change: Change) -> Item {
        let position = self.told_position();
        let lead = |entry: &Entry, position| wire::PoolLead { lead: Some(entry.preview()), position };
        match change {
            Change::Entered(entry) => Item::Entered(lead(&entry, position)),
            Change::Changed(entry) => Item::Changed(lead(&entry, position)),
            Change::Left(lead) => Item::Left(wire::PoolLeft { lead_id: lead.to_string(), position }),
        }
    }

    fn told_position(&self) -> String {
        let (version, tier) = (self.ask.policy.version, self.ask.viewer.tier);
        let told = Told { position: self.position, at: self.at, version, tier };
        token::told(told, &self.stamp)
    }
}

/// What a list tells when it showed the one and now shows the other.
fn change(old: Option<Arc<Entry>>, new: Option<Arc<Entry>>) -> Option<Change> {
    match (old, new) {
        (None, None) => None,
        (None, Some(new)) => Some(Change::Entered(new)),
        (Some(old), None) => Some(Change::Left(old.lead.id)),
        (Some(old), Some(new)) => (old.preview() != new.preview()).then_some(Change::Changed(new)),
    }
}
