//! Tiers: how early a rep may claim, C8.

use super::settings::Tiers;
use crate::id::RepId;
use crate::policy::Policy;
use crate::record::{Key, Snapshot};
use crate::refusal::{Broken, Reason};
use crate::time::{Millis, Span};

/// How early a rep may claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Tier {
    /// At once.
    #[default]
    First,
    /// After a while.
    Second,
    /// After longer, or never.
    Third,
}

impl Tier {
    /// By its number, 1 to 3.
    pub fn of(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::First),
            2 => Some(Self::Second),
            3 => Some(Self::Third),
            _ => None,
        }
    }

    /// 1 to 3.
    pub fn number(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
        }
    }
}

/// A tier that was calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calculated {
    /// The tier.
    pub tier: Tier,
    /// As of which Monday, 00:00 UTC.
    pub at: Millis,
}

/// What the tier of a rep is read from.
pub fn reads(rep: &RepId) -> [Key; 2] {
    [Key::PolicyHead, Key::Conduct(rep.clone())]
}

/// How early a rep may claim: what the policy says of the rep; else, where tiers are calculated, what the last calculation came
/// to. Before the first everybody is in the first tier; after it, who has come since is in the second.
pub fn of(snapshot: &Snapshot, rep: &RepId, policy: &Policy) -> Tier {
    if let Some(stated) = policy.tier(rep) {
        return stated;
    }
    if policy.guardrails.tiers.weekly.is_none() {
        return Tier::First;
    }
    let calculated = snapshot.conduct(rep).and_then(|conduct| conduct.tier);
    match (calculated, snapshot.policy_head().and_then(|head| head.tiers_since)) {
        (Some(calculated), _) => calculated.tier,
        (None, Some(_)) => Tier::Second,
        (None, None) => Tier::First,
    }
}

impl Tiers {
    /// How long after it entered its pool a lead opens to a tier; `None`: never.
    pub fn opens_after(&self, tier: Tier) -> Option<Span> {
        match tier {
            Tier::First => Some(Span(0)),
            Tier::Second => Some(self.second_after),
            Tier::Third => self.third_after,
        }
    }

    /// Whether a lead that has been in its pool since `pooled_at` is open to a tier; the rule that failed, if it is not.
    pub fn forbid(&self, tier: Tier, pooled_at: Millis, now: Millis) -> Option<Broken> {
        let after = self.opens_after(tier);
        let opens_at = after.map(|after| pooled_at.after(after));
        // At once is at once, also by a clock that is behind the one by which the lead came in.
        if after == Some(Span(0)) || opens_at.is_some_and(|at| now >= at) {
            return None;
        }
        let message = match opens_at {
            Some(_) => format!("the lead is not open to tier {} yet", tier.number()),
            None => format!("tier {} gets pushed leads only", tier.number()),
        };
        Some(Broken { reason: Reason::TierNotOpen, message, retry_at: opens_at, window: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardrail::settings::Guardrails;

    #[test]
    fn a_lead_opens_to_each_tier_at_its_moment() {
        let tiers = Guardrails::default().tiers;
        let at = Millis(1_000);
        let reopens = |tier, after: i64| tiers.forbid(tier, at, Millis(at.0 + after)).map(|broken| broken.retry_at);
        assert_eq!(reopens(Tier::First, 0), None);
        for (tier, minutes) in [(Tier::Second, 15), (Tier::Third, 60)] {
            let opens = Span::minutes(minutes).0;
            assert_eq!(reopens(tier, opens - 1), Some(Some(Millis(at.0 + opens))));
            assert_eq!(reopens(tier, opens), None);
            assert_eq!(reopens(tier, opens + 1), None);
        }
        let never = Tiers { third_after: None, ..tiers };
        assert_eq!(never.forbid(Tier::Third, at, Millis(i64::MAX / 2)).map(|broken| broken.retry_at), Some(None));
    }

    #[test]
    fn tiers_have_numbers() {
        for number in 0..5 {
            assert_eq!(Tier::of(number).map(Tier::number), (1..=3).contains(&number).then_some(number));
        }
    }
}
