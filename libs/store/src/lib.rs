//! The only crate that knows Redis: keys, snapshots, the commit, streams.
