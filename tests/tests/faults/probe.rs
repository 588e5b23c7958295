//! One call of every kind, to see what works.

use futures_util::future::{BoxFuture, FutureExt, join_all};
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, GetAvailabilityRequest, StreamAvailabilityRequest};
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use leadhand_proto::policy::v1::GetPolicyRequest;
use leadhand_proto::pool::v1::{
    ClaimLeadRequest, GetLeadRequest, GetStandingRequest, ListLeadsRequest, ListPoolsRequest, RecordContactRequest,
};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_testkit::{PATIENCE, eventually};
use leadhand_tests::call::WORKSPACE;
use leadhand_tests::load::{Answer, Request, Target};
use leadhand_tests::{Replica, Suite};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// The services, as health knows them; the empty name is all of them.
const SERVICES: [&str; 9] = [
    "leadhand.router.v1.RouterService",
    "leadhand.policy.v1.PolicyService",
    "leadhand.account.v1.AccountService",
    "leadhand.management.v1.ManagementService",
    "leadhand.pool.v1.PoolService",
    "leadhand.record.v1.RecordService",
    "leadhand.availability.v1.AvailabilityService",
    "leadhand.notification.v1.NotificationService",
    "",
];

/// How one call ended.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) what: &'static str,
    pub(crate) refusal: Option<Status>,
}

/// A few leads, and one request of every kind about them.
#[derive(Debug)]
pub(crate) struct Probe {
    /// Carried out before anything happens.
    before: Vec<(Request, Answer)>,
    /// One of each kind that writes; not carried out yet.
    writes: Vec<Request>,
    lead: String,
}

impl Probe {
    pub(crate) async fn prepare(target: &Target) -> Self {
        let mut before = Vec::new();
        let mut leads = Vec::new();
        for source in ["demo_request", "content_download"] {
            let request = Request::route(source, &format!("before-{source}"));
            let answer = target.send(&request).await.expect("a healthy suite");
            let Answer::Routed(routed) = answer.clone() else { panic!("{answer:?}") };
            leads.push(routed);
            before.push((request, answer));
        }
        let Some(Outcome::Assigned(owned)) = leads[0].outcome.clone() else { panic!("{leads:?}") };
        let named = |id: &str| (WORKSPACE.to_owned(), id.to_owned());
        let (workspace, request_id) = named("probe-claim");
        let claim = ClaimLeadRequest { workspace, request_id, rep_id: "c0".into(), lead_id: leads[1].lead_id.clone() };
        let (workspace, request_id) = named("probe-contact");
        let contact = RecordContactRequest {
            workspace,
            request_id,
            rep_id: owned.rep_id,
            lead_id: leads[0].lead_id.clone(),
            fence: owned.fence,
        };
        let writes = vec![
            Request::route("demo_request", "probe-push"),
            Request::route("content_download", "probe-pool"),
            Request::Claim(claim),
            Request::Contact(contact),
        ];
        Self { before, writes, lead: leads[1].lead_id.clone() }
    }

    /// Makes one call of every kind, all at once.
    pub(crate) async fn every_call(&self, replica: &Replica) -> Vec<Seen> {
        let target = Target { router: replica.channel.clone(), pool: replica.channel.clone() };
        let mut calls: Vec<BoxFuture<'_, (&'static str, Result<(), Status>)>> = Vec::new();
        for (what, request) in ["push", "pool", "claim", "contact"].into_iter().zip(&self.writes) {
            let target = target.clone();
            calls.push(async move { (what, target.send(request).await.map(drop)) }.boxed());
        }
        let workspace = || WORKSPACE.to_owned();
        let (pool, policy) = (replica.pool(), replica.policy());
        let (rep_id, lead_id) = ("c0".to_owned(), self.lead.clone());
        let lead = GetLeadRequest { workspace: workspace(), rep_id: rep_id.clone(), lead_id };
        let leads = ListLeadsRequest {
            workspace: workspace(),
            rep_id: rep_id.clone(),
            pool_id: "open".into(),
            page_size: 1,
            ..ListLeadsRequest::default()
        };
        let standing = GetStandingRequest { workspace: workspace(), rep_id: rep_id.clone(), lead_id: String::new() };
        let free = GetAvailabilityRequest { workspace: workspace(), rep_id, at: None };
        let (pools, active) =
            (ListPoolsRequest { workspace: workspace() }, GetPolicyRequest { workspace: workspace(), version: None });
        macro_rules! read {
            ($what:literal, $client:expr, $method:ident, $request:expr) => {{
                let mut client = $client.clone();
                let request = $request;
                calls.push(async move { ($what, client.$method(request).await.map(drop)) }.boxed());
            }};
        }
        read!("lead", pool, get_lead, lead);
        read!("leads", pool, list_leads, leads);
        read!("pools", pool, list_pools, pools);
        read!("standing", pool, get_standing, standing);
        read!("policy", policy, get_policy, active);
        read!("availability", replica.availability(), get_availability, free);
        calls.push(async { ("calendar", calendar(replica).await) }.boxed());
        calls.push(async { ("subscribe", subscribe(replica).await) }.boxed());
        let seen = calls.into_iter().map(|call| async {
            let (what, ended) = call.await;
            Seen { what, refusal: ended.err() }
        });
        join_all(seen).await
    }

    /// Waits until every call works on every replica, by itself.
    pub(crate) async fn recovers(&self, suite: &Suite) {
        let mut failed = String::new();
        let all = async {
            for replica in &suite.replicas {
                loop {
                    let mut seen = self.every_call(replica).await;
                    seen.retain(|seen| seen.refusal.is_some());
                    if seen.is_empty() {
                        break;
                    }
                    failed = format!("{seen:?}");
                }
            }
        };
        let recovered = tokio::time::timeout(PATIENCE, all).await;
        assert!(recovered.is_ok(), "not by itself: {failed}");
    }

    /// Everything that it has done by now.
    pub(crate) async fn done(self, target: &Target) -> Vec<(Request, Answer)> {
        let mut done = self.before;
        for request in self.writes {
            let answer = target.send(&request).await.expect("a healthy suite");
            done.push((request, answer));
        }
        done
    }
}

/// One message of a calendar, acknowledged.
async fn calendar(replica: &Replica) -> Result<(), Status> {
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let message = StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: 1,
        source: "calendar".into(),
        rep_id: "c0".into(),
        event_id: "probe".into(),
        revision: 1,
        change: Some(Change::Busy(BusyInterval { start: at(4_000_000_000), end: at(4_000_003_600), kind: 0 })),
    };
    let mut acknowledged =
        replica.availability().stream_availability(tokio_stream::iter([message])).await?.into_inner();
    acknowledged.message().await?.map(drop).ok_or_else(|| Status::unknown("the stream ended without a word"))
}

/// The first event.
async fn subscribe(replica: &Replica) -> Result<(), Status> {
    let request = SubscribeRequest { workspace: WORKSPACE.into(), start: Some(Start::Beginning(Beginning {})) };
    let mut events = replica.notification().subscribe(request).await?.into_inner();
    events.message().await?.map(drop).ok_or_else(|| Status::unknown("the stream ended without a word"))
}

/// What health says of a name.
async fn health(replica: &Replica, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    let answer = HealthClient::new(replica.channel.clone()).check(request).await;
    answer.expect("health answers whatever happens").into_inner().status()
}

/// Waits until every service says that it is, or is not, ready. The process itself is alive all the while.
pub(crate) async fn services_are(suite: &Suite, expected: ServingStatus) {
    for replica in &suite.replicas {
        for service in SERVICES {
            eventually!(health(replica, service).await == expected, "`{service}` is {expected:?}");
            assert_eq!(health(replica, "liveness").await, ServingStatus::Serving);
        }
    }
}

/// Every call was refused as it should be, before its deadline: past that, the code is another.
pub(crate) fn all_refused(seen: &[Seen]) {
    for seen in seen {
        let refused = seen.refusal.as_ref().is_some_and(crate::is_refused);
        assert!(refused, "{} must be refused as unavailable: {:?}", seen.what, seen.refusal);
    }
    assert!(seen.iter().all(|seen| seen.refusal.as_ref().is_some_and(|status| status.code() == Code::Unavailable)));
}
