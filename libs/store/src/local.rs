//! A private `redis-server` on a unix socket: for `leadhand up` on one machine, and for tests.

use std::fs::File;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOCKET: &str = "redis.sock";

/// What a crash may lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every write is on disk before it is acknowledged (`appendfsync always`): nothing.
    Always,
    /// Written out once a second (`appendfsync everysec`): nothing on a crash of Redis, up to about two seconds of
    /// acknowledged writes on a power failure.
    EverySecond,
    /// Nothing is written (`appendonly no`): everything.
    None,
}

/// What went wrong with a private Redis.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no `redis-server` to run.
    #[error("redis-server is not installed")]
    Missing,
    /// Another process keeps its Redis in this folder.
    #[error("another process uses {0}")]
    InUse(PathBuf),
    /// The path of its socket is longer than the operating system takes, about 100 characters.
    #[error("the path {0} is too long for a unix socket; choose a folder with a shorter one")]
    TooLong(PathBuf),
    /// It could not be run.
    #[error("redis-server did not start: {0}")]
    Start(#[source] io::Error),
    /// It ended by itself; the log tells why.
    #[error("redis-server ended while starting: {0}")]
    Ended(String),
    /// It did not come up in time.
    #[error("redis-server did not answer within {0:?}")]
    Slow(Duration),
}

/// A running private Redis; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: PathBuf,
    durability: Durability,
    /// Held while the folder is in use; the operating system frees it with the process, however that ends.
    _lock: File,
}

/// The program to run: `LEADHAND_REDIS_SERVER`, else the one on the path.
fn program() -> PathBuf {
    std::env::var_os("LEADHAND_REDIS_SERVER").map_or_else(|| "redis-server".into(), PathBuf::from)
}

impl Server {
    /// Starts a Redis that keeps its data in `folder`, an existing one, and waits until it takes connections. Data found
    /// there is loaded first.
    pub fn start(folder: &Path, durability: Durability) -> Result<Self, Error> {
        let folder = folder.canonicalize().map_err(Error::Start)?;
        let socket = folder.join(SOCKET);
        if socket.as_os_str().len() > 100 {
            return Err(Error::TooLong(socket));
        }
        let lock = File::create(folder.join("leadhand.lock")).map_err(Error::Start)?;
        lock.try_lock().map_err(|_| Error::InUse(folder.clone()))?;
        end_orphan(&socket);
        let child = spawn(&folder, durability)?;
        let mut server = Self { child, folder, durability, _lock: lock };
        server.wait_until_up(Duration::from_secs(30))?;
        Ok(server)
    }

    /// The URL of its socket.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        // It fails only when the process has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again on the same data, after [`Server::kill`].
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill();
        self.child = spawn(&self.folder, self.durability)?;
        self.wait_until_up(Duration::from_secs(30))
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    fn socket(&self) -> PathBuf {
        self.folder.join(SOCKET)
    }

    fn wait_until_up(&mut self, limit: Duration) -> Result<(), Error> {
        const STEP: Duration = Duration::from_millis(2);
        let mut waited = Duration::ZERO;
        while !answers(&self.socket()) {
            if self.has_ended() {
                let log = std::fs::read_to_string(self.folder.join("redis.log")).unwrap_or_default();
                return Err(Error::Ended(log.lines().next_back().unwrap_or_default().to_owned()));
            }
            if waited >= limit {
                return Err(Error::Slow(limit));
            }
            #[allow(clippy::disallowed_methods, reason = "waits for another process, before any request")]
            std::thread::sleep(STEP);
            waited += STEP;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first, so that Redis writes out what it holds; the data folder outlives it.
        let _ = Command::new("kill").arg(self.pid().to_string()).stderr(Stdio::null()).status();
        for _ in 0..500 {
            if self.has_ended() {
                return;
            }
            #[allow(clippy::disallowed_methods, reason = "waits for another process, after the last request")]
            std::thread::sleep(Duration::from_millis(2));
        }
        self.kill();
    }
}

fn spawn(folder: &Path, durability: Durability) -> Result<Child, Error> {
    let socket = folder.join(SOCKET);
    let _ = std::fs::remove_file(&socket);
    let mut command = Command::new(program());
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: an interrupt from the terminal is for us, who stop Redis after the last request.
    command.process_group(0);
    command.args(["--port", "0", "--unixsocket", SOCKET, "--unixsocketperm", "700"]);
    command.args(["--logfile", "redis.log", "--daemonize", "no", "--save", ""]);
    command.args(["--maxmemory-policy", "noeviction", "--dir", "."]);
    match durability {
        Durability::Always => command.args(["--appendonly", "yes", "--appendfsync", "always"]),
        Durability::EverySecond => command.args(["--appendonly", "yes", "--appendfsync", "everysec"]),
        Durability::None => command.args(["--appendonly", "no"]),
    };
    command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Missing,
        _ => Error::Start(error),
    })
}

/// Ends a Redis that a killed process left behind in this folder: two on the same data would damage it.
fn end_orphan(socket: &Path) {
    use std::io::{Read, Write};
    if let Ok(mut stream) = UnixStream::connect(socket) {
        let limit = Some(Duration::from_secs(10));
        if stream.set_read_timeout(limit).is_ok() && stream.write_all(b"SHUTDOWN\r\n").is_ok() {
            // It closes the connection when its data is written out.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}

/// Whether Redis takes commands: while it loads its data it takes connections only.
fn answers(socket: &Path) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = UnixStream::connect(socket) else { return false };
    let limit = Some(Duration::from_millis(500));
    if stream.set_read_timeout(limit).is_err() || stream.write_all(b"PING\r\n").is_err() {
        return false;
    }
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).is_ok() && &answer == b"+PONG"
}
