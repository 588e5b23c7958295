//! Working a recurrence rule out, on the wall clock: no zone is asked here.
//!
//! A rule is a row of periods (its years, months, … of `INTERVAL`). Each period is the set of its days that pass the
//! day parts, times the times of day that the time parts name, of which `BYSETPOS` picks. What a part does not say is taken
//! from the start. So one test of a day serves every frequency, where RFC 5545 tells of expanding and limiting.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};

use super::{Frequency, Rule};
use crate::limit::{Budget, Spent};

const DAY: i64 = 86_400;

/// The occurrences inside `window`, in order, each once. The start always is one, and the first that `COUNT` counts, even
/// when the rule would not name it.
pub(crate) fn expand(
    rule: &Rule,
    start: DateTime,
    window: &Range<DateTime>,
    budget: &mut Budget,
) -> Result<Vec<DateTime>, Spent> {
    let walk = Walk { rule, start, first_day: day_number(start.date()) };
    let mut found = Vec::new();
    if window.contains(&start) {
        found.push(start);
    }
    let mut left = rule.count.map_or(i64::MAX, |count| i64::from(count) - 1);
    let mut period = 0;
    if rule.count.is_none() || rule.is_plain() {
        period = walk.period_of(window.start);
        left = left.saturating_sub((period - 1).max(0));
    }
    let mut set = Vec::new();
    while left > 0 {
        budget.spend(1)?;
        set.clear();
        let Some(next) = walk.fill(period, window.end, &mut set, budget)? else { break };
        for at in rule.picked(&set) {
            if at <= start {
                continue;
            }
            if at >= window.end || left == 0 {
                return Ok(found);
            }
            left -= 1;
            if at >= window.start {
                found.push(at);
            }
        }
        period = next;
    }
    Ok(found)
}

/// A rule with its start.
struct Walk<'a> {
    rule: &'a Rule,
    start: DateTime,
    first_day: i64,
}

impl Walk<'_> {
    /// The number of a period that begins before `at`, as late as is easily told; 0 is the start's.
    fn period_of(&self, at: DateTime) -> i64 {
        let seconds = seconds(at) - seconds(self.start);
        let length = match self.rule.frequency {
            Frequency::Yearly => 366 * DAY,
            Frequency::Monthly => 31 * DAY,
            Frequency::Weekly => 7 * DAY,
            Frequency::Daily => DAY,
            Frequency::Hourly => 3600,
            Frequency::Minutely => 60,
            Frequency::Secondly => 1,
        };
        (seconds / (length * i64::from(self.rule.interval)) - 1).max(0)
    }

    /// Puts the whole set of a period into `set`, in order, and says which period is to be looked at next; `None` when the
    /// period is beyond `end`, or beyond the calendar.
    fn fill(&self, period: i64, end: DateTime, set: &mut Vec<DateTime>, b: &mut Budget) -> Result<Option<i64>, Spent> {
        let units = period * i64::from(self.rule.interval);
        let year = i64::from(self.start.year());
        let days = match self.rule.frequency {
            Frequency::Yearly if self.rule.months == 0 => year_days(year + units),
            // Not the whole year: the zones of Outlook have come once a year since 1601.
            Frequency::Yearly => {
                let months = bits(self.rule.months).map(|month| (year + units) * 12 + i64::from(month) - 1);
                return self.fill_days(months.map_while(month_days), period, end, set, b);
            }
            Frequency::Monthly => month_days(year * 12 + i64::from(self.start.month()) - 1 + units),
            Frequency::Weekly => {
                let into_week = self.start.weekday().since(self.rule.week_start);
                let first = self.first_day - i64::from(into_week) + units * 7;
                Some(first..first + 7)
            }
            Frequency::Daily => Some(self.first_day + units..self.first_day + units + 1),
            Frequency::Hourly => return self.fill_time(period, 3600, end, set, b),
            Frequency::Minutely => return self.fill_time(period, 60, end, set, b),
            Frequency::Secondly => return self.fill_time(period, 1, end, set, b),
        };
        self.fill_days(days.into_iter(), period, end, set, b)
    }

    /// The same for a period of those days.
    fn fill_days(
        &self,
        days: impl Iterator<Item = Range<i64>>,
        period: i64,
        end: DateTime,
        set: &mut Vec<DateTime>,
        b: &mut Budget,
    ) -> Result<Option<i64>, Spent> {
        let last = day_number(end.date());
        let (hours, minutes, seconds) = self.times();
        let mut next = None;
        for days in days {
            // A period that is begun is filled whole: a position may count from its end.
            if next.is_none() && days.start > last {
                return Ok(None);
            }
            next = Some(period + 1);
            for day in days {
                b.spend(1)?;
                // A week may begin before the first day there is, and end after the last.
                let Some(date) = date(day).filter(|date| self.takes(*date)) else { continue };
                fill_day(date, hours, minutes, seconds, set, b)?;
            }
        }
        Ok(next)
    }

    /// The same for periods of so many seconds, shorter than a day.
    fn fill_time(
        &self,
        period: i64,
        unit: i64,
        end: DateTime,
        set: &mut Vec<DateTime>,
        b: &mut Budget,
    ) -> Result<Option<i64>, Spent> {
        let base = seconds(self.start).div_euclid(unit) * unit;
        let step = unit * i64::from(self.rule.interval);
        let begin = base + period * step;
        let Some(at) = from_seconds(begin).filter(|at| *at < end) else { return Ok(None) };
        // On a day, hour or minute that is out, go on to the first period after it.
        let after = |length: i64| {
            let next = begin.div_euclid(length) * length + length;
            Ok(Some(period + (next - begin + step - 1) / step))
        };
        let out = |set: u64, n: i8| set != 0 && set & 1 << n == 0;
        match () {
            () if !self.takes(at.date()) => return after(DAY),
            () if out(self.rule.hours, at.hour()) => return after(3600),
            () if unit < 3600 && out(self.rule.minutes, at.minute()) => return after(60),
            () if unit < 60 && out(self.rule.seconds, at.second()) => return after(1),
            () => {}
        }
        let (_, minutes, seconds) = self.times();
        let minutes = if unit < 3600 { 1 << at.minute() } else { minutes };
        let seconds = if unit < 60 { 1 << at.second() } else { seconds };
        fill_day(at.date(), 1 << at.hour(), minutes, seconds, set, b)?;
        Ok(Some(period + 1))
    }

    /// The hours, minutes and seconds of an occurrence: those of the rule, else those of the start.
    fn times(&self) -> (u64, u64, u64) {
        let or = |set: u64, n: i8| if set == 0 { 1 << n } else { set };
        let (rule, start) = (self.rule, self.start);
        (or(rule.hours, start.hour()), or(rule.minutes, start.minute()), or(rule.seconds, start.second()))
    }

    /// Whether a day has occurrences.
    fn takes(&self, date: Date) -> bool {
        let (rule, start) = (self.rule, self.start.date());
        let only_weeks = rule.year_days.is_empty() && rule.month_days.is_empty() && rule.weekdays.is_empty();
        let as_start = match rule.frequency {
            _ if !only_weeks => true,
            _ if !rule.weeks.is_empty() => date.weekday() == start.weekday(),
            Frequency::Yearly if rule.months == 0 => (date.month(), date.day()) == (start.month(), start.day()),
            Frequency::Yearly | Frequency::Monthly => date.day() == start.day(),
            Frequency::Weekly => date.weekday() == start.weekday(),
            _ => true,
        };
        let of_month = |list: &[i16]| has(list, i16::from(date.day()), i16::from(date.days_in_month()));
        as_start
            && (rule.months == 0 || rule.months & 1 << date.month() != 0)
            && (rule.month_days.is_empty() || of_month(&rule.month_days))
            && (rule.year_days.is_empty() || has(&rule.year_days, date.day_of_year(), date.days_in_year()))
            && (rule.weeks.is_empty() || rule.takes_week(date))
            && (rule.weekdays.is_empty() || rule.takes_weekday(date))
    }
}

impl Rule {
    /// By `BYSETPOS`, of a period's set in order.
    fn picked(&self, set: &[DateTime]) -> impl Iterator<Item = DateTime> {
        let of = move |(at, moment): (usize, &DateTime)| {
            // No position is as far in as to need more than 16 bits.
            let place = |n: usize| i16::try_from(n).unwrap_or(i16::MAX);
            let named = |n: i16| self.positions.contains(&n);
            (self.positions.is_empty() || named(place(at + 1)) || named(-place(set.len() - at))).then_some(*moment)
        };
        set.iter().enumerate().filter_map(of)
    }

    /// Whether the day is in one of the weeks. A week belongs to the year that has at least four of its days.
    fn takes_week(&self, date: Date) -> bool {
        let into_week = i64::from(date.weekday().since(self.week_start));
        let Some(middle) = self::date(day_number(date) - into_week + 3) else { return false };
        let day = middle.day_of_year() - 1;
        let weeks = (middle.days_in_year() - 1 - day % 7) / 7 + 1;
        has(&self.weeks, day / 7 + 1, weeks)
    }

    /// Whether the day is one of the weekdays, numbered within the month or, for years without months, the year.
    fn takes_weekday(&self, date: Date) -> bool {
        let in_year = self.frequency == Frequency::Yearly && self.months == 0;
        let (day, days) = match in_year {
            true => (date.day_of_year(), date.days_in_year()),
            false => (i16::from(date.day()), i16::from(date.days_in_month())),
        };
        let (nth, from_end) = ((day - 1) / 7 + 1, (days - day) / 7 + 1);
        let weekday = date.weekday();
        self.weekdays.iter().any(|(n, of)| *of == weekday && (*n == 0 || *n == nth || *n == -from_end))
    }
}

/// Whether a list names the n-th of `of`, from either end.
fn has(list: &[i16], n: i16, of: i16) -> bool {
    list.contains(&n) || list.contains(&(n - of - 1))
}

/// Adds every time of the sets on a day.
fn fill_day(
    date: Date,
    hours: u64,
    minutes: u64,
    seconds: u64,
    set: &mut Vec<DateTime>,
    budget: &mut Budget,
) -> Result<(), Spent> {
    budget.spend(u64::from(hours.count_ones() * minutes.count_ones() * seconds.count_ones()))?;
    for hour in bits(hours) {
        for minute in bits(minutes) {
            let times = bits(seconds).filter_map(|second| Time::new(hour, minute, second, 0).ok());
            set.extend(times.map(|time| date.to_datetime(time)));
        }
    }
    Ok(())
}

/// The numbers of a set, in order.
fn bits(set: u64) -> impl Iterator<Item = i8> {
    (0..64_i8).filter(move |n| set & 1 << n != 0)
}

/// The days of a year.
fn year_days(year: i64) -> Option<Range<i64>> {
    let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
    let day = day_number(first);
    Some(day..day + i64::from(first.days_in_year()))
}

/// The days of a month, counted from January of the year 0.
fn month_days(month: i64) -> Option<Range<i64>> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let first = Date::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1).ok()?;
    let day = day_number(first);
    Some(day..day + i64::from(first.days_in_month()))
}

/// Seconds of the wall clock since it showed the beginning of 1970.
pub(crate) fn seconds(at: DateTime) -> i64 {
    day_number(at.date()) * DAY + i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second())
}

/// What the wall clock shows then; `None` outside the years 0 to 9998.
pub(crate) fn from_seconds(seconds: i64) -> Option<DateTime> {
    let time = i32::try_from(seconds.rem_euclid(DAY)).ok()?;
    let part = |n: i32| i8::try_from(n).ok();
    let time = Time::new(part(time / 3600)?, part(time / 60 % 60)?, part(time % 60)?, 0).ok()?;
    Some(date(seconds.div_euclid(DAY))?.to_datetime(time))
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`).
fn day_number(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    // The year begins in March, so that a leap day is its last.
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse, `civil_from_days`; `None` outside the years 0 to 9998, which leaves every zone room for its offset.
fn date(day: i64) -> Option<Date> {
    let day = day.checked_add(719_468)?;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = i8::try_from(day_of_year - (153 * month + 2) / 5 + 1).ok()?;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = i16::try_from(era * 400 + year_of_era + i64::from(month <= 2)).ok()?;
    (0..=9998).contains(&year).then(|| Date::new(year, i8::try_from(month).ok()?, day).ok()).flatten()
}

#[cfg(test)]
mod tests;
