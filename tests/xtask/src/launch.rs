//! `cargo demo` and `cargo perf`: see to what the program needs, then become it.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::process;
use crate::tools::{Tool, Tools};

/// Builds and runs `leadhand demo` with these arguments. Returns only when it cannot be started.
pub(crate) fn demo(arguments: &[String]) -> Result<(), Failure> {
    become_program(&["run", "--package", "leadhand", "--"], &["demo"], arguments)
}

/// Builds and runs the bench with these arguments. Returns only when it cannot be started.
pub(crate) fn perf(arguments: &[String]) -> Result<(), Failure> {
    let build = ["run", "--profile", "bench", "--package", "leadhand-perf", "--"];
    become_program(&build, &[], arguments)
}

/// Replaces this process, so that signals, the terminal and the exit code are the program's own.
fn become_program(build: &[&str], first: &[&str], rest: &[String]) -> Result<(), Failure> {
    let mut tools = Tools::default();
    let redis_server = tools.ensure(Tool::RedisServer)?;
    let mut cargo: Command = process::cargo();
    cargo
        .args(build)
        .args(first)
        .args(rest)
        .current_dir(".")
        .stdin(Stdio::inherit())
        .env(Tool::RedisServer.variable(), redis_server);
    let error = cargo.exec();
    Err(Failure::new(format!("cannot run `{}`: {error}", process::spelled(&cargo)), ""))
}
