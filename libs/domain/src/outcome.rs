//! What came of a lead, told by its owner: that it has become an opportunity, or how it ended.

use crate::answer::{Answer, Closed, Opportunity};
use crate::change::{Change, Count, Due, Index, Timer};
use crate::contact;
use crate::event::{Event, Kind};
use crate::figures;
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Outcome, Place};
use crate::policy::Policy;
use crate::record::{Counter, Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};

/// An outcome.
#[derive(Debug, Clone)]
pub struct Command {
    /// The owner.
    pub rep: RepId,
    /// The lead.
    pub lead: LeadId,
    /// The lead's fence as the owner got it.
    pub fence: Fence,
    /// How far it has come.
    pub step: Step,
}

/// How far a lead has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It may be won: a milestone, after which it is still the owner's and open.
    Opportunity,
    /// It has ended.
    End(Outcome),
}

/// What an outcome looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Lead(command.lead)]
}

/// Decides on an outcome.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let lead = snapshot.lead(command.lead);
    // Who left the policy still ends the leads that are theirs.
    if lead.and_then(Lead::owner) != Some(rep) {
        policy.require_rep(rep)?;
    }
    let lead = lead.ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    lead.require_fence(command.fence)?;
    match &lead.place {
        Place::Assigned { owner, .. } if owner == rep => {}
        Place::Assigned { .. } => return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead")),
        Place::Closed { owner, .. } if owner == rep => {
            return Err(Refusal::of(Reason::LeadClosed, "the lead has ended already"));
        }
        _ => return Err(Refusal::of(Reason::NotOwner, "the rep does not own the lead")),
    }
    let mut change = match command.step {
        Step::Opportunity => opportunity(lead, rep, now),
        Step::End(outcome) => end(lead, rep, outcome, now),
    };
    change.expects.extend(reads(command));
    Ok(change)
}

/// The lead is an opportunity since the first time that this was told, and stays so under whoever owns it. It cannot come about
/// without human contact, so it is the owner's first one if none was told before.
fn opportunity(lead: &Lead, rep: &RepId, now: Millis) -> Change {
    let at = lead.opportunity_at.unwrap_or(now);
    // What an owner before told was there from the start.
    let owned = at.since(lead.placed_at).max(Span(0));
    let mut change = Change::answering(Answer::Opportunity(Opportunity { at, owned }));
    let mut next = contact::first(lead, now, &mut change).unwrap_or_else(|| lead.clone());
    if next.opportunity_at.is_none() {
        next.opportunity_at = Some(at);
        figures::converted(&mut change, rep, now);
        let (lead, rep, fence, source) = (lead.id, rep.clone(), lead.fence, lead.facts.source.clone());
        let kind = Kind::OpportunityRecorded { lead, rep, fence, source, owned };
        change.events.push(Event { at: now, kind, decision: None });
    }
    if !change.events.is_empty() {
        change.puts.push(Record::from(next));
    }
    change
}

/// The lead has ended. The owner has room for another then, so held ones are tried again.
fn end(lead: &Lead, rep: &RepId, outcome: Outcome, now: Millis) -> Change {
    let owned = now.since(lead.placed_at);
    let mut change = Change::answering(Answer::Closed(Closed { at: now, owned }));
    change.puts.push(Record::from(Lead {
        place: Place::Closed { owner: rep.clone(), outcome },
        placed_at: now,
        act_by: None,
        ..lead.clone()
    }));
    change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: -1, most: None });
    if let Place::Assigned { via, contacted_at: None, .. } = &lead.place {
        change.waits_no_more(rep, via);
    }
    figures::closed(&mut change, lead, rep, outcome, now);
    change.index.push(Index::Disown { rep: rep.clone(), lead: lead.id });
    change.timers.push(Timer::Cancel(Due::Contact(lead.id)));
    change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(lead.id))));
    change.timers.push(Timer::Set(Due::Drain, now));
    let (lead, rep, fence, source) = (lead.id, rep.clone(), lead.fence, lead.facts.source.clone());
    let kind = Kind::LeadClosed { lead, rep, fence, outcome, source, owned };
    change.events.push(Event { at: now, kind, decision: None });
    change
}

#[cfg(test)]
mod tests;
