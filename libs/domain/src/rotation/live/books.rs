//! Between the memory of one process and what is stored.

use super::super::Changes;
use super::*;

impl Live {
    /// How many seats are to be written.
    pub fn to_write(&self) -> usize {
        self.changed.len()
    }

    /// What is to be written so that the stored rotation is this one: the head and up to `most` seats, the ones changed
    /// first first; `None` when nothing has changed. One lead changes one seat, rarely a few more; each coming and going
    /// one. As long as no lead was given since the last write, what is written in several pieces is a sound rotation after
    /// each of them: so write what a morning's comings changed piece by piece, and give then.
    pub fn changes(&mut self, most: usize) -> Option<Changes> {
        if self.changed.is_empty() {
            return None;
        }
        let middle = self.middle();
        let is_score = self.settings.kind == Kind::Score;
        let course = if is_score { &mut self.head.scores } else { &mut self.head.leads };
        course.middle = middle;
        let count = most.min(self.changed.len());
        let mut seats = Vec::with_capacity(count);
        for place in self.changed.drain(..count) {
            let place = &mut self.places[place as usize];
            place.changed = false;
            self.head.note(place.seat.rep.clone());
            seats.push(place.seat.clone());
        }
        Some(Changes { head: self.head.clone(), seats })
    }

    /// Whose seats must be read again now that `stored` is the stored head, when `committed` is the number
    /// ([`Head::changed`]) of the last head of this rotation's that is known to be written: those that others changed since
    /// then, and those that this rotation changed in vain. `None` when it cannot be told and everything must be read.
    pub fn behind(&self, stored: &Head, committed: u64) -> Option<Vec<RepId>> {
        // After a failover a number may come back with something else behind it.
        let known = self.head.changed.min(stored.changed).min(committed);
        if known < committed || !self.agrees(stored, known) {
            return None;
        }
        let mut reps: Vec<_> = stored.since(committed)?.chain(self.head.since(committed)?).cloned().collect();
        reps.extend(self.changed.iter().map(|place| self.at(*place).seat.rep.clone()));
        reps.sort();
        reps.dedup();
        Some(reps)
    }

    /// Takes in what is stored: the head, and the seats that [`Live::behind`] named. Who is present of them is as stored;
    /// tell again who is not. Seats that were named and are not there are to be passed as [`Seat::new`].
    pub fn refresh(&mut self, head: Head, seats: impl IntoIterator<Item = Seat>) {
        for place in std::mem::take(&mut self.changed) {
            self.at_mut(place).changed = false;
        }
        self.returned.clear();
        let seats: Vec<_> = seats.into_iter().filter_map(|seat| Some((*self.by_rep.get(&seat.rep)?, seat))).collect();
        let present: Vec<_> = seats.iter().map(|(place, _)| self.at(*place).present).collect();
        for ((place, _), present) in seats.iter().zip(&present) {
            if *present {
                self.exit(*place);
            }
        }
        let was = self.clock();
        let room = std::mem::replace(&mut self.head, head).room;
        for course in [&mut self.head.leads, &mut self.head.scores] {
            *course = Course { clock: in_range(course.clock), middle: in_range(course.middle) };
        }
        self.sum += self.total * (self.clock() - was);
        for ((place, seat), present) in seats.into_iter().zip(present) {
            self.seat(place, seat);
            if present && !self.settings.kind.has_balance() {
                self.enter(place);
            } else if !self.at(place).member {
                self.go(place, false);
            }
        }
        if self.head.room != room {
            self.reorder();
        }
    }

    /// Whether the changes up to this number that both remember are the same.
    fn agrees(&self, stored: &Head, known: u64) -> bool {
        fn upto(head: &Head, known: u64) -> impl Iterator<Item = &RepId> {
            let later = usize::try_from(head.changed - known).unwrap_or(usize::MAX);
            head.recent.iter().rev().skip(later)
        }
        upto(&self.head, known).zip(upto(stored, known)).all(|(mine, theirs)| mine == theirs)
    }
}
