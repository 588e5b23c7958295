//! `cargo verify` and friends.

fn main() {}
