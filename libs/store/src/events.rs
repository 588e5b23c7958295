//! The workspace's events, read from their stream.

use std::fmt;
use std::time::Duration;

use leadhand_domain::id::Workspace;
use leadhand_domain::invalid::Invalid;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};

use crate::error::Error;
use crate::{Store, keys};

/// Where an event stands in its workspace's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    millis: u64,
    sequence: u64,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { millis: 0, sequence: 0 };

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

/// How far a stream reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The last event before the oldest one kept; [`Position::START`] when none was ever dropped.
    pub dropped: Position,
    /// The newest event; [`Position::START`] when there is none.
    pub newest: Position,
}

impl Store {
    /// Up to `limit` events after a position, in order.
    pub async fn events_after(
        &self,
        workspace: &Workspace,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Stored>, Error> {
        let mut command = redis::cmd("XRANGE");
        command.arg(keys::events(workspace)).arg(format!("({after}")).arg("+").arg("COUNT").arg(limit);
        let reply: StreamRangeReply = self.link.run(&command).await?;
        reply.ids.into_iter().map(stored).collect()
    }

    /// How far the stream reaches.
    pub async fn events_extent(&self, workspace: &Workspace) -> Result<Extent, Error> {
        let mut command = redis::cmd("XINFO");
        command.arg("STREAM").arg(keys::events(workspace));
        let info: std::collections::HashMap<String, redis::Value> = match self.link.run(&command).await {
            Ok(info) => info,
            Err(Error::Unavailable(error)) if error.to_string().contains("no such key") => {
                return Ok(Extent { dropped: Position::START, newest: Position::START });
            }
            Err(error) => return Err(error),
        };
        let position = |field: &str| -> Result<Position, Error> {
            let value = info.get(field).cloned().unwrap_or(redis::Value::Nil);
            let text: String = redis::from_redis_value(value).map_err(|error| Error::Damaged(error.to_string()))?;
            Position::parse(&text).map_err(|fault| Error::Damaged(format!("events: {fault}")))
        };
        Ok(Extent { dropped: position("max-deleted-entry-id")?, newest: position("last-generated-id")? })
    }

    /// A connection of its own for waiting on a workspace's new events.
    pub async fn events_tail(&self, workspace: &Workspace, after: Position) -> Result<Tail, Error> {
        let connection = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.connect_timeout()))
            // A blocking read ends by its own limit; a time-out of the client would lose what it was about to bring.
            .set_response_timeout(None);
        let client = redis::Client::open(self.config.connection_info()?)?;
        let connection = client.get_multiplexed_async_connection_with_config(&connection).await?;
        let slack = self.config.response_timeout();
        Ok(Tail { connection, key: keys::events(workspace), after, slack })
    }
}

/// Waits for a workspace's new events. Reading does not take anything: what is read late is still there.
#[derive(Debug)]
pub struct Tail {
    connection: MultiplexedConnection,
    key: String,
    after: Position,
    slack: Duration,
}

impl Tail {
    /// The next events, at most `limit`; none when nothing came within `wait`. After an error, open another tail at the
    /// last position received.
    pub async fn next(&mut self, wait: Duration, limit: usize) -> Result<Vec<Stored>, Error> {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(limit).arg("BLOCK").arg(wait.as_millis().max(1) as u64);
        command.arg("STREAMS").arg(&self.key).arg(self.after.to_string());
        let read = command.query_async::<Option<StreamReadReply>>(&mut self.connection);
        // A server that is frozen, not busy, answers neither in time nor at all.
        let reply = tokio::time::timeout(wait + self.slack, read)
            .await
            .map_err(|late| Error::Unavailable(Box::new(late)))??;
        let entries = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
        let events: Vec<_> = entries.map(stored).collect::<Result<_, _>>()?;
        if let Some(last) = events.last() {
            self.after = last.position;
        }
        Ok(events)
    }
}

fn stored(entry: StreamId) -> Result<Stored, Error> {
    let position = Position::parse(&entry.id).map_err(|fault| Error::Damaged(format!("events: {fault}")))?;
    let event = entry.get("e").ok_or_else(|| Error::Damaged(format!("event {position} is empty")))?;
    Ok(Stored { position, event })
}
