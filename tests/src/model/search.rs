//! What waits in the pools, as far as a claim depends on it.

use leadhand_domain::claim::{Found, Looked, Sought};
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
            Sought::Front(pools, debts) => found.front = Some(self.front(&pools, rep, debts, now)),
            Sought::Kinds(debts) => found.kinds = Some(self.kinds(rep, debts, now)),
        }
    }

    /// The leads of a pool that the rep may claim by what the leads are, and the debts that stand.
    pub(super) fn turns(&self, pool: &PoolId, rep: &RepId, now: Millis) -> Looked {
        let claimant = Claimant::of(&self.records, rep, &self.policy);
        let debts = claimant.debts();
        let kinds = self.kinds(rep, debts.clone(), now).leads;
        let traits: Vec<_> =
            kinds.iter().filter_map(|lead| self.lead(*lead)).map(|lead| claimant.traits(lead, now)).collect();
        self.front(std::slice::from_ref(pool), rep, ratio::standing(&debts, &traits), now)
    }

    fn kinds(&self, rep: &RepId, debts: Vec<Debt>, now: Millis) -> Looked {
        let pools: Vec<_> = self.policy.pools.iter().map(|pool| pool.id.clone()).collect();
        let all = |kinds: &[Traits]| ratio::standing(&debts, kinds).len() == debts.len();
        Looked { leads: self.claimable(&pools, rep, now, all), debts }
    }

    /// The leads of these pools, in their order, that the rep may claim by what the leads are.
    fn front(&self, pools: &[PoolId], rep: &RepId, debts: Vec<Debt>, now: Millis) -> Looked {
        let free =
            |kinds: &[Traits]| kinds.last().is_some_and(|last| !debts.iter().any(|debt| debt.is_deepened_by(*last)));
        Looked { leads: self.claimable(pools, rep, now, free), debts }
    }

    /// Every claimable lead; or, of each kind, the first, until the kinds are enough.
    fn claimable(
        &self,
        pools: &[PoolId],
        rep: &RepId,
        now: Millis,
        are_enough: impl Fn(&[Traits]) -> bool,
    ) -> Vec<LeadId> {
        let claimant = Claimant::of(&self.records, rep, &self.policy);
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
            if are_enough(&kinds) {
                break;
            }
        }
        first
    }
}
