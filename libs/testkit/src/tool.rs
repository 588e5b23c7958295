//! Programs that are not ours and that some tests need.

use std::path::PathBuf;
use std::process::Command;

/// A program that `cargo verify` installs: the one that `variable` names, else the one at `place` in `target/tools`.
/// `None`, with the reason printed, where there is neither. A test that gets `None` returns.
///
/// # Panics
/// When `variable` names a program that does not run, and in continuous integration (`CI=true`) when there is none: there,
/// a test that does not run has shown nothing.
pub fn tool(variable: &str, place: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let program = named.clone().or_else(|| {
        // A test runs as `<target>/<profile>/deps/<name>`.
        let test = std::env::current_exe().ok()?;
        Some(test.ancestors().nth(3)?.join("tools").join(place))
    })?;
    let runs = Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
    if runs {
        return Some(program);
    }
    assert!(named.is_none(), "{variable} names {}, which does not run", program.display());
    let told = format!("{} is not there: `cargo verify tools` installs it", program.display());
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{told}");
    println!("skipped: {told}");
    None
}
