//! Searching the pools for what a claim depends on: their first leads that a rep may claim, and leads that would pay what the
//! rep owes.
//!
//! It goes through the pools in Redis, longest waiting first, a page at a time, and stops as soon as it has enough; a pool of
//! which so many leads are not the rep's to claim that [`MOST`] are passed counts as having no more for the rep.

use leadhand_domain::claim::{Found, Sought};
use leadhand_domain::guardrail::Claimant;
use leadhand_domain::guardrail::ratio::Debt;
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
    pub(crate) async fn seek(&self, sought: Sought, pools: Option<&[PoolId]>, found: &mut Found) -> Result<(), Error> {
        let policy = required(self.store.policy(self.workspace).await?)?;
        let snapshot = self.store.read(self.workspace, &Claimant::reads(self.rep)).await?;
        let claimant = Claimant::of(&snapshot, self.rep, &policy);
        match sought {
            Sought::Front(pool) => {
                let mut front = Vec::new();
                for pool in pools.unwrap_or(&[pool]) {
                    let left = FRONT - front.len();
                    front.extend(self.first(&claimant, pool, left, |_| true).await?);
                    if front.len() >= FRONT {
                        break;
                    }
                }
                found.front = Some(front);
            }
            Sought::Payers(_) => found.payers = Some(self.payers(&claimant, &policy).await?),
        }
        Ok(())
    }

    /// The first leads of a pool that the rep may claim, by what the leads are.
    pub(crate) async fn front(&self, pool: &PoolId, policy: &Policy) -> Result<Vec<LeadId>, Error> {
        let snapshot = self.store.read(self.workspace, &Claimant::reads(self.rep)).await?;
        self.first(&Claimant::of(&snapshot, self.rep, policy), pool, FRONT, |_| true).await
    }

    /// One lead for each debt that anything would pay.
    async fn payers(&self, claimant: &Claimant<'_>, policy: &Policy) -> Result<Vec<LeadId>, Error> {
        let debts = claimant.debts();
        let mut payers = Vec::new();
        for debt in &debts {
            let pays = |lead: &Lead| pays(*debt, &debts, claimant, lead, self.now);
            for pool in &policy.pools {
                let first = self.first(claimant, &pool.id, 1, pays).await?;
                if !first.is_empty() {
                    payers.extend(first);
                    break;
                }
            }
        }
        Ok(payers)
    }

    /// The first leads of a pool, in its order, that the rep may claim and that are wanted.
    async fn first(
        &self,
        claimant: &Claimant<'_>,
        pool: &PoolId,
        count: usize,
        wanted: impl Fn(&Lead) -> bool,
    ) -> Result<Vec<LeadId>, Error> {
        let (mut after, mut passed, mut first) = (None, 0, Vec::new());
        while first.len() < count && passed < MOST {
            let page = self.store.pool_page(self.workspace, pool, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            passed += page.len();
            let keys: Vec<_> = page.iter().map(|entry| Key::Lead(entry.lead)).collect();
            let read = self.store.read(self.workspace, &keys).await?;
            let leads = page.iter().filter_map(|entry| read.lead(entry.lead));
            let claimable = leads.filter(|lead| lead.pool() == Some(pool) && claimant.may_claim(lead, self.now));
            first.extend(claimable.filter(|lead| wanted(lead)).map(|lead| lead.id).take(count - first.len()));
        }
        Ok(first)
    }
}

fn pays(debt: Debt, debts: &[Debt], claimant: &Claimant<'_>, lead: &Lead, now: Millis) -> bool {
    leadhand_domain::guardrail::pays(debt, debts, claimant.traits(lead, now))
}
