//! Moments and lengths of time, in milliseconds.

use std::fmt;

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment `length` after this one.
    pub fn after(self, length: Span) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// How long after `earlier` this moment is; negative when it is before.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub i64);

impl Span {
    /// So many minutes.
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60_000)
    }

    /// So many hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n * 60)
    }

    /// So many days of 24 hours.
    pub const fn days(n: i64) -> Self {
        Self::hours(n * 24)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1000;
        match seconds {
            s if s > 0 && s % 86_400 == 0 => write!(f, "{} d", s / 86_400),
            s if s > 0 && s % 3600 == 0 => write!(f, "{} h", s / 3600),
            s if s > 0 && s % 60 == 0 => write!(f, "{} min", s / 60),
            _ => write!(f, "{} ms", self.0),
        }
    }
}
