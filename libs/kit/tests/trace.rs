//! A trace across two services reaches a collector, and so do the metrics.

mod common;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use leadhand_kit::client::Outbound;
use leadhand_kit::telemetry::{self, Config};
use leadhand_kit::{Clock, Context, critical};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use common::{config, router, start_with};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    metrics: Arc<Mutex<Vec<String>>>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = request.into_inner().resource_spans.into_iter();
        let spans = spans.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
        self.spans.lock().expect("unpoisoned").extend(spans);
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let metrics = request.into_inner().resource_metrics.into_iter();
        let metrics = metrics.flat_map(|resource| resource.scope_metrics).flat_map(|scope| scope.metrics);
        self.metrics.lock().expect("unpoisoned").extend(metrics.map(|metric| metric.name));
        Ok(Response::new(Default::default()))
    }
}

/// Runs on a thread of its own, as a collector does: it answers while the test's only thread waits for the last export.
fn collect(collector: &Collector) -> SocketAddr {
    let (address, bound) = std::sync::mpsc::channel();
    let collector = collector.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
            address.send(incoming.local_addr().expect("an address")).expect("waiting");
            tonic::transport::Server::builder()
                .add_service(TraceServiceServer::new(collector.clone()))
                .add_service(MetricsServiceServer::new(collector))
                .serve_with_incoming(incoming)
                .await
        })
    });
    bound.recv().expect("bound")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_trace_joins_two_services_at_the_collector() {
    let collector = Collector::default();
    let otlp = Config {
        otlp_endpoint: Some(format!("http://{}", collect(&collector))),
        export_timeout_ms: 20_000,
        ..Config::default()
    };
    let guard = telemetry::init("test", &otlp).expect("telemetry");
    let ctx = Context::new(Clock::system(), &guard);

    let refusing = router(|_| async { Err(Status::internal("no")) });
    let inner = start_with(ctx.clone(), config(), vec![refusing]).await;
    let channel = Outbound::new(inner.channel().await);
    let asking = router(move |request| {
        let mut client = RouterServiceClient::new(channel.clone());
        // Through a critical step, which carries the span on.
        async move { critical(async move { client.route_lead(request).await }).await?.map(|_| String::new()) }
    });
    let outer = start_with(Context::new(Clock::system(), &guard), config(), vec![asking]).await;

    let mut request = Request::new(RouteLeadRequest { workspace: "jane@example.com".into(), ..Default::default() });
    let parent = format!("00-{TRACE}-{CALLER}-01").parse().expect("a header");
    request.metadata_mut().insert("traceparent", parent);
    RouterServiceClient::new(outer.channel().await).route_lead(request).await.expect_err("refused");
    // The caller's decision not to keep a trace is followed.
    let mut request = Request::new(RouteLeadRequest::default());
    let parent = format!("00-{}-{CALLER}-00", TRACE.replace('4', "5")).parse().expect("a header");
    request.metadata_mut().insert("traceparent", parent);
    RouterServiceClient::new(outer.channel().await).route_lead(request).await.expect_err("refused");
    drop(guard);

    let spans = collector.spans.lock().expect("unpoisoned");
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE));
    let first = spans.iter().find(|span| hex(&span.parent_span_id) == CALLER).expect("the caller's child");
    let second = spans.iter().find(|span| span.parent_span_id == first.span_id).expect("its child in turn");
    assert_eq!(second.name, "leadhand.router.v1.RouterService/RouteLead");
    assert!(format!("{:?}", second.attributes).contains("INTERNAL"), "{second:?}");
    assert!(!format!("{spans:?}").contains("jane"), "personal data in a span");
    let metrics = collector.metrics.lock().expect("unpoisoned");
    assert!(metrics.contains(&"rpc.server.call.duration".to_owned()), "{metrics:?}");
}
