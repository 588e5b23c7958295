//! Accepting: a rep takes a lead that was offered.

use crate::answer::{Answer, Claimed};
use crate::change::{Change, Due, Timer};
use crate::conduct;
use crate::event::{Cause, Event, Kind};
use crate::guardrail;
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
pub fn reads(command: &Command) -> [Key; 4] {
    let (calendar, conduct) = (Key::Calendar(command.rep.clone()), Key::Conduct(command.rep.clone()));
    [Key::PolicyHead, Key::Lead(command.lead), calendar, conduct]
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
    let broken = guardrail::paused(snapshot.calendar(rep), now);
    if !broken.is_empty() {
        return Err(Refusal { broken });
    }
    let mut change = Change::answering(Answer::Done);
    let Contact { remind_at, contact_due } = begin_contact(&mut change, lead, rep, snapshot.calendar(rep), policy, now);
    change.answer = Answer::Claimed(Claimed { lead: lead.id, fence: lead.fence, contact_due });
    // Of the conduct only when it is looked at: others write it meanwhile.
    change.expects.extend(reads(command).into_iter().filter(|key| !matches!(key, Key::Conduct(_))));
    conduct::answered(&mut change, snapshot, rep, true, policy, now);
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
