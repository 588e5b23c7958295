//! What other systems say of when a rep can work: busy intervals, working hours, employment, pauses.
//!
//! All of it is one record, so that a decision reads it at once.

use crate::id::{CalendarSource, RepId};
use crate::time::{Millis, Span};
use crate::working::Hours;

/// How many events a rep's calendar holds at most; it bounds the record that every change rewrites.
pub const MAX_EVENTS: usize = 2_000;

/// How many sources may state the hours of one rep, and the employment, and pauses; and of how many it is kept when they
/// were last heard.
pub const MAX_SOURCES: usize = 16;

/// How long an event is kept after it ended, so that a late revision of it is still recognised.
pub const KEEP_ENDED: Span = Span::days(7);

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident, $number:literal, $text:literal;)*) => {
        /// What an interval says of the rep.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The number it is stored and sent as; never another one.
            pub fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The name that people see.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

kinds! {
    /// A meeting, or what else has the rep busy.
    #[default]
    Meeting, 1, "meeting";
    /// An event of whole days.
    AllDay, 2, "all day";
    /// Not at work, by the rep's own word.
    OutOfOffice, 3, "out of office";
    /// Paid time off.
    Pto, 4, "paid time off";
    /// Any other leave: sick, parental, unpaid.
    Leave, 5, "leave";
    /// A meeting that the rep has not accepted.
    Tentative, 6, "tentative";
    /// Transparent: it keeps nobody from working.
    Free, 7, "free";
    /// The rep works then, whatever sources of lower precedence say: see [`crate::availability::settings::Class`].
    Working, 8, "working";
}

impl Kind {
    /// The kind of a number; 0, of records and callers that know no kinds, is a meeting.
    pub fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Meeting),
            number => Self::ALL.iter().copied().find(|kind| kind.number() == number),
        }
    }
}

/// One calendar event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The system that said so.
    pub source: CalendarSource,
    /// The system's id for it.
    pub id: String,
    /// Grows with each change of the event.
    pub revision: u64,
    /// What it says of the rep.
    pub kind: Kind,
    /// From this moment on …
    pub start: Millis,
    /// … until just before this one. A cancelled event ends where it starts.
    pub end: Millis,
}

/// What one source states of the rep as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<T> {
    /// The system that said so.
    pub source: CalendarSource,
    /// Grows with each change of the statement.
    pub revision: u64,
    /// What it said; `None` when it has taken it back, which is remembered for the revision.
    pub what: Option<T>,
}

/// Since when and until when the rep belongs to the company.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Employment {
    /// From this moment on; `None`: always has.
    pub starts_at: Option<Millis>,
    /// Until just before this one; `None`: no end is known.
    pub ends_at: Option<Millis>,
    /// Whom the rep reports to.
    pub manager: Option<RepId>,
}

/// A manager has the rep stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// From this moment on.
    pub since: Millis,
    /// Until just before this one; `None`: until taken back.
    pub until: Option<Millis>,
    /// Who said so.
    pub manager: RepId,
    /// Why, in the manager's words; it may be personal data and is told nobody but managers.
    pub reason: String,
}

/// A rep's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The rep.
    pub rep: RepId,
    /// The events, in no order.
    pub events: Vec<Event>,
    /// Working hours, those stated last at the end.
    pub hours: Vec<Stated<Hours>>,
    /// Employment, that stated last at the end.
    pub employment: Vec<Stated<Employment>>,
    /// Pauses; any of them pauses the rep.
    pub pauses: Vec<Stated<Pause>>,
    /// When each source last said anything of the rep that counted, or that it had nothing new to say.
    pub heard: Vec<(CalendarSource, Millis)>,
}

/// Why a calendar does not take an event or a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Calendar {
    /// A calendar in which nothing is said.
    pub fn empty(rep: RepId) -> Self {
        Self {
            rep,
            events: Vec::new(),
            hours: Vec::new(),
            employment: Vec::new(),
            pauses: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// Takes an event in; `None` when a revision at least as new is held already.
    pub fn with(&self, event: Event, now: Millis) -> Result<Option<Self>, Full> {
        let same = |held: &&Event| held.source == event.source && held.id == event.id;
        if self.events.iter().find(same).is_some_and(|held| held.revision >= event.revision) {
            return Ok(None);
        }
        let keep = |held: &&Event| !same(held) && now.since(held.end) < KEEP_ENDED;
        let mut events: Vec<_> = self.events.iter().filter(keep).cloned().collect();
        if events.len() >= MAX_EVENTS {
            return Err(Full);
        }
        events.push(event);
        Ok(Some(Self { events, ..self.clone() }))
    }

    /// Takes in all that a source has to say of events: what it said before and is not among these is gone. Of more than there is
    /// room for, those that begin first: so it is right until the first that was left out begins. `None` when that is what is
    /// held already.
    pub fn with_all(&self, source: &CalendarSource, mut events: Vec<Event>, now: Millis) -> Option<Self> {
        let (held, mut others): (Vec<_>, Vec<_>) = self.events.iter().cloned().partition(|held| held.source == *source);
        others.retain(|event| now.since(event.end) < KEEP_ENDED);
        events.retain(|event| now.since(event.end) < KEEP_ENDED);
        events.sort_unstable_by(|a, b| (a.start, a.end, &a.id).cmp(&(b.start, b.end, &b.id)));
        events.truncate(MAX_EVENTS.saturating_sub(others.len()));
        // Those that are over may be missing by now: nobody is free or busy by them.
        let ahead = |events: &[Event]| {
            let mut ahead: Vec<_> = events.iter().filter(|event| event.end > now).cloned().collect();
            ahead.sort_unstable_by(|a, b| a.id.cmp(&b.id));
            ahead
        };
        if ahead(&held) == ahead(&events) {
            return None;
        }
        others.extend(events);
        Some(Self { events: others, ..self.clone() })
    }

    /// Takes working hours in, like [`Calendar::with`].
    pub fn with_hours(&self, stated: Stated<Hours>) -> Result<Option<Self>, Full> {
        Ok(replace(&self.hours, stated)?.map(|hours| Self { hours, ..self.clone() }))
    }

    /// Takes the employment in, like [`Calendar::with`].
    pub fn with_employment(&self, stated: Stated<Employment>) -> Result<Option<Self>, Full> {
        Ok(replace(&self.employment, stated)?.map(|employment| Self { employment, ..self.clone() }))
    }

    /// Takes a pause in, like [`Calendar::with`].
    pub fn with_pause(&self, stated: Stated<Pause>) -> Result<Option<Self>, Full> {
        Ok(replace(&self.pauses, stated)?.map(|pauses| Self { pauses, ..self.clone() }))
    }

    /// When a source was last heard.
    pub fn heard(&self, source: &CalendarSource) -> Option<Millis> {
        self.heard.iter().find(|(heard, _)| heard == source).map(|(_, at)| *at)
    }

    /// The same with the source heard. Of more sources than are kept, the one not heard for longest is dropped: it can be
    /// stale no more.
    #[must_use]
    pub fn hearing(mut self, source: &CalendarSource, at: Millis) -> Self {
        self.heard.retain(|(heard, _)| heard != source);
        if self.heard.len() >= MAX_SOURCES {
            self.heard.sort_by_key(|(_, at)| *at);
            self.heard.remove(0);
        }
        self.heard.push((source.clone(), at));
        self
    }

    /// The pause that is in force at a moment, if any.
    pub fn pause(&self, at: Millis) -> Option<&Pause> {
        let in_force = |pause: &&Pause| pause.since <= at && pause.until.is_none_or(|until| at < until);
        self.pauses.iter().filter_map(|stated| stated.what.as_ref()).find(in_force)
    }

    /// Until when the rep stays paused who is so at a moment: when the last of the pauses that follow on one another ends. `None`:
    /// until one of them is taken back.
    pub fn paused_until(&self, at: Millis) -> Option<Millis> {
        let mut until = at;
        while let Some(pause) = self.pause(until) {
            until = pause.until?;
        }
        Some(until)
    }
}

/// The statements with one source's replaced; `None` when a revision at least as new is held.
fn replace<T: Clone>(held: &[Stated<T>], stated: Stated<T>) -> Result<Option<Vec<Stated<T>>>, Full> {
    let same = |held: &&Stated<T>| held.source == stated.source;
    if held.iter().find(same).is_some_and(|held| held.revision >= stated.revision) {
        return Ok(None);
    }
    let mut others: Vec<_> = held.iter().filter(|held| !same(held)).cloned().collect();
    if others.len() >= MAX_SOURCES {
        return Err(Full);
    }
    others.push(stated);
    Ok(Some(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn source(name: &str) -> CalendarSource {
        CalendarSource::parse(name).unwrap()
    }

    fn event(id: &str, revision: u64, start: i64, end: i64) -> Event {
        let (start, end) = (Millis(start), Millis(end));
        Event { source: source("google"), id: id.into(), revision, kind: Kind::Meeting, start, end }
    }

    fn calendar(events: Vec<Event>) -> Calendar {
        Calendar { events, ..Calendar::empty(RepId::parse("ana").unwrap()) }
    }

    #[test]
    fn kinds_keep_their_numbers() {
        let numbers: Vec<_> = Kind::ALL.iter().map(|kind| kind.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(Kind::ALL.iter().all(|kind| Kind::of(kind.number()) == Some(*kind)));
        assert_eq!((Kind::of(0), Kind::of(9)), (Some(Kind::Meeting), None));
    }

    #[test]
    fn an_older_or_equal_revision_changes_nothing() {
        let day = calendar(vec![event("a", 3, 10, 20)]);
        assert_eq!(day.with(event("a", 3, 0, 99), NOW), Ok(None));
        assert_eq!(day.with(event("a", 2, 0, 99), NOW), Ok(None));
        let moved = day.with(event("a", 4, 900_000, 2_000_000), NOW).unwrap().unwrap();
        assert_eq!(moved.events, [event("a", 4, 900_000, 2_000_000)]);
    }

    #[test]
    fn a_whole_reading_replaces_what_its_source_said_and_nothing_else() {
        let google = source("google");
        let ahead = |id: &str| event(id, 1, NOW.0, NOW.0 + 10);
        let other = Event { source: source("hr"), ..ahead("a") };
        let day = calendar(vec![ahead("a"), ahead("b"), other.clone()]);
        let read = day.with_all(&google, vec![ahead("c"), ahead("b")], NOW).unwrap();
        assert_eq!(read.events, [other.clone(), ahead("b"), ahead("c")]);
        assert_eq!(read.with_all(&google, vec![ahead("b"), ahead("c")], NOW), None, "in any order");
        let moved = Event { start: Millis(NOW.0 + 1), ..ahead("b") };
        assert!(read.with_all(&google, vec![moved, ahead("c")], NOW).is_some(), "though its revision is the same");
        assert_eq!(read.with_all(&google, Vec::new(), NOW).unwrap().events, [other]);
        let over = event("over", 1, NOW.0 - 10, NOW.0);
        assert_eq!(read.with_all(&google, vec![ahead("b"), ahead("c"), over], NOW), None, "by then nobody is busy");
    }

    #[test]
    fn of_more_events_than_fit_a_reading_keeps_those_that_begin_first() {
        let day = calendar(vec![Event { source: source("hr"), ..event("x", 1, NOW.0, NOW.0 + 1) }]);
        let mut many: Vec<_> =
            (1..MAX_EVENTS as i64).rev().map(|n| event(&n.to_string(), 1, NOW.0 + n, NOW.0 + 1 + n)).collect();
        // Away from now on for longer than all else takes.
        many.push(event("leave", 1, NOW.0 - 1, NOW.0 + 1_000_000));
        let read = day.with_all(&source("google"), many, NOW).unwrap();
        assert_eq!(read.events.len(), MAX_EVENTS);
        assert!(read.events.iter().any(|event| event.id == "leave"));
        assert!(read.events.iter().all(|event| event.start < Millis(NOW.0 + MAX_EVENTS as i64 - 1)));
    }

    #[test]
    fn a_cancelled_event_is_remembered() {
        let day = calendar(vec![event("a", 1, 900_000, 2_000_000)]);
        let gone = day.with(event("a", 2, NOW.0, NOW.0), NOW).unwrap().unwrap();
        assert_eq!(gone.with(event("a", 1, 900_000, 2_000_000), NOW), Ok(None));
    }

    #[test]
    fn long_past_events_make_room() {
        let old = (0..MAX_EVENTS).map(|n| event(&n.to_string(), 1, 0, 1)).collect();
        let full = calendar(old);
        assert_eq!(full.with(event("new", 1, 5, 6), Millis(2)), Err(Full));
        let later = Millis(1 + KEEP_ENDED.0);
        assert_eq!(full.with(event("new", 1, 5, 6), later).unwrap().unwrap().events.len(), 1);
    }

    #[test]
    fn each_source_states_once_and_the_newest_revision_counts() {
        let stated = |name: &str, revision, what| Stated { source: source(name), revision, what };
        let take = Calendar::with_hours;
        let day = take(&calendar(Vec::new()), stated("hr", 1, Some(Hours::always()))).unwrap().unwrap();
        let day = take(&day, stated("google", 0, Some(Hours::always()))).unwrap().unwrap();
        assert_eq!(take(&day, stated("hr", 1, None)), Ok(None));
        let taken_back = take(&day, stated("hr", 2, None)).unwrap().unwrap();
        assert_eq!(taken_back.hours.len(), 2);
        assert_eq!(take(&taken_back, stated("hr", 1, Some(Hours::always()))), Ok(None), "remembered");
        let full = (0..MAX_SOURCES).map(|n| stated(&n.to_string(), 0, None)).collect();
        let full = Calendar { hours: full, ..calendar(Vec::new()) };
        assert_eq!(take(&full, stated("one-more", 0, None)), Err(Full));
        assert!(take(&full, stated("3", 1, None)).unwrap().is_some());
    }

    #[test]
    fn of_too_many_sources_the_longest_unheard_is_forgotten() {
        let mut day = calendar(Vec::new());
        for n in 0..=MAX_SOURCES {
            day = day.hearing(&source(&n.to_string()), Millis(n as i64));
        }
        assert_eq!(day.heard.len(), MAX_SOURCES);
        assert_eq!((day.heard(&source("0")), day.heard(&source("1"))), (None, Some(Millis(1))));
        assert_eq!(day.hearing(&source("1"), Millis(99)).heard(&source("1")), Some(Millis(99)));
    }
}
