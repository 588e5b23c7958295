//! `redis-server`.

use std::path::PathBuf;

use super::packages::{self, Package};
use super::{Tool, Version, version_of};
use crate::failure::Failure;
use crate::process;

/// The first Redis that reads a script's flags from its shebang line.
const OLDEST: Version = Version::at_least(7, 0);

const PACKAGE: Package<'_> = Package { name: "redis-server", apt: &["redis-server"], brew: &["redis"] };

pub(super) fn find_or_install() -> Result<PathBuf, Failure> {
    if process::on_path("redis-server").is_none() {
        packages::install(&PACKAGE)?;
    }
    let Some(program) = process::on_path("redis-server") else {
        return Err(packages::missing(&PACKAGE, std::env::consts::OS));
    };
    match version_of(Tool::RedisServer, &program) {
        Some(version) if version >= OLDEST => Ok(program),
        version => {
            let version = version.map_or("unknown".to_owned(), |version| version.to_string());
            Err(Failure::new(
                format!("{} is version {version}; {OLDEST} is the oldest that works", program.display()),
                "install a newer redis-server, or let LEADHAND_REDIS_SERVER name one",
            ))
        }
    }
}
