//! A manager gives a lead to a rep, from wherever it is.
//!
//! The manager's word goes: neither capacity nor absence nor who had the lead before stands in the way. It counts in no
//! rotation: whose turn it was stays counted, as of any lead that is taken from a rep.

use crate::answer::{Answer, Claimed};
use crate::change::{Change, Count, Due, Index, Timer};
use crate::event::act::{Act, AssignReason};
use crate::event::{Cause, Decision, Event, Kind};
use crate::guardrail::selection;
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, MAX_NOTES, Person, Place, Via};
use crate::policy::Policy;
use crate::record::{Counter, Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::route::{Contact, begin_contact, had};
use crate::time::Millis;

/// The longest note to an act, in characters.
pub const MAX_NOTE: usize = 500;

/// An order to give a lead to a rep.
#[derive(Debug, Clone)]
pub struct Command {
    /// The lead.
    pub lead: LeadId,
    /// Who orders it.
    pub manager: RepId,
    /// Who gets it.
    pub to: RepId,
    /// Whom it is taken from.
    pub from: From,
    /// Why.
    pub reason: AssignReason,
    /// In words; kept with the lead's personal data, and erased with it.
    pub note: String,
}

/// Whom a lead is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Nobody owns it: it is pooled, held or offered.
    Nobody,
    /// Its owner, under this fence.
    Owner(Fence),
}

/// What an order looks at; `holder` is who looked at the lead's detail as it was last read.
pub fn reads(command: &Command, holder: Option<&RepId>) -> Vec<Key> {
    let lead = command.lead;
    let keys = [Key::PolicyHead, Key::Lead(lead), Key::Person(lead), Key::Calendar(command.to.clone())];
    keys.into_iter().chain(holder.cloned().map(Key::Selection)).collect()
}

/// Decides on an order.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let Command { manager, to, reason, .. } = command;
    policy.require_rep(to)?;
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    policy.require_manager(manager, std::iter::once(to).chain(lead.holder()))?;
    movable(lead, command)?;
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(command, None));
    vacate(&mut change, lead, now);
    end_hold(&mut change, snapshot, lead, now);
    let fence = lead.fence.next();
    let Contact { remind_at, contact_due } = begin_contact(&mut change, lead, to, snapshot.calendar(to), policy, now);
    change.answer = Answer::Claimed(Claimed { lead: lead.id, fence, contact_due });
    let via = Via::Manual(manager.clone());
    change.puts.push(Record::from(Lead {
        place: Place::Assigned { owner: to.clone(), via: via.clone(), remind_at, contact_due, contacted_at: None },
        fence,
        placed_at: now,
        left_out: had(lead),
        hold: None,
        act_by: None,
        pushed: None,
        waits_for: None,
        turn: None,
        position: String::new(),
        ..lead.clone()
    }));
    change.puts.extend(noted(snapshot, lead, fence, &command.note)?);
    change.counts.push(Count { counter: Counter::Open(to.clone()), delta: 1, most: None });
    change.index.push(Index::Own { rep: to.clone(), lead: lead.id, at: now });
    let ordered = Act::AssignmentOrdered {
        lead: lead.id,
        manager: manager.clone(),
        rep: to.clone(),
        from: lead.holder().cloned(),
        fence: lead.fence,
        reason: *reason,
    };
    change.events.push(Event { at: now, kind: Kind::Act(ordered), decision: None });
    change.events.push(Event {
        at: now,
        kind: Kind::LeadAssigned {
            lead: lead.id,
            rep: to.clone(),
            via,
            cause: Cause::Ordered,
            fence,
            contact_due,
            source: lead.facts.source.clone(),
            score: lead.facts.score,
            captured_at: lead.facts.captured_at,
        },
        decision: Some(Decision { policy_version: policy.version, ..Decision::default() }),
    });
    Ok(change)
}

/// Refuses unless the lead is where the order takes it from.
fn movable(lead: &Lead, command: &Command) -> Result<(), Refusal> {
    match (command.from, &lead.place) {
        (_, Place::Closed { .. }) => Err(Refusal::of(Reason::LeadClosed, "the lead has ended")),
        (From::Nobody, Place::Assigned { .. }) => {
            Err(Refusal::of(Reason::LeadAlreadyClaimed, "the lead has an owner, from whom it can be transferred"))
        }
        (From::Owner(fence), Place::Assigned { owner, .. }) => {
            lead.require_fence(fence)?;
            if *owner == command.to {
                return Err(Refusal::of(Reason::AlreadyOwner, "the rep owns the lead already"));
            }
            Ok(())
        }
        (From::Owner(_), _) => Err(Refusal::of(Reason::NotOwner, "nobody owns the lead")),
        (From::Nobody, _) => Ok(()),
    }
}

/// Who looks at the lead has lost it by no fault of theirs. A hold that began since the lead was last read runs out by itself.
fn end_hold(change: &mut Change, snapshot: &Snapshot, lead: &Lead, now: Millis) {
    let Some(hold) = &lead.hold else { return };
    selection::tell_lapsed(change, lead, now);
    if let Some(selection) = snapshot.selection(&hold.rep) {
        change.expects.push(Key::Selection(hold.rep.clone()));
        change.puts.extend(selection::taken_away(selection, lead.id, now));
    }
}

/// Takes the lead out of its place.
fn vacate(change: &mut Change, lead: &Lead, now: Millis) {
    let id = lead.id;
    match &lead.place {
        Place::Pooled { pool } => {
            change.index.push(Index::Leave { pool: pool.clone(), lead: id });
            change.timers.push(Timer::Cancel(Due::Pool(id)));
            change.timers.extend(lead.hold.as_ref().map(|_| Timer::Cancel(Due::Hold(id))));
        }
        Place::Held => {
            change.index.push(Index::Free { lead: id });
            change.timers.push(Timer::Cancel(Due::Held(id)));
        }
        Place::Offered { .. } => change.timers.push(Timer::Cancel(Due::Offer(id))),
        Place::Assigned { owner, via, contacted_at, .. } => {
            change.timers.push(Timer::Cancel(Due::Contact(id)));
            change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(id))));
            if contacted_at.is_none() {
                change.waits_no_more(owner, via);
            }
        }
        Place::Closed { .. } => {}
    }
    if let Some(holder) = lead.holder() {
        change.counts.push(Count { counter: Counter::Open(holder.clone()), delta: -1, most: None });
        change.index.push(Index::Disown { rep: holder.clone(), lead: id });
        // Whoever had it has room for one that is held.
        change.timers.push(Timer::Set(Due::Drain, now));
    }
}

/// The lead's personal data with what was written to an act under this fence, when anything was.
fn noted(snapshot: &Snapshot, lead: &Lead, fence: Fence, note: &str) -> Result<Option<Record>, Refusal> {
    if note.is_empty() {
        return Ok(None);
    }
    if lead.acts.erased_at.is_some() {
        return Err(Refusal::of(Reason::LeadErased, "the lead's personal data is erased: nothing can be noted"));
    }
    let mut person: Person = snapshot.person(lead.id).cloned().unwrap_or_default();
    person.act_notes.insert(fence, note.to_owned());
    while person.act_notes.len() > MAX_NOTES {
        person.act_notes.pop_first();
    }
    Ok(Some(Record::Person(lead.id, person)))
}

#[cfg(test)]
mod tests;
