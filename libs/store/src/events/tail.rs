//! Waiting for a workspace's new events.

use std::time::Duration;

use leadhand_domain::id::Workspace;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamReadReply;
use redis::{Cmd, FromRedisValue};

use super::{Position, Stored, extent, following, info, range, stored};
use crate::error::Error;
use crate::{Store, keys};

/// Waits for a workspace's new events. Reading does not take anything: what is read late is still there.
#[derive(Debug)]
pub struct Tail {
    connection: MultiplexedConnection,
    key: String,
    after: Position,
    slack: Duration,
}

impl Store {
    /// A connection of its own for waiting on a workspace's new events. It goes on after `after` if the stream still has
    /// that position, as this very connection sees it, and else starts after the newest event; see [`Tail::position`].
    pub async fn events_tail(&self, workspace: &Workspace, after: Option<Position>) -> Result<Tail, Error> {
        let connection = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.connect_timeout()))
            // A blocking read ends by its own limit; a time-out of the client would lose what it was about to bring.
            .set_response_timeout(None);
        let client = redis::Client::open(self.config.connection_info()?)?;
        let connection = client.get_multiplexed_async_connection_with_config(&connection).await?;
        let (key, slack) = (keys::events(workspace), self.config.response_timeout());
        let mut tail = Tail { connection, key, after: Position::START, slack };
        tail.check_primary().await?;
        tail.after = tail.start(after).await?;
        Ok(tail)
    }
}

impl Tail {
    /// The last event received, or what the tail started after.
    pub fn position(&self) -> Position {
        self.after
    }

    /// The next events, at most `limit`; none when nothing came within `wait`. After an error, open another tail at the
    /// last position received.
    pub async fn next(&mut self, wait: Duration, limit: usize) -> Result<Vec<Stored>, Error> {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(limit).arg("BLOCK").arg(wait.as_millis().max(1) as u64);
        command.arg("STREAMS").arg(&self.key).arg(self.after.to_string());
        let reply: Option<StreamReadReply> = self.run(&command, wait).await?;
        let entries = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
        let events: Vec<_> = entries.map(stored).collect::<Result<_, _>>()?;
        match events.last() {
            Some(last) => self.after = last.position,
            None => self.check_primary().await?,
        }
        Ok(events)
    }

    /// Fails unless the server takes writes: one that was made a replica keeps the connection, and may have nothing new to
    /// tell for ever.
    async fn check_primary(&mut self) -> Result<(), Error> {
        self.run(redis::cmd("UNLINK").arg(keys::NOTHING), Duration::ZERO).await
    }

    async fn start(&mut self, after: Option<Position>) -> Result<Position, Error> {
        if let Some(after) = after {
            let reply = self.run(&range(&self.key, after, 0), Duration::ZERO).await?;
            if following(reply, after, 0)?.is_some() {
                return Ok(after);
            }
        }
        Ok(extent(self.run(&info(&self.key), Duration::ZERO).await)?.newest)
    }

    /// Runs a command that may take `wait` by itself. A server that is frozen, not busy, answers neither in time nor at all.
    async fn run<T: FromRedisValue>(&mut self, command: &Cmd, wait: Duration) -> Result<T, Error> {
        let answer = tokio::time::timeout(wait + self.slack, command.query_async(&mut self.connection)).await;
        Ok(answer.map_err(|late| Error::Unavailable(Box::new(late)))??)
    }
}
