//! What can go wrong with the store, apart from a rule that refuses.

use leadhand_domain::refusal::{Failure, Refusal};

/// Why an operation on the store did not end in an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refuses, decided on current records.
    #[error("refused")]
    Refused(Refusal),
    /// Others kept changing what the decision rests on; nothing was written.
    #[error("the records kept changing under the decision")]
    Contention,
    /// The settings cannot be used.
    #[error("redis.{field}: {reason}")]
    Config {
        /// The setting.
        field: &'static str,
        /// What is wrong with it; never its value, which may hold a password.
        reason: String,
    },
    /// Redis answered what it should not have: a fault of ours, or of who wrote beside us.
    #[error("redis answered unexpectedly")]
    Unexpected(#[source] redis::RedisError),
    /// Redis did not answer, or not in time. A write that was under way may still be carried out: the same request id
    /// tells.
    #[error("redis is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// One of the above, met by several callers at once.
    #[error("{0}")]
    Shared(std::sync::Arc<Error>),
    /// What is stored cannot be read back.
    #[error("stored record is damaged: {0}")]
    Damaged(String),
}

impl Error {
    /// What a caller may be told. What only the log may tell is logged here, unless several callers met it at once.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Refused(refusal) => Failure::Refused(refusal.clone()),
            Self::Contention => Failure::Contention,
            Self::Unavailable(error) => {
                tracing::warn!(%error, "redis is unavailable");
                Failure::Unavailable
            }
            // Logged once, where it was met.
            Self::Shared(error) => match &**error {
                Self::Refused(refusal) => Failure::Refused(refusal.clone()),
                Self::Contention => Failure::Contention,
                Self::Unavailable(_) => Failure::Unavailable,
                _ => Failure::Internal,
            },
            Self::Config { .. } | Self::Unexpected(_) => {
                tracing::error!(error = self as &(dyn std::error::Error + 'static), "the store failed");
                Failure::Internal
            }
            Self::Damaged(what) => {
                tracing::error!(what, "stored record is damaged");
                Failure::Internal
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<redis::RedisError> for Error {
    fn from(error: redis::RedisError) -> Self {
        if is_passing(&error) { Self::Unavailable(Box::new(error)) } else { Self::Unexpected(error) }
    }
}

/// Whether the same command may succeed later: Redis is away, starting, full, not the primary, or its cluster is changing.
fn is_passing(error: &redis::RedisError) -> bool {
    use redis::{ErrorKind, ServerErrorKind};
    match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType | ErrorKind::InvalidClientConfig => false,
        ErrorKind::Server(kind) => !matches!(kind, ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot),
        ErrorKind::Extension => error.code() != Some("WRONGTYPE"),
        _ => true,
    }
}

impl From<deadpool_redis::PoolError> for Error {
    fn from(error: deadpool_redis::PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
