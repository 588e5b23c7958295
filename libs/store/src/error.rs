//! What can go wrong with the store, apart from a rule that refuses.

use leadhand_domain::refusal::Refusal;

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
    /// The error itself, where several callers met it at once.
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(error) => error.root(),
            own => own,
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
