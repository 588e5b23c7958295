//! What comes out: one stretch of time in which somebody is busy.

use leadhand_domain::time::Millis;
use sha2::{Digest, Sha256};

/// How somebody is busy. Ordered: where two tell of the same time, the greater counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Perhaps: not confirmed yet.
    Tentative,
    /// In a meeting, or otherwise taken.
    Busy,
    /// Not at work.
    OutOfOffice,
}

/// One occurrence of an event. Titles, notes, places and people are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Busy from this moment on …
    pub start: Millis,
    /// … until just before this one; always after `start`.
    pub end: Millis,
    /// Whether it is a matter of whole days.
    pub all_day: bool,
    /// How.
    pub kind: Kind,
    pub(crate) id: String,
    pub(crate) revision: Revision,
}

impl Occurrence {
    /// What the occurrence is called, the same at every reading of the feed: at most 255 printable ASCII characters.
    ///
    /// A digest of the event's `UID`, which may be an e-mail address, and for an event that recurs the moment at which the
    /// series has the occurrence, wherever it was moved to. Events without a `UID` are called by their times.
    pub fn event_id(&self) -> &str {
        &self.id
    }

    /// Grows with each change of the event that its sender counts: by `SEQUENCE`, and within one by `LAST-MODIFIED`, or
    /// where that is missing by `DTSTAMP`, to the second.
    pub fn revision(&self) -> u64 {
        self.revision.0
    }
}

/// See [`Occurrence::revision`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Revision(u64);

impl Revision {
    /// The sequence in the upper 28 bits, above the seconds since 1970, which need 36 until the year 4147.
    pub(crate) fn new(sequence: u32, stamp: Option<Millis>) -> Self {
        let seconds = stamp.map_or(0, |at| u64::try_from(at.0 / 1000).unwrap_or(0));
        Self(u64::from(sequence.min((1 << 28) - 1)) << 36 | seconds.min((1 << 36) - 1))
    }
}

/// The first 128 bits of a digest, in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
