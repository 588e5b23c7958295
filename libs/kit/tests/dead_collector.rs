//! A collector that accepts and never answers costs calls nothing and the shutdown no more than its limit.

mod common;

use std::net::TcpListener;
use std::time::Duration;

use leadhand_kit::clock::Stopwatch;
use leadhand_kit::telemetry::{self, Config};
use leadhand_kit::{Clock, Context, server};

use common::{config, router, start_with};

/// More than the exporter's queue holds.
const CALLS: usize = 2_500;

#[tokio::test]
async fn calls_and_the_shutdown_do_not_wait_for_it() {
    let dead = TcpListener::bind("127.0.0.1:0").expect("a port");
    let otlp = Config {
        otlp_endpoint: Some(format!("http://{}", dead.local_addr().expect("an address"))),
        sample_ratio: 1.0,
        export_timeout_ms: 2_000,
        ..Config::default()
    };
    let guard = telemetry::init("test", &otlp).expect("telemetry");
    // A call that waited for one export would not make its deadline.
    let config = server::Config { default_deadline_ms: 1_000, ..config() };
    let ctx = Context::new(Clock::system(), &guard);
    let server = start_with(ctx, config, vec![router(|_| async { Ok("routed".into()) })]).await;
    let channel = server.channel().await;
    for call in 0..CALLS {
        let answer = common::route(channel.clone(), "any").await;
        assert_eq!(answer.expect("an answer"), "routed", "call {call}");
    }
    server.ctx.shutdown.cancel();
    server.ended.await.expect("joined").expect("a clean end");

    let begun = Stopwatch::start();
    drop(guard);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
