//! What comes by the calendar, for a workspace as a whole: tiers each Monday, the activity floor each full hour, UTC.
//!
//! When each is next due is a record, so that nothing is left out that came while nobody looked, and nothing done twice: whoever
//! has done it moves the moment on, in one step with having done it.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::figures::Week;
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};

const HOUR: i64 = Span::hours(1).0;

/// When what comes by the calendar is next due; `None`: the policy does not ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rounds {
    /// Tiers are calculated: a Monday, 00:00 UTC.
    pub tiers: Option<Millis>,
    /// Reps are held to the activity floor whose day was over by this full hour, and not by the one before.
    pub floor: Option<Millis>,
}

/// What a policy asks for that comes by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Tiers are calculated.
    pub tiers: bool,
    /// There is an activity floor.
    pub floor: bool,
}

impl Asked {
    /// What this policy asks for.
    pub fn of(policy: &Policy) -> Self {
        let guardrails = &policy.guardrails;
        Self { tiers: guardrails.tiers.weekly.is_some(), floor: guardrails.floor.is_some() }
    }
}

impl Rounds {
    /// The same where the policy asks for these: what is due stays so, what is new begins with the next Monday and hour.
    #[must_use]
    fn asked(self, asked: Asked, now: Millis) -> Self {
        let at = |due: Option<Millis>, asked: bool, first: Millis| asked.then(|| due.unwrap_or(first));
        Self {
            tiers: at(self.tiers, asked.tiers, next_monday(now)),
            floor: at(self.floor, asked.floor, next_hour(now)),
        }
    }

    /// The deadlines that there must be.
    pub fn needed(&self) -> impl Iterator<Item = (Due, Millis)> {
        let tiers = self.tiers.map(|at| (Due::Tiers, at));
        tiers.into_iter().chain(self.floor.map(|at| (Due::Floor, at)))
    }

    /// Those and that there are no others.
    fn timers(&self) -> [Timer; 2] {
        let timer = |due: Due, at: Option<Millis>| match at {
            Some(at) => Timer::Set(due, at),
            None => Timer::Cancel(due),
        };
        [timer(Due::Tiers, self.tiers), timer(Due::Floor, self.floor)]
    }
}

/// The Monday after a moment, 00:00 UTC.
pub fn next_monday(at: Millis) -> Millis {
    Week::of(at).next().start()
}

/// The full hour after a moment.
pub fn next_hour(at: Millis) -> Millis {
    Millis(at.0.div_euclid(HOUR).saturating_add(1).saturating_mul(HOUR))
}

/// The latest full hour by a moment.
pub fn latest_hour(at: Millis) -> Millis {
    Millis(at.0.div_euclid(HOUR).saturating_mul(HOUR))
}

/// Has what a policy asks for come by the calendar, and nothing else, from when the policy takes effect.
pub(crate) fn plan(change: &mut Change, snapshot: &Snapshot, asked: Asked, now: Millis) {
    let held = snapshot.rounds().copied();
    let next = held.unwrap_or_default().asked(asked, now);
    change.timers.extend(next.timers());
    put(change, held, next);
}

fn put(change: &mut Change, held: Option<Rounds>, next: Rounds) {
    if held.unwrap_or_default() != next {
        change.puts.push(Record::Rounds(next));
    }
}

/// What the rounds look at.
pub const READS: [Key; 2] = [Key::PolicyHead, Key::Rounds];

/// Whether the rounds are as they must be under a policy. One from before there were any has none.
pub fn are_right(snapshot: &Snapshot, policy: &Policy, now: Millis) -> bool {
    let held = snapshot.rounds().copied().unwrap_or_default();
    held.asked(Asked::of(policy), now) == held
}

/// Puts the rounds and their deadlines right, as they are for this policy: for whoever found one missing, or one that is not due.
pub fn restore(snapshot: &Snapshot, policy: &Policy, now: Millis) -> Change {
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(READS);
    plan(&mut change, snapshot, Asked::of(policy), now);
    change
}

/// What has been done up to a moment is next due at another one, if the policy still asks for it.
///
/// Errors: [`Reason::NotDue`] when somebody else has done it meanwhile.
pub(crate) fn done(
    snapshot: &Snapshot,
    policy: &Policy,
    now: Millis,
    what: impl FnOnce(&mut Rounds) -> &mut Option<Millis>,
    (up_to, next): (Millis, Millis),
) -> Result<Change, Refusal> {
    let held = snapshot.rounds().copied();
    let mut rounds = held.unwrap_or_default();
    let due = what(&mut rounds);
    if due.is_none_or(|due| due > up_to) {
        return Err(Refusal::of(Reason::NotDue, "it has been done"));
    }
    *due = Some(next);
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(READS);
    let next = rounds.asked(Asked::of(policy), now);
    change.timers.extend(next.timers());
    put(&mut change, held, next);
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02, a Monday, 00:00 UTC.
    const MONDAY: Millis = Millis(1_772_409_600_000);
    const BOTH: Asked = Asked { tiers: true, floor: true };

    fn after(at: Millis, days: i64, more: i64) -> Millis {
        Millis(at.0 + Span::days(days).0 + more)
    }

    #[test]
    fn the_next_monday_and_hour_are_after_a_moment() {
        for (more, monday, hour) in [(-1, 0, 0), (0, 7, HOUR), (1, 7, HOUR), (HOUR, 7, 2 * HOUR)] {
            let at = after(MONDAY, 0, more);
            assert_eq!((next_monday(at), next_hour(at)), (after(MONDAY, monday, 0), after(MONDAY, 0, hour)), "{more}");
        }
        assert_eq!(latest_hour(after(MONDAY, 0, 1)), MONDAY);
        assert_eq!(latest_hour(MONDAY), MONDAY);
    }

    /// What stands after a policy that asks for this took effect.
    fn planned(snapshot: &Snapshot, asked: Asked, now: Millis) -> (Option<Rounds>, Vec<Timer>) {
        let mut change = Change::answering(Answer::Done);
        plan(&mut change, snapshot, asked, now);
        let mut after = snapshot.clone();
        after.apply(&change);
        (after.rounds().copied(), change.timers)
    }

    #[test]
    fn a_policy_that_is_applied_again_puts_nothing_off() {
        let mut snapshot = Snapshot::default();
        let begun = after(MONDAY, 2, 1);
        let rounds = Rounds { tiers: Some(after(MONDAY, 7, 0)), floor: Some(after(MONDAY, 2, HOUR)) };
        let set = |rounds: Rounds| rounds.needed().map(|(due, at)| Timer::Set(due, at)).collect::<Vec<_>>();
        assert_eq!(planned(&snapshot, BOTH, begun), (Some(rounds), set(rounds)));
        snapshot.put(Record::Rounds(rounds));
        let late = after(MONDAY, 9, 0);
        assert_eq!(
            planned(&snapshot, BOTH, late),
            (Some(rounds), set(rounds)),
            "both are due, and nobody has looked yet"
        );
        let tiers_only = Asked { tiers: true, floor: false };
        let (held, timers) = planned(&snapshot, tiers_only, late);
        assert_eq!(held, Some(Rounds { floor: None, ..rounds }));
        assert_eq!(timers, [Timer::Set(Due::Tiers, after(MONDAY, 7, 0)), Timer::Cancel(Due::Floor)]);
    }

    #[test]
    fn what_has_been_done_is_done_once() {
        let policy = Policy::parse("{pools: [{id: open}], default: {pool: open}}").unwrap();
        let mut snapshot = Snapshot::default();
        snapshot.put(Record::Rounds(Rounds { tiers: Some(MONDAY), floor: None }));
        let times = (MONDAY, after(MONDAY, 7, 0));
        let first = done(&snapshot, &policy, MONDAY, |rounds| &mut rounds.tiers, times).unwrap();
        assert_eq!(first.expects, READS);
        assert_eq!(first.timers[0], Timer::Set(Due::Tiers, after(MONDAY, 7, 0)));
        snapshot.apply(&first);
        let second = done(&snapshot, &policy, MONDAY, |rounds| &mut rounds.tiers, times).unwrap_err();
        assert_eq!(second.broken[0].reason, Reason::NotDue);
        let none = done(&snapshot, &policy, MONDAY, |rounds| &mut rounds.floor, times).unwrap_err();
        assert_eq!(none.broken[0].reason, Reason::NotDue);
    }
}
