//! Calendars that are fetched again and again, by a URL each.
//!
//! A feed goes [`Worker::run`] → `domain::feed::begin` (whoever commits it fetches) → [`fetch`] → [`file::read`] →
//! `domain::feed::finish`, one commit with what the calendar says. What was read before stands until then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::feed::{self, Feed, Fetched, Order};
use leadhand_domain::id::Workspace;
use leadhand_domain::refusal::Reason;
use leadhand_domain::time::{Millis, Span};
use leadhand_kit::{Clock, Context};
use leadhand_store::{Error, Store};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::file;

mod fetch;
mod listed;

pub use listed::{Config, Listed};
pub(crate) use listed::{Place, all};

use fetch::{Answered, Client};

/// How long what follows a fetch may take: reading the file and committing it.
const AFTERWARDS: Span = Span::minutes(1);

/// Looks after feeds.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    store: Store,
    clock: Clock,
    client: Client,
    config: Config,
    feeds: Arc<Vec<Place>>,
    at_once: Arc<Semaphore>,
    fetches: Counter<u64>,
    failing: Gauge<u64>,
    oldest: Gauge<f64>,
}

impl Worker {
    pub(crate) fn new(
        ctx: &Context,
        store: Store,
        config: Config,
        feeds: Vec<Place>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let meter = ctx.meter();
        Ok(Self {
            store,
            clock: ctx.clock.clone(),
            client: Client::new(&config)?,
            at_once: Arc::new(Semaphore::new(config.at_once.min(Semaphore::MAX_PERMITS))),
            config,
            feeds: Arc::new(feeds),
            fetches: meter
                .u64_counter("leadhand.feeds.fetches")
                .with_description("fetches, by what they came to")
                .build(),
            failing: meter
                .u64_gauge("leadhand.feeds.failing")
                .with_description("feeds whose last fetch failed, or that were never fetched")
                .build(),
            oldest: meter
                .f64_gauge("leadhand.feeds.oldest")
                .with_unit("s")
                .with_description("how long ago the feed that is behind the most was last heard of")
                .build(),
        })
    }

    /// Looks again and again for feeds to be fetched, until the process is to end.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let tick = Duration::from_millis(self.config.tick_ms);
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(tick) => {}
            }
            while under_way.try_join_next().is_some() {}
            if let Err(error) = self.look(&mut under_way).await {
                tracing::debug!(%error, "no feeds can be looked up");
            }
        }
    }

    /// Begins what is to be fetched and tells how the feeds stand.
    async fn look(&self, under_way: &mut JoinSet<()>) -> Result<(), Error> {
        let mut by_workspace: HashMap<&Workspace, Vec<&Place>> = HashMap::new();
        for place in self.feeds.iter() {
            by_workspace.entry(&place.workspace).or_default().push(place);
        }
        let (mut failing, mut oldest) = (0, Span(0));
        for (workspace, places) in by_workspace {
            let keys: Vec<_> = places.iter().map(|place| place.order.key()).collect();
            let read = self.store.read(workspace, &keys).await?;
            let now = Millis(self.clock.now_ms());
            for place in places {
                let known = place.order.known(&read);
                let good_at = known.and_then(|feed| feed.good_at);
                failing += u64::from(good_at.is_none() || known.is_some_and(|feed| feed.failures > 0));
                oldest = good_at.map_or(oldest, |at| oldest.max(now.since(at)));
                let due = known.is_none_or(|feed| feed.next_at <= now);
                // With all hands full it waits for the next look.
                let hand = due.then(|| self.at_once.clone().try_acquire_owned().ok()).flatten();
                if let Some(hand) = hand {
                    let (worker, place) = (self.clone(), place.clone());
                    under_way.spawn(async move {
                        let _hand = hand;
                        worker.carry_out(&place).await;
                    });
                }
            }
        }
        self.failing.record(failing, &[]);
        // Milliseconds of any length of time there is are exact.
        self.oldest.record(oldest.0 as f64 / 1_000.0, &[]);
        Ok(())
    }

    /// Fetches a feed, unless another replica does.
    async fn carry_out(&self, place: &Place) {
        let Place { workspace, order, .. } = place;
        let begun = match self.begin(workspace, order).await {
            Ok(Some(begun)) => begun,
            Ok(None) => return,
            Err(error) => return tracing::debug!(%error, "a feed waits"),
        };
        let (fetched, outcome) = self.fetch(place, &begun).await;
        let chance = rand::random();
        let now = Millis(self.clock.now_ms());
        let decide =
            |snapshot: &_, policy: Option<&_>| feed::finish(snapshot, order, &begun, &fetched, policy, chance, now);
        let finished = self.store.transact(workspace, None, &order.reads(), decide).await;
        let (rep, source) = (&order.rep, &order.source);
        match finished {
            Ok(_) => self.told(place, &begun, &fetched, outcome, now),
            Err(Error::Refused(refusal)) if refusal.broken[0].reason == Reason::NotDue => {
                tracing::debug!(%workspace, %rep, %source, "another replica fetches the feed");
            }
            // It is given up by its time, and tried again.
            Err(error) => {
                self.count("not_taken");
                let why = match &error {
                    Error::Refused(refusal) => refusal.broken[0].message.clone(),
                    error => error.to_string(),
                };
                tracing::warn!(%workspace, %rep, %source, why, "a feed could not be taken in");
            }
        }
    }

    /// Takes a feed in hand; as it was, if so.
    async fn begin(&self, workspace: &Workspace, order: &Order) -> Result<Option<Feed>, Error> {
        let within = Span(i64::try_from(self.config.timeout_ms).unwrap_or(i64::MAX)).0.saturating_add(AFTERWARDS.0);
        let now = Millis(self.clock.now_ms());
        let decide = |snapshot: &_, _: Option<&_>| feed::begin(snapshot, order, Span(within), now);
        match self.store.transact(workspace, None, &[order.key()], decide).await {
            Ok(_) => {
                let read = self.store.read(workspace, &[order.key()]).await?;
                Ok(order.known(&read).cloned())
            }
            Err(Error::Refused(_) | Error::Contention) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the feed says now, and in a word what that came to.
    async fn fetch(&self, place: &Place, begun: &Feed) -> (Fetched, String) {
        let answered = match self.client.get(&place.url, &begun.etag, &begun.last_modified).await {
            Ok(answered) => answered,
            Err(fault) => return (Fetched::Failed, fault.to_string()),
        };
        let Answered::Body { text, etag, last_modified } = answered else {
            return (Fetched::Unchanged, String::new());
        };
        let zone = match &place.zone {
            Some(zone) => Ok(zone.clone()),
            None => file::zone_of(&self.store, &place.workspace, &place.order.rep).await,
        };
        let Ok(zone) = zone else { return (Fetched::Failed, "the store does not answer".to_owned()) };
        let horizon = Span::days(self.config.horizon_days.into());
        let terms = file::Terms { zone, kind: place.kind, horizon };
        match file::read(text, terms, Millis(self.clock.now_ms())).await {
            Ok(content) => {
                let skipped: Vec<_> = content.skipped.iter().take(5).map(ToString::to_string).collect();
                (Fetched::Events(content.events, etag, last_modified), skipped.join("; "))
            }
            Err(failed) => (Fetched::Failed, failed.to_string()),
        }
    }

    /// Counts a fetch, and tells operators of what they should look at: a feed that begins to fail, one that is behind for
    /// long, one that is well again, events that cannot be read. Never the URL: whoever has it can read the calendar.
    fn told(&self, place: &Place, begun: &Feed, fetched: &Fetched, why: String, now: Millis) {
        let Place { workspace, order: Order { rep, source, .. }, .. } = place;
        let behind = begun.good_at.map(|at| now.since(at).to_string());
        match fetched {
            Fetched::Failed => {
                self.count("failed");
                let failures = begun.failures.saturating_add(1);
                let stale_after = Span::hours(self.config.stale_after_hours.into());
                if begun.good_at.is_some_and(|at| now.since(at) >= stale_after) {
                    tracing::error!(%workspace, %rep, %source, why, failures, behind, "a feed is stale");
                } else if begun.failures == 0 {
                    tracing::warn!(%workspace, %rep, %source, why, behind, "a feed fails; what was read before stands");
                } else {
                    tracing::debug!(%workspace, %rep, %source, why, failures, "a feed still fails");
                }
            }
            Fetched::Unchanged => self.count("unchanged"),
            Fetched::Events(..) if why.is_empty() => self.count("read"),
            Fetched::Events(..) => {
                self.count("read_partly");
                tracing::warn!(%workspace, %rep, %source, why, "events of a feed are left out, and count as free");
            }
        }
        if begun.failures > 0 && *fetched != Fetched::Failed {
            tracing::info!(%workspace, %rep, %source, failures = begun.failures, "a feed is well again");
        }
    }

    fn count(&self, outcome: &'static str) {
        self.fetches.add(1, &[KeyValue::new("outcome", outcome)]);
    }
}
