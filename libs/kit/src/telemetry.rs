//! Logs, traces and metrics.
//!
//! Logs go to standard error. Traces go out by OTLP, metrics by OTLP and on the Prometheus page. What talks to the
//! collector lives on a runtime and threads of its own: a collector that is dead or slow fills a bounded queue and then
//! loses spans, and no call ever waits for it. Nothing recorded here carries personal data.

use std::sync::mpsc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::Deserialize;
use tracing_subscriber::filter::{EnvFilter, FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::config;

/// Targets whose spans would tell of the telemetry's own calls, and so never end.
const OWN_CALLS: [&str; 5] = ["tonic", "h2", "hyper", "tower", "opentelemetry"];

/// What is told of the process, and where.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The OpenTelemetry collector's gRPC address, e.g. `http://collector:4317`. Default: none, nothing is sent.
    pub otlp_endpoint: Option<String>,
    /// The share of traces begun here that is kept, 0 to 1; a caller's decision is followed. Default: 0.1.
    pub sample_ratio: f64,
    /// How often metrics are sent to the collector. Default: 15,000.
    pub metrics_interval_ms: u64,
    /// How long one sending may take, and how long the shutdown waits for the last one. Default: 2,000.
    pub export_timeout_ms: u64,
    /// How log lines look. Default: `json`.
    pub log_format: LogFormat,
    /// Which log lines are written, in `tracing`'s directives, e.g. `info,leadhand_store=debug`. Default: `info`.
    pub log_filter: String,
}

impl Config {
    /// Whether it can be used, as far as that shows without using it.
    ///
    /// # Errors
    /// When a field has a value that cannot be used.
    pub fn check(&self) -> Result<(), Error> {
        self.filter()?;
        let unusable = |field, reason| Err(Error::Setting(config::Error::Unusable { field, reason }));
        if !self.otlp_endpoint.as_deref().is_none_or(is_address) {
            return unusable("telemetry.otlp_endpoint", "not of the form http://host:port");
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return unusable("telemetry.sample_ratio", "from 0 to 1");
        }
        Ok(config::at_least_one(&[
            ("telemetry.metrics_interval_ms", self.metrics_interval_ms == 0),
            ("telemetry.export_timeout_ms", self.export_timeout_ms == 0),
        ])?)
    }

    fn filter(&self) -> Result<EnvFilter, Error> {
        EnvFilter::try_new(&self.log_filter).map_err(Error::LogFilter)
    }
}

/// TLS to the collector is not built in.
fn is_address(uri: &str) -> bool {
    let Ok(uri) = uri.parse::<http::Uri>() else { return false };
    uri.scheme() == Some(&http::uri::Scheme::HTTP) && uri.host().is_some_and(|host| !host.is_empty())
}

impl Default for Config {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            sample_ratio: 0.1,
            metrics_interval_ms: 15_000,
            export_timeout_ms: 2_000,
            log_format: LogFormat::Json,
            log_filter: "info".into(),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line, for programs.
    Json,
    /// For people.
    Text,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting has a value that cannot be used.
    #[error(transparent)]
    Setting(#[from] config::Error),
    /// `log_filter` is not in `tracing`'s directives.
    #[error("telemetry.log_filter cannot be read")]
    LogFilter(#[source] tracing_subscriber::filter::ParseError),
    /// `otlp_endpoint` is no address.
    #[error("telemetry.otlp_endpoint cannot be used")]
    Otlp(#[source] opentelemetry_otlp::ExporterBuildError),
    /// The exporter's threads could not be started.
    #[error("the exporter's threads could not be started")]
    Threads(#[source] std::io::Error),
    /// The Prometheus page could not be prepared.
    #[error("the prometheus page could not be prepared")]
    Prometheus(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where instruments record and the Prometheus page reads.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) provider: SdkMeterProvider,
    pub(crate) registry: prometheus::Registry,
}

impl Metrics {
    /// Metrics of their own, not exported.
    pub(crate) fn local() -> Metrics {
        // Registering one exporter in a registry made just now cannot collide with another.
        Self::new(Resource::builder().build(), None).expect("an empty registry takes an exporter")
    }

    fn new(resource: Resource, otlp: Option<PeriodicReader<MetricExporter>>) -> Result<Metrics, Error> {
        let registry = prometheus::Registry::new();
        let page = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()
            .map_err(|error| Error::Prometheus(error.into()))?;
        let mut provider = SdkMeterProvider::builder().with_resource(resource).with_reader(page);
        if let Some(otlp) = otlp {
            provider = provider.with_reader(otlp);
        }
        Ok(Metrics { provider: provider.build(), registry })
    }
}

/// Keeps telemetry going; dropped, it sends what is left and stops, within `export_timeout_ms`.
#[derive(Debug)]
pub struct Guard {
    metrics: Metrics,
    traces: Option<SdkTracerProvider>,
    /// The exporters' own runtime: they work whatever becomes of the service's.
    runtime: Option<tokio::runtime::Runtime>,
    timeout: Duration,
}

/// Sets up logs, traces and metrics of the service `name`.
///
/// The log and trace subscriber is the process's: where one is set already (another service of the same process, a test)
/// it stays, and only the metrics are new.
///
/// # Errors
/// When the configuration cannot be used. A collector that cannot be reached is no error.
pub fn init(name: &'static str, config: &Config) -> Result<Guard, Error> {
    config.check()?;
    let filter = config.filter()?;
    let resource = Resource::builder()
        .with_service_name(name)
        .with_attribute(KeyValue::new("service.namespace", "leadhand"))
        .build();
    let timeout = Duration::from_millis(config.export_timeout_ms);

    let (runtime, traces, reader) = match &config.otlp_endpoint {
        None => (None, None, None),
        Some(endpoint) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("otlp")
                .enable_all()
                .build()
                .map_err(Error::Threads)?;
            let _inside = runtime.enter();
            let spans = SpanExporter::builder()
                .with_tonic()
                .with_endpoint(endpoint)
                .with_timeout(timeout)
                .build()
                .map_err(Error::Otlp)?;
            let traces = SdkTracerProvider::builder()
                .with_resource(resource.clone())
                .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio))))
                .with_batch_exporter(spans)
                .build();
            let exporter = MetricExporter::builder()
                .with_tonic()
                .with_endpoint(endpoint)
                .with_timeout(timeout)
                .build()
                .map_err(Error::Otlp)?;
            let reader = PeriodicReader::builder(exporter)
                .with_interval(Duration::from_millis(config.metrics_interval_ms))
                .build();
            drop(_inside);
            (Some(runtime), Some(traces), Some(reader))
        }
    };

    subscribe(config.log_format, filter, traces.as_ref());
    Ok(Guard { metrics: Metrics::new(resource, reader)?, traces, runtime, timeout })
}

fn subscribe(format: LogFormat, filter: EnvFilter, traces: Option<&SdkTracerProvider>) {
    // With their most said, `tracing` skips what nobody wants before asking: without it, every span and line of h2 and hyper
    // is asked about, at some 50 µs a call.
    let events = filter.and(filter_fn(|metadata| metadata.is_event()).with_max_level_hint(LevelFilter::TRACE));
    // Colours are for a person at a terminal, not for a file.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_filter(events).boxed(),
        LogFormat::Text => lines.with_filter(events).boxed(),
    };
    let spans = traces.map(|traces| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("leadhand"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(
                filter_fn(|metadata| {
                    metadata.is_span()
                        && *metadata.level() <= tracing::Level::INFO
                        && !OWN_CALLS.iter().any(|own| metadata.target().starts_with(own))
                })
                .with_max_level_hint(LevelFilter::INFO),
            )
    });
    // One that is set already belongs to whoever set it first.
    let _ = tracing_subscriber::registry().with(lines).with(spans).try_init();
}

impl Guard {
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let (done, finished) = mpsc::channel::<()>();
        let (metrics, traces, timeout) = (self.metrics.provider.clone(), self.traces.take(), self.timeout);
        // Both shutdowns block: on a thread of their own they hold up neither a runtime nor each other's time-out.
        std::thread::spawn(move || {
            if let Some(traces) = traces {
                let _ = traces.shutdown_with_timeout(timeout);
            }
            let _ = metrics.shutdown_with_timeout(timeout);
            drop(done);
        });
        let _ = finished.recv_timeout(self.timeout);
        runtime.shutdown_background();
    }
}
