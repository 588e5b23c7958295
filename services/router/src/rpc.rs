//! The router's RPCs: proto in, one call, proto out.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use leadhand_domain::answer::{Answer, Destination, Routed};
use leadhand_domain::id::TeamId;
use leadhand_domain::policy::{Fault, Policy};
use leadhand_domain::record::PolicyVersion;
use leadhand_domain::time::Millis;
use leadhand_kit::{Clock, critical, deadline, status};
use leadhand_proto::policy::v1 as policy_wire;
use leadhand_proto::policy::v1::policy_service_server::PolicyService;
use leadhand_proto::policy::v1::watch_policy_response::Item;
use leadhand_proto::refusal;
use leadhand_proto::router::v1 as wire;
use leadhand_proto::router::v1::router_service_server::RouterService;
use leadhand_proto::time::timestamp;
use leadhand_store::{Committed, Error, Store};
use tonic::{Request, Response, Status};

use crate::route::Routes;
use crate::watch::{End, Told, Watches};
use crate::{policy, request};

/// Both services of the router.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    pub(crate) routes: Routes,
    pub(crate) watches: Watches,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

impl Router {
    pub(crate) fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), Millis(self.clock.now_ms()))
    }
}

fn routed(committed: Committed) -> Result<wire::RouteLeadResponse, Status> {
    let Answer::Routed(routed) = committed.answer else {
        return Err(refusal::internal());
    };
    Ok(told(routed, committed.position))
}

/// Where a lead went, for the caller.
pub(crate) fn told(routed: Routed, position: String) -> wire::RouteLeadResponse {
    use wire::route_lead_response::Outcome;
    let name = |team: Option<TeamId>| team.map(|team| team.to_string()).unwrap_or_default();
    let outcome = match routed.to {
        Destination::Assigned { rep, team, fence, contact_due } => Outcome::Assigned(wire::Assigned {
            rep_id: rep.to_string(),
            team_id: name(team),
            fence: fence.0,
            contact_due: Some(timestamp(contact_due)),
        }),
        Destination::Offered { rep, team, fence, expires } => Outcome::Offered(wire::Offered {
            rep_id: rep.to_string(),
            team_id: name(team),
            fence: fence.0,
            expires: Some(timestamp(expires)),
        }),
        Destination::Pooled(pool) => Outcome::Pooled(wire::Pooled { pool_id: pool.to_string() }),
        Destination::Held => Outcome::Held(wire::Held {}),
        Destination::Closed => Outcome::Closed(wire::Closed {}),
    };
    wire::RouteLeadResponse {
        lead_id: routed.lead.to_string(),
        outcome: Some(outcome),
        route: routed.route,
        policy_version: routed.policy_version,
        position,
        duplicate: routed.duplicate,
    }
}

#[tonic::async_trait]
impl RouterService for Router {
    async fn route_lead(
        &self,
        request: Request<wire::RouteLeadRequest>,
    ) -> Result<Response<wire::RouteLeadResponse>, Status> {
        let arrival = request::arrival(request.into_inner(), Millis(self.clock.now_ms()))?;
        let (routes, patience) = (self.routes.clone(), deadline::remaining());
        let step = async move { routes.route(arrival, patience).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        routed(committed).map(Response::new)
    }

    async fn reroute_lead(
        &self,
        request: Request<wire::RerouteLeadRequest>,
    ) -> Result<Response<wire::RerouteLeadResponse>, Status> {
        let (lead, arrival) = request::again(request.get_ref(), Millis(self.clock.now_ms()))?;
        let (routes, patience) = (self.routes.clone(), deadline::remaining());
        let step = async move { routes.route_again(lead, arrival, patience).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        rerouted(committed).map(Response::new)
    }

    async fn credit_lead(
        &self,
        request: Request<wire::CreditLeadRequest>,
    ) -> Result<Response<wire::CreditLeadResponse>, Status> {
        let credit = request::credit(request.get_ref(), Millis(self.clock.now_ms()))?;
        let (routes, patience) = (self.routes.clone(), deadline::remaining());
        let step = async move { routes.credit(credit, patience).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Credited(credited) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::CreditLeadResponse {
            rep_id: credited.rep.to_string(),
            team_id: credited.team.to_string(),
            already_credited: credited.before,
            position: committed.position,
        }))
    }
}

fn rerouted(committed: Committed) -> Result<wire::RerouteLeadResponse, Status> {
    use wire::reroute_lead_response::Outcome as Again;
    use wire::route_lead_response::Outcome;
    let routed = routed(committed)?;
    let outcome = match routed.outcome {
        Some(Outcome::Assigned(assigned)) => Again::Assigned(assigned),
        Some(Outcome::Offered(offered)) => Again::Offered(offered),
        Some(Outcome::Pooled(pooled)) => Again::Pooled(pooled),
        Some(Outcome::Held(held)) => Again::Held(held),
        // Routing closes nothing.
        Some(Outcome::Closed(_)) | None => return Err(refusal::internal()),
    };
    Ok(wire::RerouteLeadResponse {
        lead_id: routed.lead_id,
        outcome: Some(outcome),
        route: routed.route,
        policy_version: routed.policy_version,
        position: routed.position,
    })
}

/// The most findings of one kind that an answer has.
const MAX_FINDINGS: usize = 1_000;

fn findings(faults: Vec<Fault>) -> Vec<policy_wire::Finding> {
    let finding = |Fault { line, column, message }| policy_wire::Finding { line, column, message };
    faults.into_iter().take(MAX_FINDINGS).map(finding).collect()
}

fn version(version: &PolicyVersion) -> policy_wire::Version {
    policy_wire::Version {
        number: version.number,
        author: version.author.clone(),
        comment: version.comment.clone(),
        applied_at: Some(timestamp(version.applied_at)),
    }
}

#[tonic::async_trait]
impl PolicyService for Router {
    type WatchPolicyStream = Pin<Box<dyn Stream<Item = Result<policy_wire::WatchPolicyResponse, Status>> + Send>>;

    async fn watch_policy(
        &self,
        request: Request<policy_wire::WatchPolicyRequest>,
    ) -> Result<Response<Self::WatchPolicyStream>, Status> {
        let (workspace, after) = request::watched(request.get_ref())?;
        let clock = self.clock.clone();
        let sent = |item| Ok(policy_wire::WatchPolicyResponse { item: Some(item) });
        let told = self.watches.follow(&workspace, after).ok_or_else(status::overloaded)?.map(move |told| match told {
            Ok(Told::Version(made)) => sent(Item::Version(version(&made))),
            Ok(Told::UpToDate(active)) => sent(Item::UpToDate(policy_wire::UpToDate { active })),
            Err(End::ShuttingDown) => Err(status::shutting_down()),
            Err(End::Failed(failure)) => Err(refusal::failed(&failure, Millis(clock.now_ms()))),
        });
        Ok(Response::new(Box::pin(told)))
    }

    async fn apply_policy(
        &self,
        request: Request<policy_wire::ApplyPolicyRequest>,
    ) -> Result<Response<policy_wire::ApplyPolicyResponse>, Status> {
        let now = Millis(self.clock.now_ms());
        // A large document takes longer than anything may keep a thread of the runtime.
        let checking = tokio::task::spawn_blocking(move || request::application(request.into_inner()));
        let (workspace, request, command) = checking.await.map_err(|_| refusal::internal())??;
        let store = self.store.clone();
        let step = async move { policy::apply(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::PolicyApplied(applied) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(policy_wire::ApplyPolicyResponse { version: Some(version(&applied)) }))
    }

    async fn get_policy(
        &self,
        request: Request<policy_wire::GetPolicyRequest>,
    ) -> Result<Response<policy_wire::GetPolicyResponse>, Status> {
        let (workspace, number) = request::wanted(&request.into_inner())?;
        let held = match number {
            Some(number) => policy::version(&self.store, &workspace, number).await,
            None => policy::active(&self.store, &workspace).await,
        };
        let held = held.map_err(|error| self.failed(&error))?;
        Ok(Response::new(policy_wire::GetPolicyResponse { version: Some(version(&held)), document: held.document }))
    }

    async fn rollback_policy(
        &self,
        request: Request<policy_wire::RollbackPolicyRequest>,
    ) -> Result<Response<policy_wire::RollbackPolicyResponse>, Status> {
        let now = Millis(self.clock.now_ms());
        let (workspace, request, rollback) = request::rollback(&request.into_inner())?;
        let store = self.store.clone();
        let step = async move { policy::roll_back(&store, &workspace, &request, rollback, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::PolicyApplied(applied) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(policy_wire::RollbackPolicyResponse { version: Some(version(&applied)) }))
    }

    async fn check_policy(
        &self,
        request: Request<policy_wire::CheckPolicyRequest>,
    ) -> Result<Response<policy_wire::CheckPolicyResponse>, Status> {
        let document = request::document(request.into_inner())?;
        // A large document takes longer than anything may keep a thread of the runtime.
        let checking = tokio::task::spawn_blocking(move || Policy::check(&document));
        let (faults, warnings) = match checking.await.map_err(|_| refusal::internal())? {
            Ok((_, warnings)) => (Vec::new(), warnings),
            Err(faults) => (faults, Vec::new()),
        };
        Ok(Response::new(policy_wire::CheckPolicyResponse { faults: findings(faults), warnings: findings(warnings) }))
    }

    async fn list_policy_versions(
        &self,
        request: Request<policy_wire::ListPolicyVersionsRequest>,
    ) -> Result<Response<policy_wire::ListPolicyVersionsResponse>, Status> {
        let (workspace, from, size) = request::versions(&request.into_inner())?;
        let page = policy::versions(&self.store, &workspace, from, size).await;
        let (versions, next) = page.map_err(|error| self.failed(&error))?;
        Ok(Response::new(policy_wire::ListPolicyVersionsResponse {
            versions: versions.iter().map(version).collect(),
            next_page_token: next.map(|next| next.to_string()).unwrap_or_default(),
        }))
    }
}
