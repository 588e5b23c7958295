//! Searching the pools for what a claim depends on: their first leads that a rep may claim, and a lead of each kind, which show
//! whether what the rep owes can be paid.
//!
//! It goes through the pools in Redis, longest waiting first, a page at a time, and stops as soon as it has enough; a pool of
//! which so many leads are not the rep's to claim that [`MOST`] are passed counts as having no more for the rep.

use std::ops::ControlFlow;

use leadhand_domain::claim::{Found, Looked, Sought};
use leadhand_domain::guardrail::Claimant;
use leadhand_domain::guardrail::ratio::{self, Debt, Traits};
use leadhand_domain::id::{PoolId, RepId, Workspace};
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
        let snapshot = self.store.read(self.workspace, &Claimant::reads(self.rep)).await?;
        let claimant = Claimant::of(&snapshot, self.rep, &policy);
        match sought {
            Sought::Front(pools, debts) => found.front = Some(self.front(&claimant, pools.iter(), debts).await?),
            Sought::Kinds(debts) => found.kinds = Some(self.kinds(&claimant, &policy, debts).await?.0),
        }
        Ok(())
    }

    /// The first leads of a pool that the rep may claim, and the debts that stand.
    pub(crate) async fn turns(&self, pool: &PoolId, policy: &Policy) -> Result<Looked, Error> {
        let snapshot = self.store.read(self.workspace, &Claimant::reads(self.rep)).await?;
        let claimant = Claimant::of(&snapshot, self.rep, policy);
        let mut debts = claimant.debts();
        if !debts.is_empty() {
            let (_, kinds) = self.kinds(&claimant, policy, debts.clone()).await?;
            debts = ratio::standing(&debts, &kinds);
        }
        self.front(&claimant, std::iter::once(pool), debts).await
    }

    /// See [`Sought::Front`].
    async fn front(
        &self,
        claimant: &Claimant<'_>,
        pools: impl Iterator<Item = &PoolId>,
        debts: Vec<Debt>,
    ) -> Result<Looked, Error> {
        let (mut leads, mut kinds, mut free) = (Vec::new(), Vec::new(), false);
        let take = |lead: &Lead, traits: Traits| {
            let new = !kinds.contains(&traits);
            kinds.extend(new.then_some(traits));
            leads.extend((new || leads.len() < FRONT).then_some(lead.id));
            free |= !debts.iter().any(|debt| debt.is_deepened_by(traits));
            if free && leads.len() >= FRONT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.walk(claimant, pools, take).await?;
        Ok(Looked { leads, debts })
    }

    /// See [`Sought::Kinds`]; and which they are.
    async fn kinds(
        &self,
        claimant: &Claimant<'_>,
        policy: &Policy,
        debts: Vec<Debt>,
    ) -> Result<(Looked, Vec<Traits>), Error> {
        let (mut leads, mut kinds) = (Vec::new(), Vec::new());
        let take = |lead: &Lead, traits: Traits| {
            if !kinds.contains(&traits) {
                kinds.push(traits);
                leads.push(lead.id);
                if ratio::standing(&debts, &kinds).len() == debts.len() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        self.walk(claimant, policy.pools.iter().map(|pool| &pool.id), take).await?;
        Ok((Looked { leads, debts }, kinds))
    }

    /// Shows `take` the leads of the pools, in their order, that the rep may claim, until it has enough.
    async fn walk(
        &self,
        claimant: &Claimant<'_>,
        pools: impl Iterator<Item = &PoolId>,
        mut take: impl FnMut(&Lead, Traits) -> ControlFlow<()>,
    ) -> Result<(), Error> {
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
                    if take(lead, claimant.traits(lead, self.now)).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}
