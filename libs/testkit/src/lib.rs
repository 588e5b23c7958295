//! What tests need: a real Redis of one's own, the real binaries as processes, [`eventually!`], and the shared data if it
//! is there.

mod data;
mod process;
mod redis_server;
mod tool;

pub use data::shared_data;
pub use process::{Process, binary};
pub use redis_server::Redis;
pub use tool::tool;

/// How long [`eventually!`] waits at most: far more than anything takes that works.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Waits until an expression is true, asking again every few milliseconds; panics when it stays false. It waits for a
/// condition, so a test that uses it is as fast as what it waits for.
#[macro_export]
macro_rules! eventually {
    ($condition:expr) => {
        $crate::eventually!($condition, "{}", stringify!($condition))
    };
    ($condition:expr, $($message:tt)+) => {{
        let waited = ::tokio::time::timeout($crate::PATIENCE, async {
            while !$condition {
                ::tokio::time::sleep(::std::time::Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), "never came true: {}", format!($($message)+));
    }};
}
