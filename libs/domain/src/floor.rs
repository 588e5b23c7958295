//! The activity floor (C13): so many claims a working day are the least, else there is an alert.
//!
//! A day is the rep's, from midnight to midnight on the rep's own clock. It is a working day if any of the rep's working time in it,
//! outside holidays and leave, was free of a pause and of a suspension: who could not claim is not asked for claims.

use crate::answer::Answer;
use crate::availability::status;
use crate::change::Change;
use crate::conduct::Conduct;
use crate::event::{Event, Kind};
use crate::guardrail::settings::Guardrails;
use crate::id::RepId;
use crate::policy::Policy;
use crate::record::{Key, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::rounds;
use crate::time::{Millis, Span};
use crate::working::Day;

/// How far back days are made up for that nobody looked at.
pub const MADE_UP_FOR: Span = Span::days(7);

/// For how long it is remembered that a day of a rep's was told of.
pub const REMEMBERED: Span = Span::days(9);

/// A rep claimed fewer leads on a working day than are the least, as events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// The rep.
    pub rep: RepId,
    /// The day, by the rep's own clock.
    pub day: Day,
    /// How many leads the rep claimed.
    pub claims: u32,
    /// How many are the least.
    pub floor: u32,
}

/// A day on a rep's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its date.
    pub day: Day,
    /// When it began.
    pub from: Millis,
    /// When it was over.
    pub to: Millis,
}

/// How long claims must be remembered for the floor's sake.
pub(crate) fn looks_back(guardrails: &Guardrails) -> Span {
    // A day that is made up for began a day before, which may have 25 hours.
    guardrails.floor.map_or(Span(0), |_| Span(MADE_UP_FOR.0 + Span::hours(26).0))
}

/// What is looked at of a rep.
pub fn reads(rep: &RepId) -> [Key; 4] {
    [Key::PolicyHead, Key::Claims(rep.clone()), Key::Calendar(rep.clone()), Key::Conduct(rep.clone())]
}

/// Whether a rep is held to the floor: who is in a team and has not left. Who stands in the policy as a manager alone is not.
pub fn holds(policy: &Policy, rep: &RepId) -> bool {
    policy.rep(rep).is_some_and(|rep| !rep.left && !rep.teams.is_empty())
}

/// From when on a look at `now` must look that was due at `due`, and up to when.
pub fn stretch(due: Millis, now: Millis) -> (Millis, Millis) {
    let (since, until) = (Millis(due.0.saturating_sub(Span::hours(1).0)), rounds::latest_hour(now));
    (since.max(Millis(until.0.saturating_sub(MADE_UP_FOR.0))), until)
}

/// The days of a rep that ended after the first of two moments and by the second.
pub fn ended(snapshot: &Snapshot, rep: &RepId, policy: &Policy, (since, until): (Millis, Millis)) -> Vec<Ended> {
    let hours = status::hours(snapshot.calendar(rep), policy.availability(rep));
    let (mut from, mut to) = hours.day(since);
    let mut days = Vec::new();
    while to <= until {
        // Its last moment: the first may come before midnight, where clocks go back.
        days.push(Ended { day: hours.date(Millis(to.0 - 1)), from, to });
        let next = hours.day(to);
        if next.1 <= to {
            break;
        }
        (from, to) = next;
    }
    days
}

/// Whether a rep is below the floor on a day.
pub fn below(snapshot: &Snapshot, rep: &RepId, policy: &Policy, day: &Ended) -> Option<Below> {
    let floor = policy.guardrails.floor?;
    let Ended { day, from, to } = *day;
    let claimed_at = snapshot.claims(rep).map_or(&[][..], |claims| &claims.claimed_at);
    let claims = claimed_at.iter().filter(|at| (from..to).contains(*at)).count();
    let claims = u32::try_from(claims).unwrap_or(u32::MAX);
    if claims >= floor {
        return None;
    }
    let suspended = snapshot.conduct(rep).into_iter().flat_map(Conduct::suspended).collect();
    let free = status::worked(snapshot.calendar(rep), policy.availability(rep), (from, to), suspended);
    (free > Span(0)).then(|| Below { rep: rep.clone(), day, claims, floor })
}

/// Tells that a rep is below the floor on a day.
///
/// Errors: [`Reason::NotDue`] when the rep is not, or is held to none.
pub fn tell(snapshot: &Snapshot, rep: &RepId, policy: &Policy, day: &Ended, now: Millis) -> Result<Change, Refusal> {
    let below = below(snapshot, rep, policy, day).filter(|_| holds(policy, rep));
    let below = below.ok_or_else(|| Refusal::of(Reason::NotDue, "the rep is not below the floor"))?;
    let mut change = Change::answering(Answer::Done);
    change.remembered = REMEMBERED;
    change.expects.extend(reads(rep));
    change.events.push(Event { at: now, kind: Kind::ActivityBelowFloor(below), decision: None });
    Ok(change)
}

/// Everybody was looked at whose day was over by `until`: the next look is due an hour later.
///
/// Errors: [`Reason::NotDue`] when somebody else has done it meanwhile.
pub fn finish(snapshot: &Snapshot, until: Millis, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let times = (until, rounds::next_hour(until));
    rounds::done(snapshot, policy, now, |rounds| &mut rounds.floor, times)
}

#[cfg(test)]
mod tests;
