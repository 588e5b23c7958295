//! The rep-availability service as a process.

fn main() {}
