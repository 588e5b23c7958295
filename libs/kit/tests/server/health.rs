//! Health follows readiness, reflection follows its setting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leadhand_kit::server::Config;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::common::{ROUTER, config, get, notifier, router, start};

const NOTIFIER: &str = "leadhand.notification.v1.NotificationService";

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    HealthClient::new(channel.clone()).check(request).await.expect("known").into_inner().status()
}

#[tokio::test]
async fn each_service_follows_its_own_readiness() {
    let up = Arc::new(AtomicBool::new(false));
    let asked = up.clone();
    let needs_store = router(|_| async { Ok("routed".into()) }).ready_when("store", move || {
        let up = asked.clone();
        async move { if up.load(Ordering::SeqCst) { Ok(()) } else { Err("down".into()) } }
    });
    let server = start(config(), vec![needs_store, notifier(|_| tokio_stream::pending())]).await;
    let channel = server.channel().await;

    let watching = HealthClient::new(channel.clone())
        .watch(HealthCheckRequest { service: ROUTER.into() })
        .await
        .expect("watching");
    let mut watch = watching.into_inner().map(|answer| answer.map(|answer| answer.status()));
    let next = async |watch: &mut (dyn tokio_stream::Stream<Item = Result<ServingStatus, tonic::Status>> + Unpin)| {
        watch.next().await.expect("going on").expect("an answer")
    };
    assert_eq!(next(&mut watch).await, ServingStatus::NotServing, "until it is ready");
    assert_eq!(health(&channel, "").await, ServingStatus::NotServing);
    while health(&channel, NOTIFIER).await != ServingStatus::Serving {
        tokio::task::yield_now().await;
    }

    up.store(true, Ordering::SeqCst);
    while next(&mut watch).await != ServingStatus::Serving {}
    while health(&channel, "").await != ServingStatus::Serving {
        tokio::task::yield_now().await;
    }
    up.store(false, Ordering::SeqCst);
    while next(&mut watch).await != ServingStatus::NotServing {}
    assert_eq!(health(&channel, "liveness").await, ServingStatus::Serving, "whatever the store does");
    assert_eq!(get(server.metrics, "/healthz").await.0, "HTTP/1.1 200 OK");
    let unknown = HealthClient::new(channel).check(HealthCheckRequest { service: "nobody".into() }).await;
    assert_eq!(unknown.expect_err("unknown").code(), Code::NotFound);
}

#[tokio::test]
async fn a_check_that_never_answers_is_not_ready_and_a_shutdown_is_told() {
    let stuck = router(|_| async { Ok("routed".into()) }).ready_when("store", std::future::pending);
    let server = start(config(), vec![stuck, notifier(|_| tokio_stream::pending())]).await;
    let channel = server.channel().await;
    while health(&channel, NOTIFIER).await != ServingStatus::Serving {
        tokio::task::yield_now().await;
    }
    assert_eq!(health(&channel, ROUTER).await, ServingStatus::NotServing);

    let request = HealthCheckRequest { service: NOTIFIER.into() };
    let mut watch = HealthClient::new(channel).watch(request).await.expect("watching").into_inner();
    assert_eq!(watch.message().await.expect("an answer").expect("one").status(), ServingStatus::Serving);
    server.ctx.shutdown.cancel();
    loop {
        match watch.message().await {
            Ok(Some(answer)) if answer.status() == ServingStatus::NotServing => break,
            Ok(Some(_)) => {}
            ended => panic!("ended before it was told: {ended:?}"),
        }
    }
    assert_eq!(watch.message().await.expect_err("ended").code(), Code::Unavailable);
}

async fn list(channel: Channel) -> Result<Vec<String>, tonic::Status> {
    let request = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut answers =
        ServerReflectionClient::new(channel).server_reflection_info(tokio_stream::once(request)).await?.into_inner();
    let ServerReflectionResponse { message_response, .. } = answers.message().await?.expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) = message_response else { panic!("{message_response:?}") };
    Ok(list.service.into_iter().map(|service| service.name).collect())
}

#[tokio::test]
async fn reflection_lists_the_services_when_it_is_on() {
    let service = || router(|_| async { Ok("routed".into()) });
    let on = start(Config { reflection: true, ..config() }, vec![service()]).await;
    let listed = list(on.channel().await).await.expect("listed");
    assert!(listed.contains(&ROUTER.to_owned()) && listed.contains(&"grpc.health.v1.Health".to_owned()), "{listed:?}");

    let off = start(config(), vec![service()]).await;
    assert_eq!(list(off.channel().await).await.expect_err("off").code(), Code::Unimplemented);
}
