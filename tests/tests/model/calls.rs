//! Each step twice: through gRPC, and in the model. What the one answers the other must answer.

use leadhand_domain::answer::{Answer, Destination, Routed};
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId};
use leadhand_domain::invalid::Fields;
use leadhand_domain::refusal::Failure;
use leadhand_domain::route::Again;
use leadhand_domain::time::Millis;
use leadhand_domain::{accept, activity, claim, contact, intake, outcome, skip, view};
use leadhand_proto::lead::v1::Outcome as Ended;
use leadhand_proto::pool::v1 as wire;
use leadhand_proto::record::v1::RecordActivityRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{Assigned, Closed, Held, Offered, Pooled, RouteLeadRequest, RouteLeadResponse};
use leadhand_proto::time::timestamp;
use leadhand_proto::{act_wire, lead_wire, refusal};
use leadhand_tests::Replica;
use leadhand_tests::call::{WORKSPACE, patiently};
use leadhand_tests::model::mirror::Mirror;
use leadhand_tests::model::{Answered, Asked, Done, Shown, World};
use tonic::{Code, Response, Status};

use crate::steps::Step;

/// How many leads a list has at most.
const PAGE: usize = 500;

/// What both came to.
pub(crate) enum Both {
    Routed(Answered, Result<RouteLeadResponse, Status>),
    Listed(Answered<Vec<(LeadId, Option<Millis>)>>, Result<wire::ListLeadsResponse, Status>),
    Viewed(Box<(Answered<Shown>, Result<wire::ViewLeadResponse, Status>)>),
    /// Where a claim, or an acceptance, ended: the lead, its fence, until when contact is due, and the event.
    Claimed(Answered, Result<(String, u64, Option<prost_types::Timestamp>, String), Status>),
    /// What answers no more than the event.
    Told(Answered, Result<String, Status>),
    Contacted(Answered, Result<wire::RecordContactResponse, Status>),
    Ended(Answered, Result<wire::RecordOutcomeResponse, Status>),
}

/// How often a call is repeated whose outcome is not known, as on a very busy machine.
const CALLS: usize = 20;

/// Makes a call of the service, and takes the message out of its answer. It is repeated, with its request id, as callers are told
/// to when they do not know what became of it.
macro_rules! call {
    ($client:expr, $method:ident, $request:expr) => {{
        let request = $request;
        let mut answer = $client.$method(patiently(request.clone())).await.map(Response::into_inner);
        for _ in 1..CALLS {
            if !answer.as_ref().is_err_and(is_unknown) {
                break;
            }
            answer = $client.$method(patiently(request.clone())).await.map(Response::into_inner);
        }
        answer
    }};
}

fn is_unknown(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
}

fn rep_id(rep: &str) -> RepId {
    RepId::parse(rep).expect("a rep's id")
}

fn lead_id(lead: &str) -> LeadId {
    LeadId::parse(lead).expect("a lead's id")
}

/// Takes a step, under a request id.
pub(crate) async fn take(replica: &Replica, world: &mut World, step: &Step, id: &str, now: Millis) -> Both {
    let (mut pool, workspace, request_id) = (replica.pool(), WORKSPACE.to_owned(), id.to_owned());
    let asked = |method, rep: &str| Asked::new(method, &rep_id(rep), id);
    match step.clone() {
        Step::Route(lead) => {
            let request = RouteLeadRequest { workspace, request_id, lead: Some((*lead).clone()) };
            let theirs = call!(replica.router(), route_lead, request);
            // The id is the service's to make.
            let made = theirs.as_ref().ok().filter(|routed| !routed.duplicate).map(|routed| lead_id(&routed.lead_id));
            let made = made.unwrap_or_else(|| LeadId::new(now, rand::random()));
            let raw = lead_wire::raw(*lead, &mut Fields::new());
            let (facts, person) = intake::normalise(raw, now).expect("a sound lead");
            let asked = Asked { method: "RouteLead", caller: String::new(), id: id.to_owned() };
            Both::Routed(world.route(asked, made, facts, person, now), theirs)
        }
        Step::List { rep, pool: of } => {
            let request = wire::ListLeadsRequest {
                workspace,
                rep_id: rep.clone(),
                pool_id: of.clone(),
                page_size: PAGE as i32,
                ..Default::default()
            };
            let mut theirs = call!(pool, list_leads, request.clone());
            // It waits only so long for what was just committed; to look again starts nothing.
            while theirs.as_ref().is_ok_and(|listed| listed.behind) {
                theirs = call!(pool, list_leads, request.clone());
            }
            Both::Listed(world.list(&rep_id(&rep), &PoolId::parse(&of).expect("a pool's id"), PAGE, now), theirs)
        }
        Step::View { rep: rep_id_, lead: lead_id_ } => {
            let command = view::Command { rep: rep_id(&rep_id_), lead: lead_id(&lead_id_) };
            let ours = asked("ViewLead", &rep_id_);
            let request = wire::ViewLeadRequest { workspace, request_id, rep_id: rep_id_, lead_id: lead_id_ };
            let theirs = call!(pool, view_lead, request);
            Both::Viewed(Box::new((world.view(ours, &command, now), theirs)))
        }
        Step::Skip { rep, lead, reason } => {
            let why = lead_wire::skip_reason(reason.into(), "", &mut Fields::new()).expect("a reason");
            let command = skip::Command { rep: rep_id(&rep), lead: lead_id(&lead), reason: why };
            let ours = asked("SkipLead", &rep);
            let reason = reason.into();
            let request = wire::SkipLeadRequest { workspace, request_id, rep_id: rep, lead_id: lead, reason };
            let theirs = call!(pool, skip_lead, request).map(|skipped| skipped.position);
            Both::Told(world.skip(ours, &command, now), theirs)
        }
        Step::Claim { rep, lead } => {
            let command = claim::Command { rep: rep_id(&rep), lead: lead_id(&lead) };
            let ours = asked("ClaimLead", &rep);
            let request = wire::ClaimLeadRequest { workspace, request_id, rep_id: rep, lead_id: lead };
            let theirs = call!(pool, claim_lead, request);
            let theirs = theirs.map(|claimed| (claimed.lead_id, claimed.fence, claimed.contact_due, claimed.position));
            Both::Claimed(world.claim(ours, &command, now), theirs)
        }
        Step::Next { rep, pool: of } => {
            let named = (!of.is_empty()).then(|| PoolId::parse(&of).expect("a pool's id"));
            let command = claim::Next { rep: rep_id(&rep), pool: named };
            let ours = asked("ClaimNext", &rep);
            let request = wire::ClaimNextRequest { workspace, request_id, rep_id: rep, pool_id: of };
            let theirs = call!(pool, claim_next, request);
            let theirs = theirs.map(|claimed| (claimed.lead_id, claimed.fence, claimed.contact_due, claimed.position));
            Both::Claimed(world.next(ours, &command, now), theirs)
        }
        Step::Release { rep, lead, fence, reason } => {
            let why = lead_wire::release_reason(reason.into(), "", &mut Fields::new()).expect("a reason");
            let (ours, because) = (asked("ReleaseLead", &rep), Again::Released(rep_id(&rep), why));
            let ours = world.reroute(Some(ours), lead_id(&lead), Fence(fence), because, now);
            let reason = reason.into();
            let request = wire::ReleaseLeadRequest { workspace, request_id, rep_id: rep, lead_id: lead, fence, reason };
            Both::Told(ours, call!(pool, release_lead, request).map(|released| released.position))
        }
        Step::Decline { rep, lead, fence, reason } => {
            let why = lead_wire::decline_reason(reason.into(), "", &mut Fields::new()).expect("a reason");
            let (ours, because) = (asked("RerouteLead", &rep), Again::Declined(rep_id(&rep), why));
            let ours = world.reroute(Some(ours), lead_id(&lead), Fence(fence), because, now);
            let reason = reason.into();
            let request =
                wire::DeclineOfferRequest { workspace, request_id, rep_id: rep, lead_id: lead, fence, reason };
            Both::Told(ours, call!(pool, decline_offer, request).map(|declined| declined.position))
        }
        Step::Accept { rep, lead, fence } => {
            let command = accept::Command { rep: rep_id(&rep), lead: lead_id(&lead), fence: Fence(fence) };
            let ours = world.accept(asked("AcceptOffer", &rep), &command, now);
            let request = wire::AcceptOfferRequest { workspace, request_id, rep_id: rep, lead_id: lead, fence };
            let theirs = call!(pool, accept_offer, request);
            let theirs = theirs.map(|given| (given.lead_id, given.fence, given.contact_due, given.position));
            Both::Claimed(ours, theirs)
        }
        Step::Contact { rep, lead, fence } => {
            let command = contact::Command { rep: rep_id(&rep), lead: lead_id(&lead), fence: Fence(fence) };
            let ours = world.contact(asked("RecordContact", &rep), &command, now);
            let request = wire::RecordContactRequest { workspace, request_id, rep_id: rep, lead_id: lead, fence };
            Both::Contacted(ours, call!(pool, record_contact, request))
        }
        Step::Activity { rep, lead, fence, kind } => {
            let what = act_wire::activity_kind(kind.into(), "", &mut Fields::new()).expect("a kind");
            let command =
                activity::Command { rep: rep_id(&rep), lead: lead_id(&lead), fence: Fence(fence), kind: what };
            let ours = world.activity(asked("RecordActivity", &rep), &command, now);
            let kind = kind.into();
            let request = RecordActivityRequest { workspace, request_id, rep_id: rep, lead_id: lead, fence, kind };
            Both::Told(ours, call!(replica.record(), record_activity, request).map(|recorded| recorded.position))
        }
        Step::Outcome { rep, lead, fence, outcome: ended } => {
            let amount = if ended == Ended::Won { 1_200 } else { 0 };
            let step = lead_wire::step_from(ended.into(), amount, &mut Fields::new()).expect("an outcome");
            let command = outcome::Command { rep: rep_id(&rep), lead: lead_id(&lead), fence: Fence(fence), step };
            let ours = world.outcome(asked("RecordOutcome", &rep), &command, now);
            let request = wire::RecordOutcomeRequest {
                workspace,
                request_id,
                rep_id: rep,
                lead_id: lead,
                fence,
                outcome: ended.into(),
                amount,
            };
            Both::Ended(ours, call!(pool, record_outcome, request))
        }
        other => panic!("no call: {other:?}"),
    }
}

impl Both {
    /// The refusal's reasons, or nothing when both were carried out.
    ///
    /// # Errors
    /// How they differ.
    pub(crate) fn compare(self, mirror: &Mirror, now: Millis) -> Result<Vec<&'static str>, String> {
        match self {
            Self::Routed(ours, theirs) => compare(ours.map(|done| routed(done, mirror)), theirs, now),
            Self::Listed(ours, theirs) => {
                let named = |(lead, until): (LeadId, Option<Millis>)| (lead.to_string(), until.map(timestamp));
                let ours = ours.map(|leads| leads.into_iter().map(named).collect::<Vec<_>>());
                let leads = |listed: wire::ListLeadsResponse| {
                    listed.leads.into_iter().map(|lead| (lead.lead_id, lead.held_until)).collect::<Vec<_>>()
                };
                compare(ours, theirs.map(leads), now)
            }
            Self::Viewed(both) => {
                let (ours, theirs) = *both;
                let ours = ours.map(|shown| wire::ViewLeadResponse {
                    lead: shown.transparency.map(|seen| lead_wire::detailed(&shown.lead, &shown.person, seen)),
                    held_until: shown.until.map(timestamp),
                    position: mirror.position(shown.position),
                });
                compare(ours, theirs, now)
            }
            Self::Claimed(ours, theirs) => {
                let ours = ours.map(|done| match done.answer {
                    Answer::Claimed(claimed) => {
                        let (lead, due) = (claimed.lead.to_string(), Some(timestamp(claimed.contact_due)));
                        (lead, claimed.fence.0, due, mirror.position(done.position))
                    }
                    other => panic!("{other:?}"),
                });
                compare(ours, theirs, now)
            }
            Self::Told(ours, theirs) => compare(ours.map(|done| mirror.position(done.position)), theirs, now),
            Self::Contacted(ours, theirs) => {
                let ours = ours.map(|done| match done.answer {
                    Answer::Contacted(contacted) => wire::RecordContactResponse {
                        contact_speed_ms: contacted.contact_speed.0,
                        in_time: contacted.in_time,
                        contacted_at: Some(timestamp(contacted.at)),
                    },
                    other => panic!("{other:?}"),
                });
                compare(ours, theirs, now)
            }
            Self::Ended(ours, theirs) => {
                let ours = ours.map(|done| {
                    let position = mirror.position(done.position);
                    let nothing = wire::RecordOutcomeResponse { position, ..Default::default() };
                    match done.answer {
                        Answer::Closed(closed) => wire::RecordOutcomeResponse {
                            closed_at: Some(timestamp(closed.at)),
                            owned_ms: closed.owned.0,
                            ..nothing
                        },
                        Answer::Opportunity(opportunity) => wire::RecordOutcomeResponse {
                            opportunity_at: Some(timestamp(opportunity.at)),
                            owned_ms: opportunity.owned.0,
                            ..nothing
                        },
                        other => panic!("{other:?}"),
                    }
                });
                compare(ours, theirs, now)
            }
        }
    }
}

fn routed(done: Done, mirror: &Mirror) -> RouteLeadResponse {
    let Answer::Routed(Routed { lead, to, route, policy_version, duplicate }) = done.answer else {
        panic!("{done:?}");
    };
    let name = |team: Option<leadhand_domain::id::TeamId>| team.map(|team| team.to_string()).unwrap_or_default();
    let outcome = match to {
        Destination::Assigned { rep, team, fence, contact_due } => Outcome::Assigned(Assigned {
            rep_id: rep.to_string(),
            team_id: name(team),
            fence: fence.0,
            contact_due: Some(timestamp(contact_due)),
        }),
        Destination::Offered { rep, team, fence, expires } => Outcome::Offered(Offered {
            rep_id: rep.to_string(),
            team_id: name(team),
            fence: fence.0,
            expires: Some(timestamp(expires)),
        }),
        Destination::Pooled(pool) => Outcome::Pooled(Pooled { pool_id: pool.to_string() }),
        Destination::Held => Outcome::Held(Held {}),
        Destination::Closed => Outcome::Closed(Closed {}),
    };
    let (lead_id, position) = (lead.to_string(), mirror.position(done.position));
    RouteLeadResponse { lead_id, outcome: Some(outcome), route, policy_version, position, duplicate }
}

/// The same answer, or the same refusal to the last detail.
fn compare<T: PartialEq + std::fmt::Debug>(
    ours: Answered<T>,
    theirs: Result<T, Status>,
    now: Millis,
) -> Result<Vec<&'static str>, String> {
    let differ = |ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
        Err(format!("answered {theirs:#?}\nexpected {ours:#?}"))
    };
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(Vec::new()),
        (Err(failure), Err(status)) => {
            let expected = refusal::failed(&failure, now);
            let parts = |status: &Status| (status.code(), status.message().to_owned(), status.details().to_vec());
            if parts(&expected) != parts(&status) {
                return differ(&expected, &status);
            }
            match failure {
                Failure::Refused(refusal) => Ok(refusal.broken.iter().map(|broken| broken.reason.as_str()).collect()),
                other => Err(format!("both failed: {other:?}")),
            }
        }
        (ours, theirs) => differ(&ours, &theirs),
    }
}
