//! Moments and lengths of time as people type them.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leadhand_kit::Clock;

/// The moment that it is.
pub(crate) fn now() -> Timestamp {
    // The clock's milliseconds are within what a timestamp holds.
    Timestamp::from_millisecond(Clock::system().now_ms()).unwrap_or(Timestamp::MAX)
}

/// A length such as `10s`, `500ms`, `2m` or `1h 30m`.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let wrong = || "a length of time such as 10s, 500ms or 2m".to_owned();
    let length: SignedDuration = text.parse().map_err(|_| wrong())?;
    let length = Duration::try_from(length).map_err(|_| wrong())?;
    if length.is_zero() { Err("longer than nothing".to_owned()) } else { Ok(length) }
}

/// A moment: `now`, `+2h` or `-30m` from now, RFC 3339, or a date with or without a time in the zone given.
pub(crate) fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let wrong = || "a moment such as now, +2h, 2026-11-22T15:00Z or `2026-11-22 15:00` (local time)".to_owned();
    let text = text.trim();
    if text == "now" {
        return Ok(now);
    }
    if let Some(ahead) = text.strip_prefix('+') {
        let length: SignedDuration = ahead.trim().parse().map_err(|_| wrong())?;
        return now.checked_add(length).map_err(|_| wrong());
    }
    if let Some(ago) = text.strip_prefix('-') {
        let length: SignedDuration = ago.trim().parse().map_err(|_| wrong())?;
        return now.checked_sub(length).map_err(|_| wrong());
    }
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    let zoned = local.map_err(|_| wrong())?.to_zoned(zone.clone());
    Ok(zoned.map_err(|_| wrong())?.timestamp())
}

/// The moment on the wire.
pub(crate) fn to_wire(moment: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: moment.as_second(), nanos: moment.subsec_nanosecond() }
}

/// The moment from the wire; `None` when it is none.
pub(crate) fn from_wire(wire: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(wire.seconds, wire.nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let cases = [
            ("now", "2026-11-22T12:00:00Z"),
            ("+2h", "2026-11-22T14:00:00Z"),
            ("+1h 30m", "2026-11-22T13:30:00Z"),
            ("-30m", "2026-11-22T11:30:00Z"),
            ("2026-11-22T15:00:00+02:00", "2026-11-22T13:00:00Z"),
            ("2026-11-22T15:00Z", "2026-11-22T15:00:00Z"),
            ("2026-11-22 15:00", "2026-11-22T14:00:00Z"),
            ("2026-11-22", "2026-11-21T23:00:00Z"),
        ];
        for (text, moment) in cases {
            assert_eq!(parse(text, now, &zone).unwrap().to_string(), moment, "{text}");
        }
        for text in ["", "soon", "+", "+2", "2026-13-01", "99:00"] {
            assert!(parse(text, now, &zone).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_positive() {
        assert_eq!(length("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(length("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "0s", "-1s", "10", "long"] {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_wire_keeps_a_moment() {
        let moment: Timestamp = "2026-11-22T12:00:00.123Z".parse().unwrap();
        assert_eq!(from_wire(&to_wire(moment)), Some(moment));
        assert_eq!(from_wire(&prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }), None);
    }
}
