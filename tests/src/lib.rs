//! The suite under test: every service in this process, in as many replicas as a test wants, over one real Redis, reached
//! over real sockets by real clients.

pub mod accounts;
pub mod acts;
pub mod audit;
pub mod call;
pub mod enrichment;
pub mod follow;
pub mod held;
pub mod history;
pub mod load;
pub mod model;
pub mod raw;
pub mod ready;
mod suite;
mod valve;

pub use suite::{Replica, START, Suite};
pub use valve::Valve;
