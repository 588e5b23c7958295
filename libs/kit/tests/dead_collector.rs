//! A collector that accepts and never answers costs calls nothing and the shutdown no more than its limit.

mod common;

use std::net::TcpListener;

use leadhand_kit::telemetry::{self, Config};
use leadhand_kit::{Clock, Context, server};

use common::{config, router, start_with};

/// What an export to it takes.
const EXPORT_MS: u64 = 5_000;

/// More than the exporter's queue holds.
const CALLS: usize = 2_500;

#[tokio::test]
async fn calls_and_the_shutdown_do_not_wait_for_it() {
    let dead = TcpListener::bind("127.0.0.1:0").expect("a port");
    let otlp = Config {
        otlp_endpoint: Some(format!("http://{}", dead.local_addr().expect("an address"))),
        sample_ratio: 1.0,
        export_timeout_ms: EXPORT_MS,
        ..Config::default()
    };
    let guard = telemetry::init("test", &otlp).expect("telemetry");
    // A call that waited for one export would not make its deadline.
    let config = server::Config { default_deadline_ms: EXPORT_MS - 500, ..config() };
    let ctx = Context::new(Clock::system(), &guard);
    let server = start_with(ctx, config, vec![router(|_| async { Ok("routed".into()) })]).await;
    let channel = server.channel().await;
    for call in 0..CALLS {
        let answer = common::route(channel.clone(), "any").await;
        assert_eq!(answer.expect("an answer"), "routed", "call {call}");
    }
    server.ctx.shutdown.cancel();
    server.ended.await.expect("joined").expect("a clean end");

    // It would never answer.
    let stopping = tokio::task::spawn_blocking(move || drop(guard));
    tokio::time::timeout(common::PATIENCE, stopping).await.expect("an end").expect("joined");
}
