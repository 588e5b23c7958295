//! Constants that are written as texts: moments, durations, time zones and patterns, each read once, when the expression
//! is checked.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use regex::{Regex, RegexBuilder};

use crate::time::{Millis, Span};

/// The most memory of a pattern's program, in bytes. Each class such as `\w` takes about 40 kB for its tables: ten of
/// them fit, a hundred do not. It bounds what a search may cost: the worst found takes 2 ms in a text of 1,000
/// characters the first time, and microseconds from then on.
const MAX_PATTERN: usize = 512 * 1024;

/// A moment in the form of RFC 3339; to the millisecond, which is what moments have here.
pub(super) fn moment(text: &str) -> Option<Millis> {
    let moment: Timestamp = text.parse().ok()?;
    (moment.subsec_nanosecond() % 1_000_000 == 0).then(|| Millis(moment.as_millisecond()))
}

/// A length of time in Go's form, which CEL uses: `1h30m`, `-1.5s`, `0`.
pub(super) fn length(text: &str) -> Option<Span> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned == "0" {
        return Some(Span(0));
    }
    let mut rest = unsigned;
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        // 15 digits of hours are still far from the end of 128 bits.
        let whole: i128 = if digits == 0 { 0 } else { rest.get(..digits).filter(|d| d.len() <= 15)?.parse().ok()? };
        let mut fraction = "";
        let mut end = digits;
        if let Some(after) = rest[digits..].strip_prefix('.') {
            let length = after.find(|c: char| !c.is_ascii_digit())?;
            fraction = after.get(..length).filter(|d| (1..=12).contains(&d.len()))?;
            end += 1 + length;
        } else if digits == 0 {
            return None;
        }
        rest = &rest[end..];
        let units = [("ms", 1_000_000), ("us", 1_000), ("ns", 1), ("h", 3_600_000_000_000), ("m", 60_000_000_000)];
        let units = units.into_iter().chain([("s", 1_000_000_000)]);
        let (unit, size) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        let parts = if fraction.is_empty() { 0 } else { fraction.parse::<i128>().ok()? } * size;
        if parts % scale != 0 {
            return None;
        }
        nanos += whole * size + parts / scale;
    }
    if unsigned.is_empty() || nanos % 1_000_000 != 0 {
        return None;
    }
    let millis = i64::try_from(nanos / 1_000_000).ok()?;
    Some(Span(if text.starts_with('-') { -millis } else { millis }))
}

/// A zone by its IANA name, from the database that is compiled in: every machine gives the same answer.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// A pattern, compiled; `None` when it is none or takes too much memory.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).size_limit(MAX_PATTERN).build().ok()
}
