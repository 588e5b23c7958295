//! Recurrence rules (RFC 5545 3.3.10): reading one. Working one out is [`expand`].

use jiff::civil::Weekday;

use crate::fault::Reason;
use crate::value::{Written, number};

pub(crate) mod expand;

/// What is repeated. Ordered from the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

/// A rule. An empty list, or set, limits nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u32,
    /// How many occurrences, the start among them.
    pub(crate) count: Option<u32>,
    /// The last moment that an occurrence may start.
    pub(crate) until: Option<Written>,
    pub(crate) week_start: Weekday,
    /// Bit m: month m, from 1.
    pub(crate) months: u64,
    pub(crate) weeks: Vec<i16>,
    pub(crate) year_days: Vec<i16>,
    pub(crate) month_days: Vec<i16>,
    /// A weekday, and which one of the month or year: 0 all of them, -1 the last.
    pub(crate) weekdays: Vec<(i16, Weekday)>,
    /// Bit h: hour h, from 0; likewise minutes and seconds.
    pub(crate) hours: u64,
    pub(crate) minutes: u64,
    pub(crate) seconds: u64,
    /// Which of a period's occurrences: 1 the first, -1 the last.
    pub(crate) positions: Vec<i16>,
}

impl Rule {
    /// Reads the value of an `RRULE`.
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        let mut frequency = None;
        let mut rule = Self::every(Frequency::Yearly);
        let mut seen: Vec<String> = Vec::new();
        // A trailing semicolon, and blanks inside a list, are what Exchange and Outlook write.
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(Reason::Malformed)?;
            let name = name.trim().to_ascii_uppercase();
            let value = value.trim();
            if seen.contains(&name) {
                return Err(Reason::Malformed);
            }
            match name.as_str() {
                "FREQ" => frequency = Some(self::frequency(value)?),
                "INTERVAL" => rule.interval = at_least_one(value)?,
                "COUNT" => rule.count = Some(at_least_one(value)?),
                "UNTIL" => rule.until = Some(Written::parse(value).ok_or(Reason::Malformed)?),
                "WKST" => rule.week_start = weekday(value)?,
                "BYMONTH" => rule.months = set(value, 1, 12)?,
                "BYWEEKNO" => rule.weeks = list(value, 53)?,
                "BYYEARDAY" => rule.year_days = list(value, 366)?,
                "BYMONTHDAY" => rule.month_days = list(value, 31)?,
                "BYDAY" => rule.weekdays = weekdays(value)?,
                "BYHOUR" => rule.hours = set(value, 0, 23)?,
                "BYMINUTE" => rule.minutes = set(value, 0, 59)?,
                "BYSECOND" => rule.seconds = set(value, 0, 60)?,
                "BYSETPOS" => rule.positions = list(value, 366)?,
                // RFC 7529: this calendar, and its way with days that a month does not have, is what is done anyway.
                "RSCALE" if value.eq_ignore_ascii_case("GREGORIAN") => {}
                "SKIP" if value.eq_ignore_ascii_case("OMIT") => {}
                // A part that is not understood may narrow the rule or widen it.
                _ => return Err(Reason::Unsupported),
            }
            seen.push(name);
        }
        rule.frequency = frequency.ok_or(Reason::Malformed)?;
        // A leap second is the one before it; see `Written::parse`.
        if rule.seconds & 1 << 60 != 0 {
            rule.seconds = rule.seconds & !(1 << 60) | 1 << 59;
        }
        rule.is_allowed().then_some(rule).ok_or(Reason::Malformed)
    }

    /// The plain rule of that frequency, without an end.
    pub(crate) fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Monday,
            months: 0,
            weeks: Vec::new(),
            year_days: Vec::new(),
            month_days: Vec::new(),
            weekdays: Vec::new(),
            hours: 0,
            minutes: 0,
            seconds: 0,
            positions: Vec::new(),
        }
    }

    /// The table of RFC 5545 3.3.10: which parts go with which frequency.
    fn is_allowed(&self) -> bool {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        let numbered = self.weekdays.iter().any(|(nth, _)| *nth != 0);
        let may_number = matches!(self.frequency, Yearly | Monthly) && self.weeks.is_empty();
        (self.weeks.is_empty() || self.frequency == Yearly)
            && (self.year_days.is_empty() || !matches!(self.frequency, Monthly | Weekly | Daily))
            && (self.month_days.is_empty() || self.frequency != Weekly)
            && (!numbered || may_number)
    }

    /// Whether every period has exactly one occurrence, so that they can be counted without looking at each.
    pub(crate) fn is_plain(&self) -> bool {
        let limits = self.months | self.hours | self.minutes | self.seconds;
        let lists = [&self.weeks, &self.year_days, &self.month_days, &self.positions];
        self.frequency >= Frequency::Weekly
            && limits == 0
            && self.weekdays.is_empty()
            && lists.iter().all(|list| list.is_empty())
    }
}

fn frequency(text: &str) -> Result<Frequency, Reason> {
    Ok(match text.to_ascii_uppercase().as_str() {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        "SECONDLY" => Frequency::Secondly,
        _ => return Err(Reason::Malformed),
    })
}

fn weekday(text: &str) -> Result<Weekday, Reason> {
    Ok(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return Err(Reason::Malformed),
    })
}

/// `TU`, `1MO`, `-2SU`.
fn nth_weekday(text: &str) -> Result<(i16, Weekday), Reason> {
    let text = text.trim();
    let cut = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(Reason::Malformed)?;
    let (nth, day) = text.split_at(cut);
    let nth = if nth.is_empty() { 0 } else { signed(nth, 53)? };
    Ok((nth, weekday(day)?))
}

/// Each once, however long the list: every day that a rule looks at is compared with all of them.
fn weekdays(text: &str) -> Result<Vec<(i16, Weekday)>, Reason> {
    let mut found = text.split(',').map(nth_weekday).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable_by_key(|(nth, day)| (*nth, day.to_monday_zero_offset()));
    found.dedup();
    Ok(found)
}

fn at_least_one(text: &str) -> Result<u32, Reason> {
    number(text.as_bytes()).filter(|n| *n > 0).ok_or(Reason::Malformed)
}

/// A number of 1 to `most`, from either end.
fn signed(text: &str, most: i16) -> Result<i16, Reason> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let n = number(digits.as_bytes()).and_then(|n| i16::try_from(n).ok());
    n.filter(|n| (1..=most).contains(n)).map(|n| sign * n).ok_or(Reason::Malformed)
}

/// Each number once, however long the list.
fn list(text: &str, most: i16) -> Result<Vec<i16>, Reason> {
    let mut found = text.split(',').map(|item| signed(item.trim(), most)).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn set(text: &str, least: u32, most: u32) -> Result<u64, Reason> {
    text.split(',').try_fold(0, |set, item| {
        let n = number(item.trim().as_bytes()).filter(|n| (least..=most).contains(n)).ok_or(Reason::Malformed)?;
        Ok(set | 1 << n)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_do_not_go_together_are_malformed() {
        for bad in [
            "",
            "INTERVAL=2",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;COUNT=99999999999",
            "FREQ=DAILY;UNTIL=",
            "FREQ=DAILY;BYDAY=1MO",
            "FREQ=DAILY;BYDAY=XX",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=DAILY;BYMONTH=",
            "FREQ=MONTHLY;BYMONTHDAY=0",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYWEEKNO=1",
            "FREQ=MONTHLY;BYYEARDAY=1",
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
        ] {
            assert_eq!(Rule::parse(bad), Err(Reason::Malformed), "{bad}");
        }
        for other in ["RSCALE=HEBREW;FREQ=YEARLY", "FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=FORWARD", "FREQ=DAILY;BYEASTER=1"]
        {
            assert_eq!(Rule::parse(other), Err(Reason::Unsupported), "{other}");
        }
    }

    #[test]
    fn what_well_known_programs_write_is_understood() {
        let rule = Rule::parse("freq=weekly;BYDAY=MO, TU ;WKST=SU;").unwrap();
        assert_eq!(rule.weekdays, [(0, Weekday::Monday), (0, Weekday::Tuesday)]);
        assert_eq!(rule.week_start, Weekday::Sunday);
        assert_eq!(Rule::parse("FREQ=DAILY;BYSECOND=60").unwrap().seconds, 1 << 59);
    }
}
