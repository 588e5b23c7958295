//! The notification service as a process.

fn main() {}
