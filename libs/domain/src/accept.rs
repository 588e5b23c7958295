//! Accepting: a rep takes a lead that was offered.

use crate::answer::{Answer, Claimed};
use crate::change::{Change, Due, Timer};
use crate::claim;
use crate::event::{Cause, Event, Kind};
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::route::{Contact, begin_contact};
use crate::time::Millis;

/// An acceptance.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who accepts.
    pub rep: RepId,
    /// What.
    pub lead: LeadId,
    /// The lead's fence as it was offered.
    pub fence: Fence,
}

/// What an acceptance looks at.
pub fn reads(command: &Command) -> [Key; 3] {
    [Key::PolicyHead, Key::Lead(command.lead), Key::Calendar(command.rep.clone())]
}

/// Decides on an acceptance. A pause stops it as it stops claims: the offer lapses, or the rep declines, and another is asked. The fence stays what it was when the lead was offered; the time to make contact begins now.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let lead = snapshot.lead(command.lead);
    let offered = lead.and_then(|lead| match &lead.place {
        Place::Offered { to, .. } => Some(to),
        _ => None,
    });
    // Who left the policy may still take what was offered before.
    if offered != Some(rep) {
        policy.require_rep(rep)?;
    }
    let lead = lead.ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    lead.require_fence(command.fence)?;
    let Place::Offered { to, via, expires, .. } = &lead.place else {
        return Err(Refusal::of(Reason::NotOffered, "nobody is asked to accept the lead"));
    };
    if to != rep {
        return Err(Refusal::of(Reason::NotOwner, "another rep was asked"));
    }
    // At its end it has passed.
    if now >= *expires {
        return Err(Refusal::of(Reason::OfferExpired, "the offer was not accepted in time"));
    }
    let broken = claim::paused(snapshot.calendar(rep), now);
    if !broken.is_empty() {
        return Err(Refusal { broken });
    }
    let mut change = Change::answering(Answer::Done);
    let Contact { remind_at, contact_due } = begin_contact(&mut change, lead, rep, snapshot.calendar(rep), policy, now);
    change.answer = Answer::Claimed(Claimed { lead: lead.id, fence: lead.fence, contact_due });
    change.expects.extend(reads(command));
    change.timers.push(Timer::Cancel(Due::Offer(lead.id)));
    change.puts.push(Record::from(Lead {
        place: Place::Assigned { owner: rep.clone(), via: via.clone(), remind_at, contact_due, contacted_at: None },
        placed_at: now,
        ..lead.clone()
    }));
    change.events.push(Event {
        at: now,
        kind: Kind::LeadAssigned {
            lead: lead.id,
            rep: rep.clone(),
            via: via.clone(),
            cause: Cause::Accepted,
            fence: lead.fence,
            contact_due,
            source: lead.facts.source.clone(),
            score: lead.facts.score,
            captured_at: lead.facts.captured_at,
        },
        // The decision is the offer's, which the lead goes on naming.
        decision: None,
    });
    Ok(change)
}

#[cfg(test)]
mod tests;
