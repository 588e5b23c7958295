//! From `main` to the exit code.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, Command, value_parser};
use serde::de::DeserializeOwned;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::config::{self, Settings};
use crate::context::Context;
use crate::service::Service;
use crate::{server, telemetry};

/// What can go wrong while a service is bound.
pub type BindError = Box<dyn StdError + Send + Sync>;

/// The exit code for a configuration that cannot be used, as for arguments that cannot.
const UNUSABLE: u8 = 2;

/// Runs the service `name` until SIGTERM or SIGINT: reads the configuration (`--config FILE` or `LEADHAND_CONFIG`, then
/// `LEADHAND__…` variables) and checks it, sets up telemetry and a runtime, binds, serves, and shuts down within its
/// limits. `--check` goes no further than the configuration. The program is called `leadhand-` and the name.
///
/// The exit code is 0 after a shutdown that was asked for, 1 when binding or serving failed, 2 when the arguments or the
/// configuration cannot be used.
pub fn run<C, F>(name: &'static str, bind: F) -> ExitCode
where
    C: Settings + DeserializeOwned + Default,
    F: AsyncFnOnce(&Context, C) -> Result<Service, BindError>,
{
    let program = format!("leadhand-{name}");
    let matches = match command(name, &program).try_get_matches() {
        Ok(matches) => matches,
        // Also what `--help` asks for, which is no failure.
        Err(told) => {
            let _ = told.print();
            return ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(UNUSABLE));
        }
    };
    let path = matches.get_one::<PathBuf>("config");
    let config: C = match config::load(path.map(PathBuf::as_path), variables()) {
        Ok(config) => config,
        Err(error) => return fail(&program, &error, UNUSABLE),
    };
    if let Err(error) = check(&config) {
        return fail(&program, &*error, UNUSABLE);
    }
    if matches.get_flag("check") {
        println!("ok");
        return ExitCode::SUCCESS;
    }
    let telemetry = match telemetry::init(name, config.telemetry()) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&program, &error, UNUSABLE),
    };
    log_panics();
    // Two at least: one that is busy must not hold up the answers that it waits for.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&program, &error, 1),
    };
    let ctx = Context::new(Clock::system(), &telemetry);
    let outcome = runtime.block_on(serve(&ctx, config, bind));
    // What is left after the grace is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    let code = match outcome {
        Ok(()) => {
            tracing::info!("ended");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(error = %chain(&*error), "ended");
            ExitCode::FAILURE
        }
    };
    drop(telemetry);
    code
}

async fn serve<C, F>(ctx: &Context, config: C, bind: F) -> Result<(), BindError>
where
    C: Settings,
    F: AsyncFnOnce(&Context, C) -> Result<Service, BindError>,
{
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = ctx.shutdown.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "shutting down");
        shutdown.cancel();
    });
    tracing::info!(instance = ctx.instance, "starting");
    let listen = config.server().clone();
    let service = tokio::select! {
        service = bind(ctx, config) => service?,
        // None of ours waits for anything; one that does is not to outlive the signal.
        () = ctx.shutdown.cancelled() => return Ok(()),
    };
    Ok(server::serve(ctx, &listen, vec![service]).await?)
}

fn check(config: &impl Settings) -> Result<(), BindError> {
    config.server().check()?;
    config.telemetry().check()?;
    config.check()
}

fn command(name: &'static str, program: &str) -> Command {
    Command::new(name)
        .bin_name(program)
        .display_name(program)
        .version(env!("CARGO_PKG_VERSION"))
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .env("LEADHAND_CONFIG")
                .value_parser(value_parser!(PathBuf))
                .help("The configuration, YAML; variables LEADHAND__SECTION__FIELD go over it"),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Read the configuration, say whether it can be used, and exit"),
        )
}

/// The environment, but for variables that are not UTF-8: none of those is a setting.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn fail(program: &str, error: &(dyn StdError + 'static), code: u8) -> ExitCode {
    eprintln!("{program}: {}", chain(error));
    ExitCode::from(code)
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Panics go to the log, with the place but without their message: it may quote what must not be there.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}
