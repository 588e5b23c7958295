//! What every call passes through: limits, deadline, panics, span, metrics. One layer, so that it costs little.

use std::any::Any;
use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use leadhand_proto::refusal;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service as _;
use tracing::Instrument;

use super::Config;
use super::body::{Bounded, Open, Outgoing, Stream, code_in};
use super::methods::{Kind, Method};
use super::metrics::{Metrics, Record};
use crate::call::{Call, Load, Place, Receiving};
use crate::clock::instant;
use crate::{deadline, status, trace};

/// The edge of a server; cheap to clone.
#[derive(Clone)]
pub(super) struct Edge(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) methods: HashMap<String, Arc<Method>>,
    /// What calls of no method known are counted under.
    pub(super) other: Arc<Method>,
    pub(super) routes: Routes,
    pub(super) limits: Limits,
    pub(super) load: Arc<Load>,
    pub(super) metrics: Metrics,
    /// Cancelled when the server stops taking calls: its own streams end.
    pub(super) draining: CancellationToken,
    /// Cancelled when the grace is nearly over: the services' streams are ended.
    pub(super) cut: CancellationToken,
}

/// The part of the configuration that every call is held to.
pub(super) struct Limits {
    calls: usize,
    streams: usize,
    request_bytes: usize,
    receiving_bytes: usize,
    response_bytes: usize,
    default_deadline: Duration,
    max_deadline: Duration,
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        Self {
            calls: config.max_in_flight_requests,
            streams: config.max_open_streams,
            request_bytes: config.max_request_bytes,
            receiving_bytes: config.max_receiving_bytes,
            response_bytes: config.max_response_bytes,
            default_deadline: Duration::from_millis(config.default_deadline_ms),
            max_deadline: Duration::from_millis(config.max_deadline_ms),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Edge {
    type Response = Response<Outgoing>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let edge = self.0.clone();
        Box::pin(async move { Ok(edge.answer(request).await) })
    }
}

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Response<Outgoing> {
        let started = instant();
        let method = self.methods.get(request.uri().path());
        if !is_grpc(&request) {
            return plain(if method.is_some() { StatusCode::UNSUPPORTED_MEDIA_TYPE } else { StatusCode::NOT_FOUND });
        }
        let Some(method) = method else {
            let record = Record::begin(&self.metrics, &self.other, tracing::Span::none(), started);
            return refuse(record, status::unknown_method());
        };
        let span = trace::inbound(&method.name, request.headers());
        let record = Record::begin(&self.metrics, method, span, started);

        let Some(place) = self.place(method) else {
            return refuse(record, status::overloaded());
        };
        let asked = deadline::wire::read(request.headers());
        let limit = match method.kind {
            Kind::ClientStreaming => asked,
            _ => Some(asked.unwrap_or(self.limits.default_deadline).min(self.limits.max_deadline)),
        };
        if limit == Some(Duration::ZERO) {
            return refuse(record, status::deadline_exceeded());
        }
        let call = Call { deadline: limit.map(|limit| started + limit), place };

        let answer = self.handle(request, method, call.clone(), &record).await;
        match answer {
            Err(refusal) => refuse(record, refusal),
            Ok(response) => self.send(response, method, record, call, asked.map(|asked| started + asked)),
        }
    }

    /// A place in the count: `None` when there is none left, `Some(None)` for the server's own methods.
    fn place(&self, method: &Method) -> Option<Option<Arc<Place>>> {
        if method.own {
            return Some(None);
        }
        let streaming = method.kind != Kind::Unary;
        let limit = if streaming { self.limits.streams } else { self.limits.calls };
        Place::take(&self.load, streaming, limit).map(Some)
    }

    /// Runs the handler until it answers, panics or runs out of time.
    async fn handle(
        &self,
        request: Request<Incoming>,
        method: &Method,
        call: Call,
        record: &Record,
    ) -> Result<Response<Body>, Status> {
        let limit = (method.kind != Kind::ClientStreaming).then_some(self.limits.request_bytes);
        let receiving = Receiving::nothing(&self.load, self.limits.receiving_bytes);
        let request = request.map(|body| Body::new(Bounded::new(body, limit, receiving)));
        let at = call.deadline;
        let mut routes = self.routes.clone();
        let handler = async move { routes.call(request).await };
        let handler = call.scope(AssertUnwindSafe(handler).catch_unwind()).instrument(record.span().clone());
        let outcome: Result<Result<_, Infallible>, Box<dyn Any + Send>> = match at {
            None => handler.await,
            Some(at) => timeout_at(at, handler).await.map_err(|_| status::deadline_exceeded())?,
        };
        match outcome {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(never)) => match never {},
            Err(_) => {
                tracing::error!(method = method.name, "a handler panicked");
                Err(refusal::internal())
            }
        }
    }

    fn send(
        &self,
        response: Response<Body>,
        method: &Method,
        mut record: Record,
        call: Call,
        caller_deadline: Option<Instant>,
    ) -> Response<Outgoing> {
        // An error without a body says its status in the headers; otherwise it comes in the trailers.
        if let Some(code) = code_in(response.headers()) {
            record.finish(code);
            return response.map(Outgoing::ended);
        }
        let stream = (method.kind != Kind::Unary).then(|| {
            let ends_with = if method.own { &self.draining } else { &self.cut };
            Box::new(Stream {
                call: Call { deadline: caller_deadline, place: call.place },
                cut: Box::pin(ends_with.clone().cancelled_owned()),
                deadline: caller_deadline.map(|at| Box::pin(sleep_until(at))),
            })
        });
        let open = Open { record, max_bytes: self.limits.response_bytes, stream };
        response.map(|body| Outgoing::open(body, open))
    }
}

fn refuse(mut record: Record, refusal: Status) -> Response<Outgoing> {
    record.finish(refusal.code());
    refusal.into_http()
}

fn plain(code: StatusCode) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::default());
    *response.status_mut() = code;
    response
}

fn is_grpc<B>(request: &Request<B>) -> bool {
    let kind = |headers: &HeaderMap| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
    };
    request.version() == Version::HTTP_2 && request.method() == http::Method::POST && kind(request.headers())
}

/// What calls of no method known are counted under: their names are the callers' to choose, so they are no label.
pub(super) fn other() -> Arc<Method> {
    Method::new("_OTHER".into(), Kind::Unary, false)
}
