//! Why a file, or a part of it, is not taken.

/// What is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Fault {
    /// The line of the file, from 1; of a folded line its first, of a component its `BEGIN`.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What can be wrong. The codes are stable; the texts are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Not UTF-8.
    #[error("not utf-8")]
    NotUtf8,
    /// The file does not begin like a calendar: a login page, perhaps, or another format.
    #[error("not an icalendar file")]
    NotCalendar,
    /// Not what RFC 5545 allows there.
    #[error("malformed")]
    Malformed,
    /// The file ends inside a component: a download that broke off.
    #[error("the file ends too early")]
    Truncated,
    /// More than one of the [limits](crate::limit) allows.
    #[error("too large")]
    TooLarge,
    /// Components inside components beyond [`crate::limit::DEPTH`].
    #[error("nested too deep")]
    TooDeep,
    /// A time zone that neither the file nor the tables define.
    #[error("unknown time zone")]
    UnknownZone,
    /// Correct, but beyond what is read here.
    #[error("not supported")]
    Unsupported,
    /// A recurrence with more to work out than [`crate::limit::EVENT_STEPS`] or [`crate::limit::EVENT_OCCURRENCES`].
    #[error("recurs too often")]
    Unbounded,
}

impl Reason {
    /// The stable name, for a metric, a wire or a script.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::NotCalendar => "not_calendar",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::UnknownZone => "unknown_zone",
            Self::Unsupported => "unsupported",
            Self::Unbounded => "unbounded",
        }
    }

    /// This reason, at a line.
    pub(crate) fn at(self, line: u64) -> Fault {
        Fault { line, reason: self }
    }
}
