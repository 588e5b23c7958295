//! Unary calls: deadlines, limits, panics, paths that nobody serves, and what is measured of it all.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use leadhand_kit::{critical, deadline};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::status::told;
use tokio::sync::{Notify, Semaphore};
use tonic::body::Body;
use tonic::{Code, Request, Status};
use tower::ServiceExt;

use crate::common::{ROUTER, config, get, router, start};

/// A request that the client itself does not give up, whatever deadline it states.
fn stating(timeout: Option<&'static str>) -> Request<RouteLeadRequest> {
    let mut request = Request::new(RouteLeadRequest::default());
    if let Some(timeout) = timeout {
        request.metadata_mut().insert("grpc-timeout", tonic::metadata::MetadataValue::from_static(timeout));
    }
    request
}

#[tokio::test]
async fn a_deadline_is_the_callers_up_to_a_limit_or_the_default() {
    let remaining =
        |_| async { Ok(deadline::remaining().expect("a unary call has a deadline").as_millis().to_string()) };
    let server = start(
        leadhand_kit::server::Config { default_deadline_ms: 7_000, max_deadline_ms: 60_000, ..config() },
        vec![router(remaining)],
    )
    .await;
    let mut client = RouterServiceClient::new(server.channel().await);
    for (stated, at_most) in [(None, 7_000), (Some("9S"), 9_000), (Some("2H"), 60_000), (Some("nonsense"), 7_000)] {
        let answer = client.route_lead(stating(stated)).await.expect("an answer").into_inner().lead_id;
        let remaining: u64 = answer.parse().expect("milliseconds");
        assert!((at_most - 2_000..=at_most).contains(&remaining), "{stated:?}: {remaining}");
    }
}

#[tokio::test]
async fn a_deadline_that_passes_is_deadline_exceeded() {
    let server =
        start(leadhand_kit::server::Config { default_deadline_ms: 30, ..config() }, vec![router(|_| pending())]).await;
    let refused = server.route("any").await.expect_err("too late");
    assert_eq!(refused.code(), Code::DeadlineExceeded);
    assert_eq!(told(&refused).reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn more_calls_than_the_limit_are_refused_and_told_when_to_come_back() {
    let gate = Arc::new(Semaphore::new(0));
    let entered = Arc::new(Semaphore::new(0));
    let (inside, seen) = (gate.clone(), entered.clone());
    let server = start(
        leadhand_kit::server::Config { max_in_flight_requests: 2, ..config() },
        vec![router(move |_| {
            let (gate, entered) = (inside.clone(), seen.clone());
            async move {
                entered.add_permits(1);
                let _ = gate.acquire().await;
                Ok("done".into())
            }
        })],
    )
    .await;
    let channel = server.channel().await;
    let first = tokio::spawn(join_all([1, 2].map(|_| crate::common::route(channel.clone(), "any"))));
    let _both = entered.acquire_many(2).await.expect("two inside");

    let refused = server.route("any").await.expect_err("a third");
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(told(&refused).reason, "OVERLOADED");
    assert!(told(&refused).retry_after.expect("when") > Duration::ZERO);

    gate.close();
    assert!(first.await.expect("joined").iter().all(Result::is_ok));
    assert_eq!(server.route("any").await.expect("room again"), "done");
    let (_, page) = get(server.metrics, "/metrics").await;
    assert!(page.lines().any(|line| line.starts_with("leadhand_server_refused") && line.ends_with(" 1")), "{page}");
}

#[tokio::test]
async fn a_critical_step_outlives_its_caller_and_keeps_its_place() {
    let (begin, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let begun = Arc::new(Semaphore::new(0));
    let (go, done, entered) = (begin.clone(), ended.clone(), begun.clone());
    let server = start(
        leadhand_kit::server::Config { max_in_flight_requests: 1, ..config() },
        vec![router(move |request| {
            let (go, done, entered) = (go.clone(), done.clone(), entered.clone());
            async move {
                if request.workspace == "quick" {
                    return Ok("quick".into());
                }
                critical(async move {
                    entered.add_permits(1);
                    go.notified().await;
                    done.notify_one();
                })
                .await?;
                Ok::<_, Status>("never told".into())
            }
        })],
    )
    .await;
    let mut impatient = RouterServiceClient::new(server.channel().await);
    let mut deadline = Duration::from_millis(30);
    // On a busy machine it may pass before the step begins.
    while begun.available_permits() == 0 {
        let mut request = Request::new(RouteLeadRequest::default());
        request.set_timeout(deadline);
        impatient.route_lead(request).await.expect_err("given up");
        deadline *= 2;
    }

    let refused = server.route("quick").await.expect_err("the place is still taken");
    assert_eq!(told(&refused).reason, "OVERLOADED");
    begin.notify_one();
    ended.notified().await;
    while server.route("quick").await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_panic_is_internal_and_tells_nothing() {
    let server =
        start(config(), vec![router(|request| async move { panic!("the secret {}", request.workspace) })]).await;
    let refused = server.route("jane@example.com").await.expect_err("a panic");
    assert_eq!(refused.code(), Code::Internal);
    assert_eq!(told(&refused).reason, "INTERNAL");
    assert!(!format!("{refused:?}").contains("secret"));
    assert_eq!(server.route("again").await.expect_err("still there").code(), Code::Internal);
}

#[tokio::test]
async fn messages_over_the_limits_are_refused() {
    let server = start(
        leadhand_kit::server::Config { max_request_bytes: 1_000, max_response_bytes: 1_000, ..config() },
        vec![router(|request| async move { Ok("x".repeat(request.workspace.len() * 10)) })],
    )
    .await;
    for workspace in ["x".repeat(2_000), "x".repeat(500)] {
        let refused = server.route(&workspace).await.expect_err("too large");
        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
        assert_eq!(told(&refused).reason, "MESSAGE_TOO_LARGE");
    }
    assert_eq!(server.route("small").await.expect("small enough").len(), 50);
    // Past what tonic itself would take, too.
    let server = start(config(), vec![router(|request| async move { Ok(request.workspace) })]).await;
    let refused = server.route(&"x".repeat(5 << 20)).await.expect_err("too large");
    assert_eq!((refused.code(), told(&refused).reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
}

#[tokio::test]
async fn a_path_nobody_serves_is_404_for_the_web_and_unimplemented_for_grpc() {
    let server = start(config(), vec![router(|_| async { Ok("routed".into()) })]).await;
    assert_eq!(get(server.address, "/").await.0, "HTTP/1.1 404 Not Found");
    assert!(get(server.address, &format!("/{ROUTER}/RouteLead")).await.0.contains(" 415 "));

    let ask = async |path: &str, kind: &str| {
        let request = http::Request::post(format!("{}{path}", server.uri()))
            .header("content-type", kind)
            .body(Body::empty())
            .expect("a request");
        server.channel().await.oneshot(request).await.expect("an answer")
    };
    assert_eq!(ask("/", "text/plain").await.status(), 404);
    for path in ["/nobody.v1.Nothing/Ask".to_owned(), format!("/{ROUTER}/NoSuchMethod")] {
        let answer = ask(&path, "application/grpc").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["grpc-status"], "12");
    }
    let (_, page) = get(server.metrics, "/metrics").await;
    assert!(page.contains(r#"rpc_method="_OTHER""#), "{page}");
    assert!(!page.contains("NoSuchMethod"), "a caller's invention is no label");
}

#[tokio::test]
async fn the_page_shows_calls_by_method_and_code() {
    let server = start(
        config(),
        vec![router(|request| async move {
            if request.workspace == "good" { Ok("routed".into()) } else { Err(Status::aborted("no")) }
        })],
    )
    .await;
    for workspace in ["good", "good", "bad"] {
        let _ = server.route(workspace).await;
    }
    let (status, page) = get(server.metrics, "/metrics").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    let count = |code: &str| {
        let line = page.lines().find(|line| {
            line.starts_with("rpc_server_call_duration_seconds_count")
                && line.contains(r#"rpc_method="leadhand.router.v1.RouterService/RouteLead""#)
                && line.contains(&format!(r#"rpc_response_status_code="{code}""#))
        });
        line.and_then(|line| line.split(' ').next_back()).map(str::to_owned)
    };
    assert_eq!(count("OK").as_deref(), Some("2"), "{page}");
    assert_eq!(count("ABORTED").as_deref(), Some("1"), "{page}");
    assert_eq!(get(server.metrics, "/healthz").await.0, "HTTP/1.1 200 OK");
}
