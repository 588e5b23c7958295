//! Working hours as people write them.

use std::fmt::Write;

use crate::invalid::Invalid;

/// The longest text, in bytes.
pub const MAX_TEXT: usize = 500;

/// The most holidays of one rep.
pub const MAX_HOLIDAYS: usize = 400;

/// Minutes of a day.
pub(super) const DAY: i64 = 24 * 60;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The text of a week without a break.
const ALWAYS: &str = "always";

/// A stretch of working time: minutes from the midnight of the day it begins on. It may end on the next, at the latest just
/// before the time of day it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) from: i64,
    pub(super) to: i64,
}

pub(super) fn parse(text: &str) -> Result<[Vec<Stretch>; 7], Invalid> {
    if text.len() > MAX_TEXT {
        return Err(Invalid::new(format!("at most {MAX_TEXT} bytes")));
    }
    let mut days: [Vec<Stretch>; 7] = Default::default();
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Err(Invalid::new("required"));
    }
    if text == ALWAYS {
        days.fill(vec![Stretch { from: 0, to: DAY }]);
        return Ok(days);
    }
    for (item, place) in text.split(',').zip(1..) {
        let wrong = |what: &str| Invalid::new(format!("item {place}: {what}"));
        let words: Vec<_> = item.split_whitespace().collect();
        let named = words.iter().take_while(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).count();
        let (names, times) = words.split_at(named);
        if names.is_empty() || times.is_empty() {
            return Err(wrong("expected days, then times, such as mon-fri 09:00-17:30"));
        }
        let mut on = [false; 7];
        for name in names {
            let (first, last) = days_of(name).ok_or_else(|| wrong("expected days such as mon or mon-fri"))?;
            // From the first round to the last, past Sunday where the last comes before the first.
            for day in 0..=(last + 7 - first) % 7 {
                on[(first + day) % 7] = true;
            }
        }
        for time in times {
            let (from, to) = times_of(time).ok_or_else(|| wrong("expected times such as 09:00-17:30"))?;
            if from == to || from == DAY {
                return Err(wrong("a stretch must last at least a minute and less than a day, or be 00:00-24:00"));
            }
            let stretch = Stretch { from, to: if to < from { to + DAY } else { to } };
            for (day, _) in days.iter_mut().zip(on).filter(|(_, on)| *on) {
                day.push(stretch);
            }
        }
    }
    Ok(days)
}

fn days_of(name: &str) -> Option<(usize, usize)> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    match name.split_once('-') {
        Some((first, last)) => Some((day(first)?, day(last)?)),
        None => day(name).map(|day| (day, day)),
    }
}

fn times_of(times: &str) -> Option<(i64, i64)> {
    let (from, to) = times.split_once('-')?;
    Some((minute(from)?, minute(to)?))
}

/// The minute of the day, `00:00` to `24:00`.
fn minute(time: &str) -> Option<i64> {
    let (hour, minute) = time.split_once(':')?;
    let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| {
        let well = lengths.contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        well.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1..=2)?, number(minute, 2..=2)?);
    Some(hour * 60 + minute).filter(|at| minute < 60 && *at <= DAY)
}

/// The text of a week: days with the same stretches are named together, in the order of the first of them.
pub(super) fn print(days: &[Vec<Stretch>; 7]) -> String {
    let whole = Stretch { from: 0, to: DAY };
    if days.iter().all(|day| *day == [whole]) {
        return ALWAYS.to_owned();
    }
    let mut text = String::new();
    for (first, day) in days.iter().enumerate() {
        if day.is_empty() || days[..first].contains(day) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        let mut last = first;
        let mut at = first;
        let mut separator = "";
        while at < 7 {
            if days[at] != *day {
                at += 1;
                continue;
            }
            last = (at..7).take_while(|next| days[*next] == *day).last().unwrap_or(last);
            let run = match last - at {
                0 => DAYS[at].to_owned(),
                _ => format!("{}-{}", DAYS[at], DAYS[last]),
            };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{separator}{run}");
            (separator, at) = (" ", last + 1);
        }
        for Stretch { from, to } in day {
            let to = if *to > DAY { to - DAY } else { *to };
            let _ = write!(text, " {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
        }
    }
    text
}
