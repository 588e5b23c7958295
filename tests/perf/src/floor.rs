//! The floor: a tonic service without anything of ours around it, whose handler runs one Redis script and answers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::Outcome;
use crate::stage::PATIENCE_MS;
use wire::floor_service_server::{FloorService, FloorServiceServer};

/// Code generated from `proto/floor`.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub(crate) mod wire {
    tonic::include_proto!("floor.v1");
}

/// The workspace that the floor writes into.
pub(crate) const WORKSPACE: &str = "floor";

const SOURCE: &str = include_str!("../lua/floor.lua");
const VERSION: &str = "00000001";
/// As many connections as a service of ours holds by default.
const CONNECTIONS: usize = 2;
const LOCK_TTL_MS: u64 = 2_000;
const REMEMBERED_MS: u64 = 24 * 60 * 60 * 1_000;
const DUE_MS: u64 = 1_772_445_600_000;

/// The floor's service, and its script without the service.
#[derive(Debug)]
pub(crate) struct Floor {
    connections: Vec<MultiplexedConnection>,
    next: AtomicUsize,
    sha: String,
    /// 300 bytes, of which the first eight are a version.
    record: String,
}

impl Floor {
    /// Connects to the Redis at `url` and teaches it the script.
    pub(crate) async fn new(url: &str) -> Outcome<Self> {
        let client = redis::Client::open(url)?;
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_millis(PATIENCE_MS)));
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(client.get_multiplexed_async_connection_with_config(&config).await?);
        }
        let sha = redis::cmd("SCRIPT").arg("LOAD").arg(SOURCE).query_async(&mut connections[0]).await?;
        Ok(Self { connections, next: AtomicUsize::new(0), sha, record: format!("{VERSION:x<300}") })
    }

    fn connection(&self) -> MultiplexedConnection {
        self.connections[self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS].clone()
    }

    /// Fills the pool with leads for the script to take out.
    pub(crate) async fn fill(&self, leads: impl Iterator<Item = String>) -> Outcome<()> {
        let leads: Vec<_> = leads.collect();
        for some in leads.chunks(1_000) {
            let mut command = redis::cmd("ZADD");
            command.arg(format!("{{{WORKSPACE}}}:pool:open"));
            for lead in some {
                command.arg(DUE_MS).arg(lead);
            }
            command.query_async::<()>(&mut self.connection()).await?;
        }
        Ok(())
    }

    /// Runs the script; the event's id.
    pub(crate) async fn commit(&self, claim: &wire::ClaimRequest) -> Result<String, Status> {
        let wire::ClaimRequest { workspace, request_id, rep_id, lead_id } = claim;
        let mut command = redis::cmd("EVALSHA");
        command.arg(&self.sha).arg(8);
        command.arg(format!("{{{workspace}}}:rep:{rep_id}"));
        command.arg(format!("{{{workspace}}}:lock:{lead_id}"));
        command.arg(format!("{{{workspace}}}:events"));
        command.arg(format!("{{{workspace}}}:lead:{lead_id}"));
        command.arg(format!("{{{workspace}}}:pool:open"));
        command.arg(format!("{{{workspace}}}:timers"));
        command.arg(format!("{{{workspace}}}:leads:{rep_id}"));
        command.arg(format!("{{{workspace}}}:answer:{request_id}"));
        command.arg(VERSION).arg(rep_id).arg(LOCK_TTL_MS);
        command.arg(&self.record).arg(&self.record).arg(&self.record);
        command.arg(lead_id).arg(DUE_MS).arg(lead_id).arg(REMEMBERED_MS);
        let id: Option<String> = command
            .query_async(&mut self.connection())
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        id.ok_or_else(|| Status::aborted("the script applied nothing"))
    }

    /// Serves on a free port until the process ends.
    pub(crate) async fn serve(url: &str) -> Outcome<SocketAddr> {
        let service = FloorServiceServer::new(Self::new(url).await?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        tokio::spawn(tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming));
        Ok(address)
    }
}

#[tonic::async_trait]
impl FloorService for Floor {
    async fn echo(&self, request: Request<wire::EchoRequest>) -> Result<Response<wire::EchoResponse>, Status> {
        let wire::EchoRequest { request_id, lead_id, .. } = request.into_inner();
        Ok(Response::new(wire::EchoResponse { lead_id, position: request_id }))
    }

    async fn claim(&self, request: Request<wire::ClaimRequest>) -> Result<Response<wire::ClaimResponse>, Status> {
        let request = request.into_inner();
        let position = self.commit(&request).await?;
        Ok(Response::new(wire::ClaimResponse { lead_id: request.lead_id, position }))
    }
}
