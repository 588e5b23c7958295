//! Connections to Redis that heal.
//!
//! The pool makes connections; commands do not go through it one by one, as a checkout costs a round trip. A [`Lane`] is a
//! clone of a pipelined connection, shared by many callers at once. A lane that fails is dropped, and the next caller has a
//! new one made: a broken connection never heals by itself, and neither does one to a server that has become read-only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwapOption;
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind};

use crate::config::Config;
use crate::error::Error;

/// The connections of one service.
#[derive(Debug)]
pub(crate) struct Link {
    pool: Pool,
    slots: Box<[Slot]>,
    next: AtomicUsize,
}

#[derive(Debug, Default)]
struct Slot {
    open: ArcSwapOption<Open>,
    /// Held by the caller who opens it; why the last one could not.
    opening: tokio::sync::Mutex<Option<Arc<PoolError>>>,
    /// How often it could not be opened.
    failures: AtomicU64,
}

#[derive(Debug)]
struct Open {
    connection: MultiplexedConnection,
}

/// One pipelined connection. Commands sent on it one after another are carried out in that order.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    open: Arc<Open>,
    slot: usize,
}

impl Link {
    /// Nothing is connected yet, so this fails only on a malformed URL.
    pub(crate) fn new(config: &Config) -> Result<Self, redis::RedisError> {
        let connection = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(config.connect_timeout()))
            .set_response_timeout(Some(config.response_timeout()));
        let manager = Manager::new_with_config(config.connection_info()?, connection)?;
        let slots = config.connections;
        let pool = Pool::builder(manager)
            .max_size(slots)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(config.response_timeout()))
            .create_timeout(Some(config.connect_timeout()))
            .build()
            .map_err(|error| RedisError::from((ErrorKind::InvalidClientConfig, "pool", error.to_string())))?;
        Ok(Self { pool, slots: (0..slots).map(|_| Slot::default()).collect(), next: AtomicUsize::new(0) })
    }

    /// A lane that worked when it was last used, or a new one.
    pub(crate) async fn lane(&self) -> Result<Lane, Error> {
        let slot = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        if let Some(open) = self.slots[slot].open.load_full() {
            return Ok(Lane { open, slot });
        }
        // One caller opens, the others wait for it and share what comes of it: a returning server is not met by a crowd, and
        // nobody queues for one that does not answer.
        let failures = self.slots[slot].failures.load(Ordering::Acquire);
        let mut failure = self.slots[slot].opening.lock().await;
        if let Some(open) = self.slots[slot].open.load_full() {
            return Ok(Lane { open, slot });
        }
        if self.slots[slot].failures.load(Ordering::Acquire) != failures
            && let Some(error) = &*failure
        {
            return Err(Error::Unavailable(Box::new(error.clone())));
        }
        let connection = match self.pool.get().await {
            // Taken for good: the pool would hand a connection that failed out again if it only answers, as one does whose
            // server has become a replica.
            Ok(connection) => Connection::take(connection),
            Err(error) => {
                let error = failure.insert(Arc::new(error)).clone();
                self.slots[slot].failures.fetch_add(1, Ordering::Release);
                return Err(Error::Unavailable(Box::new(error)));
            }
        };
        let open = Arc::new(Open { connection });
        self.slots[slot].open.store(Some(open.clone()));
        Ok(Lane { open, slot })
    }

    /// Runs one command on some lane.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        let lane = self.lane().await?;
        Ok(self.run_on(&lane, command).await?)
    }

    /// Runs one command on this lane.
    pub(crate) async fn run_on<T: FromRedisValue>(&self, lane: &Lane, command: &Cmd) -> Result<T, RedisError> {
        let mut connection = lane.open.connection.clone();
        let result = command.query_async(&mut connection).await;
        if let Err(error) = &result
            && is_fatal(error)
        {
            self.drop_lane(lane);
        }
        result
    }

    /// Keeps later callers off this lane; who is on it already gets its own error. The other lanes lead to the same server
    /// and are made anew as well, rather than each failing one caller to find out.
    fn drop_lane(&self, lane: &Lane) {
        let current = self.slots[lane.slot].open.load();
        if current.as_ref().is_some_and(|open| Arc::ptr_eq(open, &lane.open)) {
            for slot in &self.slots {
                slot.open.store(None);
            }
        }
    }
}

/// Whether the connection, not the command, is at fault.
fn is_fatal(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_timeout()
        || error.is_connection_dropped()
        || error.is_unrecoverable_error()
        || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly))
}
