//! One call of each kind that changes something, and what it changes.

use std::time::Duration;

use leadhand_proto::management::v1::{
    AssignLeadRequest, AssignLeadResponse, OffboardRepRequest, OffboardRepResponse, TransferLeadRequest,
    TransferLeadResponse,
};
use leadhand_proto::policy::v1::{
    ApplyPolicyRequest, ApplyPolicyResponse, RollbackPolicyRequest, RollbackPolicyResponse,
};
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, AcceptOfferResponse, ClaimLeadRequest, ClaimLeadResponse, DeclineOfferRequest,
    DeclineOfferResponse, RecordContactRequest, RecordContactResponse, RecordOutcomeRequest, RecordOutcomeResponse,
    UpdateLeadRequest, UpdateLeadResponse,
};
use leadhand_proto::record::v1::{EraseLeadRequest, EraseLeadResponse, RecordActivityRequest, RecordActivityResponse};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{CreditLeadRequest, CreditLeadResponse, RouteLeadRequest, RouteLeadResponse};
use leadhand_testkit::Redis;
use leadhand_tests::Replica;
use leadhand_tests::call::{WORKSPACE, claim, lead_from, route};
use leadhand_tests::held::{Held, events};
use tonic::{Request, Status};

pub(crate) const POLICY: &str = "
manager: max
reps: [{id: max}, {id: lea}]
teams: [{id: inbound, reps: [{id: ana, weight: 2}, {id: bo}, {id: cy}]}]
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: offers, sources: [referral], rep: ana, offer: {within: 5m}}
default: {rotate: inbound, otherwise: {pool: open}}
quotas: {hour: 1}
";

/// One of the calls that change something.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Route(Box<RouteLeadRequest>),
    Claim(ClaimLeadRequest),
    Contact(RecordContactRequest),
    Apply(ApplyPolicyRequest),
    Rollback(RollbackPolicyRequest),
    Accept(AcceptOfferRequest),
    Decline(DeclineOfferRequest),
    End(RecordOutcomeRequest),
    Update(Box<UpdateLeadRequest>),
    Credit(CreditLeadRequest),
    Assign(AssignLeadRequest),
    Transfer(TransferLeadRequest),
    Offboard(OffboardRepRequest),
    Activity(RecordActivityRequest),
    Erase(EraseLeadRequest),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Routed(RouteLeadResponse),
    Claimed(ClaimLeadResponse),
    Contacted(RecordContactResponse),
    Applied(ApplyPolicyResponse),
    RolledBack(RollbackPolicyResponse),
    Accepted(AcceptOfferResponse),
    Declined(DeclineOfferResponse),
    Ended(RecordOutcomeResponse),
    Updated(UpdateLeadResponse),
    Credited(CreditLeadResponse),
    Given(AssignLeadResponse),
    Transferred(TransferLeadResponse),
    /// As the last message tells.
    Offboarded(Option<OffboardRepResponse>),
    Recorded(RecordActivityResponse),
    Erased(EraseLeadResponse),
}

impl Call {
    /// Makes the call; with a deadline, if the caller has one.
    pub(crate) async fn send(self, replica: &Replica, deadline: Option<Duration>) -> Result<Answer, Status> {
        fn within<T>(message: T, deadline: Option<Duration>) -> Request<T> {
            let mut request = Request::new(message);
            if let Some(deadline) = deadline {
                request.set_timeout(deadline);
            }
            request
        }
        Ok(match self {
            Self::Route(call) => {
                Answer::Routed(replica.router().route_lead(within(*call, deadline)).await?.into_inner())
            }
            Self::Claim(call) => Answer::Claimed(replica.pool().claim_lead(within(call, deadline)).await?.into_inner()),
            Self::Contact(call) => {
                Answer::Contacted(replica.pool().record_contact(within(call, deadline)).await?.into_inner())
            }
            Self::Apply(call) => {
                Answer::Applied(replica.policy().apply_policy(within(call, deadline)).await?.into_inner())
            }
            Self::Rollback(call) => {
                Answer::RolledBack(replica.policy().rollback_policy(within(call, deadline)).await?.into_inner())
            }
            Self::Accept(call) => {
                Answer::Accepted(replica.pool().accept_offer(within(call, deadline)).await?.into_inner())
            }
            Self::Decline(call) => {
                Answer::Declined(replica.pool().decline_offer(within(call, deadline)).await?.into_inner())
            }
            Self::End(call) => Answer::Ended(replica.pool().record_outcome(within(call, deadline)).await?.into_inner()),
            Self::Update(call) => {
                Answer::Updated(replica.pool().update_lead(within(*call, deadline)).await?.into_inner())
            }
            Self::Credit(call) => {
                Answer::Credited(replica.router().credit_lead(within(call, deadline)).await?.into_inner())
            }
            Self::Assign(call) => {
                Answer::Given(replica.management().assign_lead(within(call, deadline)).await?.into_inner())
            }
            Self::Transfer(call) => {
                Answer::Transferred(replica.management().transfer_lead(within(call, deadline)).await?.into_inner())
            }
            Self::Offboard(call) => {
                let mut steps = replica.management().offboard_rep(within(call, deadline)).await?.into_inner();
                let mut last = None;
                while let Some(step) = steps.message().await? {
                    last = Some(step);
                }
                Answer::Offboarded(last)
            }
            Self::Activity(call) => {
                Answer::Recorded(replica.record().record_activity(within(call, deadline)).await?.into_inner())
            }
            Self::Erase(call) => {
                Answer::Erased(replica.record().erase_lead(within(call, deadline)).await?.into_inner())
            }
        })
    }

    /// The same request id with another body.
    pub(crate) fn with_another_body(&self) -> Self {
        let mut other = self.clone();
        match &mut other {
            Self::Route(call) => call.lead.get_or_insert_default().score = Some(7),
            Self::Claim(call) => call.lead_id = "00000000-0000-7000-8000-000000000000".into(),
            Self::Contact(call) => call.fence += 1,
            Self::Apply(call) => call.comment = "another".into(),
            Self::Rollback(call) => call.comment = "another".into(),
            Self::Accept(call) => call.fence += 1,
            Self::Decline(call) => call.reason += 1,
            Self::End(call) => call.amount += 1,
            Self::Update(call) => call.score = Some(7),
            Self::Credit(call) => call.reason += 1,
            Self::Assign(call) => call.reason += 1,
            Self::Transfer(call) => call.fence += 1,
            Self::Offboard(call) => call.reason += 1,
            Self::Activity(call) => call.kind += 1,
            Self::Erase(call) => call.reason += 1,
        }
        other
    }

    /// Under which key its answer is kept.
    pub(crate) fn answer_key(&self) -> String {
        let (method, caller, id) = match self {
            Self::Route(call) => ("RouteLead", "", &call.request_id),
            Self::Claim(call) => ("ClaimLead", call.rep_id.as_str(), &call.request_id),
            Self::Contact(call) => ("RecordContact", call.rep_id.as_str(), &call.request_id),
            Self::Apply(call) => ("ApplyPolicy", "", &call.request_id),
            Self::Rollback(call) => ("RollbackPolicy", "", &call.request_id),
            Self::Accept(call) => ("AcceptOffer", call.rep_id.as_str(), &call.request_id),
            // The router carries it out.
            Self::Decline(call) => ("RerouteLead", call.rep_id.as_str(), &call.request_id),
            Self::End(call) => ("RecordOutcome", call.rep_id.as_str(), &call.request_id),
            Self::Update(call) => ("UpdateLead", "", &call.request_id),
            Self::Credit(call) => ("CreditLead", call.requested_by.as_str(), &call.request_id),
            Self::Assign(call) => ("AssignLead", call.manager_id.as_str(), &call.request_id),
            Self::Transfer(call) => ("TransferLead", call.manager_id.as_str(), &call.request_id),
            Self::Offboard(call) => ("OffboardRep", call.manager_id.as_str(), &call.request_id),
            Self::Activity(call) => ("RecordActivity", call.rep_id.as_str(), &call.request_id),
            Self::Erase(call) => ("EraseLead", call.manager_id.as_str(), &call.request_id),
        };
        format!("{{{WORKSPACE}}}:answer:{method}:{caller}:{id}")
    }
}

/// One call of each kind, all under this request id, each of which can succeed now: a lead to route to a rep and one to a
/// pool, a lead for `cy` to claim, a lead that `bo` has to contact, a policy to apply, and one to go
/// back to.
pub(crate) async fn one_of_each(replica: &Replica, id: &str) -> Vec<Call> {
    let workspace = || WORKSPACE.to_owned();
    let pooled = async |n: u32| route(replica, "content_download", format!("{id}.{n}")).await.expect("pooled").lead_id;
    let free = pooled(1).await;
    let owned = pooled(2).await;
    let fence = claim(replica, "bo", &owned).await.expect("claimed").fence;
    let offered = async |n: u32| route(replica, "referral", format!("{id}.{n}")).await.expect("offered").lead_id;
    let (to_accept, to_decline) = (offered(3).await, offered(4).await);
    let pushed = route(replica, "demo_request", format!("{id}.5")).await.expect("pushed");
    let Some(Outcome::Assigned(assigned)) = pushed.outcome else { panic!("{pushed:?}") };
    let (to_give, to_erase) = (pooled(6).await, pooled(7).await);
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
    ]
}

/// What stands after each effect, so that one more of any would show: events, leads, what reps have and claimed, and where
/// the rotation stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Effects {
    pub(crate) events: usize,
    pub(crate) leads: usize,
    pub(crate) given: u64,
    pub(crate) open: u32,
    pub(crate) uncontacted: u32,
    pub(crate) claims: usize,
    pub(crate) answers: usize,
}

pub(crate) async fn effects(redis: &Redis) -> Effects {
    let held = Held::read(redis).await;
    held.assert_each_lead_in_one_place();
    Effects {
        events: events(redis).await.len(),
        leads: held.leads.len(),
        given: held.rotations.get("inbound").map_or(0, |rotation| rotation.given),
        open: held.open.values().sum(),
        uncontacted: held.uncontacted.values().sum(),
        claims: held.claims.values().map(|claims| claims.claimed_at.len()).sum(),
        answers: held.answers.len(),
    }
}

/// The effects with those of one call added.
pub(crate) fn and(mut effects: Effects, call: &Call) -> Effects {
    effects.events += 1;
    effects.answers += 1;
    match call {
        Call::Route(request) => {
            let pushed = request.lead.as_ref().is_some_and(|lead| lead.source != "content_download");
            effects.leads += 1;
            effects.given += u64::from(pushed);
            effects.open += u32::from(pushed);
            effects.uncontacted += u32::from(pushed);
        }
        Call::Claim(_) => {
            effects.open += 1;
            effects.uncontacted += 1;
            effects.claims += 1;
        }
        Call::Contact(_) => effects.uncontacted -= 1,
        Call::Accept(_) => effects.uncontacted += 1,
        Call::Decline(_) => {
            // That it was declined, and where it went.
            effects.events += 1;
            effects.given += 1;
            effects.uncontacted += 1;
        }
        Call::End(_) => {
            effects.open -= 1;
            effects.uncontacted -= 1;
        }
        Call::Credit(_) => effects.given -= 1,
        Call::Assign(_) => {
            // That it was ordered, and that it is so.
            effects.events += 1;
            effects.open += 1;
            effects.uncontacted += 1;
        }
        Call::Transfer(_) => effects.events += 1,
        // That it begins, and that the rep is paused; the rep has no leads.
        Call::Offboard(_) => effects.events += 1,
        Call::Apply(_) | Call::Rollback(_) | Call::Update(_) | Call::Activity(_) | Call::Erase(_) => {}
    }
    effects
}
