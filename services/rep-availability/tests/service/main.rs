//! The rep-availability service on a real Redis, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod answer;
mod calendar;
mod common;
mod faults;
mod feeds;
mod fields;
mod intake;
mod model;
mod watch;
