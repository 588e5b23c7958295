//! Skipping a pooled lead: a rep says why not, and a hold that the rep has on it is over.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::guardrail::selection;
use crate::id::{LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{self, Refusal};
use crate::time::Millis;
use crate::view;

/// Why a rep skips a pooled lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not the rep's field.
    NotMyField,
    /// It does not look like one to be won.
    PoorFit,
    /// Too little is known of it.
    TooLittleKnown,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// Anything else.
    Other,
}

/// A rep does not want a lead.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who.
    pub rep: RepId,
    /// Which.
    pub lead: LeadId,
    /// Why.
    pub reason: Reason,
}

/// What a skip looks at.
pub fn reads(command: &Command) -> [Key; 3] {
    [Key::PolicyHead, Key::Lead(command.lead), Key::Selection(command.rep.clone())]
}

/// Decides on a skip. A lead that the rep skipped, or held in vain, a short time ago is not counted again: nothing changes. The
/// same goes for one that somebody took out of the pool, but for the hold, which is over.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    policy.require_rep(rep)?;
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(command));
    let mut next = selection::at(snapshot, rep, now);
    let held = next.hold.take_if(|hold| hold.lead == lead.id);
    let Place::Pooled { pool } = &lead.place else {
        held.ok_or_else(|| view::not_pooled(lead))?;
        change.puts.push(Record::Selection(next));
        return Ok(change);
    };
    if view::is_queue(policy, pool) {
        return Err(Refusal::of(refusal::Reason::SkipNotAllowed, "the pool is a queue, in which nothing is skipped"));
    }
    let own = lead.held_at(now).is_some_and(|hold| hold.rep == *rep);
    next.tidy(policy, now);
    if !own && next.lately.iter().any(|ended| ended.lead == lead.id) {
        return Ok(change);
    }
    if own {
        change.timers.push(Timer::Cancel(Due::Hold(lead.id)));
        change.puts.push(Record::from(Lead { hold: None, ..lead.clone() }));
    }
    next.skip(lead.id, now);
    change.puts.push(Record::Selection(next));
    let kind = Kind::LeadSkipped { lead: lead.id, rep: rep.clone(), pool: pool.clone(), reason: command.reason };
    change.events.push(Event { at: now, kind, decision: None });
    Ok(change)
}

#[cfg(test)]
mod tests;
