//! Channels: what goes with a call to another service, and where they lead.

use std::future::pending;
use std::time::Duration;

use leadhand_kit::client::{self, Outbound};
use leadhand_kit::deadline;
use leadhand_kit::server::Config;
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::status::told;
use tokio::net::UnixListener;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::{Code, Status};

use crate::common::{PATIENCE, Running, config, router, start};

/// What a call has that goes through two services.
const DEADLINE_MS: u64 = 20_000;

/// A service that asks `inner` the same, in turn.
async fn in_front_of(inner: &Running) -> Running {
    let channel = Outbound::new(inner.channel().await);
    let config = Config { default_deadline_ms: DEADLINE_MS, ..config() };
    start(
        config,
        vec![router(move |request| {
            let mut client = RouterServiceClient::new(channel.clone());
            async move { Ok(client.route_lead(request).await?.into_inner().lead_id) }
        })],
    )
    .await
}

#[tokio::test]
async fn the_deadline_is_passed_on() {
    let own = Config { default_deadline_ms: 2 * DEADLINE_MS, max_deadline_ms: 2 * DEADLINE_MS, ..config() };
    let inner =
        start(own, vec![router(|_| async { Ok(deadline::remaining().expect("one").as_millis().to_string()) })]).await;
    let outer = in_front_of(&inner).await;
    let remaining: u64 = outer.route("any").await.expect("an answer").parse().expect("milliseconds");
    assert!(remaining <= DEADLINE_MS, "as if nobody had said: {remaining}");
}

#[tokio::test]
async fn a_client_that_runs_out_of_time_says_so() {
    const LONG: u64 = 3_600_000;
    let own = Config { default_deadline_ms: LONG, max_deadline_ms: LONG, ..config() };
    let inner = start(own, vec![router(|_| pending())]).await;
    let mut client = RouterServiceClient::new(Outbound::new(inner.channel().await));
    let call = deadline::scope(Duration::from_millis(50), client.route_lead(RouteLeadRequest::default()));
    let refused: Status = tokio::time::timeout(PATIENCE, call).await.expect("told").expect_err("late");
    assert_eq!(refused.code(), Code::DeadlineExceeded);
    assert_eq!(told(&refused).reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_unix_socket_is_an_address_too() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).expect("listening");
    let (_health, service) = tonic_health::server::health_reporter();
    let serving = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(serving.serve_with_incoming(UnixListenerStream::new(listener)));

    let uri = format!("unix:{}", path.display());
    let channel = client::connect(&uri, &client::Config::default()).await.expect("connected");
    assert!(HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_address_or_has_nobody_there_is_told() {
    let config = client::Config::default();
    for uri in ["127.0.0.1:1", "https://store", "http://", "unix:relative"] {
        let error = client::connect(uri, &config).await.expect_err(uri);
        assert!(matches!(error, client::Error::Address { .. }), "{error:?}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let error = client::connect(&format!("http://{nobody}"), &config).await.expect_err("nobody");
    assert!(matches!(error, client::Error::Connect { .. }), "{error:?}");
}
