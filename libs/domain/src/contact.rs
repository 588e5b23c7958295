//! The first human contact with a prospect, by the owner.

use crate::answer::{Answer, Contacted};
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// A first contact.
#[derive(Debug, Clone)]
pub struct Command {
    /// The owner.
    pub rep: RepId,
    /// The lead.
    pub lead: LeadId,
    /// The lead's fence as the owner got it.
    pub fence: Fence,
}

/// What a contact looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Lead(command.lead)]
}

/// Decides on a contact. A second one under the same fence changes nothing and answers with the first.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let lead = snapshot.lead(command.lead);
    // Who left the policy still works the leads that are theirs.
    if lead.and_then(Lead::owner) != Some(rep) {
        policy.require_rep(rep)?;
    }
    let lead = lead.ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let Place::Assigned { owner, via, remind_at, contact_due, contacted_at } = &lead.place else {
        return Err(Refusal::of(Reason::NotOwner, "nobody owns the lead"));
    };
    lead.require_fence(command.fence)?;
    if owner != rep {
        return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"));
    }
    let at = contacted_at.unwrap_or(now);
    let answer = Contacted {
        contact_speed: at.since(lead.placed_at),
        // At its deadline it has passed.
        in_time: at < *contact_due,
        at,
    };
    let mut change = Change::answering(Answer::Contacted(answer.clone()));
    change.expects.extend(reads(command));
    if contacted_at.is_some() {
        return Ok(change);
    }
    change.puts.push(Record::Lead(Lead {
        place: Place::Assigned {
            owner: owner.clone(),
            via: via.clone(),
            remind_at: *remind_at,
            contact_due: *contact_due,
            contacted_at: Some(now),
        },
        act_by: None,
        ..lead.clone()
    }));
    change.waits_no_more(rep, via);
    change.timers.push(Timer::Cancel(Due::Contact(lead.id)));
    change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(lead.id))));
    change.events.push(Event {
        at: now,
        kind: Kind::LeadContacted {
            lead: lead.id,
            rep: rep.clone(),
            fence: lead.fence,
            contact_speed: answer.contact_speed,
            in_time: answer.in_time,
        },
        decision: None,
    });
    Ok(change)
}

#[cfg(test)]
mod tests;
