//! A shutdown takes no longer than its grace, whatever is connected, and finishes what it can.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use leadhand_kit::server::{Config, Error};
use leadhand_kit::{Clock, Context, critical};
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::{SubscribeRequest, SubscribeResponse};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic::Code;

use crate::common::{config, notifier, router, start, start_with};

#[tokio::test]
async fn silent_connections_do_not_hold_it_up() {
    let config = Config { shutdown_grace_ms: 300, ..config() };
    let mut server = start(config, vec![router(|_| async { Ok("routed".into()) })]).await;
    let mut silent = TcpStream::connect(server.address).await.expect("connected");
    // An HTTP/2 client that never says a word after its preface.
    let mut mute = TcpStream::connect(server.address).await.expect("connected");
    tokio::io::AsyncWriteExt::write_all(&mut mute, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .expect("sent");
    let idle = server.channel().await;
    assert!(crate::common::route(idle.clone(), "any").await.is_ok());

    server.ctx.shutdown.cancel();
    // Their other ends would stay for ever.
    server.ends_well().await;
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap_or(0), 0, "closed");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn streams_that_watch_the_shutdown_end_at_once_and_well() {
    let ctx = Context::for_test(Clock::system());
    let shutdown = ctx.shutdown.clone();
    let watching = notifier(move |_| {
        let shutdown = shutdown.clone();
        stream::once(async { Ok(SubscribeResponse::default()) })
            .chain(stream::pending())
            .take_until(async move { shutdown.cancelled().await })
    });
    let server = start_with(ctx, Config { shutdown_grace_ms: 60_000, ..config() }, vec![watching]).await;
    let mut client = NotificationServiceClient::new(server.channel().await);
    let mut events = client.subscribe(SubscribeRequest::default()).await.expect("open").into_inner();
    events.message().await.expect("going on").expect("the first");

    server.ctx.shutdown.cancel();
    assert!(events.message().await.expect("a good end").is_none());
    drop(client);
    server.ended.await.expect("joined").expect("a clean end");
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_told_and_left() {
    let mut server = start(Config { shutdown_grace_ms: 300, ..config() }, vec![notifier(|_| stream::pending())]).await;
    let mut client = NotificationServiceClient::new(server.channel().await);
    let mut events = client.subscribe(SubscribeRequest::default()).await.expect("open").into_inner();
    server.ctx.shutdown.cancel();
    assert_eq!(events.message().await.expect_err("ended").code(), Code::Unavailable);
    server.ends_well().await;
}

#[tokio::test]
async fn calls_and_critical_steps_in_hand_are_finished() {
    let (begin, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let finished = Arc::new(Semaphore::new(0));
    let (go, entered, done) = (begin.clone(), begun.clone(), finished.clone());
    let server = start(
        config(),
        vec![router(move |_| {
            let (go, entered, done) = (go.clone(), entered.clone(), done.clone());
            async move {
                critical(async move {
                    entered.add_permits(1);
                    let _ = go.acquire().await;
                    done.add_permits(1);
                })
                .await?;
                Ok("done".into())
            }
        })],
    )
    .await;
    let waiting = tokio::spawn(crate::common::route(server.channel().await, "stays"));
    let leaving = tokio::spawn(crate::common::route(server.channel().await, "leaves"));
    let _both = begun.acquire_many(2).await.expect("inside");
    leaving.abort();
    server.ctx.shutdown.cancel();
    begin.close();
    server.ended.await.expect("joined").expect("a clean end");
    assert_eq!(finished.available_permits(), 2);
    assert_eq!(waiting.await.expect("joined").expect("answered"), "done");
}

#[tokio::test]
async fn a_critical_step_whose_caller_has_left_is_waited_for() {
    let (gate, entered, finished) = (Semaphore::new(0), Semaphore::new(0), Semaphore::new(0));
    let state = Arc::new((gate, entered, finished));
    let inside = state.clone();
    let handler = move |_| {
        let state = inside.clone();
        async move {
            critical(async move {
                state.1.add_permits(1);
                let _ = state.0.acquire().await;
                state.2.add_permits(1);
            })
            .await?;
            Ok("never told".into())
        }
    };
    let mut server = start(Config { shutdown_grace_ms: 60_000, ..config() }, vec![router(handler)]).await;
    let leaving = tokio::spawn(crate::common::route(server.channel().await, "any"));
    state.1.acquire().await.expect("inside").forget();
    leaving.abort();
    assert!(leaving.await.expect_err("gone").is_cancelled());

    server.ctx.shutdown.cancel();
    let early = tokio::time::timeout(Duration::from_millis(100), &mut server.ended).await;
    assert!(early.is_err(), "it did not wait");
    state.0.close();
    server.ended.await.expect("joined").expect("a clean end");
    assert_eq!(state.2.available_permits(), 1);
}

#[tokio::test]
async fn a_task_that_ends_before_takes_the_server_down() {
    let failures: [(leadhand_kit::Service, &str); 3] = [
        (router(|_| pending()).task("timers", async {}), "task timers of router ended"),
        (
            router(|_| pending()).task("timers", async { Err::<(), _>("no store") }),
            "task timers of router failed: no store",
        ),
        (
            router(|_| pending()).task("timers", async {
                if true {
                    panic!("a secret")
                }
            }),
            "task timers of router panicked",
        ),
    ];
    for (service, told) in failures {
        let server = start(config(), vec![service]).await;
        let error = server.ended.await.expect("joined").expect_err("taken down");
        assert!(matches!(error, Error::Task { .. }));
        assert_eq!(error.to_string(), told);
        assert!(server.ctx.shutdown.is_cancelled());
    }
}

#[tokio::test]
async fn tasks_are_waited_for_when_they_watch_the_shutdown() {
    let ctx = Context::for_test(Clock::system());
    let shutdown = ctx.shutdown.clone();
    let swept = Arc::new(Semaphore::new(0));
    let sweeping = swept.clone();
    let service = router(|_| pending()).task("timers", async move {
        shutdown.cancelled().await;
        tokio::task::yield_now().await;
        sweeping.add_permits(1);
    });
    let server = start_with(ctx, Config { shutdown_grace_ms: 60_000, ..config() }, vec![service]).await;
    server.ctx.shutdown.cancel();
    server.ended.await.expect("joined").expect("a clean end");
    assert_eq!(swept.available_permits(), 1);
}
