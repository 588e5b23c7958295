//! What a service is given when it is bound.

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::telemetry::{self, Guard};

/// What a service is given when it is bound; cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The process's clock.
    pub clock: Clock,
    /// Cancelled when the process is to end: loops and streams watch it.
    pub shutdown: CancellationToken,
    /// A random id of this replica, new with each start.
    pub instance: String,
    /// Where the server's instruments are made.
    pub(crate) meter: Meter,
    /// The Prometheus page's source.
    pub(crate) registry: prometheus::Registry,
    /// Kept alive as long as anything records.
    _meters: SdkMeterProvider,
}

impl Context {
    /// The context of a process whose telemetry was set up with [`telemetry::init`].
    pub fn new(clock: Clock, telemetry: &Guard) -> Context {
        Self::with_metrics(clock, telemetry.metrics())
    }

    /// A context of its own for a test: no exporter, and metrics that no other test sees.
    pub fn for_test(clock: Clock) -> Context {
        Self::with_metrics(clock, &telemetry::Metrics::local())
    }

    /// Where a service makes instruments of its own.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    fn with_metrics(clock: Clock, metrics: &telemetry::Metrics) -> Context {
        Context {
            clock,
            shutdown: CancellationToken::new(),
            instance: uuid::Uuid::new_v4().simple().to_string(),
            meter: metrics.provider.meter("leadhand"),
            registry: metrics.registry.clone(),
            _meters: metrics.provider.clone(),
        }
    }
}
