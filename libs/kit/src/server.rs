//! The gRPC server: one or several services on one port, with limits, deadlines, health and a bounded shutdown.
//!
//! What a call passes through is one layer (`edge`) between hyper and tonic's routes. What a deadline covers depends on
//! the method, which the protos tell:
//!
//! | method | deadline | place in the count |
//! |---|---|---|
//! | unary | min(`grpc-timeout`, `max_deadline_ms`), or `default_deadline_ms` | `max_in_flight_requests`, until it answers |
//! | server streaming | the same until the stream begins; then the caller's `grpc-timeout`, if any | `max_open_streams`, to its end |
//! | client streaming | the caller's `grpc-timeout`, if any | `max_open_streams`, to its end |
//!
//! A shutdown (`Context::shutdown` cancelled, or a task that ended) stops accepting, turns health to NOT_SERVING, lets
//! calls and critical steps finish and waits for streams, which are to watch `Context::shutdown`; those still open when
//! nine tenths of `shutdown_grace_ms` are over end with UNAVAILABLE, and after the whole of it the server returns, whatever
//! is left.

mod body;
mod config;
mod connections;
mod edge;
mod health;
mod methods;
mod metrics;
mod page;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::server::HealthReporter;

pub use config::Config;

use crate::call::Load;
use crate::context::Context;
use crate::service::{Service, Task};
use connections::Connections;
use edge::{Edge, Inner};
use health::Watched;

/// Why a server did not start, or ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting has a value that cannot be used.
    #[error(transparent)]
    Setting(#[from] crate::config::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A gRPC service is not in the compiled protos.
    #[error("{service} is not in the compiled protos")]
    Undescribed {
        /// Its full name.
        service: String,
    },
    /// The reflection service could not be made.
    #[error("reflection cannot be served")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// A background task ended, failed or panicked while the server ran.
    #[error("task {task} of {service} {reason}")]
    Task {
        /// The service that the task belongs to.
        service: &'static str,
        /// The task's name.
        task: &'static str,
        /// How it ended.
        reason: String,
    },
}

/// Serves until `ctx.shutdown` is cancelled, then shuts down within `shutdown_grace_ms`.
///
/// # Errors
/// When a setting cannot be used, an address cannot be listened on, or a background task ends before the shutdown.
pub async fn serve(ctx: &Context, config: &Config, services: Vec<Service>) -> Result<(), Error> {
    Server::bind(ctx, config, services).await?.run().await
}

/// An address that is listened on and not served yet.
#[derive(Debug)]
pub struct Place {
    listener: TcpListener,
    local_addr: SocketAddr,
}

impl Place {
    /// Listens there; a port of 0 takes any that is free.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn take(address: SocketAddr) -> Result<Place, Error> {
        let (listener, local_addr) = listen(address).await?;
        Ok(Place { listener, local_addr })
    }

    /// Where it is.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

/// A server that listens but does not serve yet.
pub struct Server {
    incoming: TcpIncoming,
    local_addr: SocketAddr,
    page: Option<(TcpListener, SocketAddr)>,
    registry: prometheus::Registry,
    edge: Edge,
    config: Config,
    health: HealthReporter,
    watched: Vec<Watched>,
    tasks: Vec<(&'static str, Task)>,
    shutdown: CancellationToken,
}

impl Server {
    /// Listens on the configured addresses; a port of 0 takes any that is free.
    ///
    /// # Errors
    /// When a setting cannot be used, an address cannot be listened on, or a service is not in the compiled protos.
    pub async fn bind(ctx: &Context, config: &Config, services: Vec<Service>) -> Result<Server, Error> {
        config.check()?;
        Self::bind_at(ctx, config, Place::take(config.listen).await?, services).await
    }

    /// The same at a place taken before: for services that must know it when they are bound, as they call each other there.
    ///
    /// # Errors
    /// As [`Server::bind`].
    pub async fn bind_at(
        ctx: &Context,
        config: &Config,
        place: Place,
        services: Vec<Service>,
    ) -> Result<Server, Error> {
        config.check()?;
        let names: Vec<&'static str> =
            services.iter().flat_map(|service| service.grpc_services.iter().copied()).collect();
        let methods = methods::table(&names).map_err(|service| Error::Undescribed { service })?;

        let (health, health_service) = tonic_health::server::health_reporter();
        health::not_serving(&health, &names).await;
        let mut router = Routes::from(axum::Router::new()).add_service(health_service).into_axum_router();
        if config.reflection {
            // What is served here: the protos also describe what others implement.
            let served = names.iter().copied().chain(["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"]);
            let reflection = served
                .fold(tonic_reflection::server::Builder::configure(), |reflection, name| {
                    reflection.with_service_name(name)
                })
                .register_encoded_file_descriptor_set(leadhand_proto::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .build_v1()
                .map_err(Error::Reflection)?;
            router = router.merge(Routes::from(axum::Router::new()).add_service(reflection).into_axum_router());
        }
        let (mut watched, mut tasks) = (Vec::new(), Vec::new());
        for service in services {
            router = router.merge(service.routes.into_axum_router().reset_fallback());
            tasks.extend(service.tasks.into_iter().map(|task| (service.name, task)));
            watched.push(Watched {
                service: service.name,
                grpc_services: service.grpc_services,
                readiness: service.readiness,
                last: None,
            });
        }

        let load = Arc::new(Load::default());
        let edge = Edge(Arc::new(Inner {
            methods,
            other: edge::other(),
            routes: Routes::from(router).prepare(),
            limits: config.into(),
            metrics: metrics::Metrics::new(&ctx.meter, &load),
            load,
            draining: CancellationToken::new(),
            cut: CancellationToken::new(),
        }));
        let Place { listener, local_addr } = place;
        let page = match config.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Server {
            incoming: TcpIncoming::from(listener)
                .with_nodelay(Some(true))
                .with_keepalive(Some(Duration::from_millis(config.tcp_keepalive_ms))),
            local_addr,
            page,
            registry: ctx.registry.clone(),
            edge,
            config: config.clone(),
            health,
            watched,
            tasks,
            shutdown: ctx.shutdown.clone(),
        })
    }

    /// Where gRPC is served.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where `/metrics` and `/healthz` are served, if they are.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.page.as_ref().map(|(_, address)| *address)
    }

    /// Serves until `Context::shutdown` is cancelled, then shuts down within `shutdown_grace_ms`.
    ///
    /// # Errors
    /// When a background task ends before the shutdown; the shutdown then takes place all the same.
    pub async fn run(mut self) -> Result<(), Error> {
        let inner = self.edge.0.clone();
        let abandon = CancellationToken::new();
        // Whatever ends this future, also being dropped, ends the connections.
        let _abandon = abandon.clone().drop_guard();
        let connections = Connections::new(&self.config, self.edge, inner.draining.clone(), abandon.clone());
        let mut aside = JoinSet::new();
        if let Some((listener, address)) = self.page.take() {
            tracing::info!(%address, "serving metrics");
            let router = page::router(self.registry);
            aside.spawn(async move { axum::serve(listener, router).await.unwrap_or_default() });
        }
        let names: Vec<&'static str> = self.watched.iter().flat_map(|one| one.grpc_services.clone()).collect();
        let every = Duration::from_millis(self.config.readiness_interval_ms);
        let mut watching = JoinSet::new();
        watching.spawn(health::watch(self.health.clone(), self.watched, every));
        let mut tasks = JoinSet::new();
        for (service, task) in self.tasks {
            tasks.spawn(Ended::of(service, task));
        }
        tracing::info!(address = %self.local_addr, "serving");

        let failure = tokio::select! {
            () = self.shutdown.cancelled() => None,
            () = connections.accept(&mut self.incoming) => None,
            // One that ended because of the shutdown has not ended before it.
            Some(Ok(ended)) = tasks.join_next() => {
                if self.shutdown.is_cancelled() { ended.log(); None } else { Some(ended.into()) }
            }
        };
        if let Some(error) = &failure {
            tracing::error!(%error, "shutting down");
        }

        drop(self.incoming);
        // Ended, not only asked to: it must not say SERVING once more.
        watching.shutdown().await;
        health::not_serving(&self.health, &names).await;
        self.shutdown.cancel();
        inner.draining.cancel();
        let grace = Duration::from_millis(self.config.shutdown_grace_ms);
        connections.open.close();
        let critical = &inner.load.critical;
        let finished = async {
            while let Some(ended) = tasks.join_next().await {
                ended.iter().for_each(Ended::log);
            }
            connections.open.wait().await;
            // Only now can no call begin another one.
            critical.close();
            critical.wait().await;
        };
        let mut finished = std::pin::pin!(finished);
        if timeout(grace * 9 / 10, finished.as_mut()).await.is_err() {
            inner.cut.cancel();
            if timeout(grace / 10, finished).await.is_err() {
                tracing::warn!(
                    connections = connections.open.len(),
                    critical = critical.len(),
                    "the grace is over: ending without waiting for the rest"
                );
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// How a background task ended.
struct Ended {
    service: &'static str,
    task: &'static str,
    /// What went wrong; `None` when it simply returned.
    failure: Option<String>,
}

impl Ended {
    async fn of(service: &'static str, Task { name: task, future }: Task) -> Ended {
        let failure = match AssertUnwindSafe(future).catch_unwind().await {
            Ok(failure) => failure.map(|failure| format!("failed: {failure}")),
            Err(_) => Some("panicked".to_owned()),
        };
        Ended { service, task, failure }
    }

    /// To be told of a task that did not end well during the shutdown.
    fn log(&self) {
        if let Some(failure) = &self.failure {
            tracing::error!(service = self.service, task = self.task, failure, "while shutting down");
        }
    }
}

impl From<Ended> for Error {
    fn from(Ended { service, task, failure }: Ended) -> Self {
        Error::Task { service, task, reason: failure.unwrap_or_else(|| "ended".to_owned()) }
    }
}
