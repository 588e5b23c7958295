//! The server's behaviour, seen from a client on a real socket.

#[path = "../common/mod.rs"]
mod common;

mod calls;
mod clients;
mod connections;
mod health;
mod shutdown;
mod streams;
