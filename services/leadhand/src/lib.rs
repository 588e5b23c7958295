//! The command line: every service in one process (`up`), and their client.
//!
//! A command is one file of `command/`: it takes its arguments from `cli`, talks to the services through a
//! `client::Session`, prints through `output` and ends with a `failure::Exit` that a script can act on. The services are
//! called over gRPC only, so that every command works against any Leadhand, near or far.

mod cli;
mod client;
mod columns;
mod command;
mod demo;
mod event;
mod example;
mod failure;
mod field;
mod moment;
mod outline;
mod output;
mod rows;
mod subscription;
mod suite;

use std::process::ExitCode;

use clap::Parser;

use failure::Failure;

/// Parses the command line, does what it says and answers with the exit code.
pub fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    let json = cli.global.json;
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local("the runtime does not start", error))
        .and_then(|runtime| runtime.block_on(command::run(cli)));
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(json);
            failure.exit().into()
        }
    }
}
