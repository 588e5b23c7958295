//! `run` as a process: arguments, configuration, signals, exit codes. The test starts itself as the service.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};

use leadhand_kit::run::BindError;
use leadhand_kit::{Context, Service, Settings, server, telemetry};
use serde::Deserialize;

/// Set for the process that is to be the service.
const CHILD: &str = "KIT_RUN_TEST_CHILD";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    server: server::Config,
    telemetry: telemetry::Config,
    fail: Option<String>,
}

impl Settings for Config {
    fn server(&self) -> &server::Config {
        &self.server
    }

    fn telemetry(&self) -> &telemetry::Config {
        &self.telemetry
    }

    fn check(&self) -> Result<(), BindError> {
        if self.fail.as_deref() == Some("check") { Err("fail: not that".into()) } else { Ok(()) }
    }
}

async fn bind(ctx: &Context, config: Config) -> Result<Service, BindError> {
    let shutdown = ctx.shutdown.clone();
    match config.fail.as_deref() {
        None => Ok(Service::new("test").task("idle", async move { shutdown.cancelled().await })),
        Some("bind") => Err("the store is not there".into()),
        Some("hang") => std::future::pending().await,
        Some(_) => Ok(Service::new("test").task("timers", async {})),
    }
}

fn main() -> ExitCode {
    if std::env::var_os(CHILD).is_some() {
        return leadhand_kit::run("test", bind);
    }
    // Test runners ask a binary for its tests by this.
    if std::env::args().any(|argument| argument == "--list") {
        println!("run: test");
        return ExitCode::SUCCESS;
    }
    a_configuration_can_be_checked();
    what_cannot_be_used_is_told_with_its_place();
    failures_have_an_exit_code();
    for signal in ["TERM", "INT"] {
        a_signal_ends_it_within_its_grace(signal);
    }
    a_signal_ends_it_while_it_binds();
    println!("run: ok");
    ExitCode::SUCCESS
}

fn service(arguments: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(arguments)
        .env(CHILD, "1")
        .env("LEADHAND__SERVER__LISTEN", "127.0.0.1:0")
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// How it ended: the exit code and everything it wrote.
fn ended(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("run");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn a_configuration_can_be_checked() {
    assert_eq!(ended(service(&["--check"], &[])), (Some(0), "ok\n".to_owned()));
}

fn what_cannot_be_used_is_told_with_its_place() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "server:\n  shutdown_grace_seconds: 3").expect("written");
    let path = file.path().to_str().expect("a path");
    for command in [service(&["--check", "--config", path], &[]), service(&[], &[("LEADHAND_CONFIG", path)])] {
        let (code, told) = ended(command);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(&format!("{path}:2:3: unknown field `shutdown_grace_seconds`")), "{told}");
    }
    let (code, told) = ended(service(&["--check"], &[("LEADHAND__SERVER__REFLECTION", "hunter2")]));
    assert_eq!(code, Some(2));
    assert!(told.contains("LEADHAND__SERVER__REFLECTION: ") && !told.contains("hunter2"), "{told}");
    for (variable, value, told) in [
        ("TELEMETRY__LOG_FILTER", "a=b=c", "telemetry.log_filter cannot be read"),
        ("TELEMETRY__OTLP_ENDPOINT", "::bad", "telemetry.otlp_endpoint: not of the form"),
        ("TELEMETRY__OTLP_ENDPOINT", "collector:4317", "telemetry.otlp_endpoint: not of the form"),
        ("TELEMETRY__OTLP_ENDPOINT", "https://collector:4317", "telemetry.otlp_endpoint: not of the form"),
        ("TELEMETRY__SAMPLE_RATIO", "1.5", "telemetry.sample_ratio: from 0 to 1"),
        ("TELEMETRY__SAMPLE_RATIO", "NaN", "telemetry.sample_ratio: from 0 to 1"),
        ("TELEMETRY__METRICS_INTERVAL_MS", "0", "telemetry.metrics_interval_ms: at least 1"),
        ("SERVER__MAX_OPEN_STREAMS", "0", "server.max_open_streams: at least 1"),
        ("SERVER__READINESS_INTERVAL_MS", "0", "server.readiness_interval_ms: at least 1"),
        ("FAIL", "check", "fail: not that"),
    ] {
        for arguments in [&["--check"][..], &[]] {
            let ended = ended(service(arguments, &[(&format!("LEADHAND__{variable}"), value)]));
            assert_eq!(ended.0, Some(2), "{variable}={value} {}", ended.1);
            assert!(ended.1.starts_with(&format!("leadhand-test: {told}")), "{}", ended.1);
        }
    }
    assert_eq!(ended(service(&["--no-such-option"], &[])).0, Some(2));
    assert_eq!(ended(service(&["--help"], &[])).0, Some(0));
}

fn failures_have_an_exit_code() {
    for (fail, reason) in [("bind", "the store is not there"), ("task", "task timers of test ended")] {
        let (code, told) = ended(service(&[], &[("LEADHAND__FAIL", fail)]));
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(reason), "{told}");
    }
}

fn a_signal_ends_it_within_its_grace(name: &str) {
    let mut child = service(&[], &[("LEADHAND__SERVER__SHUTDOWN_GRACE_MS", "300")]).spawn().expect("started");
    let mut log = BufReader::new(child.stderr.take().expect("its log"));
    let address = loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).expect("a line") > 0, "ended before it served");
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if line["message"] == "serving" {
            break line["address"].as_str().expect("an address").parse::<SocketAddr>().expect("an address");
        }
    };
    let _silent = TcpStream::connect(address).expect("connected");
    // The silent connection would stay for ever.
    signal(&mut child, name);
    let mut rest = String::new();
    log.read_to_string(&mut rest).expect("the rest of the log");
    assert_eq!(child.wait().expect("ended").code(), Some(0), "{rest}");
    assert!(rest.contains(&format!("SIG{name}")), "{rest}");
}

fn a_signal_ends_it_while_it_binds() {
    let mut child = service(&[], &[("LEADHAND__FAIL", "hang"), ("LEADHAND__TELEMETRY__LOG_FORMAT", "text")]);
    let mut child = child.spawn().expect("started");
    // It says so once it listens for signals.
    let mut log = BufReader::new(child.stderr.take().expect("its log")).lines();
    assert!(log.any(|line| line.expect("a line").contains("starting")));
    signal(&mut child, "TERM");
    assert_eq!(child.wait().expect("ended").code(), Some(0));
}

/// Sends the signal and waits for the end.
fn signal(child: &mut Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    child.wait().expect("ended");
}
