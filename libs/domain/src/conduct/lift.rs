//! A manager lifts what is held against a rep.
//!
//! To lift a miss does not end a suspension that it has led to: that is lifted by itself, or with everything.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::id::{LeadId, RepId};
use crate::policy::Policy;
use crate::record::{Key, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

use super::{Ended, Lifted};

/// A penalty is to be lifted.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who lifts it.
    pub manager: RepId,
    /// From whom.
    pub rep: RepId,
    /// What.
    pub penalty: Penalty,
    /// Why.
    pub why: Why,
}

/// What is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Penalty {
    /// What was missed of this lead.
    Miss(LeadId),
    /// The suspension.
    Suspension,
    /// Every miss, and the suspension.
    All,
}

/// Why a penalty is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The prospect could not be reached, or there was no such person.
    BadLead,
    /// The rep was away, and no calendar said so.
    Absent,
    /// A system did not work: this one, or the rep's.
    SystemFault,
    /// Contact was made and not recorded.
    NotRecorded,
    /// Out of goodwill.
    Goodwill,
    /// Anything else.
    Other,
}

/// A manager has lifted penalties, as events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The rep.
    pub rep: RepId,
    /// The manager.
    pub by: RepId,
    /// Why.
    pub why: Why,
    /// The leads whose misses count no more.
    pub misses: Vec<LeadId>,
    /// Until when the rep was suspended, where that was lifted.
    pub suspended_until: Option<Millis>,
}

/// What lifting looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Conduct(command.rep.clone())]
}

/// Decides on lifting a penalty.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let Command { manager, rep, penalty, why } = command;
    policy.require_rep(rep)?;
    policy.require_manager(manager, [rep])?;
    if manager == rep {
        return Err(Refusal::of(Reason::NotManager, "nobody lifts their own".to_owned()));
    }
    let mut conduct = super::of(snapshot, rep);
    let rule = &policy.guardrails.misses;
    let mut misses = Vec::new();
    for miss in &mut conduct.misses {
        let meant = match penalty {
            Penalty::Miss(lead) => miss.lead == *lead,
            Penalty::Suspension => false,
            Penalty::All => true,
        };
        if meant && miss.counts_until(rule) > now {
            miss.lifted = true;
            misses.push(miss.lead);
        }
    }
    let suspended_until = conduct.suspended_until(now).filter(|_| !matches!(penalty, Penalty::Miss(_)));
    if misses.is_empty() && suspended_until.is_none() {
        return Err(Refusal::of(Reason::NothingToLift, "nothing of it is held against the rep any more"));
    }
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(command));
    if suspended_until.is_some() {
        let from = conduct.running().map(|suspension| suspension.from).min().unwrap_or(now);
        for suspension in conduct.suspensions.iter_mut().filter(|suspension| suspension.lifted.is_none()) {
            suspension.lifted = Some(Lifted { by: manager.clone(), reason: *why });
        }
        conduct.suspended = Some((from, now));
        change.timers.push(Timer::Cancel(Due::Suspension(rep.clone())));
        let ended = Ended { rep: rep.clone(), from, lifted: true };
        change.events.push(Event { at: now, kind: Kind::SuspensionEnded(ended), decision: None });
    }
    let told = Told { rep: rep.clone(), by: manager.clone(), why: *why, misses, suspended_until };
    change.events.push(Event { at: now, kind: Kind::PenaltyLifted(told), decision: None });
    super::put(&mut change, conduct, policy, now);
    Ok(change)
}

#[cfg(test)]
mod tests;
