//! The real binaries as processes of their own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use crate::PATIENCE;

/// The binaries that are built together: naming fewer would build their dependencies with other features, and so anew.
const PACKAGES: [&str; 5] =
    ["leadhand", "leadhand-router", "leadhand-pool", "leadhand-rep-availability", "leadhand-notification"];

/// How long a process may take to end when the guard asks it to.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// A binary of this repository, built once a test process, so that no test runs a stale one.
///
/// # Panics
/// When it cannot be built.
pub fn binary(name: &str) -> PathBuf {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        // A test runs as `<target>/<profile>/deps/<name>`.
        let test = std::env::current_exe().expect("the path of the test");
        let folder = test.ancestors().nth(2).expect("a folder of the profile").to_path_buf();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.current_dir(root).args(["build", "--quiet", "--bins"]);
        build.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        build.status().expect("cargo runs").success().then_some(folder)
    });
    folder.as_ref().expect("binaries that build").join(name)
}

/// A running binary with a port of its own; ended when dropped, by its process id.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts a binary with these arguments and settings (`LEADHAND__…`, over which nothing else is set) and waits until it
    /// listens. It is told to take any free port, and its log says which one it took.
    ///
    /// # Panics
    /// When it does not come up; the log says why.
    pub fn start(name: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary(name));
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy();
            if text.starts_with("LEADHAND_") && text != "LEADHAND_REDIS_SERVER" {
                command.env_remove(&variable);
            }
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.env("LEADHAND__SERVER__LISTEN", "127.0.0.1:0").env("LEADHAND__TELEMETRY__LOG_FORMAT", "json");
        let mut child = command.envs(settings.iter().copied()).spawn().expect("the binary runs");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (found, address) = mpsc::sync_channel(1);
        let (lines, told) = (BufReader::new(child.stderr.take().expect("its log")), log.clone());
        // It ends with the process, whose log it reads to the end: a full pipe would stop the process.
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(address) = listening(&line) {
                    let _ = found.try_send(address);
                }
                told.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut process = Self { child, address: unspecified, log };
        match address.recv_timeout(PATIENCE) {
            Ok(address) => process.address = address,
            Err(_) => panic!("{name} does not listen: {}", process.log()),
        }
        process
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn signal(&self, signal: &str) {
        send_signal(self.child.id(), signal);
    }

    /// Waits until it has ended; `None` when it has not within `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("a child of ours") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(limit, ended).await.ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first: `leadhand up` ends its own Redis only when it is.
        const STEP: Duration = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while matches!(self.child.try_wait(), Ok(None)) {
            if waited.is_zero() {
                send_signal(self.child.id(), "TERM");
            } else if waited >= LAST_CHANCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
            #[allow(clippy::disallowed_methods, reason = "waits for another process, after the test")]
            std::thread::sleep(STEP);
            waited += STEP;
        }
    }
}

/// The address in a log line that tells of listening.
fn listening(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line.get("message")? == "serving").then(|| line.get("address")?.as_str()?.parse().ok())?
}

pub(crate) fn send_signal(pid: u32, signal: &str) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(pid.to_string()).status();
    assert!(sent.expect("kill runs").success(), "process {pid} is not there");
}
