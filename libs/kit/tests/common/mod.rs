//! A server with handlers made to order, on a real socket.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use leadhand_kit::server::{self, Server};
use leadhand_kit::{Clock, Context, Service, client};
use leadhand_proto::notification::v1::notification_service_server::{NotificationService, NotificationServiceServer};
use leadhand_proto::notification::v1::{SubscribeRequest, SubscribeResponse};
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use leadhand_proto::router::v1::{
    CreditLeadRequest, CreditLeadResponse, RerouteLeadRequest, RerouteLeadResponse, RouteLeadRequest, RouteLeadResponse,
};
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// Longer than anything takes that ends at all, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const ROUTER: &str = "leadhand.router.v1.RouterService";

struct Router<F>(F);

#[tonic::async_trait]
impl<F, Fut> RouterService for Router<F>
where
    F: Fn(RouteLeadRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<String, Status>> + Send + 'static,
{
    async fn route_lead(&self, request: Request<RouteLeadRequest>) -> Result<Response<RouteLeadResponse>, Status> {
        let lead_id = (self.0)(request.into_inner()).await?;
        Ok(Response::new(RouteLeadResponse { lead_id, ..Default::default() }))
    }

    async fn reroute_lead(&self, _: Request<RerouteLeadRequest>) -> Result<Response<RerouteLeadResponse>, Status> {
        Err(Status::unimplemented("not what is tested"))
    }

    async fn credit_lead(&self, _: Request<CreditLeadRequest>) -> Result<Response<CreditLeadResponse>, Status> {
        Err(Status::unimplemented("not what is tested"))
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

struct Notifier<F>(F);

#[tonic::async_trait]
impl<F, S> NotificationService for Notifier<F>
where
    F: Fn(SubscribeRequest) -> S + Send + Sync + 'static,
    S: Stream<Item = Result<SubscribeResponse, Status>> + Send + 'static,
{
    type SubscribeStream = Events;

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Events>, Status> {
        Ok(Response::new((self.0)(request.into_inner()).boxed()))
    }
}

/// A router whose `RouteLead` answers with what `handler` makes of the request, as the lead's id.
pub fn router<F, Fut>(handler: F) -> Service
where
    F: Fn(RouteLeadRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<String, Status>> + Send + 'static,
{
    Service::new("router").serve(RouterServiceServer::new(Router(handler)))
}

/// A notifier whose `Subscribe` answers with the stream that `handler` makes.
pub fn notifier<F, S>(handler: F) -> Service
where
    F: Fn(SubscribeRequest) -> S + Send + Sync + 'static,
    S: Stream<Item = Result<SubscribeResponse, Status>> + Send + 'static,
{
    Service::new("notification").serve(NotificationServiceServer::new(Notifier(handler)))
}

/// A configuration that listens wherever there is room, and is quick to end.
pub fn config() -> server::Config {
    server::Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        metrics_listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        readiness_interval_ms: 20,
        shutdown_grace_ms: 2_000,
        ..Default::default()
    }
}

/// A server that runs.
pub struct Running {
    pub ctx: Context,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    pub ended: JoinHandle<Result<(), server::Error>>,
}

impl Running {
    pub async fn channel(&self) -> Channel {
        client::connect(&self.uri(), &client::Config::default()).await.expect("connected")
    }

    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it has ended, as it should.
    pub async fn ends_well(&mut self) {
        let ended = tokio::time::timeout(PATIENCE, &mut self.ended).await.expect("an end");
        ended.expect("joined").expect("a clean end");
    }

    /// Routes a lead; `workspace` is all that the handler is told.
    pub async fn route(&self, workspace: &str) -> Result<String, Status> {
        route(self.channel().await, workspace).await
    }
}

pub async fn route(channel: Channel, workspace: &str) -> Result<String, Status> {
    let request = RouteLeadRequest { workspace: workspace.into(), ..Default::default() };
    Ok(RouterServiceClient::new(channel).route_lead(request).await?.into_inner().lead_id)
}

/// Serves `services`.
pub async fn start(config: server::Config, services: Vec<Service>) -> Running {
    start_with(Context::for_test(Clock::system()), config, services).await
}

/// Serves `services` with a context that the test has its hand on.
pub async fn start_with(ctx: Context, config: server::Config, services: Vec<Service>) -> Running {
    let server = Server::bind(&ctx, &config, services).await.expect("bound");
    let (address, metrics) = (server.local_addr(), server.metrics_addr().expect("a page"));
    Running { ctx, address, metrics, ended: tokio::spawn(server.run()) }
}

/// What a plain HTTP/1.1 GET answers with: the status line, and everything.
pub async fn get(address: SocketAddr, path: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    (answer.lines().next().unwrap_or_default().to_owned(), answer)
}
