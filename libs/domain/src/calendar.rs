//! A rep's calendar: the events that other systems say keep the rep busy.

use crate::id::{CalendarSource, RepId};
use crate::time::{Millis, Span};

/// How many events a rep's calendar holds at most; it bounds the record that every change rewrites.
pub const MAX_EVENTS: usize = 2_000;

/// How long an event is kept after it ended, so that a late revision of it is still recognised.
pub const KEEP_ENDED: Span = Span::days(7);

/// One calendar event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The system that said so.
    pub source: CalendarSource,
    /// The system's id for it.
    pub id: String,
    /// Grows with each change of the event.
    pub revision: u64,
    /// Busy from this moment on …
    pub start: Millis,
    /// … until just before this one. A cancelled event ends where it starts.
    pub end: Millis,
}

/// A rep's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The rep.
    pub rep: RepId,
    /// The events, in no order.
    pub events: Vec<Event>,
}

/// Why a calendar does not take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Calendar {
    /// A calendar without events.
    pub fn empty(rep: RepId) -> Self {
        Self { rep, events: Vec::new() }
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
        Ok(Some(Self { rep: self.rep.clone(), events }))
    }

    /// Whether the rep is busy at a moment.
    pub fn is_busy(&self, at: Millis) -> bool {
        self.events.iter().any(|event| event.start <= at && at < event.end)
    }

    /// Until when the rep is busy without a break, when busy at `at`.
    pub fn busy_until(&self, at: Millis) -> Option<Millis> {
        let mut until = at;
        // Events may touch or overlap: go on from each end until none covers it.
        while let Some(end) =
            self.events.iter().filter(|event| event.start <= until && until < event.end).map(|event| event.end).max()
        {
            until = end;
        }
        (until > at).then_some(until)
    }

    /// When the rep, free at `at`, is busy next.
    pub fn next_busy(&self, at: Millis) -> Option<Millis> {
        let ahead = |event: &&Event| event.start > at && event.end > event.start;
        self.events.iter().filter(ahead).map(|event| event.start).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn event(id: &str, revision: u64, start: i64, end: i64) -> Event {
        Event {
            source: CalendarSource::parse("google").unwrap(),
            id: id.into(),
            revision,
            start: Millis(start),
            end: Millis(end),
        }
    }

    fn calendar(events: Vec<Event>) -> Calendar {
        Calendar { rep: RepId::parse("ana").unwrap(), events }
    }

    #[test]
    fn busy_includes_the_start_and_not_the_end() {
        let day = calendar(vec![event("a", 1, 10, 20)]);
        assert_eq!(day.busy_until(Millis(9)), None);
        assert_eq!(day.busy_until(Millis(10)), Some(Millis(20)));
        assert_eq!(day.busy_until(Millis(19)), Some(Millis(20)));
        assert_eq!(day.busy_until(Millis(20)), None);
        assert_eq!(day.next_busy(Millis(9)), Some(Millis(10)));
    }

    #[test]
    fn touching_and_overlapping_events_are_one_stretch() {
        let day = calendar(vec![event("a", 1, 10, 20), event("b", 1, 20, 30), event("c", 1, 15, 25)]);
        assert_eq!(day.busy_until(Millis(12)), Some(Millis(30)));
    }

    #[test]
    fn an_older_or_equal_revision_changes_nothing() {
        let day = calendar(vec![event("a", 3, 10, 20)]);
        assert_eq!(day.with(event("a", 3, 0, 99), NOW), Ok(None));
        assert_eq!(day.with(event("a", 2, 0, 99), NOW), Ok(None));
        let moved = day.with(event("a", 4, 900_000, 2_000_000), NOW).unwrap().unwrap();
        assert_eq!(moved.events.len(), 1);
        assert_eq!(moved.busy_until(NOW), Some(Millis(2_000_000)));
    }

    #[test]
    fn a_cancelled_event_is_remembered_but_keeps_nobody_busy() {
        let day = calendar(vec![event("a", 1, 900_000, 2_000_000)]);
        let gone = day.with(event("a", 2, NOW.0, NOW.0), NOW).unwrap().unwrap();
        assert_eq!(gone.busy_until(NOW), None);
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
}
