//! Searching the pools for what a claim depends on: their first leads that a rep may claim, and a lead of each kind, which show
//! whether what the rep owes can be paid.
//!
//! It goes through the pools in Redis, longest waiting first, a page at a time, and stops as soon as it has enough; a pool of
//! which so many leads are not the rep's to claim that [`MOST`] are passed counts as having no more for the rep.

use std::ops::ControlFlow;

use leadhand_domain::claim::{Found, Sought};
use leadhand_domain::guardrail::Claimant;
use leadhand_domain::guardrail::ratio::{self, Debt, Traits};
use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::lead::Lead;
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::Key;
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

/// How many leads are read at once.
const PAGE: usize = 64;

/// How many leads of a pool are looked at.
const MOST: usize = 4_096;

/// How many of the first leads are found: as many claims may be under way before one of these must search again.
const FRONT: usize = 8;

/// Who searches, at which moment.
pub(crate) struct Search<'a> {
    pub(crate) store: &'a Store,
    pub(crate) workspace: &'a Workspace,
    pub(crate) rep: &'a RepId,
    pub(crate) now: Millis,
}

impl Search<'_> {
    /// Adds what is sought to what was found.
    pub(crate) async fn seek(&self, sought: Sought, found: &mut Found) -> Result<(), Error> {
        let policy = required(self.store.policy(self.workspace).await?)?;
        match sought {
            Sought::Front(pools) => found.front = Some(self.front(&pools, &policy).await?),
            Sought::Kinds => found.kinds = Some(self.kinds(&policy).await?),
        }
        Ok(())
    }

    /// The first leads of the pools that the rep may claim, by what the leads are; then the first of each other kind, up to one
    /// that deepens nothing the rep owes.
    pub(crate) async fn front(&self, pools: &[PoolId], policy: &Policy) -> Result<Vec<LeadId>, Error> {
        let (mut front, mut kinds, mut free) = (Vec::new(), Vec::new(), false);
        let take = |lead: &Lead, traits: Traits, debts: &[Debt]| {
            let new = !kinds.contains(&traits);
            kinds.extend(new.then_some(traits));
            front.extend((new || front.len() < FRONT).then_some(lead.id));
            free |= !debts.iter().any(|debt| debt.is_deepened_by(traits));
            if free && front.len() >= FRONT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.walk(pools.iter(), policy, take).await?;
        Ok(front)
    }

    /// One lead of each kind that the rep may claim, until these show that every debt stands.
    async fn kinds(&self, policy: &Policy) -> Result<Vec<LeadId>, Error> {
        let (mut leads, mut kinds) = (Vec::new(), Vec::new());
        let take = |lead: &Lead, traits: Traits, debts: &[Debt]| {
            if !kinds.contains(&traits) {
                kinds.push(traits);
                leads.push(lead.id);
                if ratio::standing(debts, &kinds).len() == debts.len() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        self.walk(policy.pools.iter().map(|pool| &pool.id), policy, take).await?;
        Ok(leads)
    }

    /// Shows `take` the leads of the pools, in their order, that the rep may claim, with what the rep owes, until it has enough.
    async fn walk(
        &self,
        pools: impl Iterator<Item = &PoolId>,
        policy: &Policy,
        mut take: impl FnMut(&Lead, Traits, &[Debt]) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let snapshot = self.store.read(self.workspace, &Claimant::reads(self.rep)).await?;
        let claimant = Claimant::of(&snapshot, self.rep, policy);
        let debts = claimant.debts();
        for pool in pools {
            let (mut after, mut passed) = (None, 0);
            while passed < MOST {
                let page = self.store.pool_page(self.workspace, pool, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(*last);
                passed += page.len();
                let keys: Vec<_> = page.iter().map(|entry| Key::Lead(entry.lead)).collect();
                let read = self.store.read(self.workspace, &keys).await?;
                let leads = page.iter().filter_map(|entry| read.lead(entry.lead));
                for lead in leads.filter(|lead| lead.pool() == Some(pool) && claimant.may_claim(lead, self.now)) {
                    if take(lead, claimant.traits(lead, self.now), &debts).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}
