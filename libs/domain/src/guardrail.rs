//! What keeps pull fair: the rules that a rep meets between looking at a pool and owning a lead.
//!
//! One small file for each family of rules, [`settings`] with what the policy says of all of them, and [`Claimant`], which
//! asks every family, so that a refusal names every rule that failed.

use crate::calendar::Calendar;
use crate::conduct::Conduct;
use crate::id::RepId;
use crate::lead::Lead;
use crate::policy::Policy;
use crate::quota;
use crate::record::{Claims, Counter, Key, Snapshot};
use crate::refusal::{Broken, Reason};
use crate::time::Millis;
use ratio::{Debt, Taken, Traits};
use selection::Selection;
use tier::Tier;

pub mod conduct;
pub mod hoarding;
pub mod memory;
pub mod own_territory;
pub mod ratio;
pub mod selection;
pub mod settings;
pub mod tier;
pub mod unclaimed;

/// Who wants to claim, with all that the rules look at.
#[derive(Debug, Clone)]
pub struct Claimant<'a> {
    /// The rep.
    pub rep: &'a RepId,
    /// The tier.
    pub tier: Tier,
    /// How many claimed leads wait for contact.
    pub uncontacted: u64,
    policy: &'a Policy,
    claims: Option<&'a Claims>,
    calendar: Option<&'a Calendar>,
    conduct: Option<&'a Conduct>,
    selection: Option<&'a Selection>,
}

impl<'a> Claimant<'a> {
    /// What is looked at of a rep. The count is no fact that a grant rests on: it is bounded by the commit itself.
    pub fn reads(rep: &RepId) -> [Key; 6] {
        let hoarded = Key::Count(Counter::Hoarded(rep.clone()));
        let (conduct, selection) = (Key::Conduct(rep.clone()), Key::Selection(rep.clone()));
        [Key::PolicyHead, Key::Claims(rep.clone()), Key::Calendar(rep.clone()), conduct, selection, hoarded]
    }

    /// A rep as the snapshot knows it.
    pub fn of(snapshot: &'a Snapshot, rep: &'a RepId, policy: &'a Policy) -> Self {
        Self {
            rep,
            tier: tier::of(snapshot, rep, policy),
            uncontacted: snapshot.count(&Counter::Hoarded(rep.clone())),
            policy,
            claims: snapshot.claims(rep),
            calendar: snapshot.calendar(rep),
            conduct: snapshot.conduct(rep),
            selection: snapshot.selection(rep),
        }
    }

    /// When the rep claimed, oldest first.
    pub fn claimed_at(&self) -> &'a [Millis] {
        self.claims.map_or(&[], |claims| &claims.claimed_at)
    }

    /// What is remembered of the rep's claims.
    pub fn taken(&self) -> Taken {
        self.claims.map(|claims| claims.taken.clone()).unwrap_or_default()
    }

    /// The rules that fail at `now` whatever the lead is.
    pub fn forbidden(&self, now: Millis) -> Vec<Broken> {
        let mut broken = paused(self.calendar, now);
        broken.extend(conduct::forbids(self.conduct, self.policy, now));
        broken.extend(selection::waits(self.selection, self.policy, now));
        broken.extend(hoarding::forbid(self.uncontacted, self.policy.guardrails.hoarding));
        let windows = conduct::usages(self.policy, self.conduct, self.claimed_at(), now);
        broken.extend(windows.into_iter().filter(quota::Usage::is_exhausted).map(exhausted));
        broken
    }

    /// The rules that fail at `now` for this lead, whatever else the rep may claim.
    pub fn forbidden_lead(&self, lead: &Lead, now: Millis) -> Vec<Broken> {
        let guardrails = &self.policy.guardrails;
        let mut broken = Vec::new();
        broken.extend(guardrails.selection.and_then(|_| selection::on_hold(lead, self.rep, now)));
        broken.extend(guardrails.tiers.forbid(self.tier, lead.placed_at, now));
        broken.extend(own_territory::forbid(&lead.facts, self.rep, self.policy));
        broken.extend(memory::forbid(lead, self.rep, guardrails.memory, now));
        broken
    }

    /// Whether nothing about this lead keeps the rep from claiming it at `now`: what the rep owes apart.
    pub fn may_claim(&self, lead: &Lead, now: Millis) -> bool {
        lead.pool().is_some_and(|pool| self.policy.has_pool(pool)) && self.forbidden_lead(lead, now).is_empty()
    }

    /// What the rep owes.
    pub fn debts(&self) -> Vec<Debt> {
        self.claims.map(|claims| claims.taken.debts(&self.policy.guardrails.ratios)).unwrap_or_default()
    }

    /// What the ratios see of a pooled lead.
    pub fn traits(&self, lead: &Lead, now: Millis) -> Traits {
        Traits::of(&lead.facts, lead.placed_at, self.policy, now)
    }
}

/// A pause stops claiming, as it stops what is pushed; why a manager ordered it is not told.
pub(crate) fn paused(calendar: Option<&Calendar>, now: Millis) -> Vec<Broken> {
    let paused = calendar.filter(|calendar| calendar.pause(now).is_some());
    let broken = paused.map(|calendar| Broken {
        reason: Reason::RepPaused,
        message: "a manager has paused the rep".to_owned(),
        retry_at: calendar.paused_until(now),
        window: None,
    });
    broken.into_iter().collect()
}

fn exhausted(usage: quota::Usage) -> Broken {
    Broken {
        reason: Reason::QuotaExhausted,
        message: format!("{} claims in {} made, {} allowed", usage.used, usage.quota.length, usage.quota.limit),
        retry_at: usage.room_at,
        window: Some(usage.quota.length),
    }
}
