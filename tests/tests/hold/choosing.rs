//! What reps do while they choose, with what does not matter filled in.

use std::time::Duration;

use leadhand_proto::lead::v1::LeadSkipReason;
use leadhand_proto::pool::v1::{
    GetStandingRequest, GetStandingResponse, ListLeadsRequest, ListLeadsResponse, SkipLeadRequest, SkipLeadResponse,
    ViewLeadRequest, ViewLeadResponse,
};
use leadhand_proto::status::told;
use leadhand_proto::time::millis;
use leadhand_tests::call::{WORKSPACE, apply_policy, patiently, route};
use leadhand_tests::{Replica, START, Suite};
use prost_types::Timestamp;
use tonic::Status;

pub(crate) const WINDOW: i64 = 60_000;
pub(crate) const HOLD: i64 = 180_000;
pub(crate) const WAIT: i64 = 30_000;
pub(crate) const AGAIN: i64 = 600_000;

/// A policy with one pool, what it says of it, and what else it says.
pub(crate) fn policy(pool: &str, rest: &str) -> String {
    format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}, {{id: cy}}]}}], pools: [{{id: open{pool}}}], \
         default: {{pool: open}}{rest}}}"
    )
}

/// Prepares a suite under a policy with so many leads in its pool.
pub(crate) async fn fill(suite: &Suite, policy: &str, leads: usize) -> Vec<String> {
    apply_policy(suite.replica(0), policy).await;
    let mut ids = Vec::new();
    for n in 0..leads {
        ids.push(route(suite.replica(n), "webinar", format!("lead-{n}")).await.expect("pooled").lead_id);
        // The pool's order is by the moment.
        suite.clock.advance(1);
    }
    ids
}

fn unique() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(crate) async fn list(replica: &Replica, rep: &str) -> Result<ListLeadsResponse, Status> {
    let request = ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: rep.into(),
        pool_id: "open".into(),
        ..ListLeadsRequest::default()
    };
    Ok(replica.pool().list_leads(patiently(request)).await?.into_inner())
}

pub(crate) async fn view_as(replica: &Replica, rep: &str, lead: &str, id: String) -> Result<ViewLeadResponse, Status> {
    let request =
        ViewLeadRequest { workspace: WORKSPACE.into(), request_id: id, rep_id: rep.into(), lead_id: lead.into() };
    Ok(replica.pool().view_lead(patiently(request)).await?.into_inner())
}

pub(crate) async fn view(replica: &Replica, rep: &str, lead: &str) -> Result<ViewLeadResponse, Status> {
    view_as(replica, rep, lead, unique()).await
}

pub(crate) async fn skip(replica: &Replica, rep: &str, lead: &str) -> Result<SkipLeadResponse, Status> {
    let request = SkipLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        reason: LeadSkipReason::PoorFit.into(),
    };
    Ok(replica.pool().skip_lead(patiently(request)).await?.into_inner())
}

pub(crate) async fn standing(replica: &Replica, rep: &str) -> GetStandingResponse {
    let request = GetStandingRequest { workspace: WORKSPACE.into(), rep_id: rep.into(), lead_id: String::new() };
    replica.pool().get_standing(patiently(request)).await.expect("how the rep stands").into_inner()
}

/// Why not, and how many milliseconds later it may go.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (String, Option<i64>) {
    let told = told(&result.expect_err("a refusal"));
    (told.reason, told.retry_after.map(|after: Duration| after.as_millis() as i64))
}

/// The same, for a reason with a moment.
pub(crate) fn until(reason: &str, after: i64) -> (String, Option<i64>) {
    (reason.to_owned(), Some(after))
}

/// Moves the clock to so long after its start.
pub(crate) fn at(suite: &Suite, since_start: i64) {
    let step = START + since_start - suite.clock.now_ms();
    assert!(step >= 0, "time does not go back");
    suite.clock.advance(step);
}

/// How long after the clock's start.
pub(crate) fn since_start(at: &Option<Timestamp>) -> Option<i64> {
    at.as_ref().map(|at| millis(at).expect("a moment").0 - START)
}
