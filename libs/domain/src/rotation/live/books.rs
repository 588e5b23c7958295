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
            seats.push(place.seat.clone());
        }
        Some(Changes { head: self.head.clone(), seats })
    }
}
