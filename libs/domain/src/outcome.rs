//! How a lead ended, told by its owner.

use crate::answer::{Answer, Closed};
use crate::change::{Change, Count, Due, Index, Timer};
use crate::event::{Event, Kind};
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Outcome, Place};
use crate::policy::Policy;
use crate::record::{Counter, Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// An outcome.
#[derive(Debug, Clone)]
pub struct Command {
    /// The owner.
    pub rep: RepId,
    /// The lead.
    pub lead: LeadId,
    /// The lead's fence as the owner got it.
    pub fence: Fence,
    /// How it ended.
    pub outcome: Outcome,
}

/// What an outcome looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Lead(command.lead)]
}

/// Decides on an outcome. The owner has room for another lead then, so held ones are tried again.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let lead = snapshot.lead(command.lead);
    // Who left the policy still ends the leads that are theirs.
    if lead.and_then(Lead::owner) != Some(rep) {
        policy.require_rep(rep)?;
    }
    let lead = lead.ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    lead.require_fence(command.fence)?;
    let (owner, via, contacted_at) = match &lead.place {
        Place::Assigned { owner, via, contacted_at, .. } => (owner, via, contacted_at),
        Place::Closed { owner, .. } if owner == rep => {
            return Err(Refusal::of(Reason::LeadClosed, "the lead has ended already"));
        }
        _ => return Err(Refusal::of(Reason::NotOwner, "the rep does not own the lead")),
    };
    if owner != rep {
        return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"));
    }
    let owned = now.since(lead.placed_at);
    let mut change = Change::answering(Answer::Closed(Closed { at: now, owned }));
    change.expects.extend(reads(command));
    change.puts.push(Record::Lead(Lead {
        place: Place::Closed { owner: rep.clone(), outcome: command.outcome },
        placed_at: now,
        act_by: None,
        ..lead.clone()
    }));
    change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: -1, most: None });
    if contacted_at.is_none() {
        change.waits_no_more(rep, via);
    }
    change.index.push(Index::Disown { rep: rep.clone(), lead: lead.id });
    change.timers.push(Timer::Cancel(Due::Contact(lead.id)));
    change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(lead.id))));
    change.timers.push(Timer::Set(Due::Drain, now));
    change.events.push(Event {
        at: now,
        kind: Kind::LeadClosed {
            lead: lead.id,
            rep: rep.clone(),
            fence: lead.fence,
            outcome: command.outcome,
            source: lead.facts.source.clone(),
            owned,
        },
        decision: None,
    });
    Ok(change)
}

#[cfg(test)]
mod tests;
