//! A week of stretches, less holidays, on a wall clock that never jumps. All lengths are milliseconds.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::text::{self, Stretch};
use crate::invalid::Invalid;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const WEEK: i64 = 7 * DAY;

/// The week that 1970 began in began on Monday, three days before.
const MONDAY: i64 = -3 * DAY;

/// A date: days since 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// Takes a date such as `2026-12-25`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("not a date such as 2026-12-25");
        // Longer forms with a time of day are dates to the parser, too.
        let date = Some(text).filter(|text| text.len() == 10).ok_or_else(invalid)?;
        let date = Date::from_str(date).map_err(|_| invalid())?;
        Ok(Self(date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24))
    }

    /// The day that a wall clock shows.
    pub(super) fn of(wall: i64) -> Self {
        Self(wall.div_euclid(DAY))
    }

    pub(super) fn start(self) -> i64 {
        self.0.saturating_mul(DAY)
    }

    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// 0 for Monday.
    fn weekday(self) -> usize {
        usize::try_from(self.0.saturating_add(3).rem_euclid(7)).unwrap_or(0)
    }
}

impl TryFrom<Day> for Date {
    type Error = jiff::Error;

    fn try_from(day: Day) -> Result<Self, jiff::Error> {
        jiff::civil::date(1970, 1, 1).checked_add(jiff::SignedDuration::from_hours(day.0.saturating_mul(24)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Date::try_from(*self) {
            Ok(date) => date.fmt(f),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

/// The stretches of each day of the week, and the dates on which there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Week {
    /// From Monday on, each day's in order; they neither overlap nor touch.
    days: [Vec<Stretch>; 7],
    /// The same as parts of a week from Monday on, in order.
    parts: Vec<(i64, i64)>,
    /// How much of a week that is.
    total: i64,
    holidays: Vec<Day>,
}

impl Week {
    /// All of it.
    pub(super) fn full() -> Self {
        let day = || vec![Stretch { from: 0, to: text::DAY }];
        let days = std::array::from_fn(|_| day());
        Self { days, parts: vec![(0, WEEK)], total: WEEK, holidays: Vec::new() }
    }

    /// Puts the stretches of each day in order, joins those that touch, and refuses those that overlap.
    pub(super) fn new(mut days: [Vec<Stretch>; 7]) -> Result<Self, Invalid> {
        for day in &mut days {
            day.sort_unstable();
            let mut joined: Vec<Stretch> = Vec::with_capacity(day.len());
            for next in day.drain(..) {
                match joined.last_mut() {
                    Some(last) if last.to == next.from => last.to = next.to,
                    _ => joined.push(next),
                }
            }
            // What is longer cannot be written as one stretch.
            if joined.iter().any(|stretch| stretch.to - stretch.from > text::DAY - i64::from(stretch.from > 0)) {
                return Err(Invalid::new("stretches that touch must together be shorter than a day"));
            }
            *day = joined;
        }
        let mut parts = Vec::new();
        for (start, day) in (0..).step_by(DAY as usize).zip(&days) {
            for stretch in day {
                let (from, to) = (start + stretch.from * MINUTE, start + stretch.to * MINUTE);
                parts.push((from, to.min(WEEK)));
                if to > WEEK {
                    parts.push((0, to - WEEK));
                }
            }
        }
        parts.sort_unstable();
        if parts.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            return Err(Invalid::new("stretches must not overlap"));
        }
        parts.dedup_by(|next, last| {
            let touch = last.1 == next.0;
            if touch {
                last.1 = next.1;
            }
            touch
        });
        let total = parts.iter().map(|(from, to)| to - from).sum();
        Ok(Self { days, parts, total, holidays: Vec::new() })
    }

    pub(super) fn days(&self) -> &[Vec<Stretch>; 7] {
        &self.days
    }

    pub(super) fn holidays(&self) -> &[Day] {
        &self.holidays
    }

    pub(super) fn set_holidays(&mut self, mut holidays: Vec<Day>) {
        holidays.sort_unstable();
        holidays.dedup();
        self.holidays = holidays;
    }

    fn is_holiday(&self, day: Day) -> bool {
        self.holidays.binary_search(&day).is_ok()
    }

    /// How far the stretches of a day run into the next.
    fn tail(&self, day: Day) -> i64 {
        self.days[day.weekday()].last().map_or(0, |last| (last.to - text::DAY).max(0) * MINUTE)
    }

    pub(super) fn is_working(&self, wall: i64) -> bool {
        let (today, yesterday) = (Day::of(wall), Day(wall.div_euclid(DAY) - 1));
        let time = wall.rem_euclid(DAY);
        let of_today = || {
            let within = |stretch: &Stretch| stretch.from * MINUTE <= time && time < stretch.to * MINUTE;
            self.days[today.weekday()].iter().any(within)
        };
        !self.is_holiday(today) && (of_today() || (time < self.tail(yesterday) && !self.is_holiday(yesterday)))
    }

    /// Whether everything from here on is working time, even if the clock should go back by a day.
    pub(super) fn is_full_from(&self, wall: i64) -> bool {
        self.total == WEEK && self.holidays.last().is_none_or(|last| last.next() < Day::of(wall))
    }

    /// How much of the stretches, holidays or not, lies before here; counted from any fixed moment.
    fn before(&self, wall: i64) -> i64 {
        let wall = wall - MONDAY;
        let rest = wall.rem_euclid(WEEK);
        let part: i64 = self.parts.iter().map(|(from, to)| rest.clamp(*from, *to) - from).sum();
        wall.div_euclid(WEEK) * self.total + part
    }

    /// How much working time lies between two moments; none when they are the wrong way round.
    pub(super) fn worked(&self, from: i64, to: i64) -> i64 {
        if to <= from {
            return 0;
        }
        let mut worked = self.before(to) - self.before(from);
        // A holiday takes its date and what would run on from it, unless another holiday takes that.
        let first = self.holidays.partition_point(|day| day.next() < Day::of(from));
        for holiday in &self.holidays[first..] {
            let (start, end) = (holiday.start(), holiday.next().start());
            if start >= to {
                break;
            }
            let clip = |at: i64| at.clamp(from, to);
            worked -= self.before(clip(end)) - self.before(clip(start));
            if !self.is_holiday(holiday.next()) {
                worked -= clip(end + self.tail(*holiday)) - clip(end);
            }
        }
        worked
    }

    /// The first moment by which so much was worked since `from`; it is known to come by `to`.
    pub(super) fn reach(&self, from: i64, to: i64, length: i64) -> i64 {
        // The shortest it can take: no more than all of it is worked.
        let (mut low, mut high) = (from.saturating_add(length - 1), to);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.worked(from, middle) >= length { high = middle } else { low = middle }
        }
        high
    }

    /// When [`Week::is_working`], now `working`, changes before `to`.
    pub(super) fn flip(&self, from: i64, to: i64, working: bool) -> Option<i64> {
        let is_same = |until: i64| self.worked(from, until) == if working { until - from } else { 0 };
        let (mut low, mut high, mut step) = (from, from, DAY);
        while is_same(high) {
            if high == to {
                return None;
            }
            (low, high) = (high, high.saturating_add(step).min(to));
            step = step.saturating_mul(2);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_same(middle) { low = middle } else { high = middle }
        }
        Some(low)
    }
}
