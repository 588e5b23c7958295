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
    /// What a caller may be told. What only the log may tell is logged here.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Refused(refusal) => Failure::Refused(refusal.clone()),
            Self::Contention => Failure::Contention,
            Self::Unavailable(error) => {
                tracing::warn!(%error, "redis is unavailable");
                Failure::Unavailable
            }
            Self::Shared(error) => error.failure(),
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
        Self::Unavailable(Box::new(error))
    }
}

impl From<deadpool_redis::PoolError> for Error {
    fn from(error: deadpool_redis::PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
