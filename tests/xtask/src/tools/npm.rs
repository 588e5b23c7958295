//! What npm brings into `target/tools`.

use std::path::{Path, PathBuf};

use super::packages::{self, Package};
use super::{Tool, Version, shelf, version_of};
use crate::failure::Failure;
use crate::process;

/// Pinned, so that a new release's lint rules arrive by a change of this line and not by themselves.
const BUF: &str = "1.75.0";

const NPM: Package<'_> = Package { name: "npm", apt: &["nodejs", "npm"], brew: &["node"] };

/// `buf`: the one that is there if it is the pinned version, else the pinned version.
pub(super) fn buf() -> Result<PathBuf, Failure> {
    let program = shelf().join("node_modules/.bin/buf");
    if version_of(Tool::Buf, &program) == Version::find(BUF) {
        return Ok(program);
    }
    install(&format!("@bufbuild/buf@{BUF}"))?;
    Ok(program)
}

/// Installs one package, given as `name@version`, into the shelf, and says where the shelf is.
pub(super) fn install(package: &str) -> Result<PathBuf, Failure> {
    if process::on_path("npm").is_none() {
        packages::install(&NPM)?;
    }
    println!("installing {package}");
    let shelf = shelf();
    process::quietly(&mut npm_install(&shelf, package), "see whether the npm registry can be reached")?;
    Ok(shelf)
}

/// No script of a package is run: those installed here are complete without.
fn npm_install(shelf: &Path, package: &str) -> std::process::Command {
    let mut npm = process::command("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .arg("--prefix")
        .arg(shelf)
        .arg(package);
    npm
}
