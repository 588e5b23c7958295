//! Streams: no default deadline, no place among the calls, and an end that is told.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use leadhand_kit::Service;
use leadhand_kit::server::Config;
use leadhand_proto::availability::v1::availability_service_client::AvailabilityServiceClient;
use leadhand_proto::availability::v1::availability_service_server::{AvailabilityService, AvailabilityServiceServer};
use leadhand_proto::availability::v1::{
    GetAvailabilityRequest, GetAvailabilityResponse, StreamAvailabilityRequest, StreamAvailabilityResponse,
    WatchAvailabilityRequest, WatchAvailabilityResponse,
};
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::{SubscribeRequest, SubscribeResponse};
use leadhand_proto::status::told;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, WatchStream};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status, Streaming};

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

/// Answers nothing before the first message has come, and then as many messages as come.
struct Patient;

#[tonic::async_trait]
impl AvailabilityService for Patient {
    type StreamAvailabilityStream = stream::BoxStream<'static, Result<StreamAvailabilityResponse, Status>>;

    async fn stream_availability(
        &self,
        request: Request<Streaming<StreamAvailabilityRequest>>,
    ) -> Result<Response<Self::StreamAvailabilityStream>, Status> {
        let mut messages = request.into_inner();
        let first = messages.message().await?.map(Ok);
        let answers = stream::iter(first).chain(messages).map_ok(|_| StreamAvailabilityResponse::default());
        Ok(Response::new(answers.boxed()))
    }

    async fn get_availability(
        &self,
        _request: Request<GetAvailabilityRequest>,
    ) -> Result<Response<GetAvailabilityResponse>, Status> {
        std::future::pending().await
    }

    type WatchAvailabilityStream = stream::BoxStream<'static, Result<WatchAvailabilityResponse, Status>>;

    async fn watch_availability(
        &self,
        _request: Request<WatchAvailabilityRequest>,
    ) -> Result<Response<Self::WatchAvailabilityStream>, Status> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_caller_that_streams_may_take_its_time() {
    let patient = Service::new("availability").serve(AvailabilityServiceServer::new(Patient));
    let server = start(Config { default_deadline_ms: 40, max_deadline_ms: 40, ..config() }, vec![patient]).await;
    let mut client = AvailabilityServiceClient::new(server.channel().await);
    let (send, messages) = mpsc::channel(1);
    let mut streaming = client.clone();
    let opening = tokio::spawn(async move { streaming.stream_availability(ReceiverStream::new(messages)).await });
    // Calls begun after the stream run out of time, one after another; the stream has not even begun to answer.
    for _ in 0..2 {
        let late = client.get_availability(GetAvailabilityRequest::default()).await.expect_err("late");
        assert_eq!(late.code(), Code::DeadlineExceeded);
    }
    for _ in 0..2 {
        send.send(StreamAvailabilityRequest::default()).await.expect("a reader");
    }
    let mut answers = opening.await.expect("joined").expect("open").into_inner();
    drop(send);
    for _ in 0..2 {
        assert!(answers.message().await.expect("going on").is_some());
    }
    assert!(answers.message().await.expect("a good end").is_none());
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
    let mut client = NotificationServiceClient::new(server.channel().await);
    let mut deadline = Duration::from_millis(60);
    let mut events = loop {
        let mut request = Request::new(SubscribeRequest::default());
        request.set_timeout(deadline);
        match client.subscribe(request).await {
            Ok(events) => break events.into_inner(),
            // On a busy machine it may pass before the stream is open; that it does so once more is not what is tested.
            Err(_) => deadline *= 2,
        }
    };
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
