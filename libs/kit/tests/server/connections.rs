//! How many connections there may be, and how much of messages that are not whole.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use leadhand_kit::server::Config;
use leadhand_proto::notification::v1::SubscribeRequest;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::status::told;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;
use tonic::body::Body;
use tower::ServiceExt;

use crate::common::{ROUTER, Running, config, get, notifier, route, router, start};

/// The value of a metric.
async fn metric(server: &Running, name: &str) -> Option<u64> {
    let (_, page) = get(server.metrics, "/metrics").await;
    let line = page.lines().find(|line| line.split(['{', ' ']).next() == Some(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn more_connections_than_the_limit_are_refused_and_those_inside_work_on() {
    const LIMIT: usize = 8;
    let server = start(
        Config { max_connections: LIMIT, ..config() },
        vec![router(|_| async { Ok("routed".into()) }), notifier(|_| stream::pending())],
    )
    .await;
    let mut inside = Vec::new();
    for _ in 0..LIMIT {
        let channel = server.channel().await;
        assert_eq!(route(channel.clone(), "any").await.expect("inside"), "routed");
        inside.push(channel);
    }
    let mut open = NotificationServiceClient::new(inside[0].clone());
    let _events = open.subscribe(SubscribeRequest::default()).await.expect("open");

    // Far more than may be, at once: each is told and closed, and all the while those inside are served.
    let mut outside = Vec::new();
    for _ in 0..40 {
        outside.push(TcpStream::connect(server.address).await.expect("connected"));
    }
    for stream in &mut outside {
        // What the client says first, which nobody reads in vain.
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
        let mut told = Vec::new();
        stream.read_to_end(&mut told).await.expect("an orderly end");
        assert_eq!((told[9 + 3], told[told.len() - 1]), (7, 7), "GOAWAY with REFUSED_STREAM: {told:?}");
        for channel in &inside {
            assert!(route(channel.clone(), "any").await.is_ok());
        }
    }
    assert_eq!(metric(&server, "leadhand_server_connections").await, Some(LIMIT as u64));
    assert_eq!(metric(&server, "leadhand_server_connections_refused_total").await, Some(40));
    // A client's call answers that it may be repeated.
    let channel = tonic::transport::Endpoint::from_shared(server.uri()).expect("a place").connect_lazy();
    assert_eq!(route(channel, "any").await.expect_err("outside").code(), Code::Unavailable);

    // Who leaves makes room.
    inside.pop();
    while server.route("any").await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_received_in_part_is_bounded_over_all_connections() {
    let server = start(
        Config { max_receiving_bytes: 100_000, ..config() },
        vec![router(|request| async move { Ok(request.workspace.len().to_string()) })],
    )
    .await;
    // Requests that say how long they will be and never come to their end.
    let mut begun = Vec::new();
    for _ in 0..3 {
        let mut part = vec![0, 0, 1, 0, 0];
        part.resize(30_000, 7);
        let body = stream::iter([Ok::<_, tonic::Status>(bytes::Bytes::from(part))]).chain(stream::pending());
        let request = http::Request::post(format!("{}/{ROUTER}/RouteLead", server.uri()))
            .header("content-type", "application/grpc")
            .header("grpc-timeout", "30S")
            .body(Body::new(axum::body::Body::from_stream(body)))
            .expect("a request");
        let channel = server.channel().await;
        begun.push(tokio::spawn(async move { channel.oneshot(request).await }));
    }
    while metric(&server, "leadhand_server_receiving_bytes").await != Some(90_000) {
        tokio::task::yield_now().await;
    }
    let refused = server.route(&"x".repeat(20_000)).await.expect_err("no room");
    assert_eq!((refused.code(), told(&refused).reason.as_str()), (Code::Unavailable, "OVERLOADED"));
    assert!(told(&refused).retry_after.expect("when") > Duration::ZERO);
    assert_eq!(server.route(&"x".repeat(5_000)).await.expect("room for that"), "5000");
    begun.iter().for_each(|call| call.abort());
    while server.route(&"x".repeat(20_000)).await.is_err() {
        tokio::task::yield_now().await;
    }
    while metric(&server, "leadhand_server_receiving_bytes").await != Some(0) {
        tokio::task::yield_now().await;
    }
}
