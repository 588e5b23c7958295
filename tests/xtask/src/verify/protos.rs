//! The protos: buf's lint, format, and breaking changes.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::tools::{Tool, Tools};

pub(super) fn check(tools: &Tools) -> Result<String, Failure> {
    let buf = || tools.command(Tool::Buf);
    run(buf()?.arg("lint"), "mend what buf names above; buf.yaml says which rules hold")?;
    run(buf()?.args(["format", "--diff", "--exit-code"]), "buf format --write")?;
    match last_release()? {
        Some(tag) => {
            let remedy = "keep what a client of the last release relies on: deprecate it, and add beside it";
            run(buf()?.args(["breaking", "--against", &format!(".git#tag={tag}")]), remedy)?;
            Ok(format!("compatible with {tag}"))
        }
        None => Ok("no release yet to be compatible with".to_owned()),
    }
}

fn run(buf: &mut Command, remedy: &str) -> Result<(), Failure> {
    process::show(buf, remedy)
}

/// The nearest tag `v…` that this commit descends from.
fn last_release() -> Result<Option<String>, Failure> {
    let mut git = process::command("git");
    let answer = process::ask(git.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]))?;
    Ok(answer.ok.then(|| answer.out.trim().to_owned()))
}
