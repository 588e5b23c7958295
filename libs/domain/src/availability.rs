//! Calendar changes, one message at a time, and whether a rep is free.

use crate::answer::Answer;
use crate::calendar::{Calendar, Event as Entry, Full, KEEP_ENDED, MAX_EVENTS};
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::id::{CalendarSource, RepId};
use crate::invalid::Invalid;
use crate::policy::{self, Policy};
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};

/// The longest time that one calendar event may keep a rep busy: more than a year's leave is a mistake in the calendar.
pub const MAX_LENGTH: Span = Span::days(400);

/// The longest id of a calendar event, in bytes.
pub const MAX_EVENT_ID: usize = 255;

/// One change of a rep's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The rep.
    pub rep: RepId,
    /// The system that says so.
    pub source: CalendarSource,
    /// The system's id for the calendar event; see [`event_id`].
    pub event: String,
    /// Grows with each change of the event.
    pub revision: u64,
    /// What the event is now.
    pub said: Said,
}

/// What a calendar event is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The rep is busy.
    Busy(Interval),
    /// The event is gone.
    Cancelled,
}

/// A time in which a rep is busy: start included, end not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    start: Millis,
    end: Millis,
}

impl Interval {
    /// Takes the times of a calendar event; what is wrong is wrong with the end.
    pub fn parse(start: Millis, end: Millis) -> Result<Self, Invalid> {
        if end <= start {
            return Err(Invalid::new("must be after start"));
        }
        if end.since(start) > MAX_LENGTH {
            return Err(Invalid::new(format!("at most {MAX_LENGTH} after start")));
        }
        Ok(Self { start, end })
    }
}

/// Takes a calendar system's id for an event.
pub fn event_id(value: &str) -> Result<String, Invalid> {
    if value.is_empty() {
        return Err(Invalid::new("required"));
    }
    if value.len() > MAX_EVENT_ID || !value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Err(Invalid::new(format!("1 to {MAX_EVENT_ID} printable ASCII characters")));
    }
    Ok(value.to_owned())
}

/// What a calendar change looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::PolicyHead, Key::Calendar(command.rep.clone())]
}

/// Decides on a calendar change.
///
/// Nothing changes when a revision at least as new is held. An interval that ended longer than [`KEEP_ENDED`] ago keeps
/// nobody busy: it counts as a cancellation of the event that is held, and is passed over when none is. A cancellation of
/// an event that is not held is remembered, so that an earlier revision that arrives later changes nothing.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: Option<&Policy>, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    let policy = policy::required(policy)?;
    policy.require_rep(rep)?;
    let mut change = Change::answering(Answer::CalendarTaken(false));
    change.expects.extend(reads(command));
    let none = Calendar::empty(rep.clone());
    let calendar = snapshot.calendar(rep).unwrap_or(&none);
    let Some(entry) = entry(calendar, command, now) else { return Ok(change) };
    let cancelled = entry.start == entry.end;
    let calendar = match calendar.with(entry, now) {
        Ok(Some(calendar)) => calendar,
        Ok(None) => return Ok(change),
        // Only one that was not held finds no room. There is nothing to cancel, and nobody to tell off for it.
        Err(Full) if cancelled => return Ok(change),
        Err(Full) => {
            let message = format!("the calendar of `{rep}` holds {MAX_EVENTS} events, and none of them is long over");
            return Err(Refusal::of(Reason::CalendarFull, message));
        }
    };
    change.answer = Answer::CalendarTaken(true);
    change.puts.push(Record::Calendar(calendar));
    // Not among what is expected: calendars of different reps change side by side. Whoever decided on calendars expects it.
    change.puts.extend(policy.teams_of(rep).map(|team| Record::Calendars(team.id.clone(), now)));
    // Somebody may have come free.
    change.timers.push(Timer::Set(Due::Drain, now));
    let kind = Kind::AvailabilityChanged { rep: rep.clone(), source: command.source.clone() };
    change.events.push(Event { at: now, kind, decision: None });
    Ok(change)
}

/// What the calendar is to hold of a command, if anything.
fn entry(calendar: &Calendar, command: &Command, now: Millis) -> Option<Entry> {
    let held = calendar.events.iter().find(|event| event.source == command.source && event.id == command.event);
    // As long as the event would have lasted, so that an earlier revision that comes late is still recognised.
    let gone = held.map_or(now, |event| event.end.max(now));
    let (start, end) = match command.said {
        Said::Busy(Interval { start, end }) if now.since(end) < KEEP_ENDED => (start, end),
        Said::Busy(_) => held.map(|_| (now, now))?,
        Said::Cancelled => (gone, gone),
    };
    Some(Entry { source: command.source.clone(), id: command.event.clone(), revision: command.revision, start, end })
}

/// Whether a rep is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// Whether no calendar has the rep busy.
    pub available: bool,
    /// Until when that stays so; `None`: for good, as far as the calendars say.
    pub until: Option<Millis>,
}

/// Whether a rep is free at a moment.
pub fn at(
    policy: Option<&Policy>,
    rep: &RepId,
    calendar: Option<&Calendar>,
    at: Millis,
) -> Result<Availability, Refusal> {
    policy::required(policy)?.require_rep(rep)?;
    Ok(match calendar.and_then(|calendar| calendar.busy_until(at)) {
        Some(end) => Availability { available: false, until: Some(end) },
        None => Availability { available: true, until: calendar.and_then(|calendar| calendar.next_busy(at)) },
    })
}

#[cfg(test)]
mod tests;
