//! Channels to other services, and what goes with every call: the deadline and the trace.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};

use crate::{deadline, status, trace};

/// How channels are made.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long connecting may take. Default: 1,000.
    pub connect_timeout_ms: u64,
    /// How often an HTTP/2 ping asks whether the server is still there, also while idle. Without it a connection whose
    /// network was cut stays dead. Default: 10,000.
    pub keepalive_interval_ms: u64,
    /// How long the ping's answer may take. Default: 3,000.
    pub keepalive_timeout_ms: u64,
    /// The kernel's own keepalive on the connection. Default: 30,000.
    pub tcp_keepalive_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 1_000,
            keepalive_interval_ms: 10_000,
            keepalive_timeout_ms: 3_000,
            tcp_keepalive_ms: 30_000,
        }
    }
}

/// Why there is no channel.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is neither `http://host:port` nor `unix:/path`.
    #[error("{uri} is not an address of the form http://host:port or unix:/path")]
    Address {
        /// What was given.
        uri: String,
    },
    /// Nobody answers there.
    #[error("cannot connect to {uri}")]
    Connect {
        /// Where to.
        uri: String,
        /// Why not.
        #[source]
        source: tonic::transport::Error,
    },
}

/// A channel to `http://host:port` or `unix:/path`, connected. It reconnects by itself when the connection breaks.
///
/// # Errors
/// When the address is malformed, or nobody answers within `connect_timeout_ms`.
pub async fn connect(uri: &str, config: &Config) -> Result<Channel, Error> {
    endpoint(uri, config)?.connect().await.map_err(|source| Error::Connect { uri: uri.into(), source })
}

/// A channel that connects when it is first used, to whoever need not be there yet.
///
/// # Errors
/// When the address is malformed.
pub fn later(uri: &str, config: &Config) -> Result<Channel, Error> {
    Ok(endpoint(uri, config)?.connect_lazy())
}

fn endpoint(uri: &str, config: &Config) -> Result<Endpoint, Error> {
    let malformed = || Error::Address { uri: uri.into() };
    if !(uri.starts_with("http://") || uri.starts_with("unix:/")) {
        return Err(malformed());
    }
    Ok(Endpoint::from_shared(uri.to_owned())
        .map_err(|_| malformed())?
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_millis(config.tcp_keepalive_ms)))
        .http2_keep_alive_interval(Duration::from_millis(config.keepalive_interval_ms))
        .keep_alive_timeout(Duration::from_millis(config.keepalive_timeout_ms))
        .keep_alive_while_idle(true))
}

/// A channel that passes on the deadline and the trace of the call being handled:
/// `PoolServiceClient::new(Outbound::new(channel))`.
///
/// With a deadline ([`deadline::remaining`]) it sends `grpc-timeout`, gives up by itself when it passes, and answers
/// DEADLINE_EXCEEDED, not the CANCELLED of a bare channel. A caller's own `Request::set_timeout` is kept if sooner.
#[derive(Debug, Clone)]
pub struct Outbound<S = Channel>(S);

impl<S> Outbound<S> {
    /// Wraps a channel.
    pub fn new(channel: S) -> Self {
        Self(channel)
    }
}

impl<S> tower::Service<Request<Body>> for Outbound<S>
where
    S: tower::Service<Request<Body>, Response = Response<Body>>,
    S::Error: std::error::Error + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        trace::inject(request.headers_mut());
        if let Some(remaining) = deadline::remaining() {
            let own = deadline::wire::read(request.headers());
            if own.is_none_or(|own| remaining < own) {
                request.headers_mut().insert("grpc-timeout", deadline::wire::write(remaining));
            }
        }
        self.0
            .call(request)
            .map(|answer| match answer {
                Err(error) if timed_out(&error) => Ok(status::deadline_exceeded().into_http()),
                answer => answer,
            })
            .boxed()
    }
}

fn timed_out(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<tonic::TimeoutExpired>() {
            return true;
        }
        cause = error.source();
    }
    false
}
