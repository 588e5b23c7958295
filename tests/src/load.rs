//! A load of leads routed, claimed and contacted, of which every request and every outcome is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use leadhand_proto::pool::v1::{ClaimLeadRequest, ClaimLeadResponse, RecordContactRequest, RecordContactResponse};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use leadhand_testkit::eventually;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::call::{WORKSPACE, lead_from};

/// What the load is routed by: half of it is pushed to three reps, half goes into a pool, from which the callers claim.
pub const POLICY: &str = "
teams:
  - {id: inbound, capacity: 100000, reps: [{id: ana, weight: 3}, {id: bo, weight: 2}, {id: cy}]}
  - {id: field, reps: [{id: c0}, {id: c1}, {id: c2}, {id: c3}, {id: c4}, {id: c5}, {id: c6}, {id: c7}]}
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: inbound, otherwise: {pool: open}}
quotas: {hour: 1000, day: 1000, week: 1000}
guardrails: {hoarding: 1000}
";

/// One caller for each rep of the field team.
const CALLERS: usize = 8;

/// The least time between two calls of one caller.
const PACE: Duration = Duration::from_millis(3);

/// Where a caller sends what.
#[derive(Debug, Clone)]
pub struct Target {
    /// To the router.
    pub router: Channel,
    /// To the pool service.
    pub pool: Channel,
}

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// To route a lead.
    Route(Box<RouteLeadRequest>),
    /// To claim one.
    Claim(ClaimLeadRequest),
    /// To record a contact.
    Contact(RecordContactRequest),
}

/// What it is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Where the lead went.
    Routed(RouteLeadResponse),
    /// That the lead is the rep's.
    Claimed(ClaimLeadResponse),
    /// That the contact counts.
    Contacted(RecordContactResponse),
}

/// One call and how it ended.
#[derive(Debug)]
pub struct Call {
    /// What was asked for.
    pub request: Request,
    /// What came back.
    pub outcome: Result<Answer, Status>,
}

impl Request {
    /// To route a lead of this source.
    pub fn route(source: &str, request_id: &str) -> Self {
        Self::Route(Box::new(lead_from(source, request_id)))
    }
}

impl Target {
    /// Makes a call.
    pub async fn send(&self, request: &Request) -> Result<Answer, Status> {
        let (router, pool) = (self.router.clone(), self.pool.clone());
        Ok(match request.clone() {
            Request::Route(request) => {
                Answer::Routed(RouterServiceClient::new(router).route_lead(*request).await?.into_inner())
            }
            Request::Claim(request) => {
                Answer::Claimed(PoolServiceClient::new(pool).claim_lead(request).await?.into_inner())
            }
            Request::Contact(request) => {
                Answer::Contacted(PoolServiceClient::new(pool).record_contact(request).await?.into_inner())
            }
        })
    }
}

/// Callers at work, until [`Load::stop`].
#[derive(Debug)]
pub struct Load {
    state: Arc<State>,
    callers: Vec<JoinHandle<Vec<Call>>>,
}

#[derive(Debug, Default)]
struct State {
    stop: AtomicBool,
    answered: AtomicUsize,
    refused: AtomicUsize,
}

impl Load {
    /// Sets the callers to work, each by turns on another target.
    pub fn start(targets: &[Target]) -> Self {
        let state = Arc::new(State::default());
        let callers = (0..CALLERS).map(|n| {
            let caller = Caller { n, targets: targets.to_vec(), state: state.clone(), made: Vec::new() };
            tokio::spawn(caller.work())
        });
        Self { callers: callers.collect(), state }
    }

    /// Waits until so many more calls have been answered.
    pub async fn answered(&self, more: usize) {
        let goal = self.state.answered.load(Ordering::Acquire) + more;
        eventually!(self.state.answered.load(Ordering::Acquire) >= goal, "{more} more answers");
    }

    /// Waits until so many more calls have been refused.
    pub async fn refused(&self, more: usize) {
        let goal = self.state.refused.load(Ordering::Acquire) + more;
        eventually!(self.state.refused.load(Ordering::Acquire) >= goal, "{more} more refusals");
    }

    /// Lets every caller finish what it has in hand; answers with all calls made.
    pub async fn stop(self) -> Vec<Call> {
        self.state.stop.store(true, Ordering::Release);
        let mut calls = Vec::new();
        for caller in self.callers {
            calls.extend(caller.await.expect("a caller that does not panic"));
        }
        calls
    }
}

struct Caller {
    n: usize,
    targets: Vec<Target>,
    state: Arc<State>,
    made: Vec<Call>,
}

impl Caller {
    /// A lead after the other: routed, claimed if it is in the pool, contacted three times out of four.
    async fn work(mut self) -> Vec<Call> {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for lead in 0.. {
            if self.state.stop.load(Ordering::Acquire) {
                break;
            }
            pace.tick().await;
            let source = if lead % 2 == 0 { "demo_request" } else { "content_download" };
            let id = format!("{}-{lead}", self.n);
            let Some(Answer::Routed(routed)) = self.call(Request::route(source, &id)).await else {
                continue;
            };
            let owned = match routed.outcome.expect("an outcome") {
                Outcome::Assigned(assigned) => Some((assigned.rep_id, assigned.fence)),
                other @ (Outcome::Offered(_) | Outcome::Held(_) | Outcome::Closed(_)) => {
                    panic!("not by this policy: {other:?}")
                }
                Outcome::Pooled(_) => self.claim(&routed.lead_id, &id).await,
            };
            if let Some((rep_id, fence)) = owned.filter(|_| lead % 8 < 6) {
                let workspace = WORKSPACE.into();
                let contact =
                    RecordContactRequest { workspace, request_id: id, rep_id, lead_id: routed.lead_id, fence };
                self.call(Request::Contact(contact)).await;
            }
        }
        self.made
    }

    async fn claim(&mut self, lead: &str, id: &str) -> Option<(String, u64)> {
        let rep_id = format!("c{}", self.n);
        let claim = ClaimLeadRequest {
            workspace: WORKSPACE.into(),
            request_id: id.into(),
            rep_id: rep_id.clone(),
            lead_id: lead.into(),
        };
        match self.call(Request::Claim(claim)).await? {
            Answer::Claimed(claimed) => Some((rep_id, claimed.fence)),
            other => panic!("not an answer to a claim: {other:?}"),
        }
    }

    async fn call(&mut self, request: Request) -> Option<Answer> {
        let target = &self.targets[(self.n + self.made.len()) % self.targets.len()];
        let outcome = target.send(&request).await;
        let count = if outcome.is_ok() { &self.state.answered } else { &self.state.refused };
        count.fetch_add(1, Ordering::AcqRel);
        let answer = outcome.as_ref().ok().cloned();
        self.made.push(Call { request, outcome });
        answer
    }
}

/// Makes every call once more, with the request id it had. One that was answered must get the same answer; one that was
/// not is repeated, as its caller would, until it gets one.
pub async fn repeat(calls: Vec<Call>, target: &Target) -> Vec<(Request, Answer)> {
    let repeated = stream::iter(calls).map(|Call { request, outcome, .. }| async move {
        let answer = persist(target, &request).await;
        if let Ok(first) = outcome {
            assert_eq!(answer, first, "another answer to {request:?}");
        }
        (request, answer)
    });
    repeated.buffer_unordered(16).collect().await
}

async fn persist(target: &Target, request: &Request) -> Answer {
    for _ in 0..20 {
        match target.send(request).await {
            Ok(answer) => return answer,
            Err(status) if matches!(status.code(), Code::Aborted | Code::Unavailable) => {}
            Err(status) => panic!("{request:?} is refused for good: {status:?}"),
        }
    }
    panic!("{request:?} never gets an answer");
}
