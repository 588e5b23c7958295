//! Calls that many tests make, with what does not matter filled in.

use leadhand_proto::event::v1::Event;
use leadhand_proto::lead::v1::{DeclineReason, Lead};
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use leadhand_proto::policy::v1::ApplyPolicyRequest;
use leadhand_proto::pool::v1::{ClaimLeadRequest, ClaimLeadResponse, DeclineOfferRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use leadhand_testkit::PATIENCE;
use tonic::{Request, Status};

use crate::Replica;

/// The workspace of tests that need only one.
pub const WORKSPACE: &str = "acme";

/// Makes a document the active policy.
pub async fn apply_policy(replica: &Replica, document: &str) -> u64 {
    let request = ApplyPolicyRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("{:032x}", rand::random::<u128>()),
        document: document.into(),
        author: "test".into(),
        comment: String::new(),
    };
    let response = replica.policy().apply_policy(request).await.expect("a sound policy");
    response.into_inner().version.expect("a version").number
}

/// A request to route a lead of this source.
pub fn lead_from(source: &str, request_id: impl Into<String>) -> RouteLeadRequest {
    RouteLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: request_id.into(),
        lead: Some(Lead { source: source.into(), ..Lead::default() }),
    }
}

/// With a deadline that a busy machine does not reach when a thousand do the same.
pub fn patiently<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}

/// Routes a lead of this source.
pub async fn route(
    replica: &Replica,
    source: &str,
    request_id: impl Into<String>,
) -> Result<RouteLeadResponse, Status> {
    let response = replica.router().route_lead(patiently(lead_from(source, request_id))).await?;
    Ok(response.into_inner())
}

/// A rep claims a lead, under a request id of its own.
pub async fn claim(replica: &Replica, rep: &str, lead: &str) -> Result<ClaimLeadResponse, Status> {
    let request = ClaimLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("{:032x}", rand::random::<u128>()),
        rep_id: rep.into(),
        lead_id: lead.into(),
    };
    Ok(replica.pool().claim_lead(patiently(request)).await?.into_inner())
}

/// Has a rep suspended who is asked about leads of this source and declines, where a policy suspends whoever does so once.
pub async fn suspend(replica: &Replica, rep: &str, source: &str) {
    let id = format!("{:032x}", rand::random::<u128>());
    let offered = route(replica, source, &*id).await.expect("offered");
    let Some(Outcome::Offered(to)) = offered.outcome else { panic!("{offered:?}") };
    let request = DeclineOfferRequest {
        workspace: WORKSPACE.into(),
        request_id: id,
        rep_id: rep.into(),
        lead_id: offered.lead_id,
        fence: to.fence,
        reason: DeclineReason::Busy.into(),
    };
    replica.pool().decline_offer(patiently(request)).await.expect("declined");
}

/// Every event committed so far, in order, as a subscriber receives them.
pub async fn events(replica: &Replica) -> Vec<Event> {
    let request = SubscribeRequest { workspace: WORKSPACE.into(), start: Some(Start::Beginning(Beginning {})) };
    let mut stream = replica.notification().subscribe(request).await.expect("a stream").into_inner();
    let mut events = Vec::new();
    loop {
        match stream.message().await.expect("no error").expect("no end").item {
            Some(Item::Event(event)) => events.push(event),
            _ => return events,
        }
    }
}
