use std::net::SocketAddr;

use serde::Deserialize;

use crate::config;

/// How a server listens and what it takes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where gRPC is served. Default: `127.0.0.1:7600`.
    pub listen: SocketAddr,
    /// Where `/metrics` and `/healthz` are served over plain HTTP. Default: none, they are not.
    pub metrics_listen: Option<SocketAddr>,
    /// Whether clients may ask for the protos (gRPC reflection v1). Default: no.
    pub reflection: bool,
    /// Connections open at once; more are told so (HTTP/2 GOAWAY) and closed. Each may hold up to 1 MiB that was received and
    /// not read yet. Default: 4,096.
    pub max_connections: usize,
    /// Calls at once on one connection; more wait in the client. Default: 1,000.
    pub max_concurrent_streams: u32,
    /// Unary calls in hand at once, over all connections, those included whose caller left while a critical step runs on;
    /// more are refused. Default: 4,096.
    pub max_in_flight_requests: usize,
    /// Streaming calls open at once, over all connections; more are refused. Default: 10,000.
    pub max_open_streams: usize,
    /// The largest request of a unary call. A message of a stream has tonic's own limit, which also holds here: 4 MiB unless
    /// the gRPC service lifts it. Default: 4,194,304.
    pub max_request_bytes: usize,
    /// The bytes of messages received in part, over all connections: what waits to be decoded. A call whose message would go
    /// past it is refused. At least `max_request_bytes`, or the largest requests are never taken. Default: 268,435,456.
    pub max_receiving_bytes: usize,
    /// The largest message sent. Default: 4,194,304, what clients accept unless told otherwise.
    pub max_response_bytes: usize,
    /// How long a call may take whose caller does not say. Default: 5,000.
    pub default_deadline_ms: u64,
    /// How long a call may take, whatever its caller says. Neither applies to an open stream. Default: 30,000.
    pub max_deadline_ms: u64,
    /// How often an HTTP/2 ping asks whether a client is still there. Default: 20,000.
    pub keepalive_interval_ms: u64,
    /// How long the ping's answer may take. Default: 10,000.
    pub keepalive_timeout_ms: u64,
    /// The kernel's own keepalive on the connection, for peers that never speak HTTP/2. Default: 60,000.
    pub tcp_keepalive_ms: u64,
    /// How long a shutdown waits for calls, streams, tasks and critical steps; then it ends without them, at once when 0.
    /// Default: 10,000.
    pub shutdown_grace_ms: u64,
    /// How often readiness is asked for, and how long one answer may take. Default: 1,000.
    pub readiness_interval_ms: u64,
}

impl Config {
    /// Whether it can be used, as far as that shows without using it.
    ///
    /// # Errors
    /// When something that must be at least 1 is 0.
    pub fn check(&self) -> Result<(), config::Error> {
        config::at_least_one(&[
            ("server.max_connections", self.max_connections == 0),
            ("server.max_receiving_bytes", self.max_receiving_bytes == 0),
            ("server.max_concurrent_streams", self.max_concurrent_streams == 0),
            ("server.max_in_flight_requests", self.max_in_flight_requests == 0),
            ("server.max_open_streams", self.max_open_streams == 0),
            ("server.max_request_bytes", self.max_request_bytes == 0),
            ("server.max_response_bytes", self.max_response_bytes == 0),
            ("server.default_deadline_ms", self.default_deadline_ms == 0),
            ("server.max_deadline_ms", self.max_deadline_ms == 0),
            ("server.keepalive_interval_ms", self.keepalive_interval_ms == 0),
            ("server.keepalive_timeout_ms", self.keepalive_timeout_ms == 0),
            ("server.tcp_keepalive_ms", self.tcp_keepalive_ms == 0),
            ("server.readiness_interval_ms", self.readiness_interval_ms == 0),
        ])
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7_600)),
            metrics_listen: None,
            reflection: false,
            max_connections: 4_096,
            max_concurrent_streams: 1_000,
            max_in_flight_requests: 4_096,
            max_open_streams: 10_000,
            max_request_bytes: 4 << 20,
            max_receiving_bytes: 256 << 20,
            max_response_bytes: 4 << 20,
            default_deadline_ms: 5_000,
            max_deadline_ms: 30_000,
            keepalive_interval_ms: 20_000,
            keepalive_timeout_ms: 10_000,
            tcp_keepalive_ms: 60_000,
            shutdown_grace_ms: 10_000,
            readiness_interval_ms: 1_000,
        }
    }
}
