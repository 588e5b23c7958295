//! What an owner does about a lead that is not yet a contact: calls that nobody answers, say.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::act::{Act, ActivityKind};
use crate::event::{Event, Kind};
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Acts, Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// Something that an owner did.
#[derive(Debug, Clone)]
pub struct Command {
    /// The owner.
    pub rep: RepId,
    /// The lead.
    pub lead: LeadId,
    /// The lead's fence as the owner got it.
    pub fence: Fence,
    /// What.
    pub kind: ActivityKind,
}

/// What is looked at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Lead(command.lead)]
}

/// Decides on an activity. The contact stays due: this is none.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let lead = snapshot.lead(command.lead);
    // Who left the policy still works the leads that are theirs.
    if lead.and_then(Lead::owner) != Some(rep) {
        policy.require_rep(rep)?;
    }
    let lead = lead.ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let Place::Assigned { owner, .. } = &lead.place else {
        return Err(Refusal::of(Reason::NotOwner, "nobody owns the lead"));
    };
    lead.require_fence(command.fence)?;
    if owner != rep {
        return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"));
    }
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(command));
    let acts = Acts { last_activity_at: Some(now), ..lead.acts };
    // Something was done about a claimed lead: it is not to be undone any more.
    change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(lead.id))));
    change.puts.push(Record::from(Lead { acts, act_by: None, ..lead.clone() }));
    let recorded = Act::ActivityRecorded { lead: lead.id, rep: rep.clone(), fence: lead.fence, kind: command.kind };
    change.events.push(Event { at: now, kind: Kind::Act(recorded), decision: None });
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::fixture::{NOW, assigned, lead, policy, rep, snapshot};
    use crate::time::Span;

    fn command(who: &str, fence: u64) -> Command {
        Command { rep: rep(who), lead: lead().id, fence: Fence(fence), kind: ActivityKind::Voicemail }
    }

    #[test]
    fn an_activity_is_told_and_remembered_and_is_no_contact() {
        let before = Lead { place: assigned("ana"), ..lead() };
        let at = NOW.after(Span(7));
        let change = decide(&snapshot(&before), &command("ana", 4), &policy(), at).unwrap();
        let acts = Acts { last_activity_at: Some(at), erased_at: None };
        assert_eq!(change.puts, [Record::from(Lead { acts, ..before.clone() })]);
        assert!(change.counts.is_empty() && change.timers.is_empty() && change.index.is_empty());
        let kind = ActivityKind::Voicemail;
        let told = Act::ActivityRecorded { lead: before.id, rep: rep("ana"), fence: Fence(4), kind };
        assert_eq!(change.events, [Event { at, kind: Kind::Act(told), decision: None }]);
        assert_eq!(change.expects, reads(&command("ana", 4)));
    }

    #[test]
    fn only_the_owner_with_the_current_fence_records() {
        let refused = |place: Place, who: &str, fence| {
            let read = snapshot(&Lead { place, ..lead() });
            decide(&read, &command(who, fence), &policy(), NOW).unwrap_err().broken[0].reason
        };
        assert_eq!(refused(assigned("ana"), "bo", 4), Reason::NotOwner);
        assert_eq!(refused(assigned("ana"), "ana", 3), Reason::FenceStale);
        assert_eq!(refused(assigned("ana"), "eve", 4), Reason::RepUnknown);
        assert_eq!(refused(Place::Held, "ana", 4), Reason::NotOwner);
        let nothing = decide(&Snapshot::default(), &command("ana", 4), &policy(), NOW).unwrap_err();
        assert_eq!(nothing.broken[0].reason, Reason::LeadUnknown);
        let theirs = snapshot(&Lead { place: assigned("eve"), ..lead() });
        assert!(decide(&theirs, &command("eve", 4), &policy(), NOW).is_ok(), "who left still works their own");
    }
}
