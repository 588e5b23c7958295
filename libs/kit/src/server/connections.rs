//! Accepting connections, and letting them go.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::server::TcpIncoming;

use super::Config;
use super::edge::Edge;

/// How long accepting rests after it failed: out of file descriptors, it would fail again at once.
const REST: Duration = Duration::from_millis(50);

/// How many connections that were refused may be closing at once; further ones are cut.
const CLOSING: usize = 64;

/// How long a connection that was refused may take to close.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// What a connection that is refused is told, in HTTP/2: the server's settings, then GOAWAY with REFUSED_STREAM, none of its
/// streams having been looked at. A client may so send its calls again, elsewhere.
const GO_AWAY: &[u8] = b"\0\0\0\x04\0\0\0\0\0\
    \0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x07";

/// The connections of a server.
pub(super) struct Connections {
    builder: Arc<Builder<TokioExecutor>>,
    edge: Edge,
    /// Cancelled to let connections finish what they have in hand.
    draining: CancellationToken,
    /// Cancelled to drop them as they are.
    abandon: CancellationToken,
    /// The connections there are.
    pub(super) open: TaskTracker,
    limit: usize,
    /// One for each that is refused and closing.
    closing: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn new(config: &Config, edge: Edge, draining: CancellationToken, abandon: CancellationToken) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new());
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(config.max_concurrent_streams)
            .keep_alive_interval(Duration::from_millis(config.keepalive_interval_ms))
            .keep_alive_timeout(Duration::from_millis(config.keepalive_timeout_ms));
        let open = edge.0.load.connections.clone();
        let closing = Arc::new(Semaphore::new(CLOSING));
        Self { builder: Arc::new(builder), edge, draining, abandon, open, limit: config.max_connections, closing }
    }

    /// Accepts for as long as it is polled.
    pub(super) async fn accept(&self, incoming: &mut TcpIncoming) {
        loop {
            match incoming.next().await {
                Some(Ok(stream)) if self.open.len() < self.limit => self.serve(stream),
                Some(Ok(stream)) => self.refuse(stream),
                Some(Err(error)) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(REST).await;
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Tells it to go away. It is closed from this side only when the other one has, or what was told might be lost.
    fn refuse(&self, mut stream: TcpStream) {
        self.edge.0.load.connections_refused.fetch_add(1, Ordering::Relaxed);
        let Ok(place) = self.closing.clone().try_acquire_owned() else { return };
        let abandon = self.abandon.clone();
        tokio::spawn(async move {
            let told = async {
                stream.write_all(GO_AWAY).await?;
                stream.shutdown().await?;
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
            };
            let closed = tokio::time::timeout(CLOSES_WITHIN, told);
            // Whatever comes of it, it is closed then.
            let _ = abandon.run_until_cancelled(closed).await;
            drop(place);
        });
    }

    fn serve(&self, stream: TcpStream) {
        let (builder, edge) = (self.builder.clone(), self.edge.clone());
        let (draining, abandon) = (self.draining.clone(), self.abandon.clone());
        self.open.spawn(async move {
            let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), edge));
            let mut asked_to_end = false;
            loop {
                tokio::select! {
                    ended = connection.as_mut() => {
                        if let Err(error) = ended {
                            tracing::debug!(%error, "a connection ended badly");
                        }
                        return;
                    }
                    () = draining.cancelled(), if !asked_to_end => {
                        asked_to_end = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    () = abandon.cancelled() => return,
                }
            }
        });
    }
}
