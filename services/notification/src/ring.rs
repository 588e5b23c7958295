//! A workspace's newest events, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use leadhand_store::events::{Position, Stored};

/// How much a ring holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// At most so many events …
    pub(crate) events: usize,
    /// … of so many bytes together.
    pub(crate) bytes: usize,
}

/// What a ring has for a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// What follows the cursor, in order and without a gap.
    Events(Vec<Arc<Stored>>),
    /// Nothing yet.
    Nothing,
    /// The ring does not know what follows the cursor.
    Unknown,
}

/// The newest events: every one after [`Ring::floor`] that the tail has brought.
#[derive(Debug)]
pub(crate) struct Ring {
    limits: Limits,
    events: VecDeque<Arc<Stored>>,
    bytes: usize,
    /// What comes just before the events; `None` before the tail was first opened.
    floor: Option<Position>,
    generation: u64,
    live: bool,
}

impl Ring {
    /// A ring whose tail is not open yet.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, events: VecDeque::new(), bytes: 0, floor: None, generation: 0, live: false }
    }

    /// Whether the tail is open.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// Grows with each opening of the tail. Redis may have been another one meanwhile, or the same with writes lost: a cursor
    /// is to be proven anew.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The newest event, or what comes before the first; `None` before the tail was first opened.
    pub(crate) fn newest(&self) -> Option<Position> {
        self.events.back().map(|event| event.position).or(self.floor)
    }

    /// The tail is open and brings what comes after `position`. What is held stays if it ends there.
    pub(crate) fn open(&mut self, position: Position) {
        if self.newest() != Some(position) {
            self.events.clear();
            self.bytes = 0;
            self.floor = Some(position);
        }
        self.generation += 1;
        self.live = true;
    }

    /// The tail is broken; whether it was not before.
    pub(crate) fn close(&mut self) -> bool {
        std::mem::take(&mut self.live)
    }

    /// Takes the next event in; the oldest ones make room.
    pub(crate) fn push(&mut self, event: Stored) {
        self.bytes += event.event.len();
        self.events.push_back(Arc::new(event));
        while self.events.len() > self.limits.events || self.bytes > self.limits.bytes {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.event.len();
            self.floor = Some(oldest.position);
        }
    }

    /// Up to `limit` events after a cursor.
    pub(crate) fn after(&self, cursor: Position, limit: usize) -> Next {
        let next = match self.events.binary_search_by_key(&cursor, |event| event.position) {
            Ok(place) => place + 1,
            Err(_) if self.floor == Some(cursor) => 0,
            // It was read from Redis, where the tail is yet to come.
            Err(_) if self.newest().is_some_and(|newest| newest < cursor) => return Next::Nothing,
            Err(_) => return Next::Unknown,
        };
        let events: Vec<_> = self.events.iter().skip(next).take(limit).cloned().collect();
        if events.is_empty() { Next::Nothing } else { Next::Events(events) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: u64) -> Position {
        Position::parse(&format!("{n}-0")).unwrap()
    }

    fn stored(n: u64) -> Stored {
        Stored { position: at(n), event: vec![0; 10] }
    }

    fn ring(events: usize, bytes: usize) -> Ring {
        let mut ring = Ring::new(Limits { events, bytes });
        ring.open(at(10));
        for n in [12, 14, 16] {
            ring.push(stored(n));
        }
        ring
    }

    fn after(ring: &Ring, cursor: u64) -> Result<Vec<u64>, Next> {
        match ring.after(at(cursor), 2) {
            Next::Events(events) => {
                let number =
                    |event: &Arc<Stored>| [12, 14, 16, 18].into_iter().find(|n| at(*n) == event.position).unwrap();
                Ok(events.iter().map(number).collect())
            }
            other => Err(other),
        }
    }

    #[test]
    fn only_a_cursor_that_is_one_of_its_own_is_led_on() {
        let ring = ring(9, 999);
        assert_eq!(after(&ring, 10), Ok(vec![12, 14]), "the floor, and no more than asked for");
        assert_eq!(after(&ring, 12), Ok(vec![14, 16]));
        assert_eq!(after(&ring, 14), Ok(vec![16]));
        assert_eq!(after(&ring, 16), Err(Next::Nothing));
        assert_eq!(after(&ring, 17), Err(Next::Nothing), "ahead of the tail");
        assert_eq!(after(&ring, 9), Err(Next::Unknown), "before the floor");
        assert_eq!(after(&ring, 13), Err(Next::Unknown), "was never there");
        assert_eq!(Ring::new(Limits { events: 9, bytes: 9 }).after(at(1), 2), Next::Unknown, "not open yet");
    }

    #[test]
    fn who_is_behind_what_was_dropped_is_not_led_on() {
        for ring in [ring(2, 999), ring(9, 29)] {
            assert_eq!(after(&ring, 10), Err(Next::Unknown));
            assert_eq!(after(&ring, 12), Ok(vec![14, 16]), "the new floor");
        }
        let none = ring(0, 0);
        assert_eq!(after(&none, 16), Err(Next::Nothing));
        assert_eq!(after(&none, 14), Err(Next::Unknown));
        assert_eq!(none.newest(), Some(at(16)));
    }

    #[test]
    fn a_tail_that_goes_on_keeps_the_ring_and_another_empties_it() {
        let mut ring = ring(9, 999);
        assert_eq!((ring.is_live(), ring.generation()), (true, 1));
        assert!(ring.close() && !ring.close() && !ring.is_live());
        ring.open(at(16));
        ring.push(stored(18));
        assert_eq!((ring.is_live(), ring.generation()), (true, 2));
        assert_eq!(after(&ring, 14), Ok(vec![16, 18]));
        ring.open(at(15));
        assert_eq!(after(&ring, 14), Err(Next::Unknown));
        assert_eq!(after(&ring, 15), Err(Next::Nothing));
        ring.push(stored(16));
        assert_eq!(after(&ring, 15), Ok(vec![16]));
    }
}
