//! Looking after deadlines: what has come is carried out, once, however many replicas look.
//!
//! A deadline is a hint. The lead is read and says what is to be done, by [`timer::step`]; what is done is a commit that expects
//! the lead as it was read, or a call to the router that quotes its fence. So a replica that is late, or dies half-way, does
//! nothing twice, and as the deadline goes only with that commit, nothing is lost.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leadhand_domain::change::Due;
use leadhand_domain::conduct;
use leadhand_domain::guardrail::selection;
use leadhand_domain::id::{Fence, LeadId, RepId, RequestId, Workspace};
use leadhand_domain::record::Key;
use leadhand_domain::route::{Again, Nobody};
use leadhand_domain::time::{Millis, Span};
use leadhand_domain::timer::{self, Step};
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::{Clock, Context};
use leadhand_store::timers::Come;
use leadhand_store::{Error, Request, Store};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::rounds;
use crate::router::{self, Ask, Placed, Router};

/// How many deadlines of a workspace are taken in hand at once.
const BATCH: usize = 64;

/// How many of them are under way at once.
const AT_ONCE: usize = 16;

/// How long a deadline is left alone that could not be carried out.
const REST: Duration = Duration::from_millis(500);

/// How long the router may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many leads a drain tries in vain, each for other reps and teams, until the rest of the holding pool is left to its own
/// deadlines.
const IN_VAIN: usize = 1_000;

/// After how long a drain that somebody has begun is begun again: whoever began it is gone.
const DRAIN_WITHIN: Span = Span(30_000);

/// Upper bounds of the lateness' buckets, in seconds.
const SECONDS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0];

/// Why a deadline could not be carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Router(#[from] router::Error),
}

/// Looks after the deadlines of all workspaces.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    store: Store,
    router: Router,
    clock: Clock,
    /// What could not be carried out a moment ago. It must not keep what comes after it waiting.
    resting: Arc<Mutex<HashMap<(Workspace, Due), Stopwatch>>>,
    /// What comes by the calendar and is under way. It looks at every rep, and the other deadlines do not wait for it.
    at_rounds: Arc<Mutex<HashSet<(Workspace, Due)>>>,
    fired: Counter<u64>,
    lateness: Histogram<f64>,
}

impl Worker {
    pub(crate) fn new(ctx: &Context, store: Store, router: Router) -> Self {
        let meter = ctx.meter();
        Self {
            store,
            router,
            clock: ctx.clock.clone(),
            resting: Arc::default(),
            at_rounds: Arc::default(),
            fired: meter.u64_counter("leadhand.timers.fired").with_description("deadlines carried out").build(),
            lateness: meter
                .f64_histogram("leadhand.timers.lateness")
                .with_unit("s")
                .with_description("how long after their moment deadlines were carried out")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        }
    }

    /// Looks again and again, until the process is to end. A workspace that takes its time keeps no other waiting.
    pub(crate) async fn run(self, tick: Duration, shutdown: CancellationToken) {
        let mut at_work: JoinSet<()> = JoinSet::new();
        let mut whose: HashMap<tokio::task::Id, Workspace> = HashMap::new();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(tick) => {}
            }
            while let Some(ended) = at_work.try_join_next_with_id() {
                whose.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
            let workspaces = match self.store.workspaces().await {
                Ok(workspaces) => workspaces,
                Err(error) => {
                    tracing::debug!(%error, "no deadlines can be looked up");
                    continue;
                }
            };
            for workspace in workspaces {
                if !whose.values().any(|busy| *busy == workspace) {
                    let (worker, shutdown) = (self.clone(), shutdown.clone());
                    let task = at_work.spawn({
                        let workspace = workspace.clone();
                        async move { worker.look(&workspace, &shutdown).await }
                    });
                    whose.insert(task.id(), workspace);
                }
            }
        }
    }

    /// Carries out what has come in a workspace, the longest due first, some of it at a time, until little is left.
    async fn look(&self, workspace: &Workspace, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() && self.look_once(workspace).await {}
    }

    /// Carries out some of what has come; whether there may be as much again.
    async fn look_once(&self, workspace: &Workspace) -> bool {
        let now = Millis(self.clock.now_ms());
        let resting = self.resting(workspace);
        let come = match self.store.timers_due(workspace, now, BATCH + resting.len()).await {
            Ok(come) => come,
            Err(error) => {
                tracing::debug!(%error, "no deadlines can be looked up");
                return false;
            }
        };
        let come = come.into_iter().filter(|come| !resting.contains(&come.due));
        let (rounds, come): (Vec<_>, Vec<_>) = come.partition(|come| matches!(come.due, Due::Tiers | Due::Floor));
        rounds.into_iter().for_each(|round| self.go_round(workspace, round, now));
        let come: Vec<_> = come.into_iter().take(BATCH).collect();
        // While some cannot be carried out, the others wait for the next tick: what fails is tried no faster.
        let mut more = come.len() == BATCH;
        let mut under_way = JoinSet::new();
        for come in come {
            if under_way.len() >= AT_ONCE {
                more &= under_way.join_next().await.is_none_or(|done| done.unwrap_or(false));
            }
            let (worker, workspace) = (self.clone(), workspace.clone());
            under_way.spawn(async move { worker.carry_out(&workspace, come, now).await });
        }
        under_way.join_all().await.into_iter().fold(more, |more, done| more && done)
    }

    /// Carries out what comes by the calendar, by itself, unless that is under way.
    fn go_round(&self, workspace: &Workspace, round: Come, now: Millis) {
        let name = (workspace.clone(), round.due.clone());
        let mut at_rounds = self.at_rounds.lock().unwrap_or_else(PoisonError::into_inner);
        if at_rounds.insert(name.clone()) {
            let worker = self.clone();
            tokio::spawn(async move {
                worker.carry_out(&name.0, round, now).await;
                worker.at_rounds.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            });
        }
    }

    /// Carries out one deadline; whether that went well.
    async fn carry_out(&self, workspace: &Workspace, come: Come, now: Millis) -> bool {
        let (kind, result) = match come.due {
            Due::Drain => ("drain", self.drain(workspace, &come, now).await),
            Due::Contact(lead) => ("contact", self.fire(workspace, &come.due, lead, now).await),
            Due::Offer(lead) => ("offer", self.fire(workspace, &come.due, lead, now).await),
            Due::Pool(lead) => ("pool", self.fire(workspace, &come.due, lead, now).await),
            Due::Action(lead) => ("action", self.fire(workspace, &come.due, lead, now).await),
            Due::Hold(lead) => ("hold", self.fire(workspace, &come.due, lead, now).await),
            Due::Held(lead) => ("held", self.fire(workspace, &come.due, lead, now).await),
            Due::Suspension(ref rep) => ("suspension", self.end_suspension(workspace, rep, now).await),
            Due::Tiers => ("tiers", rounds::tiers(&self.store, workspace, now).await.map_err(Failure::from)),
            Due::Floor => ("floor", rounds::floor(&self.store, workspace, now).await.map_err(Failure::from)),
        };
        match result {
            Ok(false) => true,
            Ok(true) => {
                let kind = [KeyValue::new("kind", kind)];
                self.fired.add(1, &kind);
                // Milliseconds of any length of time there is are exact.
                self.lateness.record(now.since(come.at).0 as f64 / 1_000.0, &kind);
                true
            }
            Err(failure) => {
                if let Failure::Store(error) = &failure {
                    // It knows what the log is to be told.
                    error.failure();
                }
                tracing::debug!(kind, %failure, "a deadline waits");
                self.rest(workspace, come.due);
                false
            }
        }
    }

    /// Does what a deadline of a lead calls for; whether it called for anything.
    async fn fire(&self, workspace: &Workspace, due: &Due, lead: LeadId, now: Millis) -> Result<bool, Failure> {
        let read = self.store.read(workspace, &[Key::Lead(lead)]).await?;
        let policy = self.store.policy(workspace).await?;
        let policy = policy.as_deref();
        match timer::step(read.lead(lead), due, policy, now) {
            Step::Route(fence, because @ Again::Unclaimed(_)) => {
                // A pool may have it again under the same fence, after it was in another.
                let since = read.lead(lead).map(|lead| lead.placed_at).unwrap_or_default();
                let request_id = format!("unclaimed-{lead}-{}-{}", fence.0, since.0);
                let ask = Ask { workspace: workspace.clone(), request_id, lead, fence, because };
                match self.router.again(ask, PATIENCE).await {
                    Ok(_) => Ok(true),
                    // Nobody can take it now, or somebody has.
                    Err(router::Error::Refused(_)) => {
                        let decide = |snapshot: &_, policy: Option<&_>| timer::postpone(snapshot, lead, policy, now);
                        let keys = [Key::PolicyHead, Key::Lead(lead)];
                        done(self.store.transact(workspace, None, &keys, decide).await.map(drop)).map(|_| false)
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Step::Route(fence, because) => {
                let request_id = match because {
                    Again::ContactMissed => named("contact", lead, fence),
                    Again::OfferLapsed => named("offer", lead, fence),
                    Again::NotActedOn => named("action", lead, fence),
                    // A held lead is tried again and again under one fence. To do it twice at once does nothing: the first
                    // moves the lead on, or nothing happens.
                    _ => unique(),
                };
                let ask = Ask { workspace: workspace.clone(), request_id, lead, fence, because };
                self.router.again(ask, PATIENCE).await?;
                Ok(true)
            }
            Step::Remind(fence) => {
                let id = RequestId::parse(&named("remind", lead, fence))
                    .map_err(|fault| Error::Damaged(fault.to_string()))?;
                let request = Request { method: "Remind", caller: String::new(), id, body: [0; 16] };
                let decide = |snapshot: &_, _: Option<&_>| timer::remind(snapshot, lead, fence, now);
                let reminded = self.store.transact(workspace, Some(&request), &[Key::Lead(lead)], decide).await;
                done(reminded.map(drop))
            }
            Step::Lapse(rep) => {
                let keys = [Key::Lead(lead), Key::Selection(rep.clone())];
                let decide = |snapshot: &_, _: Option<&_>| selection::lapse(snapshot, lead, &rep, now);
                done(self.store.transact(workspace, None, &keys, decide).await.map(drop))
            }
            Step::Drop | Step::Later(_) => {
                let decide = |snapshot: &_, _: Option<&_>| timer::settle(snapshot, due, lead, policy, now);
                let settled = self.store.transact(workspace, None, &[Key::Lead(lead)], decide).await;
                done(settled.map(drop)).map(|_| false)
            }
        }
    }

    /// Tells that a rep's suspension is over, if it is; whether that was told now. Whoever is second finds it told.
    async fn end_suspension(&self, workspace: &Workspace, rep: &RepId, now: Millis) -> Result<bool, Failure> {
        let mut told = false;
        let decide = |snapshot: &_, _: Option<&_>| {
            let change = conduct::end(snapshot, rep, now)?;
            told = !change.events.is_empty();
            Ok(change)
        };
        let ended = self.store.transact(workspace, None, &[Key::Conduct(rep.clone())], decide).await;
        Ok(done(ended.map(drop))? && told)
    }

    /// Tries the held leads again, longest waiting first. The deadline is put ahead meanwhile: one that somebody sets during
    /// the drain is another, and another drain follows.
    async fn drain(&self, workspace: &Workspace, come: &Come, now: Millis) -> Result<bool, Failure> {
        let begun = Come { due: Due::Drain, at: now.after(DRAIN_WITHIN) };
        if !self.store.move_timer(workspace, come, Some(begun.at)).await? {
            return Ok(false);
        }
        if let Err(failure) = self.retry_held(workspace, now).await {
            self.store.move_timer(workspace, &begun, Some(come.at)).await?;
            return Err(failure);
        }
        self.store.move_timer(workspace, &begun, None).await?;
        Ok(true)
    }

    /// Of those that wait for the same reps and teams, one that stays held tells of all behind it, and the drain goes on with
    /// what waits for others.
    async fn retry_held(&self, workspace: &Workspace, now: Millis) -> Result<(), Failure> {
        let (mut after, mut nobody, mut in_vain) = (None, Nobody::default(), 0);
        loop {
            let page = self.store.held_page(workspace, after, BATCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            let keys: Vec<_> = page.iter().map(|entry| Key::Lead(entry.lead)).collect();
            let read = self.store.read(workspace, &keys).await?;
            for lead in page.iter().filter_map(|entry| read.lead(entry.lead)) {
                if nobody.is_for(lead, now) {
                    continue;
                }
                let (lead, fence, because) = (lead.id, lead.fence, Again::Retried);
                let ask = Ask { workspace: workspace.clone(), request_id: unique(), lead, fence, because };
                match self.router.again(ask, PATIENCE).await {
                    Ok(Placed::Held) => {
                        // Under another policy it may wait for others than before.
                        let tried = self.store.read(workspace, &[Key::Lead(lead)]).await?;
                        if let Some(tried) = tried.lead(lead) {
                            nobody.note(tried, now);
                        }
                        in_vain += 1;
                    }
                    // It has somebody, or moved on by itself.
                    Ok(Placed::Elsewhere) | Err(router::Error::Refused(_)) => {}
                    Err(error) => return Err(error.into()),
                }
                if in_vain >= IN_VAIN {
                    return Ok(());
                }
            }
        }
    }

    fn rest(&self, workspace: &Workspace, due: Due) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.insert((workspace.clone(), due), Stopwatch::start());
    }

    /// What is to be left alone in a workspace for now.
    fn resting(&self, workspace: &Workspace) -> Vec<Due> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, since| since.elapsed() < REST);
        resting.keys().filter(|(whose, _)| whose == workspace).map(|(_, due)| due.clone()).collect()
    }
}

/// The same for every replica and every try: what is done under a fence is done once.
fn named(kind: &str, lead: LeadId, fence: Fence) -> String {
    format!("{kind}-{lead}-{}", fence.0)
}

fn unique() -> String {
    format!("retry-{:032x}", rand::random::<u128>())
}

/// A refusal says that somebody was faster.
fn done(result: Result<(), Error>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
