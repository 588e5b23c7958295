//! Giving a lead, taking one back, and counting one that came by another way.

use super::super::{Candidate, MAX_SHOWN, Standing, Trace, Turn, UNKNOWN_SCORE};
use super::*;

/// The most leads that are handed on before one lead, by one rep and by all: far beyond what the comings and goings of
/// 10,000 reps bring about.
const MAX_HANDED_ON: usize = 20_000;
const MAX_OWED: i128 = 10_000 * ONE;

impl Live {
    /// Gives a lead of this score to somebody present; `None` when nobody is.
    pub fn give(&mut self, score: Option<u8>) -> Option<Turn> {
        if self.n == 0 {
            return None;
        }
        let points = points(score);
        let (place, now) = loop {
            self.settle();
            let (place, now) = self.next()?;
            if self.at(place).seat.waiting >= 0 || !self.settings.kind.is_by_leads() {
                break (place, now);
            }
            // It has had this turn already: a lead that was charged.
            self.advance(place, ONE, |place| place.seat.waiting += 1);
        };
        let turn = Turn {
            rep: self.at(place).seat.rep.clone(),
            owed: if self.settings.kind.is_by_leads() { self.owed_at(place, now) } else { 0 },
            trace: self.trace(now),
        };
        self.head.given += 1;
        self.head.turns += 1;
        let last_turn = self.head.turns;
        self.advance(place, self.amount(points), |place| {
            place.seat.given += 1;
            place.seat.score_sum += points;
            place.seat.last_turn = last_turn;
            place.open = place.open.saturating_add(1);
        });
        let can_count = self.settings.kind.is_by_leads() && self.at(place).seat.waiting > 0;
        if can_count && self.owed_at(place, self.middle()) + ONE <= MOST_OWED {
            self.advance(place, -ONE, |place| place.seat.waiting -= 1);
        }
        Some(turn)
    }

    /// Gives a lead to somebody present but these, who take part again in the next: what each is owed stays as it is.
    pub fn give_but(&mut self, left_out: &[RepId], score: Option<u8>) -> Option<Turn> {
        let places = left_out.iter().filter_map(|rep| self.by_rep.get(rep).copied());
        let mut places: Vec<_> = places.filter(|place| self.at(*place).present).collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return self.give(score);
        }
        if places.len() == self.n {
            return None;
        }
        // With everybody in place: nothing is left to be done later for those who are left out.
        self.settle();
        let clock = self.clock();
        for place in &places {
            self.exit(*place);
        }
        let turn = self.give(score);
        let moved = self.clock() - clock;
        for place in places {
            if let Some(Balance::Present { level, until }) = self.balance(place) {
                let level = self.level_of_returner(place, self.weight(place) * (clock - level));
                self.set_balance(place, Some(Balance::Present { level, until: until.map(|until| until + moved) }));
                self.note(place);
            }
            self.enter(place);
        }
        turn
    }

    /// Takes back a lead that the rep was given or charged, with its score, as if it had not been; `false` when there is
    /// none to take back. The reps' open leads are the caller's. Where the credit would have the rep owed more than
    /// [`MOST_OWED`], a later turn of it is not counted instead. By score, a credit may put a rep as much further below the
    /// others as the score says.
    pub fn credit(&mut self, rep: &RepId, score: Option<u8>) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        if self.at(place).seat.given == 0 {
            return false;
        }
        let points = points(score);
        self.head.given = self.head.given.saturating_sub(1);
        self.book(place, -1, points, |place| {
            place.seat.given -= 1;
            place.seat.credited += 1;
            place.seat.score_sum = place.seat.score_sum.saturating_sub(points);
        });
        true
    }

    /// Counts a lead that the rep has by another way, say as an account's owner; `false` if it is not known. Where that
    /// would put the rep more than [`MOST_OWED`] ahead, a later turn of it is skipped instead.
    pub fn charge(&mut self, rep: &RepId, score: Option<u8>) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        let points = points(score);
        self.head.given += 1;
        self.book(place, 1, points, |place| {
            place.seat.given += 1;
            place.seat.charged += 1;
            place.seat.score_sum += points;
        });
        true
    }

    /// Counts a lead (1) or takes one back (-1).
    fn book(&mut self, place: u32, sign: i32, points: u64, change: impl Fn(&mut Place) + Copy) {
        let waiting = self.at(place).seat.waiting;
        let amount = i128::from(sign) * self.amount(points);
        let present = self.at(place).present;
        let wait = |place: &mut Place| {
            change(place);
            place.seat.waiting = waiting.saturating_sub(sign);
        };
        match self.balance(place) {
            _ if !self.settings.kind.has_balance() => self.moved(place, change),
            _ if !self.settings.kind.is_by_leads() && present => self.advance(place, amount, change),
            Some(Balance::Away { owed, from }) if !self.settings.kind.is_by_leads() => {
                change(self.at_mut(place));
                self.set_balance(place, Some(Balance::Away { owed: owed - amount, from }));
            }
            None if !self.settings.kind.is_by_leads() => change(self.at_mut(place)),
            // One that waits the other way is made up for first.
            _ if waiting.signum() == sign => self.moved(place, wait),
            Some(Balance::Present { .. }) if present => {
                let owed = self.owed_at(place, self.middle()) - amount;
                if owed * i128::from(-sign) > MOST_OWED {
                    self.moved(place, wait);
                } else {
                    self.advance(place, amount, change);
                }
            }
            Some(Balance::Away { owed, from }) if (owed - amount) * i128::from(-sign) <= ONE => {
                change(self.at_mut(place));
                self.set_balance(place, Some(Balance::Away { owed: owed - amount, from }));
                self.tick(amount);
            }
            _ => self.moved(place, wait),
        }
        self.note(place);
    }

    /// What a lead moves in the balance.
    fn amount(&self, points: u64) -> i128 {
        match self.settings.kind {
            Kind::Load => 0,
            Kind::Score => i128::from(points) * POINT,
            _ => ONE,
        }
    }

    /// Who gets the next lead, and where those present stand when it counts.
    fn next(&self) -> Option<(u32, i128)> {
        if !self.settings.kind.is_by_leads() {
            return Some((self.order.first_of_all()?, i128::MAX));
        }
        // When all are owed one lead in sum, somebody is owed `1/n` at least, which is not less than the tolerance. With two
        // present the two are the same, and the rounding may leave nobody.
        let now = self.middle_with(ONE);
        let place = self.order.first(now).or_else(|| self.order.first_of_all())?;
        Some((place, now))
    }

    /// Moves on the rep's level and the clock.
    fn advance(&mut self, place: u32, amount: i128, change: impl FnOnce(&mut Place)) {
        self.shift(place, amount, change);
        self.tick(amount);
    }

    fn tick(&mut self, amount: i128) {
        if self.total == 0 {
            return;
        }
        let by = amount / self.total;
        let course = if self.settings.kind == Kind::Score { &mut self.head.scores } else { &mut self.head.leads };
        course.clock += by;
        self.sum += self.total * by;
    }

    /// Moves on the rep's level: it is owed less by `amount`.
    fn shift(&mut self, place: u32, amount: i128, change: impl FnOnce(&mut Place)) {
        let weight = self.weight(place);
        let step = amount / weight;
        let is_score = self.settings.kind == Kind::Score;
        self.moved(place, |place| {
            change(place);
            let balance = if is_score { &mut place.seat.scores } else { &mut place.seat.leads };
            if let Some(Balance::Present { level, .. }) = balance {
                *level += step;
            }
        });
        if self.settings.kind.has_balance() {
            self.sum -= weight * step;
        }
        self.note(place);
    }

    /// Brings everything in order that has happened since the last lead; see the module.
    fn settle(&mut self) {
        if !self.settings.kind.is_by_leads() {
            return;
        }
        while let Some((until, rep)) = self.ends.first()
            && *until <= self.clock()
            && let Some(&place) = self.by_rep.get(rep)
        {
            self.reweigh(place, self.at(place).seat.weight, None);
        }
        for place in std::mem::take(&mut self.returned) {
            self.bound_returner(place);
        }
        self.fit_room();
        for _ in 0..MAX_HANDED_ON {
            let middle = self.middle();
            let Some(place) = self.order.over(middle) else { return };
            let Some(to) = self.order.last().filter(|to| *to != place) else { break };
            if self.owed_at(place, middle) > MAX_OWED {
                break;
            }
            self.shift(place, ONE, |_| {});
            self.shift(to, -ONE, |_| {});
        }
        // Comings and goings do not bring about as much: the numbers are not ours. Everybody starts level.
        self.start_level();
    }

    fn start_level(&mut self) {
        let level = self.middle();
        for place in 0..self.places.len() as u32 {
            if self.at(place).present {
                self.exit(place);
                self.set_balance(place, Some(Balance::Present { level, until: None }));
                self.enter(place);
                self.note(place);
            }
        }
    }

    /// Has a returner owed, or ahead, one lead at most.
    fn bound_returner(&mut self, place: u32) {
        let owed = if self.at(place).present { self.owed_at(place, self.middle()) } else { 0 };
        if owed.abs() <= ONE || self.n == 1 {
            return;
        }
        let (weight, total) = (self.weight(place), self.total);
        let Some(Balance::Present { until, .. }) = self.balance(place) else { return };
        self.exit(place);
        // The middle of the others; with the returner at this distance to it, it is owed one lead of the middle of all.
        let distance = ONE * total / ((total - weight) * weight);
        let level = self.middle() - owed.signum() * distance;
        self.set_balance(place, Some(Balance::Present { level, until }));
        self.enter(place);
        self.note(place);
    }

    fn fit_room(&mut self) {
        let room = self.head.room as usize;
        let fitting = match self.n {
            n if n <= EXACT => n,
            n if n > room || 4 * n < room => 2 * n,
            _ => room,
        };
        if fitting != room {
            self.head.room = u32::try_from(fitting).unwrap_or(u32::MAX);
            self.reorder();
        }
    }

    /// Puts everybody present into the order again.
    pub(super) fn reorder(&mut self) {
        self.order.clear();
        for place in 0..self.places.len() as u32 {
            if self.at(place).present {
                self.order.insert(place, self.entry(place));
            }
        }
    }

    fn trace(&self, now: i128) -> Trace {
        let candidate = |place: u32| {
            let Place { seat, open, .. } = self.at(place);
            Candidate {
                rep: seat.rep.clone(),
                weight: u32::try_from(self.weight(place)).unwrap_or(u32::MAX),
                given: seat.given,
                standing: match self.settings.kind {
                    Kind::Load => Standing::Load { open: *open, last_turn: seat.last_turn },
                    Kind::Score => Standing::Score(self.level(place)),
                    _ => Standing::Owed(self.owed_at(place, now)),
                },
            }
        };
        let shown = self.settings.shown.min(MAX_SHOWN);
        Trace {
            kind: self.settings.kind,
            given: self.head.given,
            seed: self.head.seed,
            room: self.head.room,
            present: u32::try_from(self.n).unwrap_or(u32::MAX),
            total: u64::try_from(self.total).unwrap_or(0),
            candidates: self.order.ranked(now, shown).into_iter().map(candidate).collect(),
        }
    }
}

/// How far a rep who is owed so much is from the moment at which it would be owed too much.
pub(in super::super) fn remaining(owed: i128, weight: i128, room: u32) -> i128 {
    (ONE - tolerance(room)) / weight - owed / weight
}

fn points(score: Option<u8>) -> u64 {
    u64::from(score.unwrap_or(UNKNOWN_SCORE).min(100))
}
