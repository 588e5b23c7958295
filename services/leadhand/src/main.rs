//! The `leadhand` command.

fn main() {}
