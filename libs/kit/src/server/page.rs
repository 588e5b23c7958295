//! The plain HTTP page: `/metrics` for Prometheus, `/healthz` for liveness.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder, Registry, TextEncoder};

pub(super) fn router(registry: Registry) -> Router {
    Router::new()
        // It looks at nothing: a process that answers is alive, and a store that is down is not cured by a restart.
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(move || async move { metrics(&registry) }))
}

fn metrics(registry: &Registry) -> Response {
    let encoder = TextEncoder::new();
    let mut page = Vec::new();
    match encoder.encode(&registry.gather(), &mut page) {
        Ok(()) => ([(CONTENT_TYPE, encoder.format_type().to_owned())], page).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
