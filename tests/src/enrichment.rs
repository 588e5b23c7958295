//! An example of an enrichment service: it knows one company, and misbehaves as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use leadhand_proto::enrichment::v1::enrichment_service_server::{EnrichmentService, EnrichmentServiceServer};
use leadhand_proto::enrichment::v1::{EnrichRequest, EnrichResponse};
use leadhand_proto::lead::v1::Company;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// What it does with every question.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Says that this is the company, true or not.
    Says(Box<Company>),
    /// Answers with this error.
    Fails(Status),
    /// Says nothing until it is told to do something else.
    Hangs,
}

/// The service, running until dropped.
#[derive(Debug)]
pub struct Knows {
    address: SocketAddr,
    behaviour: watch::Sender<Behaviour>,
    asked: Arc<Mutex<Vec<EnrichRequest>>>,
    served: JoinHandle<()>,
}

#[derive(Debug)]
struct Hook {
    behaviour: watch::Receiver<Behaviour>,
    asked: Arc<Mutex<Vec<EnrichRequest>>>,
}

#[tonic::async_trait]
impl EnrichmentService for Hook {
    async fn enrich(&self, request: Request<EnrichRequest>) -> Result<Response<EnrichResponse>, Status> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.into_inner());
        let mut behaviour = self.behaviour.clone();
        let told = behaviour.wait_for(|told| !matches!(told, Behaviour::Hangs)).await;
        let told = told.map_err(|_| Status::unavailable("gone"))?.clone();
        match told {
            Behaviour::Says(company) => Ok(Response::new(EnrichResponse { company: Some(*company) })),
            Behaviour::Fails(status) => Err(status),
            Behaviour::Hangs => Err(Status::internal("woken for nothing")),
        }
    }
}

impl Knows {
    /// Starts it.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, receiver) = watch::channel(behaviour);
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let service = EnrichmentServiceServer::new(Hook { behaviour: receiver, asked: asked.clone() });
        let server = tonic::transport::Server::builder().add_service(service);
        let served = tokio::spawn(async move {
            server.serve_with_incoming(TcpIncoming::from(listener)).await.expect("it serves");
        });
        Self { address, behaviour: sender, asked, served }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it does this, also with what it hangs on.
    pub fn does(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<EnrichRequest> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Knows {
    fn drop(&mut self) {
        self.served.abort();
    }
}
