//! What pull is guarded by, through gRPC, on the manual clock: each number at its edges, one below, at and one above it, one
//! millisecond before, at and after it.

use leadhand_proto::lead::v1::{Company, Lead, ReleaseReason};
use leadhand_proto::pool::v1::{
    ClaimNextRequest, ClaimNextResponse, GetStandingRequest, GetStandingResponse, RecordContactRequest,
    ReleaseLeadRequest, ReleaseLeadResponse,
};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::status::told;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, claim, patiently};
use tonic::Status;

mod claims;
mod queue;
mod ratios;
mod release;
mod unclaimed;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// Quotas so wide that they stand in nobody's way.
pub(crate) const WIDE: &str = "quotas: {hour: 1000, day: 1000, week: 1000}";

/// A lead as it is handed in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Raw<'a> {
    pub(crate) score: Option<i32>,
    pub(crate) country: &'a str,
}

/// Routes a lead, which every policy of these tests puts into a pool by its source.
pub(crate) async fn pooled(suite: &Suite, source: &str, raw: Raw<'_>) -> String {
    let company = Company { country: raw.country.into(), ..Company::default() };
    let request = RouteLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        lead: Some(Lead { source: source.into(), score: raw.score, company: Some(company), ..Lead::default() }),
    };
    suite.replica(0).router().route_lead(patiently(request)).await.expect("routed").into_inner().lead_id
}

pub(crate) async fn next(suite: &Suite, rep: &str, pool: &str) -> Result<ClaimNextResponse, Status> {
    let (rep_id, pool_id) = (rep.into(), pool.into());
    let request = ClaimNextRequest { workspace: WORKSPACE.into(), request_id: unique(), rep_id, pool_id };
    Ok(suite.replica(0).pool().claim_next(patiently(request)).await?.into_inner())
}

pub(crate) async fn contact(suite: &Suite, rep: &str, lead: &str, fence: u64) {
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
    };
    suite.replica(0).pool().record_contact(request).await.expect("a contact");
}

pub(crate) async fn release(suite: &Suite, rep: &str, lead: &str, fence: u64) -> Result<ReleaseLeadResponse, Status> {
    let request = ReleaseLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
        reason: ReleaseReason::Busy.into(),
    };
    Ok(suite.replica(0).pool().release_lead(request).await?.into_inner())
}

pub(crate) async fn standing(suite: &Suite, rep: &str, lead: &str) -> GetStandingResponse {
    let request = GetStandingRequest { workspace: WORKSPACE.into(), rep_id: rep.into(), lead_id: lead.into() };
    suite.replica(0).pool().get_standing(request).await.expect("a standing").into_inner()
}

/// What a claim is told, and that the standing told it beforehand: nothing when it is granted, else every reason, the first
/// one first, with when to come back in milliseconds.
pub(crate) async fn claimed(suite: &Suite, rep: &str, lead: &str) -> (Vec<String>, Option<u64>) {
    let before = standing(suite, rep, lead).await;
    let blocks: Vec<_> = before.blocks.iter().map(|block| block.reason.clone()).collect();
    let answer = claim(suite.replica(0), rep, lead).await;
    let reasons = answer.as_ref().err().map(reasons).unwrap_or_default();
    let (mut foreseen, mut met) = (blocks, reasons.clone());
    foreseen.dedup();
    met.dedup();
    assert_eq!(foreseen, met, "GetStanding told what the claim was told");
    (reasons, answer.err().and_then(|status| told(&status).retry_after).map(|after| after.as_millis() as u64))
}

/// Every reason of a refusal.
pub(crate) fn reasons(status: &Status) -> Vec<String> {
    let told = told(status);
    let also = told.metadata.get("also").map(String::as_str).unwrap_or_default();
    std::iter::once(told.reason.as_str())
        .chain(also.split(',').filter(|also| !also.is_empty()))
        .map(str::to_owned)
        .collect()
}

pub(crate) fn unique() -> String {
    format!("{:032x}", rand::random::<u128>())
}
