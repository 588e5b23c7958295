//! Runs the real program.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A file of the demo.
pub(crate) fn demo(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(file)
}

/// The program with these arguments, untouched by the environment that the tests run in.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadhand"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        // `LEADHAND_REDIS_SERVER` tells where redis-server is, which holds for the tests too.
        if name.to_string_lossy().starts_with("LEADHAND_") && name != "LEADHAND_REDIS_SERVER" {
            command.env_remove(name);
        }
    }
    command.env("LEADHAND__TELEMETRY__LOG_FILTER", "warn");
    command
}

/// What a command ended with.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The output's lines as JSON, after an exit code of 0.
    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.code, 0, "{self:?}");
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The output as one JSON document, after an exit code of 0.
    pub(crate) fn json(&self) -> Value {
        let mut rows = self.rows();
        assert_eq!(rows.len(), 1, "{self:?}");
        rows.remove(0)
    }

    /// The error told on standard error, after any other exit code.
    pub(crate) fn error(&self) -> Value {
        assert_ne!(self.code, 0, "{self:?}");
        serde_json::from_str::<Value>(&self.err).unwrap()["error"].clone()
    }
}

/// A program that runs until it is told to end; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for its next line, which is JSON.
    pub(crate) fn next(&mut self) -> Value {
        let line = self.lines.next().expect("the program ended early").unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
    }

    /// Waits for its end: the exit code.
    pub(crate) fn ended(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // With SIGTERM, so that it takes its own redis-server down too.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}

/// `leadhand up` on its own data.
#[derive(Debug)]
pub(crate) struct Up {
    /// The process.
    pub(crate) process: Running,
    /// Where it listens.
    pub(crate) server: String,
}

impl Up {
    /// Starts it on the data in `folder`, and waits until it is up.
    pub(crate) fn start(folder: &Path, listen: &str) -> Self {
        let folder = folder.to_str().unwrap();
        let mut process = Running::start(program(&["up", "--json", "--listen", listen, "--data", folder]));
        let server = process.next()["server"].as_str().unwrap().to_owned();
        Self { process, server }
    }

    /// Where it listens, as `--listen` takes it.
    pub(crate) fn address(&self) -> String {
        self.server.strip_prefix("http://").unwrap().to_owned()
    }

    /// A command against it, with JSON as its output.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.args(["--json", "--server", &self.server]);
        command
    }

    /// The same, run to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }
}
