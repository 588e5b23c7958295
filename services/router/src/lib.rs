//! Decides who works a lead, and commits it.
