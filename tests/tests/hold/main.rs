//! The time to choose: the window of a list, the hold of a detail, skips, and what waits when they pass unused.

mod choosing;
mod race;
mod skips;
mod told;
mod window;
