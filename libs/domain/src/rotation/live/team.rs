//! Who is in the team, and of those who takes part.

use super::*;

impl Live {
    /// Makes these the team, with their weights, presence and loads, and nobody else. For an edited policy, in `O(n log n)`;
    /// what changes of one rep is told by itself.
    pub fn set_team(&mut self, members: impl IntoIterator<Item = Member>) {
        for place in &mut self.places {
            place.member = false;
        }
        let mut joiners = Vec::new();
        for member in members {
            let place = self.place(&member.rep);
            if self.balance(place).is_none() {
                joiners.push(member);
            } else {
                self.join(member);
            }
        }
        for place in 0..self.places.len() as u32 {
            if !self.at(place).member {
                self.go(place, false);
            }
        }
        // Last, so that they are level with those who are here now.
        for member in joiners {
            self.join(member);
        }
    }

    /// Takes a rep into the team, level with the others, or as one who returns if it was in it before; changes the weight,
    /// the presence and the load of one who is in it.
    pub fn join(&mut self, member: Member) {
        let place = self.place(&member.rep);
        self.at_mut(place).member = true;
        self.set_weight(&member.rep, member.weight);
        self.set_load(&member.rep, member.open);
        self.set_present(&member.rep, member.present);
        if self.settings.returning == Returning::Resume
            && let Some(Balance::Present { until: Some(_), .. }) = self.balance(place)
        {
            self.reweigh(place, self.at(place).seat.weight, None);
        }
    }

    /// Takes a rep out of the team; `false` if it is not in it. Whoever comes back resumes, and has missed nothing.
    pub fn leave(&mut self, rep: &RepId) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        let was = std::mem::replace(&mut self.at_mut(place).member, false);
        self.go(place, false);
        was
    }

    /// Lets a rep of the team take part, or no more; `false` if it is not in it.
    pub fn set_present(&mut self, rep: &RepId, present: bool) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        if !self.at(place).member {
            return false;
        }
        match (self.at(place).present, present) {
            (false, true) => self.come(place),
            (true, false) => self.go(place, true),
            _ => {}
        }
        true
    }

    /// Changes a rep's weight, not what it is owed; `false` if it is not in the team.
    pub fn set_weight(&mut self, rep: &RepId, weight: u32) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        let weight = if self.settings.kind == Kind::Equal { 1 } else { weight.clamp(1, MAX_WEIGHT) };
        if self.at(place).seat.weight != weight {
            let until = match self.balance(place) {
                Some(Balance::Present { until, .. }) => until,
                _ => None,
            };
            self.reweigh(place, weight, until);
        }
        self.at(place).member
    }

    /// Tells how many open leads a rep has; `false` if it is not in the team.
    pub fn set_load(&mut self, rep: &RepId, open: u32) -> bool {
        let Some(&place) = self.by_rep.get(rep) else { return false };
        if self.at(place).open != open {
            self.moved(place, |place| place.open = open);
        }
        self.at(place).member
    }

    /// Begins to take part.
    fn come(&mut self, place: u32) {
        if self.settings.kind.has_balance() {
            let clock = self.clock();
            let balance = match self.balance(place) {
                Some(Balance::Away { owed, from }) => {
                    let catches_up = self.settings.returning == Returning::CatchUp && self.settings.kind.is_by_leads();
                    let missed = from.map_or(0, |from| clock - from);
                    let until = (catches_up && missed > 0).then(|| clock + missed);
                    // For the weight that it comes with.
                    self.set_balance(place, Some(Balance::Present { level: clock, until }));
                    Balance::Present { level: self.level_of_returner(place, owed), until }
                }
                Some(present) => present,
                None => Balance::Present { level: self.middle(), until: None },
            };
            self.set_balance(place, Some(balance));
            self.returned.push(place);
            self.note(place);
        }
        self.enter(place);
    }

    pub(super) fn level_of_returner(&self, place: u32, owed: i128) -> i128 {
        let weight = self.weight(place);
        let level = self.clock() - owed / weight;
        // By score nobody may be further from any other than one best lead. By leads see `settle`.
        match (self.settings.kind, self.order.first_of_all(), self.order.last()) {
            (Kind::Score, Some(first), Some(last)) => {
                let (first, last) = (self.level(first), self.level(last));
                level.max(last - BEST / weight).min(first + BEST / weight)
            }
            _ => level,
        }
    }

    /// Ceases to take part; `misses` by being away, not by being out of the team.
    pub(super) fn go(&mut self, place: u32, misses: bool) {
        let clock = self.clock();
        match self.balance(place) {
            Some(Balance::Present { level, until }) if self.at(place).present && self.settings.kind.has_balance() => {
                let owed = self.weight(place) * (clock - level);
                let left = until.map_or(0, |until| (until - clock).max(0));
                self.exit(place);
                self.set_balance(place, Some(Balance::Away { owed, from: misses.then_some(clock - left) }));
                self.note(place);
            }
            Some(Balance::Away { owed, from: Some(_) }) if !misses && self.settings.kind.has_balance() => {
                self.set_balance(place, Some(Balance::Away { owed, from: None }));
                self.note(place);
            }
            _ if self.at(place).present => self.exit(place),
            _ => {}
        }
    }

    /// Changes the weight and keeps what is owed.
    pub(super) fn reweigh(&mut self, place: u32, weight: u32, until: Option<i128>) {
        let Some(Balance::Present { .. }) = self.balance(place).filter(|_| self.at(place).present) else {
            self.moved(place, |place| place.seat.weight = weight);
            return self.note(place);
        };
        let middle = self.middle();
        let owed = self.owed_at(place, middle);
        self.exit(place);
        self.at_mut(place).seat.weight = weight;
        self.set_balance(place, Some(Balance::Present { level: middle, until }));
        let level = middle - owed / self.weight(place);
        self.set_balance(place, Some(Balance::Present { level, until }));
        self.enter(place);
        self.note(place);
    }
}
