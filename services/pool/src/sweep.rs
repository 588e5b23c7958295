//! Looking after the deadlines themselves: each lead that waits for something must have one, each rep who is suspended, and what
//! comes by the calendar; they get it again if it is gone.
//!
//! Commits set and cancel deadlines in one step with the lead, so none is ever missing; unless somebody deleted them, or they
//! were restored from an older copy than the leads. Then this finds it out, from the leads.

use std::time::Duration;

use leadhand_domain::change::Due;
use leadhand_domain::conduct::{self, Conduct};
use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_domain::rounds;
use leadhand_domain::time::Millis;
use leadhand_domain::timer;
use leadhand_kit::{Clock, Context};
use leadhand_store::pools::Entry;
use leadhand_store::{Error, Store};
use opentelemetry::metrics::Counter;
use tokio_util::sync::CancellationToken;

use crate::browse;

/// How many leads are looked at together.
const PAGE: usize = 64;

/// Between two steps, so that a sweep is no load to speak of.
const PAUSE: Duration = Duration::from_millis(1);

/// Goes over the leads of all workspaces that wait for something.
#[derive(Debug, Clone)]
pub(crate) struct Sweeper {
    store: Store,
    clock: Clock,
    restored: Counter<u64>,
}

impl Sweeper {
    pub(crate) fn new(ctx: &Context, store: Store) -> Self {
        let restored = ctx.meter().u64_counter("leadhand.timers.restored");
        let restored = restored.with_description("deadlines that were missing and were set again").build();
        Self { store, clock: ctx.clock.clone(), restored }
    }

    /// Sweeps every so often, until the process is to end.
    pub(crate) async fn run(self, every: Duration, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            match shutdown.run_until_cancelled(self.sweep()).await {
                Some(Err(error)) => tracing::debug!(%error, "a sweep over the deadlines was broken off"),
                Some(Ok(())) => {}
                None => return,
            }
        }
    }

    async fn sweep(&self) -> Result<(), Error> {
        for workspace in self.store.workspaces().await? {
            let mut after = None;
            loop {
                let page = self.store.held_page(&workspace, after, PAGE).await?;
                after = page.last().copied();
                if !self.look_at(&workspace, &page).await? {
                    break;
                }
            }
            self.sweep_pools(&workspace).await?;
            self.sweep_rounds(&workspace).await?;
        }
        let mut cursor = 0;
        loop {
            let (next, owners) = self.store.owners_page(cursor).await?;
            for (workspace, rep) in owners {
                let mut after = None;
                loop {
                    let page = self.store.owned_page(&workspace, &rep, after, PAGE).await?;
                    after = page.last().copied();
                    if !self.look_at(&workspace, &page).await? {
                        break;
                    }
                }
            }
            if next == 0 {
                break;
            }
            cursor = next;
            tokio::time::sleep(PAUSE).await;
        }
        self.sweep_suspensions().await
    }

    /// Goes over everybody against whom anything was ever held, or who has a tier.
    async fn sweep_suspensions(&self) -> Result<(), Error> {
        let mut cursor = 0;
        loop {
            let (next, reps) = self.store.conduct_page(cursor).await?;
            for (workspace, rep) in reps {
                let read = self.store.read(&workspace, &[Key::Conduct(rep.clone())]).await?;
                if read.conduct(&rep).and_then(Conduct::ends_at).is_none() {
                    continue;
                }
                let unset = self.store.timers_unset(&workspace, &[Due::Suspension(rep.clone())]).await?;
                if !unset.is_empty() {
                    self.restore_suspension(&workspace, &rep).await?;
                }
                tokio::time::sleep(PAUSE).await;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn restore_suspension(&self, workspace: &Workspace, rep: &RepId) -> Result<(), Error> {
        let decide = |snapshot: &_, _: Option<&_>| conduct::restore(snapshot, rep);
        match self.store.transact(workspace, None, &[Key::Conduct(rep.clone())], decide).await {
            Ok(_) => {
                tracing::warn!(%workspace, "the deadline of a suspension was missing");
                self.restored.add(1, &[]);
                Ok(())
            }
            // It was lifted meanwhile, or others are at it: the next sweep will see.
            Err(Error::Refused(_) | Error::Contention) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What comes by the calendar.
    async fn sweep_rounds(&self, workspace: &Workspace) -> Result<(), Error> {
        let now = Millis(self.clock.now_ms());
        let read = self.store.read(workspace, &[Key::Rounds]).await?;
        let Some(policy) = self.store.policy(workspace).await? else { return Ok(()) };
        let needed: Vec<Due> =
            read.rounds().into_iter().flat_map(|rounds| rounds.needed()).map(|(due, _)| due).collect();
        let unset = self.store.timers_unset(workspace, &needed).await?;
        if unset.is_empty() && rounds::are_right(&read, &policy, now) {
            return Ok(());
        }
        match crate::rounds::put_right(&self.store, workspace, now).await {
            Ok(_) if unset.is_empty() => Ok(()),
            Ok(_) => {
                tracing::warn!(%workspace, "a deadline of the calendar was missing");
                self.restored.add(unset.len() as u64, &[]);
                Ok(())
            }
            // Others are at it: the next sweep will see.
            Err(Error::Contention) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Those that reps look at.
    async fn sweep_pools(&self, workspace: &Workspace) -> Result<(), Error> {
        for pool in browse::known_pools(&self.store, workspace).await? {
            let mut after = None;
            loop {
                let page = self.store.pool_page(workspace, &pool, after, PAGE).await?;
                after = page.last().copied();
                if !self.look_at(workspace, &page).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Looks at a page of leads; whether there may be another.
    async fn look_at(&self, workspace: &Workspace, page: &[Entry]) -> Result<bool, Error> {
        let now = Millis(self.clock.now_ms());
        let keys: Vec<_> = page.iter().map(|entry| Key::Lead(entry.lead)).collect();
        let read = self.store.read(workspace, &keys).await?;
        let policy = self.store.policy(workspace).await?;
        let leads = page.iter().filter_map(|entry| read.lead(entry.lead));
        let needed: Vec<Due> =
            leads.flat_map(|lead| timer::needed(lead, policy.as_deref(), now)).map(|(due, _)| due).collect();
        for due in self.store.timers_unset(workspace, &needed).await? {
            if let Due::Contact(lead)
            | Due::Offer(lead)
            | Due::Action(lead)
            | Due::Pool(lead)
            | Due::Hold(lead)
            | Due::Held(lead) = due
            {
                self.restore(workspace, &due, lead, now).await?;
            }
        }
        tokio::time::sleep(PAUSE).await;
        Ok(page.len() == PAGE)
    }

    /// Decides anew on the lead as it is: it may have moved on since it was looked at.
    async fn restore(&self, workspace: &Workspace, due: &Due, lead: LeadId, now: Millis) -> Result<(), Error> {
        let policy = self.store.policy(workspace).await?;
        let decide = |snapshot: &_, _: Option<&_>| timer::restore(snapshot, due, lead, policy.as_deref(), now);
        match self.store.transact(workspace, None, &[Key::Lead(lead)], decide).await {
            Ok(_) => {
                tracing::warn!(%workspace, %lead, "the deadline of a lead was missing");
                self.restored.add(1, &[]);
                Ok(())
            }
            // It waits for nothing any more, or others are at it: the next sweep will see.
            Err(Error::Refused(_) | Error::Contention) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
