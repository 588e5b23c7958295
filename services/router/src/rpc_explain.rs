//! The RPCs that explain: proto in, one call, proto out.

use leadhand_domain::explain::{self as rules, Replayed, To, Told, WhyNot};
use leadhand_domain::id::{LeadId, RepId, TeamId, Workspace};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::time::Millis;
use leadhand_kit::deadline;
use leadhand_proto::decision_wire;
use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::explain::v1 as wire;
use leadhand_proto::explain::v1::explain_service_server::ExplainService;
use leadhand_proto::status::Problem;
use leadhand_store::Error;
use leadhand_store::events::Stored;
use prost::Message;
use tonic::{Code, Request, Response, Status};

use crate::rpc::{Router, told};
use crate::{explain, request};

impl Router {
    /// The event with the decision that put a lead where it is, for the caller and for the rules.
    async fn event(&self, workspace: &Workspace, lead: LeadId) -> Result<(Event, Told), Status> {
        let stored = explain::decision(&self.store, workspace, lead).await.map_err(|error| self.failed(&error))?;
        let Some(stored) = stored else {
            return Err(Problem::new(Code::OutOfRange, "POSITION_TRIMMED", "the event is no longer kept").into());
        };
        let damaged = |what: String| self.failed(&Error::Damaged(format!("lead {lead}: {what}")));
        let event = event(&stored).map_err(|fault| damaged(fault.to_string()))?;
        let read = read(&event).map_err(|fault| damaged(fault.to_string()))?;
        Ok((event, read))
    }
}

fn event(stored: &Stored) -> Result<Event, prost::DecodeError> {
    Ok(Event { position: stored.position.to_string(), ..Event::decode(stored.event.as_slice())? })
}

/// What the rules look at of an event.
fn read(event: &Event) -> Result<Told, Invalid> {
    let rep = |rep: &str, team: &str| -> Result<To, Invalid> {
        let team = if team.is_empty() { None } else { Some(TeamId::parse(team)?) };
        Ok(To::Rep { rep: RepId::parse(rep)?, team })
    };
    let to = match &event.kind {
        Some(Kind::LeadAssigned(it)) => rep(&it.rep_id, &it.team_id)?,
        Some(Kind::LeadOffered(it)) => rep(&it.rep_id, &it.team_id)?,
        Some(Kind::LeadClaimed(it)) => To::Claimant(RepId::parse(&it.rep_id)?),
        Some(Kind::LeadPooled(_)) => To::Pool,
        _ => To::Nobody,
    };
    let decision = event.decision.as_ref().map(decision_wire::read).transpose()?;
    Ok(Told { to, decision: decision.unwrap_or_default() })
}

fn replay(replayed: Replayed) -> wire::Replay {
    let (verdict, rep) = match replayed {
        Replayed::Same(rep) => (wire::ReplayVerdict::Same, Some(rep)),
        Replayed::Different(rep) => (wire::ReplayVerdict::Different, rep),
        Replayed::NoRotation => (wire::ReplayVerdict::NoRotation, None),
    };
    wire::Replay { verdict: verdict.into(), rep_id: rep.map(|rep| rep.to_string()).unwrap_or_default() }
}

#[tonic::async_trait]
impl ExplainService for Router {
    async fn explain_decision(
        &self,
        request: Request<wire::ExplainDecisionRequest>,
    ) -> Result<Response<wire::ExplainDecisionResponse>, Status> {
        let (workspace, lead) = request::decision(request.get_ref())?;
        let (event, read) = self.event(&workspace, lead).await?;
        let replay = Some(replay(rules::replayed(&read)));
        Ok(Response::new(wire::ExplainDecisionResponse { event: Some(event), replay }))
    }

    async fn why_not(&self, request: Request<wire::WhyNotRequest>) -> Result<Response<wire::WhyNotResponse>, Status> {
        let (workspace, lead, rep): (Workspace, LeadId, RepId) = request::why_not(request.get_ref())?;
        let (event, read) = self.event(&workspace, lead).await?;
        let found = explain::why_not(&self.store, &workspace, &rep, &read).await;
        let (reason, skip) = match found.map_err(|error| self.failed(&error))? {
            WhyNot::GotIt => (wire::WhyNotReason::GotIt, None),
            WhyNot::Skipped(skip) => (wire::WhyNotReason::Skipped, Some(decision_wire::skip(&skip))),
            WhyNot::NotTheTurn => (wire::WhyNotReason::NotTheTurn, None),
            WhyNot::OtherRoute => (wire::WhyNotReason::OtherRoute, None),
            WhyNot::NotAsked => (wire::WhyNotReason::NotAsked, None),
            WhyNot::Pooled => (wire::WhyNotReason::Pooled, None),
        };
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
        let decision = (!response.duplicate).then(|| decision_wire::decision(&decision));
        Ok(Response::new(wire::DryRunResponse { response: Some(response), decision }))
    }
}
