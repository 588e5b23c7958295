//! What is measured of every call, named by OpenTelemetry's conventions.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use opentelemetry::metrics::{Histogram, Meter};
use tokio::time::Instant;
use tonic::Code;
use tracing::Span;

use super::methods::Method;
use crate::call::Load;
use crate::trace;

/// Upper bounds of the duration's buckets, in seconds.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The server's instruments.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    duration: Histogram<f64>,
}

impl Metrics {
    pub(super) fn new(meter: &Meter, load: &Arc<Load>) -> Metrics {
        let (calls, streams, refused) = (load.clone(), load.clone(), load.clone());
        let (connections, turned_away, receiving) = (load.clone(), load.clone(), load.clone());
        meter
            .u64_observable_gauge("leadhand.server.connections")
            .with_description("connections open")
            .with_callback(move |gauge| gauge.observe(connections.connections.len() as u64, &[]))
            .build();
        meter
            .u64_observable_counter("leadhand.server.connections.refused")
            .with_description("connections refused because of their limit")
            .with_callback(move |counter| {
                counter.observe(turned_away.connections_refused.load(Ordering::Relaxed), &[]);
            })
            .build();
        meter
            .u64_observable_gauge("leadhand.server.receiving")
            .with_unit("By")
            .with_description("messages received in part")
            .with_callback(move |gauge| gauge.observe(receiving.receiving.load(Ordering::Relaxed) as u64, &[]))
            .build();
        meter
            .u64_observable_gauge("leadhand.server.calls")
            .with_description("unary calls in hand")
            .with_callback(move |gauge| gauge.observe(calls.calls.load(Ordering::Relaxed) as u64, &[]))
            .build();
        meter
            .u64_observable_gauge("leadhand.server.streams")
            .with_description("streaming calls open")
            .with_callback(move |gauge| gauge.observe(streams.streams.load(Ordering::Relaxed) as u64, &[]))
            .build();
        meter
            .u64_observable_counter("leadhand.server.refused")
            .with_description("calls refused because of a limit")
            .with_callback(move |counter| counter.observe(refused.refused.load(Ordering::Relaxed), &[]))
            .build();
        Metrics {
            duration: meter
                .f64_histogram("rpc.server.call.duration")
                .with_unit("s")
                .with_description("how long calls took, streams to their end")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        }
    }
}

/// The record of one call, written when it finishes; one that is dropped before was given up by its caller.
#[derive(Debug)]
pub(super) struct Record {
    metrics: Metrics,
    method: Arc<Method>,
    span: Span,
    started: Instant,
    finished: bool,
}

impl Record {
    pub(super) fn begin(metrics: &Metrics, method: &Arc<Method>, span: Span, started: Instant) -> Record {
        Record { metrics: metrics.clone(), method: method.clone(), span, started, finished: false }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Writes the record; only the first time counts.
    pub(super) fn finish(&mut self, code: Code) {
        if !self.finished {
            self.finished = true;
            self.metrics.duration.record(self.started.elapsed().as_secs_f64(), self.method.labels(code));
            trace::finish(&self.span, code);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.finish(Code::Cancelled);
    }
}
