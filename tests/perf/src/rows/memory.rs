//! What each service weighs while nobody calls.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use leadhand_testkit::Redis;

use crate::Outcome;
use crate::options::Scale;
use crate::report::{Row, Target};

const SERVICES: [&str; 4] = ["leadhand-router", "leadhand-pool", "leadhand-rep-availability", "leadhand-notification"];
const LIMIT_MIB: f64 = 30.0;
/// How long a service may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// The real binaries, where they lie beside the bench.
pub(super) fn rows(scale: Scale) -> Outcome<Vec<Row>> {
    let redis = Redis::start();
    let own = std::env::current_exe()?;
    let folder = own.parent().ok_or("the bench lies nowhere")?;
    SERVICES
        .iter()
        .map(|name| row(name, &folder.join(name), &redis.url(), Duration::from_millis(scale.idle_ms)))
        .collect()
}

fn row(name: &str, binary: &Path, redis_url: &str, idle: Duration) -> Outcome<Row> {
    eprintln!("memory: {name}");
    if !binary.is_file() {
        return Ok(Row::missing(name, "run `cargo build --profile bench --workspace --bins` first"));
    }
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut service = Service::start(binary, address, redis_url)?;
    if !service.listens(address) {
        return Ok(Row::missing(name, "the binary does not serve"));
    }
    std::thread::park_timeout(idle);
    let mib = service.resident_mib()?;
    let target = Target::at_most("30 MiB", mib, LIMIT_MIB);
    Ok(Row::new(name, format!("{mib:.1} MiB")).value("resident_mib", mib).target(Some(target)))
}

/// A service in a process of its own, ended when dropped.
pub(super) struct Service(Child);

impl Service {
    /// Starts it; it may not listen yet.
    pub(super) fn start(binary: &Path, address: SocketAddr, redis_url: &str) -> Outcome<Self> {
        let child = Command::new(binary)
            .env("LEADHAND__SERVER__LISTEN", address.to_string())
            .env("LEADHAND__REDIS__URL", redis_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }

    /// Waits until it listens; `false` when it never does.
    pub(super) fn listens(&mut self, address: SocketAddr) -> bool {
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > PATIENCE || !matches!(self.0.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        true
    }

    /// What it holds of memory.
    pub(super) fn resident_mib(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
