//! One call of each kind that changes something, and what it changes.

use std::time::Duration;

use leadhand_proto::lead::v1::Outcome as Came;
use leadhand_proto::management::v1::{
    AssignLeadRequest, AssignLeadResponse, OffboardRepRequest, OffboardRepResponse, TransferLeadRequest,
    TransferLeadResponse,
};
use leadhand_proto::policy::v1::{
    ApplyPolicyRequest, ApplyPolicyResponse, RollbackPolicyRequest, RollbackPolicyResponse,
};
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, AcceptOfferResponse, ClaimLeadRequest, ClaimLeadResponse, ClaimNextRequest, ClaimNextResponse,
    DeclineOfferRequest, DeclineOfferResponse, LiftPenaltyRequest, LiftPenaltyResponse, RecordContactRequest,
    RecordContactResponse, RecordOutcomeRequest, RecordOutcomeResponse, ReleaseLeadRequest, ReleaseLeadResponse,
    SkipLeadRequest, SkipLeadResponse, UpdateLeadRequest, UpdateLeadResponse, ViewLeadRequest, ViewLeadResponse,
};
use leadhand_proto::record::v1::{EraseLeadRequest, EraseLeadResponse, RecordActivityRequest, RecordActivityResponse};
use leadhand_proto::router::v1::{CreditLeadRequest, CreditLeadResponse, RouteLeadRequest, RouteLeadResponse};
use leadhand_tests::Replica;
use leadhand_tests::call::WORKSPACE;
use tonic::{Request, Status};

pub(crate) const POLICY: &str = "
manager: max
reps: [{id: max}, {id: dee}, {id: lea}, {id: kai}]
teams: [{id: inbound, reps: [{id: ana, weight: 2}, {id: bo}, {id: cy}]}]
pools: [{id: open}, {id: line}]
routes:
  - {name: webinars, sources: [webinar], pool: line}
  - {name: content, sources: [content_download], pool: open}
  - {name: partners, sources: [partner], rep: dee, offer: {within: 5m}}
  - {name: offers, sources: [referral], rep: ana, offer: {within: 5m}}
default: {rotate: inbound, otherwise: {pool: open}}
quotas: {hour: 1}
guardrails: {release: true, acceptance: {last: 1, at_least: 1}}
";

/// One of the calls that change something.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Route(Box<RouteLeadRequest>),
    Claim(ClaimLeadRequest),
    Next(ClaimNextRequest),
    Release(ReleaseLeadRequest),
    Contact(RecordContactRequest),
    Apply(ApplyPolicyRequest),
    Rollback(RollbackPolicyRequest),
    Accept(AcceptOfferRequest),
    Decline(DeclineOfferRequest),
    End(RecordOutcomeRequest),
    Update(Box<UpdateLeadRequest>),
    Credit(CreditLeadRequest),
    Lift(LiftPenaltyRequest),
    View(ViewLeadRequest),
    Skip(SkipLeadRequest),
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
    Took(ClaimNextResponse),
    Released(ReleaseLeadResponse),
    Contacted(RecordContactResponse),
    Applied(ApplyPolicyResponse),
    RolledBack(RollbackPolicyResponse),
    Accepted(AcceptOfferResponse),
    Declined(DeclineOfferResponse),
    Ended(RecordOutcomeResponse),
    Updated(UpdateLeadResponse),
    Credited(CreditLeadResponse),
    Lifted(LiftPenaltyResponse),
    Viewed(Box<ViewLeadResponse>),
    Skipped(SkipLeadResponse),
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
            Self::Next(call) => Answer::Took(replica.pool().claim_next(within(call, deadline)).await?.into_inner()),
            Self::Release(call) => {
                Answer::Released(replica.pool().release_lead(within(call, deadline)).await?.into_inner())
            }
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
            Self::Lift(call) => Answer::Lifted(replica.pool().lift_penalty(within(call, deadline)).await?.into_inner()),
            Self::View(call) => {
                Answer::Viewed(Box::new(replica.pool().view_lead(within(call, deadline)).await?.into_inner()))
            }
            Self::Skip(call) => Answer::Skipped(replica.pool().skip_lead(within(call, deadline)).await?.into_inner()),
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
            Self::Next(call) => call.pool_id = String::new(),
            Self::Release(call) => call.reason += 1,
            Self::Contact(call) => call.fence += 1,
            Self::Apply(call) => call.comment = "another".into(),
            Self::Rollback(call) => call.comment = "another".into(),
            Self::Accept(call) => call.fence += 1,
            Self::Decline(call) => call.reason += 1,
            Self::End(call) if call.outcome() == Came::Won => call.amount += 1,
            Self::End(call) => call.fence += 1,
            Self::Update(call) => call.score = Some(7),
            Self::Credit(call) => call.reason += 1,
            Self::Lift(call) => call.reason += 1,
            Self::View(call) => call.lead_id = "00000000-0000-7000-8000-000000000000".into(),
            Self::Skip(call) => call.reason += 1,
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
            Self::Next(call) => ("ClaimNext", call.rep_id.as_str(), &call.request_id),
            Self::Release(call) => ("ReleaseLead", call.rep_id.as_str(), &call.request_id),
            Self::Contact(call) => ("RecordContact", call.rep_id.as_str(), &call.request_id),
            Self::Apply(call) => ("ApplyPolicy", "", &call.request_id),
            Self::Rollback(call) => ("RollbackPolicy", "", &call.request_id),
            Self::Accept(call) => ("AcceptOffer", call.rep_id.as_str(), &call.request_id),
            // The router carries it out.
            Self::Decline(call) => ("RerouteLead", call.rep_id.as_str(), &call.request_id),
            Self::End(call) => ("RecordOutcome", call.rep_id.as_str(), &call.request_id),
            Self::Update(call) => ("UpdateLead", "", &call.request_id),
            Self::Credit(call) => ("CreditLead", call.requested_by.as_str(), &call.request_id),
            Self::Lift(call) => ("LiftPenalty", call.manager_id.as_str(), &call.request_id),
            Self::View(call) => ("ViewLead", call.rep_id.as_str(), &call.request_id),
            Self::Skip(call) => ("SkipLead", call.rep_id.as_str(), &call.request_id),
            Self::Assign(call) => ("AssignLead", call.manager_id.as_str(), &call.request_id),
            Self::Transfer(call) => ("TransferLead", call.manager_id.as_str(), &call.request_id),
            Self::Offboard(call) => ("OffboardRep", call.manager_id.as_str(), &call.request_id),
            Self::Activity(call) => ("RecordActivity", call.rep_id.as_str(), &call.request_id),
            Self::Erase(call) => ("EraseLead", call.manager_id.as_str(), &call.request_id),
        };
        format!("{{{WORKSPACE}}}:answer:{method}:{caller}:{id}")
    }
}
