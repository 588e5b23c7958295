//! Accepting connections, and letting them go.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::server::TcpIncoming;

use super::Config;
use super::edge::Edge;

/// How long accepting rests after it failed: out of file descriptors, it would fail again at once.
const REST: Duration = Duration::from_millis(50);

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
        Self { builder: Arc::new(builder), edge, draining, abandon, open: TaskTracker::new() }
    }

    /// Accepts for as long as it is polled.
    pub(super) async fn accept(&self, incoming: &mut TcpIncoming) {
        loop {
            match incoming.next().await {
                Some(Ok(stream)) => self.serve(stream),
                Some(Err(error)) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(REST).await;
                }
                None => std::future::pending().await,
            }
        }
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
