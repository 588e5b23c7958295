//! A small rendering that breaks no rule, for the rules' tests to break.

use super::{Rendering, Repository};

const EXAMPLE: &str = include_str!("example.yaml");

pub(super) fn rendering() -> Rendering {
    Rendering::read(EXAMPLE).unwrap()
}

/// The example with `old` replaced by `new` wherever it stands.
pub(super) fn rendering_with(old: &str, new: &str) -> Rendering {
    assert!(EXAMPLE.contains(old), "the example has no `{old}` to break");
    Rendering::read(&EXAMPLE.replace(old, new)).unwrap()
}

pub(super) fn repository() -> Repository {
    Repository {
        version: "0.1.0".to_owned(),
        grpc_services: vec!["leadhand.pool.v1.PoolService".to_owned()],
        dockerfile: "cp target/release/leadhand-pool /programs/".to_owned(),
    }
}
