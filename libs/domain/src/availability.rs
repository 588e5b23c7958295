//! What other systems say of a rep, one message at a time; and whether the rep is available.
//!
//! | module | holds |
//! |---|---|
//! | [`settings`] | what makes a rep unavailable, which source is believed |
//! | [`status`] | whether a rep is, why not, and until when |

use crate::answer::Answer;
use crate::calendar::{self, Calendar, Employment, Event as Entry, Full, Pause, Stated};
use crate::calendar::{KEEP_ENDED, MAX_EVENTS, MAX_SOURCES};
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind, Skip, SkipReason};
use crate::id::{CalendarSource, RepId};
use crate::invalid::Invalid;
use crate::policy::{self, Policy};
use crate::presence::Presence;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};
use crate::working::Hours;

pub mod settings;
pub mod status;
mod times;

use status::{Known, Status};

/// The longest time that one calendar event may keep a rep busy: more than a year's leave is a mistake in the calendar.
pub const MAX_LENGTH: Span = Span::days(400);

/// A source that says it has nothing new is not written again so shortly after it was heard.
pub const HEARD_EVERY: Span = Span::minutes(1);

/// The longest id of a calendar event, in bytes.
pub const MAX_EVENT_ID: usize = 255;

/// One thing that a system says of a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The rep.
    pub rep: RepId,
    /// The system that says so.
    pub source: CalendarSource,
    /// The system's id for the calendar event, see [`event_id`]; empty where what is said is of no event.
    pub event: String,
    /// Grows with each change of the event, or of what the source states of the rep; [`Said::Synced`] and [`Said::Seen`] have
    /// none.
    pub revision: u64,
    /// What is said.
    pub said: Said,
}

/// What a system says of a rep. A statement of the rep as a whole is one a source, and `None` takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A calendar event takes this time.
    Busy(Interval),
    /// A calendar event is gone.
    Cancelled,
    /// When the rep works in an ordinary week.
    Hours(Option<Hours>),
    /// Since when and until when the rep belongs to the company.
    Employment(Option<Employment>),
    /// A manager has the rep stop.
    Pause(Option<Stop>),
    /// These are all the calendar events there are: whatever else the system said of events is gone.
    All(Vec<Reading>),
    /// There is nothing new: everything said before still is so.
    Synced,
    /// The rep is at work, or was at this moment.
    Seen(Millis),
}

/// One event of a whole calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The system's id for it, see [`event_id`].
    pub event: String,
    /// Grows with each change of the event, as far as the system counts.
    pub revision: u64,
    /// Its time.
    pub interval: Interval,
}

/// A pause as it is ordered; it begins at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Until just before this moment; `None`: until taken back.
    pub until: Option<Millis>,
    /// Who orders it.
    pub manager: RepId,
    /// Why.
    pub reason: String,
}

/// The time of a calendar event, start included, end not; and what it says of the rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    start: Millis,
    end: Millis,
    kind: calendar::Kind,
}

impl Interval {
    /// Takes the times of a calendar event; what is wrong is wrong with the end.
    pub fn parse(start: Millis, end: Millis, kind: calendar::Kind) -> Result<Self, Invalid> {
        if end <= start {
            return Err(Invalid::new("must be after start"));
        }
        if end.since(start) > MAX_LENGTH {
            return Err(Invalid::new(format!("at most {MAX_LENGTH} after start")));
        }
        Ok(Self { start, end, kind })
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

/// What is looked at.
pub fn reads(command: &Command) -> [Key; 3] {
    let [calendar, presence] = Known::keys(&command.rep);
    [Key::PolicyHead, calendar, presence]
}

/// Decides on what a system says.
///
/// Nothing changes when a revision at least as new is held. An interval that ended longer than [`KEEP_ENDED`] ago keeps
/// nobody busy: it counts as a cancellation of the event that is held, and is passed over when none is. A cancellation of
/// an event that is not held is remembered, so that an earlier revision that arrives later changes nothing.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: Option<&Policy>, now: Millis) -> Result<Change, Refusal> {
    let policy = policy::required(policy)?;
    policy.require_rep(&command.rep)?;
    let settings = policy.availability(&command.rep);
    let calendar = taken(snapshot, command, now)?;
    // A whole calendar that says nothing new is as good as the word that there is nothing new.
    let is_new = match (&command.said, snapshot.calendar(&command.rep), &calendar) {
        (Said::All(_), Some(held), Some(taken)) => held.events != taken.events,
        (Said::All(events), None, Some(_)) => !events.is_empty(),
        (_, _, taken) => taken.is_some(),
    };
    let presence = match command.said {
        Said::Seen(at) => Presence::seen(snapshot.presence(&command.rep), &command.rep, at, now),
        _ => None,
    };
    // Whoever else says something of the rep makes it stale. What is only told, the status, rests on nothing.
    let decided_on = match command.said {
        Said::Seen(_) => Key::Presence(command.rep.clone()),
        _ => Key::Calendar(command.rep.clone()),
    };
    let mut change = Change::answering(Answer::CalendarTaken(is_new || presence.is_some()));
    change.expects.extend([Key::PolicyHead, decided_on]);
    if calendar.is_none() && presence.is_none() {
        return Ok(change);
    }
    let before = Known::of(snapshot, &command.rep);
    let known =
        Known { calendar: calendar.as_ref().or(before.calendar), presence: presence.as_ref().or(before.presence) };
    let status = status::status(known, settings, now);
    let is_news = match command.said {
        Said::Seen(_) | Said::Synced => status.reason() != status::reason(before, settings, now),
        Said::All(_) => is_new || status.reason() != status::reason(before, settings, now),
        _ => true,
    };
    if is_news {
        let kind = Kind::AvailabilityChanged { rep: command.rep.clone(), source: command.source.clone(), status };
        change.events.push(Event { at: now, kind, decision: None });
    }
    let changes_decisions = match command.said {
        // See [`crate::presence`].
        Said::Seen(_) => before.presence.is_none(),
        Said::Synced => settings.source(&command.source).stale_after.is_some(),
        Said::All(_) => is_new || settings.source(&command.source).stale_after.is_some(),
        _ => true,
    };
    if changes_decisions {
        // Not among what is expected: reps change side by side. Whoever decided on their calendars expects it.
        let teams = policy.teams_of(&command.rep);
        change.puts.extend(teams.map(|team| Record::Calendars(team.id.clone(), now)));
    }
    if status.reason().is_none() && status::reason(before, settings, now).is_some() {
        // Somebody has come free. Who was free stays no reason to try every held lead again: heartbeats come all day.
        change.timers.push(Timer::Set(Due::Drain, now));
    }
    change.puts.extend(calendar.map(Record::Calendar));
    change.puts.extend(presence.map(Record::Presence));
    Ok(change)
}

/// The rep's calendar with what is said in it; `None` when it was known, or too old, or is not of the calendar.
fn taken(snapshot: &Snapshot, command: &Command, now: Millis) -> Result<Option<Calendar>, Refusal> {
    let Command { rep, source, revision, .. } = command;
    let none = Calendar::empty(rep.clone());
    let held = snapshot.calendar(rep).unwrap_or(&none);
    let taken = match &command.said {
        Said::Busy(_) | Said::Cancelled => match entry(held, command, now) {
            None => Ok(None),
            Some(entry) => {
                let cancelled = entry.start == entry.end;
                match held.with(entry, now) {
                    // Only one that was not held finds no room. There is nothing to cancel, and nobody to tell off for it.
                    Err(Full) if cancelled => Ok(None),
                    taken => taken,
                }
            }
        },
        Said::Hours(hours) => held.with_hours(stated(source, *revision, hours.clone())),
        Said::Employment(employment) => held.with_employment(stated(source, *revision, employment.clone())),
        Said::Pause(stop) => {
            let pause =
                stop.clone().map(|Stop { until, manager, reason }| Pause { since: now, until, manager, reason });
            held.with_pause(stated(source, *revision, pause))
        }
        Said::Seen(_) => Ok(None),
        Said::Synced => Ok(heard_again(held, source, now)),
        Said::All(readings) => {
            let events = readings.iter().map(|reading| of_reading(source, reading)).collect();
            Ok(held.with_all(source, events, now).or_else(|| heard_again(held, source, now)))
        }
    };
    match taken {
        Ok(taken) => Ok(taken.map(|calendar| calendar.hearing(source, now))),
        Err(Full) => {
            let message = match command.said {
                Said::Busy(_) => {
                    format!("the calendar of `{rep}` holds {MAX_EVENTS} events, and none of them is long over")
                }
                _ => format!("the calendar of `{rep}` holds statements of {MAX_SOURCES} sources"),
            };
            Err(Refusal::of(Reason::CalendarFull, message))
        }
    }
}

/// The calendar as it is, when the source was not heard just now.
fn heard_again(held: &Calendar, source: &CalendarSource, now: Millis) -> Option<Calendar> {
    let is_news = held.heard(source).is_none_or(|heard| now.since(heard) >= HEARD_EVERY);
    is_news.then(|| held.clone())
}

fn of_reading(source: &CalendarSource, reading: &Reading) -> Entry {
    let Reading { event, revision, interval: Interval { start, end, kind } } = reading;
    Entry { source: source.clone(), id: event.clone(), revision: *revision, kind: *kind, start: *start, end: *end }
}

fn stated<T>(source: &CalendarSource, revision: u64, what: Option<T>) -> Stated<T> {
    Stated { source: source.clone(), revision, what }
}

/// What the calendar is to hold of a command about an event, if anything.
fn entry(calendar: &Calendar, command: &Command, now: Millis) -> Option<Entry> {
    let held = calendar.events.iter().find(|event| event.source == command.source && event.id == command.event);
    // As long as the event would have lasted, so that an earlier revision that comes late is still recognised.
    let gone = held.map_or(now, |event| event.end.max(now));
    let (start, end, kind) = match command.said {
        Said::Busy(Interval { start, end, kind }) if now.since(end) < KEEP_ENDED => (start, end, kind),
        Said::Busy(Interval { kind, .. }) => held.map(|_| (now, now, kind))?,
        _ => (gone, gone, held.map_or(calendar::Kind::default(), |event| event.kind)),
    };
    let (source, id) = (command.source.clone(), command.event.clone());
    Some(Entry { source, id, revision: command.revision, kind, start, end })
}

/// Whether a rep is available, and when at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Whether the rep is available, and until when that stays so.
    pub status: Status,
    /// From when on the rep is available; `None`: never, as far as is known.
    pub available_from: Option<Millis>,
}

/// Whether a rep is available at a moment.
pub fn at(policy: Option<&Policy>, rep: &RepId, known: Known<'_>, at: Millis) -> Result<Answered, Refusal> {
    let policy = policy::required(policy)?;
    policy.require_rep(rep)?;
    let settings = policy.availability(rep);
    let status = status::status(known, settings, at);
    Ok(Answered { status, available_from: status::available_from(known, settings, at) })
}

/// What a decision that passed these reps over must expect besides the head of their calendars: the presence of who was not
/// seen. Who was seen still is: see [`crate::presence`].
pub fn rests_on(skips: &[Skip]) -> Vec<Key> {
    let unseen = skips.iter().filter(|skip| skip.reason == SkipReason::Unavailable(status::Reason::NotSeen));
    unseen.map(|skip| Key::Presence(skip.rep.clone())).collect()
}

#[cfg(test)]
mod tests;
