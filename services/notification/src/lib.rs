//! Streams what happened to whoever must know.
