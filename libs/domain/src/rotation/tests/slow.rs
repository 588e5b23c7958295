//! The rules again, the slow and obvious way: everything is worked out from the seats each time, by looking at all of them.

use super::super::tie::tie;
use super::*;

#[derive(Clone)]
struct Slow {
    settings: Settings,
    room: i128,
    clock: i128,
    turns: u64,
    seats: Vec<Option<SlowSeat>>,
    returned: Vec<usize>,
}

#[derive(Clone)]
struct SlowSeat {
    weight: i128,
    open: u32,
    given: u64,
    last_turn: u64,
    waiting: i128,
    level: i128,
    until: Option<i128>,
    /// Away: what is owed, and since when.
    away: Option<(i128, i128)>,
}

impl SlowSeat {
    fn counts(&self) -> i128 {
        if self.until.is_some() && self.away.is_none() { 2 * self.weight } else { self.weight }
    }
}

impl Slow {
    fn new(settings: Settings, n: usize) -> Self {
        Self { settings, room: 0, clock: 0, turns: 0, seats: vec![None; n], returned: Vec::new() }
    }

    fn seat(&mut self, i: usize) -> &mut SlowSeat {
        self.seats[i].as_mut().unwrap()
    }

    fn present(&self) -> Vec<(usize, &SlowSeat)> {
        let seats = self.seats.iter().enumerate().filter_map(|(i, seat)| Some((i, seat.as_ref()?)));
        seats.filter(|(_, seat)| seat.away.is_none()).collect()
    }

    fn total(&self) -> i128 {
        self.present().iter().map(|(_, seat)| seat.counts()).sum()
    }

    /// Where those present are owed `due` in all.
    fn middle(&self, due: i128) -> i128 {
        let levels: i128 = self.present().iter().map(|(_, seat)| seat.counts() * seat.level).sum();
        if self.total() == 0 { self.clock } else { (levels + due).div_euclid(self.total()) }
    }

    fn amount(&self, score: u8) -> i128 {
        if self.settings.kind == Kind::Score { i128::from(score) * POINT } else { ONE }
    }

    fn move_on(&mut self, i: usize, amount: i128) {
        let seat = self.seat(i);
        seat.level += amount / seat.counts();
        self.clock += amount / self.total();
    }

    fn join(&mut self, i: usize, weight: u32) {
        let level = self.middle(0);
        let weight = if self.settings.kind == Kind::Equal { 1 } else { weight.into() };
        self.seats[i] =
            Some(SlowSeat { weight, open: 0, given: 0, last_turn: 0, waiting: 0, level, until: None, away: None });
        self.returned.push(i);
    }

    fn go(&mut self, i: usize) {
        let clock = self.clock;
        let seat = self.seat(i);
        let left = seat.until.map_or(0, |until| (until - clock).max(0));
        seat.away = Some((seat.counts() * (clock - seat.level), clock - left));
    }

    fn come(&mut self, i: usize) {
        let clock = self.clock;
        let others: Vec<_> = self.present().iter().map(|(_, seat)| seat.level).collect();
        let settings = self.settings;
        let seat = self.seat(i);
        let (owed, from) = seat.away.take().unwrap();
        let catches_up = settings.returning == Returning::CatchUp && settings.kind != Kind::Score;
        seat.until = (catches_up && clock > from).then_some(clock + clock - from);
        seat.level = clock - owed / seat.counts();
        if settings.kind == Kind::Score
            && let (Some(least), Some(most)) = (others.iter().min(), others.iter().max())
        {
            let apart = 100 * POINT / seat.weight;
            seat.level = seat.level.max(most - apart).min(least + apart);
        }
        self.returned.push(i);
    }

    fn weigh(&mut self, i: usize, weight: i128, until: Option<i128>) {
        let middle = self.middle(0);
        let seat = self.seat(i);
        let owed = seat.counts() * (middle - seat.level);
        seat.weight = weight;
        if seat.away.is_none() {
            seat.until = until;
            seat.level = middle - owed / seat.counts();
        }
    }

    fn tolerance(&self) -> i128 {
        if self.room > 1 { ONE / (2 * self.room - 2) } else { 0 }
    }

    fn settle(&mut self) {
        let mut ends: Vec<_> = self.present().iter().filter_map(|(i, seat)| Some((seat.until?, *i))).collect();
        ends.sort_by_key(|(until, i)| (*until, rep(*i)));
        let clock = self.clock;
        for (_, i) in ends.into_iter().filter(|(until, _)| *until <= clock) {
            self.weigh(i, self.seats[i].as_ref().unwrap().weight, None);
        }
        for i in std::mem::take(&mut self.returned) {
            let (total, middle) = (self.total(), self.middle(0));
            let seat = self.seat(i).clone();
            let owed = seat.counts() * (middle - seat.level);
            if seat.away.is_some() || owed.abs() <= ONE || seat.counts() == total {
                continue;
            }
            // Owed one lead once the middle has moved with it.
            let others: i128 = self.present().iter().filter(|(j, _)| *j != i).map(|(_, s)| s.counts() * s.level).sum();
            let w = seat.counts();
            self.seat(i).level = others.div_euclid(total - w) - owed.signum() * (ONE * total / ((total - w) * w));
        }
        let n = self.present().len() as i128;
        if n <= 64 {
            self.room = n;
        } else if n > self.room || 4 * n < self.room {
            self.room = 2 * n;
        }
        let tolerance = self.tolerance();
        loop {
            let middle = self.middle(0);
            let present = self.present();
            let from = |seat: &SlowSeat| seat.level + (tolerance + seat.counts() - 1) / seat.counts();
            let over = present
                .iter()
                .map(|(i, seat)| (seat.level + 2 * ONE / seat.counts(), from(seat), tie(42, &rep(*i), seat.given), *i));
            let Some((.., first)) = over.min().filter(|(over, ..)| *over < middle) else { return };
            let (to, _) = *present.iter().max_by_key(|(i, seat)| (from(seat), tie(42, &rep(*i), seat.given))).unwrap();
            let seat = self.seat(first);
            seat.level += ONE / seat.counts();
            let seat = self.seat(to);
            seat.level -= ONE / seat.counts();
        }
    }

    fn choose(&mut self) -> Option<usize> {
        if self.present().is_empty() {
            return None;
        }
        if matches!(self.settings.kind, Kind::Score | Kind::Load) {
            let least = self.present().into_iter().min_by_key(|(i, seat)| {
                let hash = tie(42, &rep(*i), seat.given);
                let load = (seat.open, seat.last_turn);
                if self.settings.kind == Kind::Score { ((0, 0), seat.level, hash) } else { (load, 0, hash) }
            });
            return least.map(|(i, _)| i);
        }
        loop {
            self.settle();
            let (tolerance, now) = (self.tolerance(), self.middle(ONE));
            let i = self.present().into_iter().min_by_key(|(i, seat)| {
                let is_eligible = seat.counts() * (now - seat.level) >= tolerance;
                (!is_eligible, seat.level + (ONE - tolerance) / seat.counts(), tie(42, &rep(*i), seat.given))
            });
            let i = i?.0;
            if self.seat(i).waiting >= 0 {
                return Some(i);
            }
            self.seat(i).waiting += 1;
            self.move_on(i, ONE);
        }
    }

    fn give(&mut self, score: u8) -> Option<usize> {
        let i = self.choose()?;
        self.turns += 1;
        let turns = self.turns;
        let seat = self.seat(i);
        seat.given += 1;
        seat.open += 1;
        seat.last_turn = turns;
        if self.settings.kind != Kind::Load {
            self.move_on(i, self.amount(score));
        }
        if self.seat(i).waiting > 0 && matches!(self.settings.kind, Kind::Equal | Kind::Weight) {
            let middle = self.middle(0);
            let seat = self.seat(i);
            if seat.counts() * (middle - seat.level) <= ONE {
                seat.waiting -= 1;
                self.move_on(i, -ONE);
            }
        }
        Some(i)
    }

    /// Gives to others than these, who are where they were when the clock has moved on.
    fn give_but(&mut self, out: &[usize], score: u8) -> Option<usize> {
        let out: Vec<_> = self.present().into_iter().map(|(i, _)| i).filter(|i| out.contains(i)).collect();
        if out.len() == self.present().len() {
            return None;
        }
        if !out.is_empty() && !matches!(self.settings.kind, Kind::Score | Kind::Load) {
            self.settle();
        }
        let clock = self.clock;
        let left: Vec<_> = out.iter().map(|i| (*i, self.seat(*i).clone())).collect();
        out.iter().for_each(|i| self.seat(*i).away = Some((0, clock)));
        let (got, moved) = (self.give(score), self.clock - clock);
        for (i, before) in left {
            let others: Vec<_> = self.present().iter().map(|(_, seat)| seat.level).collect();
            let apart = 100 * POINT / before.weight;
            let mut level = before.level + moved;
            if self.settings.kind == Kind::Score {
                level = level.max(others.iter().max().unwrap() - apart).min(others.iter().min().unwrap() + apart);
            }
            self.seats[i] = Some(SlowSeat { level, until: before.until.map(|until| until + moved), ..before });
        }
        got
    }

    /// A lead credited (-1) or charged (1).
    fn book(&mut self, i: usize, sign: i128, score: u8) {
        let amount = sign * self.amount(score);
        let (middle, total, kind) = (self.middle(0), self.total(), self.settings.kind);
        let seat = self.seat(i);
        seat.given = seat.given.checked_add_signed(sign as i64).unwrap();
        let owed = match seat.away {
            Some((owed, _)) => owed - amount,
            None => seat.counts() * (middle - seat.level) - amount,
        };
        let most = if seat.away.is_some() { ONE } else { 2 * ONE };
        let is_by_leads = matches!(kind, Kind::Equal | Kind::Weight);
        if kind == Kind::Load {
        } else if is_by_leads && (seat.waiting.signum() == sign || owed * -sign > most) {
            seat.waiting -= sign;
        } else if let Some((away, _)) = &mut seat.away {
            *away = owed;
            if is_by_leads && total > 0 {
                self.clock += amount / total;
            }
        } else {
            self.move_on(i, amount);
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Give(u32, u8),
    GiveBut(Vec<usize>, u8),
    Come(usize),
    Go(usize),
    Weigh(usize, u32),
    Credit(usize, u8),
    Charge(usize, u8),
    Join(u32),
    Everybody(u16),
    Rebuild,
}

fn weight() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 1u32..8, 1 => Just(MAX_WEIGHT)]
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0usize..12;
    prop_oneof![
        6 => (1u32..12, 0u8..=100).prop_map(|(n, score)| Step::Give(n, score)),
        2 => (prop::collection::vec(who.clone(), 0..5), 0u8..=100).prop_map(|(out, score)| Step::GiveBut(out, score)),
        3 => who.clone().prop_map(Step::Come),
        3 => who.clone().prop_map(Step::Go),
        1 => (who.clone(), weight()).prop_map(|(i, weight)| Step::Weigh(i, weight)),
        1 => (who.clone(), 0u8..=100).prop_map(|(i, score)| Step::Credit(i, score)),
        1 => (who, 0u8..=100).prop_map(|(i, score)| Step::Charge(i, score)),
        2 => weight().prop_map(Step::Join),
        2 => any::<u16>().prop_map(Step::Everybody),
        1 => Just(Step::Rebuild),
    ]
}

fn kinds() -> impl Strategy<Value = Settings> {
    let kind =
        prop_oneof![Just(Kind::Equal), Just(Kind::Weight), Just(Kind::Weight), Just(Kind::Load), Just(Kind::Score)];
    let returning = prop_oneof![Just(Returning::Resume), Just(Returning::CatchUp)];
    (kind, returning).prop_map(|(kind, returning)| Settings { kind, returning, shown: 4 })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever happens, the rotation in memory chooses whom the slow one does and leaves everybody where that does.
    #[test]
    fn it_does_what_the_slow_and_obvious_one_does(settings in kinds(), steps in prop::collection::vec(step(), 1..80)) {
        let mut slow = Slow::new(settings, 12);
        let mut fast = with(settings, &[]);
        let mut weights = HashMap::new();
        for step in steps {
            let known = |i: usize| slow.seats[i].is_some();
            let is_here = |i: usize| slow.seats[i].as_ref().is_some_and(|seat| seat.away.is_none());
            let has_leads = |i: usize| slow.seats[i].as_ref().is_some_and(|seat| seat.given > 0);
            match step {
                Step::Give(n, score) => {
                    for _ in 0..n {
                        let turn = fast.give(Some(score));
                        prop_assert_eq!(turn.as_ref().map(|turn| turn.rep.clone()), slow.give(score).map(rep));
                        if let Some(turn) = &turn {
                            prop_assert_eq!(replay(&turn.trace), Some(&turn.rep));
                        }
                    }
                }
                Step::GiveBut(out, score) => {
                    let reps: Vec<_> = out.iter().map(|i| rep(*i)).collect();
                    let turn = fast.give_but(&reps, Some(score)).map(|turn| turn.rep);
                    prop_assert_eq!(turn, slow.give_but(&out, score).map(rep));
                }
                Step::Come(i) if known(i) && !is_here(i) => {
                    slow.come(i);
                    fast.set_present(&rep(i), true);
                }
                Step::Go(i) if is_here(i) => {
                    slow.go(i);
                    fast.set_present(&rep(i), false);
                }
                Step::Weigh(i, weight) if known(i) && settings.kind != Kind::Equal => {
                    let seat = slow.seat(i).clone();
                    if seat.weight != i128::from(weight) {
                        slow.weigh(i, weight.into(), seat.until);
                    }
                    weights.insert(i, weight);
                    fast.set_weight(&rep(i), weight);
                }
                Step::Credit(i, score) if has_leads(i) => {
                    slow.book(i, -1, score);
                    prop_assert!(fast.credit(&rep(i), Some(score)));
                }
                Step::Charge(i, score) if known(i) => {
                    slow.book(i, 1, score);
                    prop_assert!(fast.charge(&rep(i), Some(score)));
                }
                Step::Join(weight) => {
                    if let Some(i) = (0..12).find(|i| !known(*i)) {
                        slow.join(i, weight);
                        weights.insert(i, weight);
                        fast.join(member(i, weight));
                    }
                }
                Step::Everybody(mask) => {
                    for i in 0..12 {
                        let comes = mask >> i & 1 == 1;
                        let here = slow.seats[i].as_ref().map(|seat| seat.away.is_none());
                        if here == Some(!comes) {
                            if comes { slow.come(i) } else { slow.go(i) }
                            fast.set_present(&rep(i), comes);
                        }
                    }
                }
                Step::Rebuild if slow.returned.is_empty() => {
                    let members = (0..12).filter(|i| known(*i)).map(|i| Member {
                        present: is_here(i),
                        open: slow.seats[i].as_ref().unwrap().open,
                        ..member(i, weights[&i])
                    });
                    fast.changes(usize::MAX);
                    fast = rebuilt(&fast, members.collect());
                    prop_assert_eq!(fast.to_write(), 0, "nothing has changed");
                }
                _ => {}
            }
            for (i, seat) in slow.seats.iter().enumerate().filter_map(|(i, seat)| Some((i, seat.as_ref()?))) {
                let held = fast.seat_of(&rep(i)).unwrap();
                let balance = match (settings.kind, held.leads, held.scores) {
                    (Kind::Load, ..) => continue,
                    (Kind::Score, _, balance) | (_, balance, _) => balance.unwrap(),
                };
                match (balance, seat.away) {
                    (Balance::Present { level, until }, None) => prop_assert_eq!((level, until), (seat.level, seat.until)),
                    (Balance::Away { owed, from }, Some(away)) => prop_assert_eq!((owed, from), (away.0, Some(away.1))),
                    (balance, away) => prop_assert!(false, "{balance:?} and {away:?}"),
                }
                prop_assert_eq!((held.given, i128::from(held.waiting)), (seat.given, seat.waiting));
            }
            if settings.kind != Kind::Load {
                prop_assert_eq!(fast.middle(), slow.middle(0));
            }
        }
    }
}
