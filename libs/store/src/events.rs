//! The workspace's events, read from their stream.

use std::collections::HashMap;
use std::fmt;

use leadhand_domain::event::Event;
use leadhand_domain::id::Workspace;
use leadhand_domain::invalid::Invalid;
use redis::streams::{StreamId, StreamRangeReply};

use crate::error::Error;
use crate::{Store, codec, keys};

mod tail;

pub use tail::Tail;

/// Where an event stands in its workspace's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    millis: u64,
    sequence: u64,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { millis: 0, sequence: 0 };

    /// When the event was committed, by the store's clock, in milliseconds since the Unix epoch.
    pub fn millis(self) -> u64 {
        self.millis
    }

    /// Takes a position that an event carried.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        value
            .split_once('-')
            .and_then(|(millis, sequence)| Some(Self { millis: number(millis)?, sequence: number(sequence)? }))
            .ok_or_else(|| Invalid::new("a position as an event carried it"))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.millis, self.sequence)
    }
}

/// An event as it is stored: an encoded `leadhand.event.v1.Event` whose position is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it stands.
    pub position: Position,
    /// The encoded event.
    pub event: Vec<u8>,
}

/// An event as [`Stored::event`] has it: the same bytes for the same event, by which a decision that is taken again is held
/// against the one that is stored.
pub fn encoded(workspace: &Workspace, event: &Event) -> Vec<u8> {
    codec::event::encode(workspace, event)
}

/// What follows a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The next events, in order and without a gap; fewer than asked for when there are no more.
    Events(Vec<Stored>),
    /// Events after the position are no longer kept.
    Trimmed,
    /// The stream does not have the position: the store has lost its latest writes since it was given out.
    Lost,
}

/// How far a stream reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    /// The oldest event kept.
    oldest: Option<Position>,
    /// The newest event there ever was; [`Position::START`] when there was none.
    newest: Position,
    /// Whether any event was dropped.
    trimmed: bool,
}

impl Extent {
    const EMPTY: Self = Self { oldest: None, newest: Position::START, trimmed: false };

    /// What follows a position that is not in the stream.
    fn follow(&self, absent: Position) -> Page {
        if absent == self.newest {
            return Page::Events(Vec::new());
        }
        if absent < self.newest && self.trimmed && self.oldest.is_none_or(|oldest| absent < oldest) {
            return Page::Trimmed;
        }
        Page::Lost
    }
}

impl Store {
    /// The event at a position, encoded like [`Stored::event`]; `None` when it is not kept.
    pub async fn event(&self, workspace: &Workspace, position: Position) -> Result<Option<Stored>, Error> {
        let reply: StreamRangeReply = self.link.run(&range(&keys::events(workspace), position, 0)).await?;
        let found = reply.ids.into_iter().map(stored).next().transpose()?;
        Ok(found.filter(|stored| stored.position == position))
    }

    /// Up to `limit` events after a position, or from the oldest one kept when it is [`Position::START`].
    ///
    /// The position itself is read too: only while it is in the stream is what follows it known to be everything. A
    /// position that was the last one dropped reads as trimmed: nothing tells any more whether more was dropped after it.
    pub async fn events_after(&self, workspace: &Workspace, after: Position, limit: usize) -> Result<Page, Error> {
        let reply = self.link.run(&range(&keys::events(workspace), after, limit)).await?;
        match following(reply, after, limit)? {
            Some(events) => Ok(Page::Events(events)),
            None => Ok(self.events_extent(workspace).await?.follow(after)),
        }
    }

    /// The newest event there ever was; [`Position::START`] when there was none.
    pub async fn events_newest(&self, workspace: &Workspace) -> Result<Position, Error> {
        Ok(self.events_extent(workspace).await?.newest)
    }

    async fn events_extent(&self, workspace: &Workspace) -> Result<Extent, Error> {
        extent(self.link.run(&info(&keys::events(workspace))).await)
    }
}

/// Asks for an event and up to `limit` after it.
fn range(key: &str, from: Position, limit: usize) -> redis::Cmd {
    let mut command = redis::cmd("XRANGE");
    command.arg(key).arg(from.to_string()).arg("+").arg("COUNT").arg(limit.saturating_add(1));
    command
}

/// What [`range`] brought after a position, if that is in the stream.
fn following(reply: StreamRangeReply, after: Position, limit: usize) -> Result<Option<Vec<Stored>>, Error> {
    let mut events: Vec<_> = reply.ids.into_iter().map(stored).collect::<Result<_, _>>()?;
    if after == Position::START {
        events.truncate(limit);
        return Ok(Some(events));
    }
    if events.first().is_none_or(|first| first.position != after) {
        return Ok(None);
    }
    events.remove(0);
    Ok(Some(events))
}

/// Asks how far a stream reaches.
fn info(key: &str) -> redis::Cmd {
    let mut command = redis::cmd("XINFO");
    command.arg("STREAM").arg(key);
    command
}

/// How far a stream reaches by what [`info`] brought.
fn extent(reply: Result<HashMap<String, redis::Value>, Error>) -> Result<Extent, Error> {
    let mut info = match reply {
        Ok(info) => info,
        Err(Error::Unexpected(error)) if error.detail() == Some("no such key") => return Ok(Extent::EMPTY),
        Err(error) => return Err(error),
    };
    let mut field = |name: &str| info.remove(name).unwrap_or(redis::Value::Nil);
    let damaged = |fault: redis::ParsingError| Error::Damaged(format!("events: {fault}"));
    let newest: String = redis::from_redis_value(field("last-generated-id")).map_err(damaged)?;
    let oldest: String = redis::from_redis_value(field("recorded-first-entry-id")).map_err(damaged)?;
    let added: u64 = redis::from_redis_value(field("entries-added")).map_err(damaged)?;
    let kept: u64 = redis::from_redis_value(field("length")).map_err(damaged)?;
    let position = |text: String| {
        Position::parse(&text).map_err(|fault| Error::Damaged(format!("events: {text:?} is not {fault}")))
    };
    Ok(Extent {
        oldest: if kept == 0 { None } else { Some(position(oldest)?) },
        newest: position(newest)?,
        trimmed: added > kept,
    })
}

pub(crate) fn stored(entry: StreamId) -> Result<Stored, Error> {
    let position = Position::parse(&entry.id).map_err(|fault| Error::Damaged(format!("events: {fault}")))?;
    let event = entry.get("e").ok_or_else(|| Error::Damaged(format!("event {position} is empty")))?;
    Ok(Stored { position, event })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Position {
        Position { millis, sequence: 0 }
    }

    #[test]
    fn a_position_reads_back_and_nothing_else_does() {
        for text in ["0-0", "1700000000000-12", "18446744073709551615-18446744073709551615"] {
            assert_eq!(Position::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "-", "1", "1-", "-1", "+1-0", "1-0 ", "1-0-0", "$", "18446744073709551616-0"] {
            assert!(Position::parse(bad).is_err(), "{bad:?}");
        }
        assert!(at(9) < at(10) && at(10) < Position { millis: 10, sequence: 1 });
    }

    #[test]
    fn an_absent_position_is_trimmed_or_lost() {
        let whole = Extent { oldest: Some(at(3)), newest: at(5), trimmed: false };
        assert_eq!(whole.follow(at(2)), Page::Lost, "nothing was ever there");
        assert_eq!(whole.follow(at(4)), Page::Lost);
        assert_eq!(whole.follow(at(6)), Page::Lost);
        let trimmed = Extent { trimmed: true, ..whole };
        assert_eq!(trimmed.follow(at(2)), Page::Trimmed);
        assert_eq!(trimmed.follow(at(4)), Page::Lost);
        assert_eq!(trimmed.follow(at(6)), Page::Lost);
        let emptied = Extent { oldest: None, ..trimmed };
        assert_eq!(emptied.follow(at(4)), Page::Trimmed);
        assert_eq!(emptied.follow(at(5)), Page::Events(Vec::new()), "nothing came since");
        assert_eq!(emptied.follow(at(6)), Page::Lost);
        assert_eq!(Extent::EMPTY.follow(at(1)), Page::Lost);
    }
}
