//! What waits in the pools, as far as a claim depends on it.

use leadhand_domain::claim::{Found, Sought};
use leadhand_domain::guardrail::Claimant;
use leadhand_domain::guardrail::ratio::{self, Debt, Traits};
use leadhand_domain::id::{LeadId, PoolId, RepId};
use leadhand_domain::time::Millis;

use super::World;

/// How much is looked for and worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// Every lead that the rep may claim, and each turn of a rotation from its records: what the services decide by the few leads
    /// that they look for, and by what they keep at hand, must be the same.
    Everything,
    /// The first lead of each kind, which is all that a decision depends on, and rotations as they are kept at hand.
    Enough,
}

impl World {
    /// Adds what is sought to what was found.
    pub(super) fn seek(&self, sought: Sought, found: &mut Found, rep: &RepId, now: Millis) {
        match sought {
            Sought::Front(pools) => found.front = Some(self.front(&pools, rep, now)),
            Sought::Kinds => {
                let pools: Vec<_> = self.policy.pools.iter().map(|pool| pool.id.clone()).collect();
                let all = |kinds: &[Traits], debts: &[Debt]| ratio::standing(debts, kinds).len() == debts.len();
                found.kinds = Some(self.claimable(&pools, rep, now, all));
            }
        }
    }

    /// The leads of these pools, in their order, that the rep may claim by what the leads are.
    pub(super) fn front(&self, pools: &[PoolId], rep: &RepId, now: Millis) -> Vec<LeadId> {
        let free = |kinds: &[Traits], debts: &[Debt]| {
            kinds.last().is_some_and(|last| !debts.iter().any(|debt| debt.is_deepened_by(*last)))
        };
        self.claimable(pools, rep, now, free)
    }

    /// Every claimable lead; or, of each kind, the first, until the kinds are enough.
    fn claimable(
        &self,
        pools: &[PoolId],
        rep: &RepId,
        now: Millis,
        are_enough: impl Fn(&[Traits], &[Debt]) -> bool,
    ) -> Vec<LeadId> {
        let claimant = Claimant::of(&self.records, rep, &self.policy);
        let debts = claimant.debts();
        let waiting = pools.iter().filter_map(|pool| self.pools.get(pool)).flat_map(|pool| pool.iter());
        let leads = waiting.filter_map(|lead| self.lead(lead)).filter(|lead| claimant.may_claim(lead, now));
        if self.thoroughness == Thoroughness::Everything {
            return leads.map(|lead| lead.id).collect();
        }
        let (mut first, mut kinds) = (Vec::new(), Vec::new());
        for lead in leads {
            let traits = claimant.traits(lead, now);
            if kinds.contains(&traits) {
                continue;
            }
            kinds.push(traits);
            first.push(lead.id);
            if are_enough(&kinds, &debts) {
                break;
            }
        }
        first
    }
}
