//! Reads the pools of a workspace from Redis, and keeps them current by its events.
//!
//! An event says which lead may have changed; how it stands is read from its record, which is at least as new. So it does not
//! matter what an event says besides, nor how often it is seen. The index is *at* a position when every event up to there has been
//! seen.
//!
//! When the connection breaks, or events after the position are no longer kept, everything is read anew, beside what is there,
//! and put in its place: so leads that were lost by a failover, whose records were read already, do not stay.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_kit::clock::Clock;
use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;
use leadhand_store::events::{Page, Position, Stored};
use leadhand_store::pools::Entry as Listed;
use leadhand_store::{Error, Store};
use prost::Message;
use tokio::sync::{Semaphore, watch};

use crate::hub::{Instruments, Progress, Shelf};
use crate::index::{Entry, Index};

/// How long one read waits for an event. A Redis that is frozen is noticed this much later.
const WAIT: Duration = Duration::from_secs(2);
/// How many events one read brings at most.
const BATCH: usize = 256;
/// How many leads are read at once.
const CHUNK: usize = 500;
/// How soon what broke is tried again …
const FIRST_RETRY: Duration = Duration::from_millis(20);
/// … and how soon at the latest, when that fails time and again.
const LAST_RETRY: Duration = Duration::from_millis(500);

/// Keeps the index of a workspace current.
pub(crate) struct Follower {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) workspace: Workspace,
    pub(crate) index: Shelf,
    pub(crate) progress: watch::Sender<Progress>,
    /// One for each workspace that may be read at once.
    pub(crate) reading: Arc<Semaphore>,
    pub(crate) instruments: Instruments,
}

/// What an event may do to a pool.
pub(crate) enum Effect<'a> {
    /// The lead may have entered one.
    Enters(&'a str),
    /// The lead may have changed or left, if it was in one.
    Touches(&'a str),
    /// The rep is in another tier.
    Tier(&'a str),
    /// What is shown to whom may have changed altogether.
    Anew,
    /// Nothing.
    None,
}

/// What some events are about.
struct Concerned {
    /// The leads that are or may come into a pool, each with the last event about it, in the order of those.
    leads: Vec<(Position, LeadId)>,
    /// Who is in another tier, and the last event that says so.
    tiers: Option<(Position, HashSet<RepId>)>,
    /// The last event that changes everything.
    anew: Option<Position>,
}

/// Every kind that concerns a lead must be told here: what is left out is not seen by lists.
pub(crate) fn effect(kind: &Kind) -> Effect<'_> {
    match kind {
        Kind::LeadPooled(event) => Effect::Enters(&event.lead_id),
        Kind::LeadAssigned(event) => Effect::Touches(&event.lead_id),
        Kind::LeadClaimed(event) => Effect::Touches(&event.lead_id),
        Kind::LeadOffered(event) => Effect::Touches(&event.lead_id),
        Kind::LeadHeld(event) => Effect::Touches(&event.lead_id),
        Kind::LeadClosed(event) => Effect::Touches(&event.lead_id),
        Kind::LeadUpdated(event) => Effect::Touches(&event.lead_id),
        Kind::LeadRepeated(event) => Effect::Touches(&event.lead_id),
        Kind::LeadCredited(event) => Effect::Touches(&event.lead_id),
        Kind::LeadSkipped(event) => Effect::Touches(&event.lead_id),
        Kind::HoldBegan(event) => Effect::Touches(&event.lead_id),
        Kind::HoldLapsed(event) => Effect::Touches(&event.lead_id),
        Kind::LeadErased(event) => Effect::Touches(&event.lead_id),
        Kind::PolicyActivated(_) => Effect::Anew,
        Kind::TierChanged(event) => Effect::Tier(&event.rep_id),
        // Their leads have or had an owner: where each goes then is told by an event of its own.
        Kind::LeadContacted(_) | Kind::OfferDeclined(_) | Kind::OfferLapsed(_) => Effect::None,
        Kind::ContactDueSoon(_) | Kind::ContactMissed(_) | Kind::LeadReleased(_) => Effect::None,
        Kind::ActivityRecorded(_) | Kind::OpportunityRecorded(_) => Effect::None,
        Kind::AssignmentOrdered(_) | Kind::OwnerOffboarded(_) | Kind::RepOffboarded(_) => Effect::None,
        Kind::RepSuspended(_) | Kind::SuspensionEnded(_) | Kind::PenaltyLifted(_) => Effect::None,
        Kind::AvailabilityChanged(_) | Kind::AccountChanged(_) | Kind::ActivityBelowFloor(_) => Effect::None,
    }
}

impl Follower {
    /// Follows the workspace's events until dropped.
    pub(crate) async fn run(mut self) {
        let mut retry = FIRST_RETRY;
        loop {
            match self.follow().await {
                // To be read anew at once.
                Ok(()) => retry = FIRST_RETRY,
                Err(error) => {
                    if self.progress.send_if_modified(|progress| std::mem::take(&mut progress.live)) {
                        error.failure();
                        retry = FIRST_RETRY;
                    }
                    if let Err(error) = self.look().await {
                        tracing::debug!(workspace = %self.workspace, %error, "the pools cannot be read");
                    }
                }
            }
            tokio::time::sleep(retry).await;
            retry = (retry * 2).min(LAST_RETRY);
        }
    }

    /// Reads everything as it is, where events cannot be waited for: from a server that only answers reads, say.
    async fn look(&mut self) -> Result<(), Error> {
        let newest = self.store.events_newest(&self.workspace).await?;
        if self.progress.borrow().position != Some(newest) {
            self.load(newest).await?;
        }
        Ok(())
    }

    /// Reads everything, then what changes, until the store fails or events are missed.
    async fn follow(&mut self) -> Result<(), Error> {
        // The other connections must not be to an old primary either.
        self.store.time().await?;
        let mut tail = self.store.events_tail(&self.workspace, None).await?;
        self.load(tail.position()).await?;
        self.progress.send_modify(|progress| progress.live = true);
        loop {
            let before = tail.position();
            let events = tail.next(WAIT, BATCH).await?;
            // What was read comes next only if what was before it is still there: else events between may have been dropped. So may
            // those that nothing was read of.
            let (proof, taken) = tokio::join!(self.store.events_after(&self.workspace, before, 0), self.take(&events));
            taken?;
            if !matches!(proof?, Page::Events(_)) {
                tracing::info!(workspace = %self.workspace, "missed events: reading the pools anew");
                return Ok(());
            }
            self.progress.send_modify(|progress| progress.position = Some(tail.position()));
            if let Some(last) = events.last() {
                let committed = i64::try_from(last.position.millis()).unwrap_or(i64::MAX);
                // Milliseconds of any length of time there is are exact.
                self.instruments.lag.record(self.clock.now_ms().saturating_sub(committed).max(0) as f64 / 1_000.0, &[]);
            }
        }
    }

    /// Takes events in.
    async fn take(&self, events: &[Stored]) -> Result<(), Error> {
        let Concerned { leads, tiers, anew } = self.concerned(events)?;
        for leads in leads.chunks(CHUNK) {
            let ids: Vec<_> = leads.iter().map(|(_, lead)| *lead).collect();
            let mut entries = self.entries(&ids).await?;
            let mut index = self.index.write();
            for (position, lead) in leads {
                let entry = entries.remove(lead);
                index.set(*position, *lead, entry);
            }
        }
        if let Some((position, reps)) = tiers {
            self.index.write().tiers_changed(position, reps);
        }
        if let Some(position) = anew {
            self.index.write().begin_anew(position);
        }
        Ok(())
    }

    fn concerned(&self, events: &[Stored]) -> Result<Concerned, Error> {
        let mut last: BTreeMap<LeadId, Position> = BTreeMap::new();
        let (mut tiers, mut anew): (Option<(Position, HashSet<RepId>)>, _) = (None, None);
        let index = self.index.read();
        for Stored { position, event } in events {
            let damaged = |fault: String| Error::Damaged(format!("event {position} of {}: {fault}", self.workspace));
            let event = Event::decode(event.as_slice()).map_err(|fault| damaged(fault.to_string()))?;
            let (lead, enters) = match event.kind.as_ref().map_or(Effect::None, effect) {
                Effect::Enters(lead) => (lead, true),
                Effect::Touches(lead) => (lead, false),
                Effect::Tier(rep) => {
                    let rep = RepId::parse(rep).map_err(|fault| damaged(fault.to_string()))?;
                    let (last, reps) = tiers.get_or_insert_default();
                    *last = *position;
                    reps.insert(rep);
                    continue;
                }
                Effect::Anew => {
                    anew = Some(*position);
                    continue;
                }
                Effect::None => continue,
            };
            let lead = LeadId::parse(lead).map_err(|fault| damaged(fault.to_string()))?;
            if enters || index.has(lead) || last.contains_key(&lead) {
                last.insert(lead, *position);
            }
        }
        let mut leads: Vec<_> = last.into_iter().map(|(lead, position)| (position, lead)).collect();
        leads.sort_unstable();
        Ok(Concerned { leads, tiers, anew })
    }

    /// Those of the leads that are in a pool now.
    async fn entries(&self, leads: &[LeadId]) -> Result<BTreeMap<LeadId, Entry>, Error> {
        let keys: Vec<_> = leads.iter().flat_map(|lead| [Key::Lead(*lead), Key::Person(*lead)]).collect();
        let read = self.store.read(&self.workspace, &keys).await?;
        let entry = |lead: &LeadId| {
            let person = read.person(*lead).cloned().unwrap_or_default();
            Some((*lead, Entry::of(read.lead(*lead)?.clone(), &person)?))
        };
        Ok(leads.iter().filter_map(entry).collect())
    }

    /// Reads every pool, when the events up to `position` were committed.
    async fn load(&mut self, position: Position) -> Result<(), Error> {
        let _permit = self.reading.acquire().await.map_err(|_| Error::Contention)?;
        self.instruments.loads.add(1, &[]);
        let head = self.store.read(&self.workspace, &[Key::PolicyHead]).await?;
        let pools = head.policy_head().map(|head| head.pools.clone()).unwrap_or_default();
        let mut index = Index::default();
        for pool in &pools {
            self.load_pool(pool, &mut index).await?;
        }
        // Nobody else writes: what differs now differs when it is written.
        let differs = match self.progress.borrow().position {
            Some(_) => self.index.read().differs(&index),
            None => Vec::new(),
        };
        let old = self.index.write().replace(index, differs, position);
        // It may be large, and nobody has to wait for it to be dropped.
        tokio::task::spawn_blocking(move || drop(old));
        // A policy, or another tier, may have come while nobody looked.
        self.index.write().begin_anew(position);
        self.progress.send_modify(|progress| progress.position = Some(position));
        Ok(())
    }

    async fn load_pool(&self, pool: &PoolId, index: &mut Index) -> Result<(), Error> {
        let mut after: Option<Listed> = None;
        loop {
            let page = self.store.pool_page(&self.workspace, pool, after, CHUNK).await?;
            let leads: Vec<_> = page.iter().map(|listed| listed.lead).collect();
            self.entries(&leads).await?.into_values().for_each(|entry| index.add(entry));
            match page.last() {
                Some(last) if page.len() == CHUNK => after = Some(*last),
                _ => return Ok(()),
            }
        }
    }
}
