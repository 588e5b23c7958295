//! A rotation in memory.
//!
//! What happens to the balances when those present change, in a rotation by leads:
//!
//! - **A leave and a return move nobody's level.** The middle is the mean of the levels present, each with its weight, so
//!   it moves; after the return it is back where it was. As long as no lead comes in between, nothing has happened.
//! - **A returner brings at most one lead**, owed or ahead, measured when the next lead comes in, with everybody in place
//!   who came by then; of several returners one after the other. What it would have brought beyond that is dropped, and
//!   the middle takes up the difference.
//! - **Nobody present is ever owed more than [`MOST_OWED`], two leads, when a lead comes in.** The middle alone cannot see
//!   to that: when fifty reps of weight 1 who are each ahead by almost one lead stay and all others go, a rep of weight
//!   10,000 is owed fifty. So before each lead, while somebody is owed more than two leads, it hands one of them to the
//!   one who becomes eligible last. That one's level is not below the middle but for the tolerance, so afterwards it is
//!   owed at most `1 + 1/(2n−2)`; the giver is owed one less; what all are owed still sums to nothing. So it ends, after
//!   no more steps than there are leads owed beyond two, and then nobody is owed more. With equal weights leaves alone
//!   never come to that: no two reps are then ever two leads apart, since a give widens no gap beyond one lead (it is
//!   the furthest behind who gets it), and a leave widens none.
//!
//! Being ahead has no such bound: the counterpart of fifty reps who are owed almost one lead each is one who is ahead
//! by fifty, and waits until they had theirs.

use std::collections::{BTreeSet, HashMap};

use super::order::{Entry, Order};
use super::tie::tie;
use super::{Balance, Course, Head, Kind, MAX_WEIGHT, MOST_OWED, Member, ONE, POINT, RANGE, Returning, Seat, Settings};
use crate::id::RepId;

mod books;
mod give;
mod team;

pub(super) use give::remaining;

/// Up to so many reps present the rule's `n` is exact.
const EXACT: usize = 64;

/// Whose stored level says that it is owed more than this was out of the team without anybody telling its seat: it joins
/// anew.
const STALE: i128 = 100 * ONE;

/// The best score, which is also the most that two sums may be apart.
pub(super) const BEST: i128 = 100 * POINT;

/// Who may be chosen.
#[derive(Debug, Clone)]
struct Place {
    seat: Seat,
    /// In the team.
    member: bool,
    /// In the order.
    present: bool,
    open: u32,
    /// To be written.
    changed: bool,
}

/// A team's rotation, ready to give leads in `O(log n)` each. Built in `O(n log n)`.
#[derive(Debug, Clone)]
pub struct Live {
    settings: Settings,
    head: Head,
    places: Vec<Place>,
    by_rep: HashMap<RepId, u32>,
    pub(super) order: Order,
    /// How many are present.
    n: usize,
    /// The weights of those present.
    total: i128,
    /// The sum of `w · (clock − level)` over those present; the middle is what makes it nothing.
    sum: i128,
    /// Who returned since the last lead.
    returned: Vec<u32>,
    /// Who is catching up until when.
    ends: BTreeSet<(i128, RepId)>,
    /// Whose seats are to be written, oldest change first.
    changed: Vec<u32>,
}

impl Live {
    /// A rotation as it is stored and as its members are now. `seats` may lack those that were never written; those of
    /// others than the members leave.
    pub fn new(
        settings: Settings,
        mut head: Head,
        seats: impl IntoIterator<Item = Seat>,
        members: impl IntoIterator<Item = Member>,
    ) -> Self {
        for course in [&mut head.leads, &mut head.scores] {
            *course = Course { clock: in_range(course.clock), middle: in_range(course.middle) };
        }
        let mut live = Self {
            settings,
            head,
            places: Vec::new(),
            by_rep: HashMap::new(),
            order: Order::new(),
            n: 0,
            total: 0,
            sum: 0,
            returned: Vec::new(),
            ends: BTreeSet::new(),
            changed: Vec::new(),
        };
        for seat in seats {
            let place = live.place(&seat.rep);
            live.seat(place, seat);
        }
        live.set_team(members);
        live
    }

    /// How it goes.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is one for the team. Its middles are those of the last [`Live::changes`].
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many are present.
    pub fn present(&self) -> usize {
        self.n
    }

    /// Whether the rep is present.
    pub fn is_present(&self, rep: &RepId) -> bool {
        self.by_rep.get(rep).is_some_and(|place| self.at(*place).present)
    }

    /// The rep's seat, if it has one.
    pub fn seat_of(&self, rep: &RepId) -> Option<&Seat> {
        self.by_rep.get(rep).map(|place| &self.at(*place).seat)
    }

    /// Everybody's seats, in no particular order.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.places.iter().map(|place| &place.seat)
    }

    /// Where the clock stands when those present are owed nothing in all.
    pub fn middle(&self) -> i128 {
        self.middle_with(0)
    }

    /// What a rep present is owed, in [`ONE`]ths of a lead (or points); negative when ahead.
    pub fn owed(&self, rep: &RepId) -> Option<i128> {
        let place = *self.by_rep.get(rep)?;
        (self.at(place).present && self.settings.kind.has_balance()).then(|| self.owed_at(place, self.middle()))
    }

    fn at(&self, place: u32) -> &Place {
        &self.places[place as usize]
    }

    fn at_mut(&mut self, place: u32) -> &mut Place {
        &mut self.places[place as usize]
    }

    fn course(&self) -> &Course {
        if self.settings.kind == Kind::Score { &self.head.scores } else { &self.head.leads }
    }

    fn clock(&self) -> i128 {
        self.course().clock
    }

    fn balance(&self, place: u32) -> Option<Balance> {
        let seat = &self.at(place).seat;
        if self.settings.kind == Kind::Score { seat.scores } else { seat.leads }
    }

    fn set_balance(&mut self, place: u32, balance: Option<Balance>) {
        let is_score = self.settings.kind == Kind::Score;
        let seat = &mut self.at_mut(place).seat;
        *(if is_score { &mut seat.scores } else { &mut seat.leads }) = balance;
    }

    /// What the rep counts for: twice its weight while it catches up.
    fn weight(&self, place: u32) -> i128 {
        let weight = i128::from(self.at(place).seat.weight);
        match self.balance(place) {
            Some(Balance::Present { until: Some(_), .. }) => 2 * weight,
            _ => weight,
        }
    }

    fn level(&self, place: u32) -> i128 {
        match self.balance(place) {
            Some(Balance::Present { level, .. }) => level,
            _ => self.clock(),
        }
    }

    /// Where those present are owed `due` in all.
    fn middle_with(&self, due: i128) -> i128 {
        match self.total {
            0 => self.clock(),
            total => self.clock() + (due - self.sum).div_euclid(total),
        }
    }

    fn owed_at(&self, place: u32, now: i128) -> i128 {
        self.weight(place) * (now - self.level(place))
    }

    /// The place of a rep; a new one for one who is not known.
    fn place(&mut self, rep: &RepId) -> u32 {
        if let Some(place) = self.by_rep.get(rep) {
            return *place;
        }
        let place = self.places.len() as u32;
        let seat = Seat::new(self.head.team.clone(), rep.clone());
        self.places.push(Place { seat, member: false, present: false, open: 0, changed: false });
        self.by_rep.insert(rep.clone(), place);
        place
    }

    /// Puts a seat as it was stored.
    fn seat(&mut self, place: u32, mut seat: Seat) {
        seat.weight = seat.weight.clamp(1, MAX_WEIGHT);
        for balance in [&mut seat.leads, &mut seat.scores].into_iter().flatten() {
            *balance = match *balance {
                Balance::Present { level, until } => {
                    Balance::Present { level: in_range(level), until: until.map(in_range) }
                }
                Balance::Away { owed, from } => Balance::Away { owed: in_range(owed), from: from.map(in_range) },
            };
        }
        self.at_mut(place).seat = seat;
        if !self.settings.kind.has_balance() {
            return;
        }
        if let Some(Balance::Present { level, .. }) = self.balance(place) {
            if self.weight(place) * (self.course().middle - level) <= STALE {
                self.enter(place);
            } else {
                self.set_balance(place, None);
            }
        }
    }

    /// Into the order and the sums.
    fn enter(&mut self, place: u32) {
        self.at_mut(place).present = true;
        self.n += 1;
        if self.settings.kind.has_balance() {
            let weight = self.weight(place);
            self.total += weight;
            self.sum += weight * (self.clock() - self.level(place));
            if let Some(Balance::Present { until: Some(until), .. }) = self.balance(place) {
                self.ends.insert((until, self.at(place).seat.rep.clone()));
            }
        }
        self.order.insert(place, self.entry(place));
    }

    /// Out of the order and the sums.
    fn exit(&mut self, place: u32) {
        self.order.remove(place);
        if self.settings.kind.has_balance() {
            let weight = self.weight(place);
            self.total -= weight;
            self.sum -= weight * (self.clock() - self.level(place));
            if let Some(Balance::Present { until: Some(until), .. }) = self.balance(place) {
                self.ends.remove(&(until, self.at(place).seat.rep.clone()));
            }
        }
        self.n -= 1;
        self.at_mut(place).present = false;
    }

    /// Changes what the order is by.
    fn moved(&mut self, place: u32, change: impl FnOnce(&mut Place)) {
        let present = self.at(place).present;
        if present {
            self.order.remove(place);
        }
        change(self.at_mut(place));
        if present {
            self.order.insert(place, self.entry(place));
        }
    }

    fn entry(&self, place: u32) -> Entry {
        let Place { seat, open, .. } = self.at(place);
        let tie = tie(self.head.seed, &seat.rep, seat.given);
        let (level, weight) = (self.level(place), self.weight(place));
        match self.settings.kind {
            Kind::Load => {
                let due = i128::from(*open) << 64 | i128::from(seat.last_turn);
                Entry { from: due, due, over: i128::MAX, tie }
            }
            Kind::Score => Entry { from: level, due: level, over: i128::MAX, tie },
            _ => {
                let tolerance = tolerance(self.head.room);
                Entry {
                    from: level + (tolerance + weight - 1) / weight,
                    due: level + (ONE - tolerance) / weight,
                    over: level + MOST_OWED / weight,
                    tie,
                }
            }
        }
    }

    /// Has the seat written, unless there is nothing to remember.
    fn note(&mut self, place: u32) {
        let Seat { leads, scores, given, credited, waiting, .. } = &self.at(place).seat;
        if leads.is_none() && scores.is_none() && *given == 0 && *credited == 0 && *waiting == 0 {
            return;
        }
        if !std::mem::replace(&mut self.at_mut(place).changed, true) {
            self.changed.push(place);
        }
    }
}

/// `1/(2n−2)` of a lead: how much must be owed at least before a rep is chosen.
pub(super) fn tolerance(n: u32) -> i128 {
    match i128::from(n) {
        n if n > 1 => ONE / (2 * n - 2),
        _ => 0,
    }
}

fn in_range(number: i128) -> i128 {
    number.clamp(-RANGE, RANGE)
}
