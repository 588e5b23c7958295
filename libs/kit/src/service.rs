//! What a service hands over to be run: its gRPC services, background tasks and readiness.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Request;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;

/// A service, bound but not yet served.
#[derive(Debug)]
pub struct Service {
    /// The service's name in logs, e.g. `router`.
    pub name: &'static str,
    /// Its gRPC services.
    pub routes: Routes,
    /// Their full names, e.g. `leadhand.pool.v1.PoolService`: what health is told of.
    pub grpc_services: Vec<&'static str>,
    /// What must hold for it to take calls.
    pub readiness: Vec<Readiness>,
    /// What it does beside answering calls.
    pub tasks: Vec<Task>,
}

impl Service {
    /// A service without anything in it yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, routes: Routes::default(), grpc_services: Vec::new(), readiness: Vec::new(), tasks: Vec::new() }
    }

    /// Adds a gRPC service. Its protos must be in `leadhand_proto::FILE_DESCRIPTOR_SET`: that is where the server learns
    /// which methods stream.
    pub fn serve<S>(mut self, service: S) -> Self
    where
        S: tower::Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.grpc_services.push(S::NAME);
        self
    }

    /// Adds a condition for taking calls, asked again every `readiness_interval_ms` and given at most that long. `Err`
    /// says what is missing; it is logged when it changes.
    pub fn ready_when<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.readiness.push(Readiness { name, check: Box::new(move || check().boxed()) });
        self
    }

    /// Adds a background task, started when the service is served. It runs until `Context::shutdown` is cancelled; one
    /// that ends, fails or panics before takes the process down. Its output is `()` or a `Result<(), E>`.
    pub fn task<Fut>(mut self, name: &'static str, future: Fut) -> Self
    where
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        self.tasks.push(Task { name, future: future.map(Outcome::failure).boxed() });
        self
    }
}

/// A named condition for taking calls.
pub struct Readiness {
    /// What it is about, e.g. `redis`.
    pub name: &'static str,
    check: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
}

impl Readiness {
    /// Asks once.
    pub(crate) fn check(&self) -> BoxFuture<'static, Result<(), String>> {
        (self.check)()
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readiness").field(&self.name).finish()
    }
}

/// A named background task.
pub struct Task {
    /// What it does, e.g. `timers`.
    pub name: &'static str,
    /// Resolves to why it failed, if it did.
    pub(crate) future: BoxFuture<'static, Option<String>>,
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Task").field(&self.name).finish()
    }
}

/// What a background task may end with.
pub trait Outcome {
    /// Why the task failed, if it did.
    fn failure(self) -> Option<String>;
}

impl Outcome for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: fmt::Display> Outcome for Result<(), E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}
