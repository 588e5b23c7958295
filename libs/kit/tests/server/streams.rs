//! Streams: no default deadline, no place among the calls, and an end that is told.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use leadhand_kit::server::Config;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::{SubscribeRequest, SubscribeResponse};
use leadhand_proto::status::told;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::transport::Channel;
use tonic::{Code, Request, Status, Streaming};

use crate::common::{config, get, notifier, router, start};

async fn subscribe(channel: Channel) -> Result<Streaming<SubscribeResponse>, Status> {
    Ok(NotificationServiceClient::new(channel).subscribe(SubscribeRequest::default()).await?.into_inner())
}

#[tokio::test]
async fn a_stream_outlives_the_deadline_of_calls_and_takes_none_of_their_places() {
    let (more, events) = watch::channel(());
    let server = start(
        Config { default_deadline_ms: 40, max_deadline_ms: 40, max_in_flight_requests: 1, ..config() },
        vec![
            notifier(move |_| WatchStream::new(events.clone()).map(|()| Ok(SubscribeResponse::default()))),
            router(|request| async move {
                if request.workspace == "slow" { std::future::pending().await } else { Ok("routed".into()) }
            }),
        ],
    )
    .await;
    let mut stream = subscribe(server.channel().await).await.expect("open");
    stream.message().await.expect("going on").expect("the first");
    assert_eq!(server.route("quick").await.expect("a place"), "routed");
    // A call begun after the stream has run out of time; the stream has not.
    assert_eq!(server.route("slow").await.expect_err("late").code(), Code::DeadlineExceeded);
    more.send(()).expect("a reader");
    stream.message().await.expect("still going on").expect("the second");
}

#[tokio::test]
async fn more_streams_than_the_limit_are_refused_until_one_ends() {
    let server = start(
        Config { max_open_streams: 1, ..config() },
        vec![notifier(|_| stream::pending()), router(|_| async { Ok("routed".into()) })],
    )
    .await;
    let first = subscribe(server.channel().await).await.expect("open");
    let refused = subscribe(server.channel().await).await.expect_err("one too many");
    assert_eq!(told(&refused).reason, "OVERLOADED");
    assert!(server.route("any").await.is_ok());
    drop(first);
    while subscribe(server.channel().await).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_callers_own_deadline_ends_a_stream() {
    let server = start(config(), vec![notifier(|_| stream::pending())]).await;
    let mut request = Request::new(SubscribeRequest::default());
    request.set_timeout(Duration::from_millis(60));
    let mut client = NotificationServiceClient::new(server.channel().await);
    let mut events = client.subscribe(request).await.expect("open").into_inner();
    let ended = events.message().await.expect_err("over");
    assert_eq!(ended.code(), Code::DeadlineExceeded);
    assert_eq!(told(&ended).reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_panic_inside_a_stream_is_internal() {
    let server = start(
        config(),
        vec![notifier(|_| {
            stream::iter([1, 2]).map(|n| if n == 1 { Ok(SubscribeResponse::default()) } else { panic!("secret") })
        })],
    )
    .await;
    let mut events = subscribe(server.channel().await).await.expect("open");
    let ended = loop {
        match events.message().await {
            Ok(event) => assert!(event.is_some(), "ended as if all were well"),
            Err(ended) => break ended,
        }
    };
    assert_eq!(ended.code(), Code::Internal);
    assert!(!ended.message().contains("secret"));
}

#[tokio::test]
async fn a_stream_is_measured_by_how_it_ends() {
    let server = start(config(), vec![notifier(|_| stream::iter([Err(Status::out_of_range("trimmed"))]))]).await;
    let mut events = subscribe(server.channel().await).await.expect("open");
    assert_eq!(events.message().await.expect_err("refused").code(), Code::OutOfRange);
    let (_, page) = get(server.metrics, "/metrics").await;
    assert!(page.contains(r#"rpc_response_status_code="OUT_OF_RANGE""#), "{page}");
}
