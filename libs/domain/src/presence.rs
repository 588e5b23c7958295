//! When a rep was last seen at work by a presence source: a chat, a dialler, the CRM's open window.
//!
//! It is a record of its own, as it changes all day while calendars hardly do. It has no head that changes with it and
//! makes decisions stale, and needs none: **`seen_at` only grows**. A decision that takes a rep as seen by an older version
//! stays right by every newer one, so it does not expect the version it read. A decision that passes a rep over as not seen
//! does expect it: whoever comes back meanwhile makes it stale. Two things would make "seen" wrong later, and both replace
//! the head that decisions expect: another policy, and the first record of a rep, who was not held to it before.

use crate::id::RepId;
use crate::time::{Millis, Span};

/// A rep who was seen so shortly before is not written again: one write a minute for each rep, however many sources send
/// heartbeats how often.
pub const EVERY: Span = Span::minutes(1);

/// When a rep was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The rep.
    pub rep: RepId,
    /// The moment, [`EVERY`] behind the truth at most.
    pub seen_at: Millis,
}

impl Presence {
    /// What to write when the rep was seen `at` a moment, told at `now`; `None` when that is nothing new. Nobody is seen in
    /// the future.
    pub fn seen(held: Option<&Self>, rep: &RepId, at: Millis, now: Millis) -> Option<Self> {
        let seen_at = at.min(now);
        let is_news = held.is_none_or(|held| seen_at.since(held.seen_at) >= EVERY);
        is_news.then(|| Self { rep: rep.clone(), seen_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rep_is_written_at_most_once_a_minute_and_only_forward() {
        let ana = RepId::parse("ana").unwrap();
        let now = Millis(10_000_000);
        let first = Presence::seen(None, &ana, now, now).unwrap();
        let again = |at: i64| Presence::seen(Some(&first), &ana, Millis(at), Millis(now.0 + 100_000));
        assert_eq!(again(now.0 - 1), None);
        assert_eq!(again(now.0 + 59_999), None);
        assert_eq!(again(now.0 + 60_000).unwrap().seen_at, Millis(now.0 + 60_000));
        assert_eq!(again(i64::MAX).unwrap().seen_at, Millis(now.0 + 100_000), "not in the future");
    }
}
