//! Asking the router to route a lead again.

use std::time::Duration;

use leadhand_domain::guardrail::unclaimed::Stage;
use leadhand_domain::id::{Fence, LeadId, Workspace};
use leadhand_domain::route::Again;
use leadhand_kit::client::Outbound;
use leadhand_kit::status;
use leadhand_proto::router::v1::reroute_lead_request::Cause;
use leadhand_proto::router::v1::reroute_lead_response::Outcome;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::router::v1::{
    ContactMissed, Declined, NotActedOn, Offboarded, OfferLapsed, Released, RerouteLeadRequest, RerouteLeadResponse,
    Retried, Unclaimed, UnclaimedStage,
};
use leadhand_proto::status::told;
use leadhand_proto::{lead_wire, refusal};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// The router, as a client sees it.
#[derive(Debug, Clone)]
pub(crate) struct Router(RouterServiceClient<Outbound>);

/// A lead that is to be routed again.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) workspace: Workspace,
    pub(crate) request_id: String,
    pub(crate) lead: LeadId,
    pub(crate) fence: Fence,
    pub(crate) because: Again,
}

/// Where a lead is once it was routed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// Nobody can take it.
    Held,
    /// With a rep, or in a pool.
    Elsewhere,
}

/// Why a lead was not routed again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is no longer what it was to be routed again for.
    #[error("the router refuses: {0}")]
    Refused(String),
    /// The router does not answer or cannot do it now. It may still be carried out: the same request id tells.
    #[error("the router fails: {0}")]
    Failed(String),
}

impl From<Ask> for RerouteLeadRequest {
    fn from(ask: Ask) -> Self {
        let cause = match ask.because {
            Again::Declined(rep, reason) => {
                Cause::Declined(Declined { rep_id: rep.to_string(), reason: lead_wire::declined(reason).into() })
            }
            Again::OfferLapsed => Cause::OfferLapsed(OfferLapsed {}),
            Again::ContactMissed => Cause::ContactMissed(ContactMissed {}),
            Again::Retried => Cause::Retried(Retried {}),
            Again::Released(rep, reason) => {
                Cause::Released(Released { rep_id: rep.to_string(), reason: lead_wire::released(reason).into() })
            }
            Again::NotActedOn => Cause::NotActedOn(NotActedOn {}),
            Again::Unclaimed(stage) => {
                let stage = match stage {
                    Stage::Recycle => UnclaimedStage::Recycle,
                    Stage::Assign => UnclaimedStage::Assign,
                    Stage::Escalate => UnclaimedStage::Escalate,
                };
                Cause::Unclaimed(Unclaimed { stage: stage.into() })
            }
            Again::Offboarded { rep, manager } => {
                Cause::Offboarded(Offboarded { rep_id: rep.to_string(), manager_id: manager.to_string() })
            }
        };
        Self {
            workspace: ask.workspace.to_string(),
            request_id: ask.request_id,
            lead_id: ask.lead.to_string(),
            fence: ask.fence.0,
            cause: Some(cause),
        }
    }
}

impl Router {
    /// The router at the end of this channel.
    pub(crate) fn new(channel: Channel) -> Self {
        Self(RouterServiceClient::new(Outbound::new(channel)))
    }

    /// Has a lead routed again for a caller, who is told what the router told.
    pub(crate) async fn reroute(&self, ask: Ask) -> Result<RerouteLeadResponse, Status> {
        self.send(Request::new(ask.into())).await
    }

    /// Has a lead routed again for whoever looks after deadlines, within this time.
    pub(crate) async fn again(&self, ask: Ask, within: Duration) -> Result<Placed, Error> {
        let mut request: Request<RerouteLeadRequest> = Request::new(ask.into());
        request.set_timeout(within);
        match self.send(request).await.map(|response| response.outcome) {
            Ok(Some(Outcome::Held(_))) => Ok(Placed::Held),
            Ok(Some(_)) => Ok(Placed::Elsewhere),
            Ok(None) => Err(Error::Failed("an answer without an outcome".to_owned())),
            Err(status) if status.code() == Code::FailedPrecondition => {
                Err(Error::Refused(status.message().to_owned()))
            }
            Err(status) => Err(Error::Failed(format!("{:?}: {}", status.code(), status.message()))),
        }
    }

    async fn send(&self, request: Request<RerouteLeadRequest>) -> Result<RerouteLeadResponse, Status> {
        match self.0.clone().reroute_lead(request).await {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => Err(passed_on(&status)),
        }
    }
}

/// The router's status without what belongs to its own connection; a reason of ours where there was no router to give one.
fn passed_on(status: &Status) -> Status {
    if !told(status).reason.is_empty() {
        return Status::with_details(status.code(), status.message(), status.details().to_vec().into());
    }
    match status.code() {
        Code::DeadlineExceeded => status::deadline_exceeded(),
        code => {
            tracing::warn!(?code, "the router does not answer");
            refusal::router_unavailable()
        }
    }
}
