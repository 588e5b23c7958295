//! What a rep's claims must be a mix of: C7.
//!
//! Each rule can leave a rep in debt: the next claims must be of a certain kind. A debt blocks only claims that would deepen
//! it, and only while some lead that would pay it can be claimed by that rep; so it never locks anybody out.

use std::cmp::Reverse;

use super::settings::{BELOW, HotToWarm, Ratios, Share};
use crate::lead::{Facts, Temperature};
use crate::policy::{Policy, Priority};
use crate::refusal::{Broken, Reason};
use crate::time::{Millis, Span};

/// A lead that has been in a pool for longer is aged.
pub const AGED_AFTER: Span = Span::hours(24);

/// How many claims are remembered: no rule looks at more.
pub const MAX_RECENT: usize = 20;

/// What the rules see of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// How promising it is; without a score, cold.
    pub temperature: Temperature,
    /// It is aged or of low priority.
    pub leftover: bool,
    /// Its score is below [`BELOW`], or it has none.
    pub low_score: bool,
}

impl Traits {
    /// Of a lead that has been in its pool since `pooled_at`.
    pub fn of(facts: &Facts, pooled_at: Millis, policy: &Policy, now: Millis) -> Self {
        Self {
            temperature: Temperature::of(facts.score),
            leftover: now.since(pooled_at) > AGED_AFTER || policy.priority(facts, now) == Priority::Low,
            low_score: facts.score.is_none_or(|score| score < BELOW),
        }
    }
}

/// What is remembered of a rep's claims, whatever the rules are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Hot claims since those before were paid for.
    pub hot: u32,
    /// Warm claims that have paid for them so far.
    pub warm: u32,
    /// The last claims, oldest first; at most [`MAX_RECENT`].
    pub recent: Vec<Recent>,
}

/// One claim, as far as it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// See [`Traits::leftover`].
    pub leftover: bool,
    /// See [`Traits::low_score`].
    pub low_score: bool,
}

impl Taken {
    /// With one more claim, under these rules.
    #[must_use]
    pub fn with(&self, claim: Traits, ratios: &Ratios) -> Self {
        let mut taken = self.clone();
        // A rule that is off starts afresh when it is switched on.
        match (ratios.hot_to_warm, claim.temperature) {
            (None, _) => (taken.hot, taken.warm) = (0, 0),
            (Some(_), Temperature::Hot) => taken.hot = taken.hot.saturating_add(1),
            (Some(rule), Temperature::Warm) if taken.owes_warm(rule) > 0 => {
                taken.warm += 1;
                if taken.warm >= rule.warm {
                    (taken.hot, taken.warm) = (0, 0);
                }
            }
            _ => {}
        }
        taken.recent.push(Recent { leftover: claim.leftover, low_score: claim.low_score });
        let surplus = taken.recent.len().saturating_sub(MAX_RECENT);
        taken.recent.drain(..surplus);
        taken
    }

    /// How many warm claims are owed.
    fn owes_warm(&self, rule: HotToWarm) -> u32 {
        if self.hot < rule.hot { 0 } else { rule.warm.saturating_sub(self.warm) }
    }

    /// Whether the next claim must be one that `is`, so that no `share.of` claims in a row hold fewer than `share.least`: with
    /// another one, the rest of the row could not make up for it.
    fn owes(&self, share: Share, is: impl Fn(&Recent) -> bool) -> bool {
        let row = share.of.saturating_sub(1) as usize;
        let before = &self.recent[self.recent.len().saturating_sub(row)..];
        let held = before.iter().filter(|recent| is(recent)).count();
        held + (row - before.len()) < share.least as usize
    }

    /// The debts that a rep has.
    pub fn debts(&self, ratios: &Ratios) -> Vec<Debt> {
        let warm = ratios.hot_to_warm.map_or(0, |rule| self.owes_warm(rule));
        let leftover = ratios.leftover.is_some_and(|share| self.owes(share, |recent| recent.leftover));
        let low_score = ratios.low_score.is_some_and(|share| self.owes(share, |recent| recent.low_score));
        let mut debts = Vec::new();
        debts.extend((warm > 0).then_some(Debt::Warm(warm)));
        debts.extend(leftover.then_some(Debt::Leftover));
        debts.extend(low_score.then_some(Debt::LowScore));
        debts
    }
}

/// Which of `debts` stand where `claimable` are the kinds of leads that the rep may claim: as many as can, so that each is paid
/// by some lead that deepens none of them; of two that only one lead each pays, by deepening the other, the first one.
///
/// So while any stands there is a lead that the rep may claim, and a debt that nothing pays stands in no other's way.
pub fn standing(debts: &[Debt], claimable: &[Traits]) -> Vec<Debt> {
    let chosen = |set: u32| debts.iter().enumerate().filter(move |(n, _)| set >> n & 1 == 1).map(|(_, debt)| *debt);
    let stands = |set: u32| {
        let paid = |debt: Debt| {
            claimable.iter().any(|lead| debt.is_paid_by(*lead) && !chosen(set).any(|other| other.is_deepened_by(*lead)))
        };
        chosen(set).all(paid)
    };
    let sets = (0..1 << debts.len()).filter(|set| stands(*set));
    sets.max_by_key(|set: &u32| (set.count_ones(), Reverse(*set))).map(|set| chosen(set).collect()).unwrap_or_default()
}

/// What a rep owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debt {
    /// So many warm leads, for the hot ones claimed.
    Warm(u32),
    /// A lead that is aged or of low priority.
    Leftover,
    /// A lead with a low score.
    LowScore,
}

impl Debt {
    /// Whether a claim of such a lead would pay it, in part at least.
    pub fn is_paid_by(self, claim: Traits) -> bool {
        match self {
            Self::Warm(_) => claim.temperature == Temperature::Warm,
            Self::Leftover => claim.leftover,
            Self::LowScore => claim.low_score,
        }
    }

    /// Whether a claim of such a lead would deepen it; never where it pays it.
    pub fn is_deepened_by(self, claim: Traits) -> bool {
        match self {
            Self::Warm(_) => claim.temperature == Temperature::Hot,
            Self::Leftover | Self::LowScore => !self.is_paid_by(claim),
        }
    }

    /// The reason by which a claim that deepens it is refused.
    pub fn reason(self) -> Reason {
        match self {
            Self::Warm(_) => Reason::WarmOwed,
            Self::Leftover => Reason::LeftoverOwed,
            Self::LowScore => Reason::LowScoreOwed,
        }
    }

    /// How many leads would pay it.
    pub fn leads(self) -> u32 {
        match self {
            Self::Warm(owed) => owed,
            Self::Leftover | Self::LowScore => 1,
        }
    }

    /// The rule as a claim is refused by it.
    pub(crate) fn broken(self) -> Broken {
        let message = match self {
            Self::Warm(owed) => format!("{owed} warm leads are owed for the hot ones claimed"),
            Self::Leftover => "an aged or low-priority lead is owed".to_owned(),
            Self::LowScore => format!("a lead with a score below {BELOW} is owed"),
        };
        // It ends with what the rep does, or when nothing is left that would pay it.
        Broken { reason: self.reason(), message, retry_at: None, window: None }
    }
}

#[cfg(test)]
mod tests;
