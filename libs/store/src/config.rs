//! How to reach Redis. Every time-out is explicit: the client library's own defaults wait too long or for ever.

use std::path::PathBuf;
use std::time::Duration;

use redis::{ClientTlsConfig, ConnectionAddr, IntoConnectionInfo, TlsCertificates};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use crate::error::Error;

/// Settings of the connection to Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where Redis is: `redis://host:6379/0`, `rediss://host:6379/0` (TLS), `unix:///path/to/socket`. It may hold a password, so
    /// give it by the environment (`LEADHAND__REDIS__URL`). Default `redis://127.0.0.1:6379`.
    pub url: String,
    /// With `rediss://`: the certificates, in PEM, of whom Redis' own must come from. Default: whom the machine trusts, whose
    /// certificates must be readable in any case.
    pub ca_file: Option<PathBuf>,
    /// With `rediss://`, for a Redis that asks its clients for one (`tls-auth-clients`): the certificate, in PEM. Default: none.
    pub client_cert_file: Option<PathBuf>,
    /// That certificate's private key, in PEM. Default: none.
    pub client_key_file: Option<PathBuf>,
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
            ca_file: None,
            client_cert_file: None,
            client_key_file: None,
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

    /// Whether the settings can be used. Reads the files that they name, and does not connect.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |field, reason: &str| Err(Error::Config { field, reason: reason.to_owned() });
        let Ok(info) = self.url.as_str().into_connection_info() else {
            return wrong("url", "not of the form redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket");
        };
        let tls = match info.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return wrong("url", "`#insecure` would trust anybody: name a certificate in ca_file instead");
            }
            ConnectionAddr::TcpTls { .. } => true,
            _ => false,
        };
        let files = [
            ("ca_file", &self.ca_file),
            ("client_cert_file", &self.client_cert_file),
            ("client_key_file", &self.client_key_file),
        ];
        for (field, file) in files {
            let Some(file) = file else { continue };
            if !tls {
                return wrong(field, "goes with rediss:// only");
            }
            match std::fs::read(file) {
                Err(error) => return wrong(field, &error.to_string()),
                Ok(pem) if field != "client_key_file" && !holds_certificates(&pem) => {
                    return wrong(field, "holds no certificate in PEM");
                }
                Ok(_) => {}
            }
        }
        if self.client_cert_file.is_some() != self.client_key_file.is_some() {
            return wrong("client_key_file", "a certificate and its key go together");
        }
        if self.connection_info().is_err() {
            return wrong("client_key_file", "holds no private key in PEM");
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
        let keepalive = socket2::TcpKeepalive::new().with_time(Duration::from_millis(self.keepalive_ms));
        let tcp = redis::io::tcp::TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(Duration::from_millis(self.user_timeout_ms));
        let info = self.url.as_str().into_connection_info()?.set_tcp_settings(tcp);
        if !matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            return Ok(info);
        }
        // Chosen here once for the process, whatever else is compiled in. It fails only when it was chosen before.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client_tls = match (&self.client_cert_file, &self.client_key_file) {
            (Some(cert), Some(key)) => {
                Some(ClientTlsConfig { client_cert: std::fs::read(cert)?, client_key: std::fs::read(key)? })
            }
            _ => None,
        };
        let root_cert = self.ca_file.as_ref().map(std::fs::read).transpose()?;
        let client = redis::Client::build_with_tls(info, TlsCertificates { client_tls, root_cert })?;
        Ok(client.get_connection_info().clone())
    }
}

fn holds_certificates(pem: &[u8]) -> bool {
    let mut certificates = CertificateDer::pem_slice_iter(pem).peekable();
    certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
}
