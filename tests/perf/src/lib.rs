//! The bench: what the services do in a second, how long they take, and what they weigh, each beside the *floor*, the least
//! that any such service could do, measured in the same run. `README.md` tells how and why.

mod calls;
mod floor;
mod load;
mod options;
mod report;
mod rows;
mod sample;
mod stage;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use options::Options;
use report::Report;

/// What the bench does, or why it could not: a call that fails makes every figure doubtful, so the first one ends it.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures what the command line asks for and prints it. The exit code is 1 when something could not be measured; a target
/// that is not met is no failure.
pub fn run() -> ExitCode {
    let options = Options::parse();
    match measure(&options).and_then(|report| report.finish(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("perf: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Outcome<Report> {
    // As many threads as the services' own processes have.
    let workers = std::thread::available_parallelism()?.get().max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let report = runtime.block_on(rows::measure(options));
    runtime.shutdown_background();
    report
}
