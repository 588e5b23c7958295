//! A lead that is there already.

use super::Decided;
use crate::answer::{Answer, Destination, Routed};
use crate::change::Change;
use crate::event::{Event, Kind, Likeness as By};
use crate::id::LeadId;
use crate::lead::{Facts, Lead, Place, Via};
use crate::likeness::Mark;
use crate::policy::Policy;
use crate::record::{Key, Snapshot};
use crate::time::Millis;

/// The answer when one of the marks is known: the lead that has it, and where that is.
pub(super) fn decide(
    snapshot: &Snapshot,
    new: LeadId,
    facts: &Facts,
    policy: &Policy,
    marks: &[(By, Mark)],
    now: Millis,
) -> Option<Decided> {
    for (by, mark) in marks {
        let Some(likeness) = snapshot.likeness(*mark).filter(|likeness| likeness.lead != new) else { continue };
        let key = Key::Lead(likeness.lead);
        if !snapshot.knows(&key) {
            return Some(Decided::Needs(vec![key]));
        }
        // A mark outlives a lead that was deleted; and who was erased is nobody's likeness any more.
        let Some(lead) = snapshot.lead(likeness.lead).filter(|lead| lead.acts.erased_at.is_none()) else { continue };
        let routed = Routed {
            lead: lead.id,
            to: destination(lead),
            route: String::new(),
            policy_version: policy.version,
            duplicate: true,
        };
        let mut change = Change::answering(Answer::Routed(routed));
        change.expects.extend([Key::PolicyHead, key, Key::Likeness(*mark)]);
        let kind = Kind::LeadRepeated { lead: lead.id, by: *by, source: facts.source.clone() };
        change.events.push(Event { at: now, kind, decision: None });
        return Some(Decided::Change(Box::new(change)));
    }
    None
}

/// Where a lead is, as routing answers it.
fn destination(lead: &Lead) -> Destination {
    let team = |via: &Via| match via {
        Via::Rotation(team) => Some(team.clone()),
        _ => None,
    };
    let fence = lead.fence;
    match &lead.place {
        Place::Assigned { owner, via, contact_due, .. } => {
            Destination::Assigned { rep: owner.clone(), team: team(via), fence, contact_due: *contact_due }
        }
        Place::Offered { to, via, expires, .. } => {
            Destination::Offered { rep: to.clone(), team: team(via), fence, expires: *expires }
        }
        Place::Pooled { pool } => Destination::Pooled(pool.clone()),
        Place::Held => Destination::Held,
        Place::Closed { .. } => Destination::Closed,
    }
}
