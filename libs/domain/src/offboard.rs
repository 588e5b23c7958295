//! A rep is leaving or has left: all that the rep has is routed again.
//!
//! It begins with a pause without end, for as long as the policy has the rep, so that nothing new comes while what is there
//! goes. Then each lead is routed again by itself ([`crate::route::Again::Offboarded`]); what is left to do is what the rep
//! still has, so there is nothing to remember of how far it has come.

use crate::answer::Answer;
use crate::availability::{self, Said, Stop};
use crate::change::Change;
use crate::event::act::{Act, OffboardReason};
use crate::event::{Event, Kind};
use crate::id::{CalendarSource, RepId};
use crate::policy::Policy;
use crate::record::{Counter, Key, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// Who says, as far as a rep's calendar is concerned, that the rep is paused.
pub const SOURCE: &str = "offboarding";

/// What the pause gives as its reason.
const PAUSED_BECAUSE: &str = "offboarded";

/// An order to route all of a rep's leads again.
#[derive(Debug, Clone)]
pub struct Command {
    /// The rep.
    pub rep: RepId,
    /// Who orders it.
    pub manager: RepId,
    /// Why.
    pub reason: OffboardReason,
}

/// What the beginning looks at.
pub fn reads(command: &Command) -> [Key; 4] {
    let rep = &command.rep;
    let (calendar, presence) = (Key::Calendar(rep.clone()), Key::Presence(rep.clone()));
    [Key::PolicyHead, calendar, presence, Key::Count(Counter::Open(rep.clone()))]
}

/// Decides on the beginning: the pause, and that it is told.
pub fn begin(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let Command { rep, manager, reason } = command;
    let open = snapshot.count(&Counter::Open(rep.clone()));
    if policy.rep(rep).is_none() && open == 0 {
        return Err(Refusal::rep_unknown(rep));
    }
    policy.require_manager(manager, [rep])?;
    if manager == rep {
        return Err(Refusal::of(Reason::NotManager, "nobody offboards themselves"));
    }
    let mut change = match policy.has_rep(rep) {
        true => availability::decide(snapshot, &pause(command, now), Some(policy), now)?,
        false => Change::answering(Answer::Done),
    };
    change.answer = Answer::Done;
    change.expects.push(Key::PolicyHead);
    let told = Act::RepOffboarded { rep: rep.clone(), manager: manager.clone(), reason: *reason, open };
    change.events.push(Event { at: now, kind: Kind::Act(told), decision: None });
    Ok(change)
}

fn pause(command: &Command, now: Millis) -> availability::Command {
    // It is spelled above, in letters that a name may have.
    let source = CalendarSource::parse(SOURCE).expect("a name");
    let stop = Stop { until: None, manager: command.manager.clone(), reason: PAUSED_BECAUSE.to_owned() };
    availability::Command {
        rep: command.rep.clone(),
        source,
        event: String::new(),
        // Whoever says otherwise later has the later clock.
        revision: u64::try_from(now.0).unwrap_or(0),
        said: Said::Pause(Some(stop)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::lead::fixture::{NOW, rep};
    use crate::record::Record;

    const POLICY: &str = "
reps: [{id: mia}, {id: old, left: true, manager: mia}]
teams: [{id: t, manager: mia, reps: [{id: ana}, {id: bo}]}]
default: {rotate: t}
";

    fn began(who: &str, manager: &str, open: u64) -> Result<Change, Refusal> {
        let mut read = Snapshot::default();
        read.put(Record::Count(Counter::Open(rep(who)), open));
        let command = Command { rep: rep(who), manager: rep(manager), reason: OffboardReason::Leaving };
        begin(&read, &command, &Policy::parse(POLICY).unwrap(), NOW)
    }

    fn acts(change: &Change) -> Vec<Act> {
        let act = |event: &'_ Event| if let Kind::Act(act) = &event.kind { Some(act.clone()) } else { None };
        change.events.iter().filter_map(act).collect()
    }

    #[test]
    fn a_rep_of_the_policy_is_paused_for_good_and_it_is_told() {
        let change = began("ana", "mia", 3).unwrap();
        let paused = |record: &Record| matches!(record, Record::Calendar(calendar) if calendar.pause(NOW).is_some());
        assert!(change.puts.iter().any(paused), "{change:?}");
        let calendars: Vec<&Calendar> = change
            .puts
            .iter()
            .filter_map(|record| if let Record::Calendar(calendar) = record { Some(calendar) } else { None })
            .collect();
        assert_eq!(calendars[0].paused_until(NOW), None);
        let reason = OffboardReason::Leaving;
        assert_eq!(acts(&change), [Act::RepOffboarded { rep: rep("ana"), manager: rep("mia"), reason, open: 3 }]);
        assert!(change.expects.contains(&Key::PolicyHead) && change.expects.contains(&Key::Calendar(rep("ana"))));
    }

    #[test]
    fn who_has_left_needs_no_pause() {
        for who in ["old", "forgotten"] {
            let change = began(who, "mia", 3).unwrap();
            assert!(change.puts.is_empty(), "{change:?}");
            assert_eq!(acts(&change).len(), 1);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let reason = |who, manager, open| began(who, manager, open).unwrap_err().broken[0].reason;
        assert_eq!(reason("forgotten", "mia", 0), Reason::RepUnknown);
        assert_eq!(reason("ana", "bo", 3), Reason::NotManager);
        assert_eq!(reason("mia", "mia", 3), Reason::NotManager);
        assert_eq!(reason("forgotten", "bo", 3), Reason::NotManager);
    }
}
