//! A calendar that is fetched again and again: when it is next, and what becomes of a fetch that fails.
//!
//! Replicas share the work by one record a feed. Whoever puts [`begin`]'s change is the one that fetches, until the fetch is
//! done or its time is up; only who still stands in the record may say what it brought ([`finish`]), so that an answer that
//! was long on its way never replaces a later one.

use crate::answer::Answer;
use crate::availability::{self, Command, Reading, Said};
use crate::change::Change;
use crate::id::{CalendarSource, RepId};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};

/// The longest pause after failures, however many.
pub const MAX_PAUSE: Span = Span::hours(6);

/// After this long the feed is read anew though its server says that it has not changed: recurrences without an end go on.
pub const READ_ANEW: Span = Span::hours(12);

/// How a fetched calendar stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Whose calendar it is.
    pub rep: RepId,
    /// What the calendar is called.
    pub source: CalendarSource,
    /// A digest of where and how it is fetched: what was remembered of another place does not count.
    pub shape: [u8; 16],
    /// When it is to be fetched next; while it is being fetched, when that is given up.
    pub next_at: Millis,
    /// When the server last answered as it should.
    pub good_at: Option<Millis>,
    /// When its events were last read.
    pub read_at: Option<Millis>,
    /// How many fetches have failed since.
    pub failures: u32,
    /// What the server called the version that was read; empty when it does not say.
    pub etag: String,
    /// When that was last changed, in the server's words; empty when it does not say.
    pub last_modified: String,
}

/// Which feed, and how it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose calendar it is.
    pub rep: RepId,
    /// What the calendar is called.
    pub source: CalendarSource,
    /// See [`Feed::shape`].
    pub shape: [u8; 16],
    /// How long after a fetch the next one follows.
    pub every: Span,
}

/// What a fetch came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// These are all its events; what the server calls the version, and when it says that it was changed.
    Events(Vec<Reading>, String, String),
    /// Nothing has changed.
    Unchanged,
    /// It could not be fetched or read: what was read before stands.
    Failed,
}

impl Order {
    /// The feed's record.
    pub fn key(&self) -> Key {
        Key::Feed(self.rep.clone(), self.source.clone())
    }

    /// What is remembered of the feed, if it is this one.
    pub fn known<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Feed> {
        snapshot.feed(&self.rep, &self.source).filter(|feed| feed.shape == self.shape)
    }

    /// What [`finish`] looks at.
    pub fn reads(&self) -> Vec<Key> {
        let said = self.saying(Said::Synced);
        availability::reads(&said).into_iter().chain([self.key()]).collect()
    }

    fn saying(&self, said: Said) -> Command {
        Command { rep: self.rep.clone(), source: self.source.clone(), event: String::new(), revision: 0, said }
    }
}

/// Takes a fetch in hand that is due, to be done within a time. What is there to compare with, should nothing have changed,
/// is in the record that is put.
pub fn begin(snapshot: &Snapshot, order: &Order, within: Span, now: Millis) -> Result<Change, Refusal> {
    let known = order.known(snapshot);
    if known.is_some_and(|feed| now < feed.next_at) {
        return Err(Refusal::of(Reason::NotDue, "the feed is not to be fetched yet"));
    }
    let mut feed = known.cloned().unwrap_or_else(|| Feed {
        rep: order.rep.clone(),
        source: order.source.clone(),
        shape: order.shape,
        next_at: now,
        good_at: None,
        read_at: None,
        failures: 0,
        etag: String::new(),
        last_modified: String::new(),
    });
    if feed.read_at.is_none_or(|read_at| now.since(read_at) >= READ_ANEW) {
        (feed.etag, feed.last_modified) = (String::new(), String::new());
    }
    feed.next_at = now.after(within);
    let mut change = Change::answering(Answer::CalendarTaken(true));
    change.expects.push(order.key());
    change.puts.push(Record::Feed(feed));
    Ok(change)
}

/// Takes in what a fetch came to, begun as `begun` says. `chance`, of the whole range, spreads the tries after failures.
pub fn finish(
    snapshot: &Snapshot,
    order: &Order,
    begun: &Feed,
    fetched: &Fetched,
    policy: Option<&Policy>,
    chance: u32,
    now: Millis,
) -> Result<Change, Refusal> {
    if order.known(snapshot) != Some(begun) {
        return Err(Refusal::of(Reason::NotDue, "the feed is fetched by another"));
    }
    let said = match fetched {
        Fetched::Events(events, ..) => Some(Said::All(events.clone())),
        Fetched::Unchanged => Some(Said::Synced),
        Fetched::Failed => None,
    };
    let mut change = match said {
        Some(said) => availability::decide(snapshot, &order.saying(said), policy, now)?,
        None => Change::answering(Answer::CalendarTaken(false)),
    };
    let good = Feed { next_at: now.after(order.every), good_at: Some(now), failures: 0, ..begun.clone() };
    let feed = match fetched {
        Fetched::Events(_, etag, last_modified) => {
            Feed { read_at: Some(now), etag: etag.clone(), last_modified: last_modified.clone(), ..good }
        }
        Fetched::Unchanged => good,
        Fetched::Failed => {
            let failures = begun.failures.saturating_add(1);
            Feed { next_at: now.after(pause(order.every, failures, chance)), failures, ..begun.clone() }
        }
    };
    change.expects.push(order.key());
    change.puts.push(Record::Feed(feed));
    Ok(change)
}

/// How long a feed is left alone that has failed so often in a row: twice as long each time, less up to a half by chance.
fn pause(every: Span, failures: u32, chance: u32) -> Span {
    let doubled = 1_i64.checked_shl(failures.min(32)).and_then(|times| every.0.checked_mul(times));
    let most = doubled.unwrap_or(i64::MAX).min(MAX_PAUSE.0.max(every.0));
    let less = i128::from(most / 2) * i128::from(chance) / i128::from(u32::MAX);
    Span(most - i64::try_from(less).unwrap_or(0))
}

#[cfg(test)]
mod tests;
