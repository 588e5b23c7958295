//! Asking the router to route a lead again.

use leadhand_domain::id::{Fence, LeadId, Workspace};
use leadhand_kit::client::Outbound;
use leadhand_kit::status;
use leadhand_proto::refusal;
use leadhand_proto::router::v1::reroute_lead_request::Cause;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::router::v1::{RerouteLeadRequest, RerouteLeadResponse};
use leadhand_proto::status::told;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// The router, as a client sees it.
#[derive(Debug, Clone)]
pub(crate) struct Router(RouterServiceClient<Outbound>);

/// A lead that is to be routed again.
pub(crate) struct Ask<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) request_id: String,
    pub(crate) lead: LeadId,
    pub(crate) fence: Fence,
    pub(crate) cause: Cause,
}

impl From<Ask<'_>> for Request<RerouteLeadRequest> {
    fn from(ask: Ask<'_>) -> Self {
        Request::new(RerouteLeadRequest {
            workspace: ask.workspace.to_string(),
            request_id: ask.request_id,
            lead_id: ask.lead.to_string(),
            fence: ask.fence.0,
            cause: Some(ask.cause),
        })
    }
}

impl Router {
    /// The router at the end of this channel.
    pub(crate) fn new(channel: Channel) -> Self {
        Self(RouterServiceClient::new(Outbound::new(channel)))
    }

    /// Has a lead routed again. What the router refuses is told as it told it.
    pub(crate) async fn reroute(&self, request: Request<RerouteLeadRequest>) -> Result<RerouteLeadResponse, Status> {
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
