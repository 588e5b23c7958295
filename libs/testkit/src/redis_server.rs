//! A real Redis for one test.

use std::ops::{Deref, DerefMut};
use std::path::Path;

use leadhand_store::local::{Durability, Server};

use crate::process::send_signal;

/// A Redis on a unix socket in a folder of its own, both gone when dropped. Ready in some 10 ms.
#[derive(Debug)]
pub struct Redis {
    // Dropped in this order: the server must not outlive its folder.
    server: Server,
    _folder: Option<tempfile::TempDir>,
}

impl Redis {
    /// A Redis that keeps nothing.
    ///
    /// # Panics
    /// When `redis-server` is not installed: run `cargo verify`, which installs it.
    pub fn start() -> Self {
        Self::durable(Durability::None)
    }

    /// A Redis that keeps what it is told to through [`Server::kill`] and [`Server::restart`].
    ///
    /// # Panics
    /// When `redis-server` is not installed: run `cargo verify`, which installs it.
    pub fn durable(durability: Durability) -> Self {
        let folder = tempfile::Builder::new().prefix("leadhand-").tempdir().expect("a temporary folder");
        let path = folder.path().to_path_buf();
        Self { _folder: Some(folder), ..Self::on(&path, durability) }
    }

    /// A Redis on the data in this folder, which outlives it.
    ///
    /// # Panics
    /// As [`Redis::start`], or when another Redis is on that data.
    pub fn on(folder: &Path, durability: Durability) -> Self {
        match Server::start(folder, durability) {
            Ok(server) => Self { server, _folder: None },
            Err(error) => panic!("no redis for the test: {error}; `cargo verify` installs what is missing"),
        }
    }

    /// Stops its process where it stands, as a machine does that swaps or is being moved: connections stay open and nothing
    /// answers, until [`Redis::thaw`].
    pub fn freeze(&self) {
        send_signal(self.pid(), "STOP");
    }

    /// Lets it go on, with everything that was sent to it meanwhile.
    pub fn thaw(&self) {
        send_signal(self.pid(), "CONT");
    }

    /// A connection beside the ones of the services, to look at what they wrote.
    ///
    /// # Panics
    /// When Redis does not answer.
    pub async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).expect("the url of a running redis");
        // A test may read all there is at once, which takes a busy machine longer than the half second that is usual.
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
        client.get_multiplexed_async_connection_with_config(&config).await.expect("a connection to a running redis")
    }
}

impl Deref for Redis {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Redis {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}
