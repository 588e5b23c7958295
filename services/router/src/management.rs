//! What managers order: proto in, one call, proto out.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use leadhand_domain::answer::{Answer, Claimed};
use leadhand_domain::assign;
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::time::Millis;
use leadhand_kit::{Clock, critical, status};
use leadhand_proto::management::v1 as wire;
use leadhand_proto::management::v1::management_service_server::ManagementService;
use leadhand_proto::management::v1::offboard_rep_response::Step;
use leadhand_proto::refusal;
use leadhand_proto::time::timestamp;
use leadhand_store::{Committed, Error, Request as Named, Store};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::route::Routes;

mod offboard;
mod request;

use offboard::{End, Told};

/// The service for managers.
#[derive(Debug, Clone)]
pub(crate) struct Managers {
    pub(crate) routes: Routes,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

/// An order to give a lead to a rep, checked.
struct Order {
    workspace: Workspace,
    request: Named,
    command: assign::Command,
}

impl Managers {
    fn now(&self) -> Millis {
        Millis(self.clock.now_ms())
    }

    fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), self.now())
    }

    async fn give(&self, order: Order) -> Result<(Claimed, String), Status> {
        let (store, now) = (self.routes.store.clone(), self.now());
        let step = async move { give(&store, &order, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        match committed.answer {
            Answer::Claimed(given) => Ok((given, committed.position)),
            _ => Err(refusal::internal()),
        }
    }
}

/// Gives a lead to a rep. No rotation is asked, so no desk is: whoever else decides on the lead meanwhile decides again.
async fn give(store: &Store, order: &Order, now: Millis) -> Result<Committed, Error> {
    let Order { workspace, request, command } = order;
    let decide = |snapshot: &_, policy: Option<&_>| assign::decide(snapshot, command, required(policy)?, now);
    let read = store.read(workspace, &[Key::Lead(command.lead)]).await?;
    let holder = read.lead(command.lead).and_then(|lead| lead.hold.as_ref()).map(|hold| &hold.rep);
    store.transact(workspace, Some(request), &assign::reads(command, holder), decide).await
}

#[tonic::async_trait]
impl ManagementService for Managers {
    async fn assign_lead(
        &self,
        request: Request<wire::AssignLeadRequest>,
    ) -> Result<Response<wire::AssignLeadResponse>, Status> {
        let (given, position) = self.give(request::assignment(request.get_ref())?).await?;
        Ok(Response::new(wire::AssignLeadResponse {
            lead_id: given.lead.to_string(),
            fence: given.fence.0,
            contact_due: Some(timestamp(given.contact_due)),
            position,
        }))
    }

    async fn transfer_lead(
        &self,
        request: Request<wire::TransferLeadRequest>,
    ) -> Result<Response<wire::TransferLeadResponse>, Status> {
        let (given, position) = self.give(request::transfer(request.get_ref())?).await?;
        Ok(Response::new(wire::TransferLeadResponse {
            lead_id: given.lead.to_string(),
            fence: given.fence.0,
            contact_due: Some(timestamp(given.contact_due)),
            position,
        }))
    }

    type OffboardRepStream = Pin<Box<dyn Stream<Item = Result<wire::OffboardRepResponse, Status>> + Send>>;

    async fn offboard_rep(
        &self,
        request: Request<wire::OffboardRepRequest>,
    ) -> Result<Response<Self::OffboardRepStream>, Status> {
        let leaver = request::leaver(request.get_ref())?;
        let (store, now, begun) = (self.routes.store.clone(), self.now(), leaver.clone());
        let step = async move { offboard::begin(&store, &begun, now).await };
        let begun = critical(step).await?.map_err(|error| self.failed(&error))?;
        let managers = self.clone();
        let told = offboard::go_on(self.clone(), leaver).map(move |told| match told {
            Ok(Told::Progress { routed, left }) => sent(Step::Progress(wire::OffboardProgress { routed, left })),
            Ok(Told::Done) => sent(Step::Done(wire::OffboardDone { position: begun.position.clone() })),
            Err(End::ShuttingDown) => Err(status::shutting_down()),
            Err(End::Store(error)) => Err(managers.failed(&error)),
            Err(End::Panicked(status)) => Err(status),
        });
        Ok(Response::new(Box::pin(told)))
    }
}

fn sent(step: Step) -> Result<wire::OffboardRepResponse, Status> {
    Ok(wire::OffboardRepResponse { step: Some(step) })
}
