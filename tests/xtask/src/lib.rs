//! The repository's own commands, reached through the aliases of `.cargo/config.toml`.
//!
//! - `cargo verify`: everything that must hold before a change lands, in order, stopping at the first failure.
//! - `cargo demo`: the suite at work on a sample that ships with it.
//! - `cargo perf`: the bench.
//!
//! A fresh machine has Rust and nothing else. What a command needs beyond that is a tool (`tools.rs` lists them): looked
//! for where the caller says (an environment variable), then on the `PATH`, and installed when missing. A tool that can
//! live under `target/tools` is put there; only what cannot is asked of the system's package manager.
//!
//! It depends on a reader of YAML, which the suite needs too, and on nothing else: the two commands of the README start
//! within seconds.

mod failure;
mod launch;
mod manifest;
mod process;
mod tools;
mod verify;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
usage: cargo verify [--list] [STEP...]   everything that must hold before a change lands, or only some steps of it
       cargo demo [ARGUMENT...]          the suite at work on a sample of leads; arguments go to `leadhand demo`
       cargo perf [ARGUMENT...]          the bench; arguments go to it";

/// Runs one command: `verify`, `demo` or `perf`, followed by its arguments. Prints what it does as it goes; exits with 0
/// when all is well, 1 when a check failed or a tool is missing, 2 when the command line makes no sense.
pub fn run(arguments: Vec<String>) -> ExitCode {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match command {
        "verify" => verify::run(rest),
        "demo" => launch::demo(rest),
        "perf" => launch::perf(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(Failure::usage(format!("there is no command `{other}`\n\n{USAGE}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
