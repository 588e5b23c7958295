//! A way to Redis that can be shut between a decision and its commit.

use std::path::PathBuf;
use std::sync::Arc;

use leadhand_testkit::{Redis, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// How every commit begins.
const COMMIT: &[u8] = b"EVALSHA";

/// A socket in front of Redis. While it is shut, a commit that a service sends is kept, and all that follows it on its
/// connection: the service has decided, and what it decided has not happened yet. So a test can pause a real service where
/// a stopped process, a long garbage collection or a slow network would.
#[derive(Debug)]
pub struct Valve {
    socket: PathBuf,
    state: Arc<watch::Sender<State>>,
    task: AbortHandle,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    shut: bool,
    held: usize,
}

impl Valve {
    /// An open valve in front of this Redis.
    pub async fn before(redis: &Redis) -> Self {
        let url = redis.url();
        let upstream = PathBuf::from(url.strip_prefix("unix://").expect("a unix socket"));
        let socket = upstream.with_file_name(format!("valve-{:08x}.sock", rand::random::<u32>()));
        let listener = UnixListener::bind(&socket).expect("a socket beside redis' own");
        let state = Arc::new(watch::Sender::new(State::default()));
        let shared = state.clone();
        let accept = async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&upstream).await else { continue };
                connections.spawn(connect(client, server, shared.clone()));
            }
        };
        Self { socket, state, task: tokio::spawn(accept).abort_handle() }
    }

    /// The URL of Redis through the valve.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Keeps commits from now on.
    pub fn shut(&self) {
        self.state.send_modify(|state| state.shut = true);
    }

    /// Lets through what was kept, and everything after it.
    pub fn open(&self) {
        self.state.send_modify(|state| *state = State::default());
    }

    /// Waits until so many connections have a commit kept.
    pub async fn holds(&self, commits: usize) {
        eventually!(self.state.borrow().held >= commits);
    }
}

impl Drop for Valve {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(client: UnixStream, server: UnixStream, state: Arc<watch::Sender<State>>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = forward(from_client, to_server, Some(state)) => {}
        () = forward(from_server, to_client, None) => {}
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: Option<Arc<watch::Sender<State>>>) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        let chunk = &chunk[..length];
        if let Some(state) = &state
            && state.borrow().shut
            && chunk.windows(COMMIT.len()).any(|window| window == COMMIT)
        {
            state.send_modify(|state| state.held += 1);
            if state.subscribe().wait_for(|state| !state.shut).await.is_err() {
                return;
            }
        }
        if to.write_all(chunk).await.is_err() {
            return;
        }
    }
}
