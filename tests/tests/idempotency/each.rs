//! One call of each kind, and what there must be for it.

use leadhand_proto::lead::v1::Outcome as Came;
use leadhand_proto::management::v1::{AssignLeadRequest, OffboardRepRequest, TransferLeadRequest};
use leadhand_proto::policy::v1::{ApplyPolicyRequest, RollbackPolicyRequest};
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, ClaimLeadRequest, ClaimNextRequest, DeclineOfferRequest, LiftPenaltyRequest,
    RecordContactRequest, RecordOutcomeRequest, ReleaseLeadRequest, SkipLeadRequest, UpdateLeadRequest,
    ViewLeadRequest,
};
use leadhand_proto::record::v1::{EraseLeadRequest, RecordActivityRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{CreditLeadRequest, RouteLeadRequest};
use leadhand_tests::Replica;
use leadhand_tests::call::{WORKSPACE, claim, lead_from, route, suspend};

use crate::calls::{Call, POLICY};

/// One call of each kind, all under this request id, each of which can succeed now: a lead to route to a rep and one to a
/// pool, a lead for `cy` to claim, a lead that `bo` has to contact, a policy to apply, one to go back to, leads whose owners
/// tell what came of them, and `dee` who is suspended.
pub(crate) async fn one_of_each(replica: &Replica, id: &str) -> Vec<Call> {
    let workspace = || WORKSPACE.to_owned();
    let pooled = async |n: u32| route(replica, "content_download", format!("{id}.{n}")).await.expect("pooled").lead_id;
    let free = pooled(1).await;
    let owned = pooled(2).await;
    let fence = claim(replica, "bo", &owned).await.expect("claimed").fence;
    let given_back = pooled(11).await;
    let its_fence = claim(replica, "kai", &given_back).await.expect("claimed").fence;
    route(replica, "webinar", format!("{id}.12")).await.expect("pooled");
    let offered = async |n: u32| route(replica, "referral", format!("{id}.{n}")).await.expect("offered").lead_id;
    let (to_view, to_skip) = (pooled(13).await, pooled(14).await);
    let (to_accept, to_decline) = (offered(3).await, offered(4).await);
    let pushed = route(replica, "demo_request", format!("{id}.5")).await.expect("pushed");
    let Some(Outcome::Assigned(assigned)) = pushed.outcome else { panic!("{pushed:?}") };
    suspend(replica, "dee", "partner").await;
    let promising = route(replica, "demo_request", format!("{id}.6")).await.expect("pushed");
    let Some(Outcome::Assigned(promised)) = promising.outcome else { panic!("{promising:?}") };
    let (to_give, to_erase) = (pooled(15).await, pooled(16).await);
    let moved = route(replica, "demo_request", format!("{id}.8")).await.expect("pushed");
    let Some(Outcome::Assigned(from)) = moved.outcome else { panic!("{moved:?}") };
    let manager = || "max".to_owned();
    let pool_request = RouteLeadRequest { request_id: format!("{id}.pool"), ..lead_from("content_download", "") };
    vec![
        Call::Route(Box::new(lead_from("demo_request", id))),
        Call::Route(Box::new(pool_request)),
        Call::Claim(ClaimLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "cy".into(),
            lead_id: free,
        }),
        Call::Next(ClaimNextRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "max".into(),
            pool_id: "line".into(),
        }),
        Call::Release(ReleaseLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "kai".into(),
            lead_id: given_back,
            fence: its_fence,
            reason: 1,
        }),
        Call::View(ViewLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "ana".into(),
            lead_id: to_view,
        }),
        Call::Skip(SkipLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "ana".into(),
            lead_id: to_skip,
            reason: 1,
        }),
        Call::Contact(RecordContactRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "bo".into(),
            lead_id: owned,
            fence,
        }),
        Call::Apply(ApplyPolicyRequest {
            workspace: workspace(),
            request_id: id.into(),
            document: POLICY.into(),
            author: "test".into(),
            comment: String::new(),
        }),
        Call::Rollback(RollbackPolicyRequest {
            workspace: workspace(),
            request_id: id.into(),
            version: 1,
            author: "test".into(),
            comment: "back".into(),
        }),
        Call::Accept(AcceptOfferRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "ana".into(),
            lead_id: to_accept,
            fence: 1,
        }),
        Call::Decline(DeclineOfferRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: "ana".into(),
            lead_id: to_decline,
            fence: 1,
            reason: 1,
        }),
        Call::Credit(CreditLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            lead_id: pushed.lead_id.clone(),
            fence: None,
            reason: 1,
            requested_by: "max".into(),
        }),
        Call::Lift(LiftPenaltyRequest {
            workspace: workspace(),
            request_id: id.into(),
            manager_id: "max".into(),
            rep_id: "dee".into(),
            penalty: 2,
            lead_id: String::new(),
            reason: 1,
        }),
        Call::Assign(AssignLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            manager_id: manager(),
            lead_id: to_give,
            rep_id: "cy".into(),
            reason: 1,
            note: "knows her".into(),
        }),
        Call::Activity(RecordActivityRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: from.rep_id.clone(),
            lead_id: moved.lead_id.clone(),
            fence: from.fence,
            kind: 1,
        }),
        Call::Transfer(TransferLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            manager_id: manager(),
            lead_id: moved.lead_id,
            fence: from.fence,
            rep_id: "max".into(),
            reason: 1,
            note: String::new(),
        }),
        Call::Offboard(OffboardRepRequest {
            workspace: workspace(),
            request_id: id.into(),
            manager_id: manager(),
            rep_id: "lea".into(),
            reason: 1,
        }),
        Call::Erase(EraseLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            lead_id: to_erase,
            manager_id: String::new(),
            reason: 1,
        }),
        Call::Update(Box::new(UpdateLeadRequest {
            workspace: workspace(),
            request_id: id.into(),
            lead_id: pushed.lead_id.clone(),
            score: Some(90),
            ..UpdateLeadRequest::default()
        })),
        Call::End(RecordOutcomeRequest {
            workspace: workspace(),
            request_id: id.into(),
            rep_id: assigned.rep_id,
            lead_id: pushed.lead_id,
            fence: assigned.fence,
            outcome: 1,
            amount: 5,
        }),
        Call::End(RecordOutcomeRequest {
            workspace: workspace(),
            request_id: format!("{id}.6"),
            rep_id: promised.rep_id,
            lead_id: promising.lead_id,
            fence: promised.fence,
            outcome: Came::Opportunity.into(),
            amount: 0,
        }),
    ]
}
