//! The steps that cargo carries out.

use super::tally::Tally;
use crate::failure::Failure;
use crate::process;
use crate::tools::Tools;

/// Adds the parts of the toolchain that a minimal installation leaves out.
pub(super) fn components() -> Result<(), Failure> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !process::ask(process::cargo().args([subcommand, "--version"]))?.ok {
            println!("installing {component}");
            let remedy = format!("install {component} for this toolchain");
            let mut rustup = process::command("rustup");
            process::quietly(rustup.args(["component", "add", component]), &remedy)?;
        }
    }
    Ok(())
}

pub(super) fn format(_: &Tools) -> Result<String, Failure> {
    process::show(process::cargo().args(["fmt", "--all", "--check"]), "cargo fmt --all")?;
    Ok(String::new())
}

pub(super) fn clippy(_: &Tools) -> Result<String, Failure> {
    let mut clippy = process::cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    process::show(&mut clippy, "mend what clippy names above; .clippy.toml says why something is banned")?;
    Ok(String::new())
}

pub(super) fn docs(_: &Tools) -> Result<String, Failure> {
    let mut doc = process::cargo();
    doc.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    process::show(&mut doc, "mend what rustdoc names above")?;
    Ok(String::new())
}

pub(super) fn build(_: &Tools) -> Result<String, Failure> {
    process::show(process::cargo().args(["build", "--workspace", "--bins"]), "mend what rustc names above")?;
    Ok(String::new())
}

/// Runs every test and counts: a run without any test, or with one that is ignored, has shown nothing.
pub(super) fn test(tools: &Tools) -> Result<String, Failure> {
    let mut test = process::cargo();
    test.args(["test", "--workspace"]).envs(tools.variables());
    let mut tally = Tally::default();
    let remedy = "repeat what failed with `cargo test -p CRATE NAME`";
    let ran = process::show_and_read(&mut test, remedy, |line| tally.see(line));
    println!("{tally}");
    ran?;
    match tally.flaw() {
        Some(flaw) => Err(Failure::new(flaw, "let the test run, or remove it")),
        None => Ok(tally.to_string()),
    }
}
