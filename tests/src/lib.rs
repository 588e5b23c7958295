//! The suite under test: every service in this process, in as many replicas as a test wants, over one real Redis, reached
//! over real sockets by real clients.

pub mod call;
mod suite;

pub use suite::{Replica, START, Suite};
