//! How to reach Redis. Every time-out is explicit: the client library's own defaults wait too long or for ever.

use std::time::Duration;

use serde::Deserialize;

use crate::error::Error;

/// Settings of the connection to Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where Redis is: `redis://host:6379/0`, `unix:///path/to/socket`. It may hold a password, so give it by the
    /// environment (`LEADHAND__REDIS__URL`). TLS (`rediss://`) is not built in. Default `redis://127.0.0.1:6379`.
    pub url: String,
    /// How many connections a service holds; all are pipelined, so more do not make it faster. Default 2.
    pub connections: usize,
    /// How long a connection may take to be established. Default 500.
    pub connect_timeout_ms: u64,
    /// How long an answer may take. Past it the outcome is unknown and the caller is told UNAVAILABLE. Default 1000.
    pub response_timeout_ms: u64,
    /// After how long in silence TCP asks whether the other side is still there. Default 15000.
    pub keepalive_ms: u64,
    /// For how long sent data may stay unacknowledged by TCP. Default 5000.
    pub user_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            connections: 2,
            connect_timeout_ms: 500,
            response_timeout_ms: 1_000,
            keepalive_ms: 15_000,
            user_timeout_ms: 5_000,
        }
    }
}

impl Config {
    /// The defaults, for the Redis at `url`.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Whether the settings can be used. Does not connect.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |field, reason: &str| Err(Error::Config { field, reason: reason.to_owned() });
        if self.connection_info().is_err() {
            return wrong("url", "not of the form redis://host:port/0 or unix:///path/to/socket");
        }
        let least_one = [
            ("connections", self.connections == 0),
            ("connect_timeout_ms", self.connect_timeout_ms == 0),
            ("response_timeout_ms", self.response_timeout_ms == 0),
            ("keepalive_ms", self.keepalive_ms == 0),
            ("user_timeout_ms", self.user_timeout_ms == 0),
        ];
        match least_one.into_iter().find(|(_, zero)| *zero) {
            Some((field, _)) => wrong(field, "at least 1"),
            None => Ok(()),
        }
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn response_timeout(&self) -> Duration {
        Duration::from_millis(self.response_timeout_ms)
    }

    pub(crate) fn connection_info(&self) -> redis::RedisResult<redis::ConnectionInfo> {
        use redis::IntoConnectionInfo;
        let keepalive = socket2::TcpKeepalive::new().with_time(Duration::from_millis(self.keepalive_ms));
        let tcp = redis::io::tcp::TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(Duration::from_millis(self.user_timeout_ms));
        Ok(self.url.as_str().into_connection_info()?.set_tcp_settings(tcp))
    }
}
