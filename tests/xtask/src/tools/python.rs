//! A Python that speaks gRPC, in a virtual environment of its own.

use std::path::{Path, PathBuf};

use super::packages::{self, Package};
use super::shelf;
use crate::failure::Failure;
use crate::process;

/// Pinned together: stubs that one protobuf release generates are refused by an older one. `grpcio-status` reads the
/// details of an error.
const PACKAGES: [&str; 4] = ["grpcio==1.85.1", "grpcio-tools==1.85.1", "grpcio-status==1.85.1", "protobuf==7.36.2"];

/// Debian splits what Python needs to make an environment into a package of its own.
const PACKAGE: Package<'_> = Package { name: "python3", apt: &["python3", "python3-venv"], brew: &["python3"] };

/// The environment's Python, in which `grpc`, `grpc_tools` and `grpc_status` can be imported.
pub(super) fn with_grpc() -> Result<PathBuf, Failure> {
    let home = shelf().join("python");
    let python = home.join("bin/python");
    if has_packages(&python) {
        return Ok(python);
    }
    make_environment(&home)?;
    println!("installing {}", PACKAGES.join(" "));
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    process::quietly(&mut pip, "see whether PyPI can be reached, and whether this Python is 3.10 or newer")?;
    Ok(python)
}

/// Any Python 3, without packages.
pub(super) fn any() -> Result<PathBuf, Failure> {
    if process::on_path("python3").is_none() {
        packages::install(&PACKAGE)?;
    }
    process::on_path("python3").ok_or_else(|| packages::missing(&PACKAGE, std::env::consts::OS))
}

fn make_environment(home: &Path) -> Result<(), Failure> {
    let make = |python: PathBuf| {
        let mut venv = process::command(python);
        process::quietly(venv.args(["-m", "venv", "--clear"]).arg(home), "")
    };
    // A Python without its venv package fails here, and is the common case on Debian.
    if make(any()?).is_ok() {
        return Ok(());
    }
    packages::install(&PACKAGE)?;
    make(any()?)
}

fn has_packages(python: &Path) -> bool {
    let wanted = PACKAGES.map(|package| format!("{package:?}")).join(", ");
    let look = format!(
        "import importlib.metadata as m, sys; \
         sys.exit(any(m.version(p.split('==')[0]) != p.split('==')[1] for p in [{wanted}]))"
    );
    python.is_file() && process::ask(process::command(python).args(["-c", &look])).is_ok_and(|answer| answer.ok)
}
