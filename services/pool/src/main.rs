//! The pool service as a process.

fn main() {}
