//! The rep-availability service on a real Redis, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod common;
mod faults;
mod fields;
mod free;
mod intake;
mod model;
