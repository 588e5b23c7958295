//! Deleting a lead's personal data for good. The lead goes on existing, where it is, with everything that is counted of it.
//!
//! What goes: name, title, e-mail, phone, notes, attributes, and what managers noted to their acts. The marks by which the lead
//! is recognised go with it, as far as they can be worked out once more; one that cannot, because the lead's company was
//! changed since, leads nowhere from now on and goes by itself.

use crate::answer::{Answer, Erased};
use crate::change::Change;
use crate::event::act::{Act, EraseReason};
use crate::event::{Event, Kind};
use crate::id::{LeadId, RepId};
use crate::lead::{Acts, Lead, Person};
use crate::likeness::{self, Likeness};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::Refusal;
use crate::route::last_rep;
use crate::time::{Millis, Span};

/// An order to erase.
#[derive(Debug, Clone)]
pub struct Command {
    /// The lead.
    pub lead: LeadId,
    /// The manager who orders it; `None`: a platform does.
    pub manager: Option<RepId>,
    /// Why.
    pub reason: EraseReason,
}

/// What is looked at, beside [`marks`].
pub fn reads(command: &Command) -> [Key; 3] {
    [Key::PolicyHead, Key::Lead(command.lead), Key::Person(command.lead)]
}

/// The marks by which the lead is recognised, as far as what is known of it tells.
pub fn marks(snapshot: &Snapshot, lead: LeadId) -> Vec<Key> {
    let (Some(found), Some(person), Some(head)) = (snapshot.lead(lead), snapshot.person(lead), snapshot.policy_head())
    else {
        return Vec::new();
    };
    likeness::marks(&found.facts, person, &head.secret).into_iter().map(|(_, mark)| Key::Likeness(mark)).collect()
}

/// Decides on an erasure. A second one changes nothing and tells when the first was. A mark that was not read stays, and leads
/// nowhere.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    if let Some(manager) = &command.manager {
        policy.require_manager(manager, last_rep(lead))?;
    }
    let before = lead.acts.erased_at;
    let at = before.unwrap_or(now);
    let mut change = Change::answering(Answer::Erased(Erased { at, before: before.is_some() }));
    change.expects.extend(reads(command));
    if before.is_some() {
        return Ok(change);
    }
    for key in marks(snapshot, lead.id) {
        let Key::Likeness(mark) = key else { continue };
        // Another lead may have been seen with it since.
        if snapshot.likeness(mark).is_some_and(|likeness| likeness.lead == lead.id) {
            change.expects.push(key);
            change.puts.push(Record::Likeness(Likeness { mark, lead: lead.id, kept: AT_ONCE }));
        }
    }
    change.puts.push(Record::Person(lead.id, Person::default()));
    let acts = Acts { erased_at: Some(now), ..lead.acts };
    change.puts.push(Record::from(Lead { acts, ..lead.clone() }));
    let erased = Act::LeadErased { lead: lead.id, manager: command.manager.clone(), reason: command.reason };
    change.events.push(Event { at: now, kind: Kind::Act(erased), decision: None });
    Ok(change)
}

/// For how long a mark is kept that is to go: the shortest there is.
const AT_ONCE: Span = Span(1);

#[cfg(test)]
mod tests;
