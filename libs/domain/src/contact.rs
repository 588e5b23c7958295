//! The first human contact with a prospect, by the owner.

use crate::answer::{Answer, Contacted};
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::figures;
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
    let Place::Assigned { owner, contact_due, contacted_at, .. } = &lead.place else {
        return Err(Refusal::of(Reason::NotOwner, "nobody owns the lead"));
    };
    lead.require_fence(command.fence)?;
    if owner != rep {
        return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"));
    }
    let answer = contacted(lead, contacted_at.unwrap_or(now), *contact_due);
    let mut change = Change::answering(Answer::Contacted(answer));
    change.expects.extend(reads(command));
    if let Some(next) = first(lead, now, &mut change) {
        change.puts.push(Record::from(next));
    }
    Ok(change)
}

/// The contact at that moment, as it counts.
fn contacted(lead: &Lead, at: Millis, contact_due: Millis) -> Contacted {
    // At its deadline it has passed.
    Contacted { contact_speed: at.since(lead.placed_at), in_time: at < contact_due, at }
}

/// The lead with its owner's first contact, which becomes part of the change: the deadline is met, the lead is not to be
/// contacted any more, and the event tells of it. `None`, and nothing changes, when there was one or nobody owns the lead.
pub(crate) fn first(lead: &Lead, now: Millis, change: &mut Change) -> Option<Lead> {
    let Place::Assigned { owner, via, contact_due, contacted_at: None, .. } = &lead.place else { return None };
    let mut next = lead.clone();
    if let Place::Assigned { contacted_at, .. } = &mut next.place {
        *contacted_at = Some(now);
    }
    let Contacted { contact_speed, in_time, .. } = contacted(lead, now, *contact_due);
    next.act_by = None;
    change.waits_no_more(owner, via);
    figures::contacted(change, owner, contact_speed, now);
    change.timers.push(Timer::Cancel(Due::Contact(lead.id)));
    change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(lead.id))));
    let (lead, rep, fence) = (lead.id, owner.clone(), lead.fence);
    let kind = Kind::LeadContacted { lead, rep, fence, contact_speed, in_time };
    change.events.push(Event { at: now, kind, decision: None });
    Some(next)
}

#[cfg(test)]
mod tests;
