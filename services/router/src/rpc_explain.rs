//! The RPCs that explain: proto in, one call, proto out.

use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::time::Millis;
use leadhand_kit::deadline;
use leadhand_proto::event::v1::Event;
use leadhand_proto::explain::v1 as wire;
use leadhand_proto::explain::v1::explain_service_server::ExplainService;
use leadhand_proto::status::Problem;
use tonic::{Code, Request, Response, Status};

use crate::rpc::{Router, told};
use crate::{explain, request};

impl Router {
    async fn event(&self, workspace: &Workspace, lead: LeadId) -> Result<Event, Status> {
        let event = explain::decision(&self.store, workspace, lead).await.map_err(|error| self.failed(&error))?;
        let trimmed = || Problem::new(Code::OutOfRange, "POSITION_TRIMMED", "the event is no longer kept").into();
        event.ok_or_else(trimmed)
    }
}

#[tonic::async_trait]
impl ExplainService for Router {
    async fn explain_decision(
        &self,
        request: Request<wire::ExplainDecisionRequest>,
    ) -> Result<Response<wire::ExplainDecisionResponse>, Status> {
        let (workspace, lead) = request::decision(request.get_ref())?;
        let event = self.event(&workspace, lead).await?;
        Ok(Response::new(wire::ExplainDecisionResponse { event: Some(event) }))
    }

    async fn why_not(&self, request: Request<wire::WhyNotRequest>) -> Result<Response<wire::WhyNotResponse>, Status> {
        let (workspace, lead, rep): (Workspace, LeadId, RepId) = request::why_not(request.get_ref())?;
        let event = self.event(&workspace, lead).await?;
        let found = explain::why_not(&self.store, &workspace, &rep, &event).await;
        let (reason, skip) = found.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::WhyNotResponse { reason: reason.into(), skip, event: Some(event) }))
    }

    async fn dry_run(&self, request: Request<wire::DryRunRequest>) -> Result<Response<wire::DryRunResponse>, Status> {
        let arrival = request::dry_run(request.into_inner(), Millis(self.clock.now_ms()))?;
        let found = explain::dry_run(&self.routes, arrival, deadline::remaining())
            .await
            .map_err(|error| self.failed(&error))?;
        let (routed, decision) = found;
        let mut response = told(routed, String::new());
        if !response.duplicate {
            response.lead_id.clear();
        }
        let decision = (!response.duplicate).then(|| leadhand_store::decision_told(&decision));
        Ok(Response::new(wire::DryRunResponse { response: Some(response), decision }))
    }
}
