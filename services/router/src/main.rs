//! The router service as a process.

fn main() {}
