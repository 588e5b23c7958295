//! The value types of RFC 5545 3.3 that are read.

use jiff::civil;

/// A `DATE` or `DATE-TIME` as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Date(civil::Date),
    Local(civil::DateTime),
    Utc(civil::DateTime),
}

impl Written {
    /// `20241231`, `20241231T235959` or `20241231T235959Z`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let date = civil::Date::new(
            i16::try_from(number(bytes.get(..4)?)?).ok()?,
            i8::try_from(number(bytes.get(4..6)?)?).ok()?,
            i8::try_from(number(bytes.get(6..8)?)?).ok()?,
        )
        .ok()?;
        let (time, utc) = match &bytes[8..] {
            [] => return Some(Self::Date(date)),
            [b'T' | b't', time @ .., b'Z' | b'z'] => (time, true),
            [b'T' | b't', time @ ..] => (time, false),
            _ => return None,
        };
        let part = |at| i8::try_from(number(time.get(at..at + 2)?)?).ok();
        // A leap second is the last second before it, as everywhere that does not count them.
        let second = if time.len() == 6 { part(4)? } else { return None };
        let second = if second == 60 { 59 } else { second };
        let at = date.to_datetime(civil::Time::new(part(0)?, part(2)?, second, 0).ok()?);
        Some(if utc { Self::Utc(at) } else { Self::Local(at) })
    }

    /// What the wall clock shows, midnight for a date, wherever that clock hangs.
    pub(crate) fn civil(self) -> civil::DateTime {
        match self {
            Self::Date(date) => date.to_datetime(civil::Time::midnight()),
            Self::Local(at) | Self::Utc(at) => at,
        }
    }
}

/// Digits only, at most nine of them.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    let fits = (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

/// A length of time: days of the calendar, which may have 23 or 25 hours, and then seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duration {
    pub(crate) days: i32,
    pub(crate) seconds: i64,
}

impl Duration {
    pub(crate) const fn days(days: i32) -> Self {
        Self { days, seconds: 0 }
    }

    /// `P2W`, `P1DT2H`, `PT15M` … not below zero, and at most ten years: that is a mistake, or an attack.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim_start_matches('+').strip_prefix(['P', 'p'])?.as_bytes();
        let (mut days, mut seconds, mut in_time, mut parts) = (0_i64, 0_i64, false, 0);
        // Each unit once, and the larger first.
        let mut left: &[u8] = b"WDTHMS";
        while !rest.is_empty() {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let unit = rest.get(digits)?.to_ascii_uppercase();
            let place = left.iter().position(|other| *other == unit)?;
            left = &left[place + 1..];
            if unit == b'T' {
                if digits > 0 {
                    return None;
                }
                in_time = true;
            } else {
                let n = i64::from(number(&rest[..digits])?);
                match (unit, in_time) {
                    (b'W', false) => days += n * 7,
                    (b'D', false) => days += n,
                    (b'H', true) => seconds += n * 3600,
                    (b'M', true) => seconds += n * 60,
                    (b'S', true) => seconds += n,
                    _ => return None,
                }
                parts += 1;
            }
            rest = &rest[digits + 1..];
        }
        let sane = parts > 0 && days <= 3_660 && seconds <= 3_660 * 86_400;
        sane.then_some(Self { days: i32::try_from(days).ok()?, seconds })
    }
}

/// `+0100`, `-053000`: seconds east of UTC.
pub(crate) fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let part = |at: usize| digits.get(at..at + 2).and_then(number).and_then(|n| i32::try_from(n).ok());
    let seconds = match digits.len() {
        4 => 0,
        6 => part(4)?,
        _ => return None,
    };
    let (hours, minutes) = (part(0)?, part(2)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    #[test]
    fn dates_and_times() {
        let at = datetime(2024, 2, 29, 23, 59, 59, 0);
        assert_eq!(Written::parse("20240229"), Some(Written::Date(date(2024, 2, 29))));
        assert_eq!(Written::parse("20240229T235959"), Some(Written::Local(at)));
        assert_eq!(Written::parse("20240229T235960Z"), Some(Written::Utc(at)));
        for bad in
            ["", "2024", "20230229", "20240229T", "20240229T2359", "20240229T240000", "2024022é", "20240229 235959"]
        {
            assert_eq!(Written::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations() {
        let of = |days, seconds| Some(Duration { days, seconds });
        assert_eq!(Duration::parse("P2W"), of(14, 0));
        assert_eq!(Duration::parse("+P1DT2H3M4S"), of(1, 7384));
        assert_eq!(Duration::parse("PT0S"), of(0, 0));
        for bad in
            ["", "P", "PT", "P1", "1D", "-PT1H", "PT1D", "P1H", "PT1S1H", "PTT1H", "P9999999999D", "P99999D", "P1T1H"]
        {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(offset("+0100"), Some(3600));
        assert_eq!(offset("-003002"), Some(-1802));
        for bad in ["", "0100", "+1", "+2400", "+0160", "+01000", "+01:00"] {
            assert_eq!(offset(bad), None, "{bad}");
        }
    }
}
