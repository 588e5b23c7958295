//! What is held against a rep, from the missed contact and the declined offer to the suspension and its end, and what a manager
//! lifts of it: every number one below it, at it and one above, to the millisecond.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::DeclineReason;
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, DeclineOfferRequest, GetStandingRequest, GetStandingResponse, LiftPenaltyRequest,
    LiftPenaltyResponse, LiftReason, Penalty, RecordContactRequest,
};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::{Told, told};
use leadhand_proto::time::millis;
use leadhand_testkit::eventually;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};
use leadhand_tests::held::{Held, events};
use tonic::Status;

mod acceptance;
mod lift;
mod misses;
mod races;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Referrals are pushed to ana, who is asked about partners' leads; all else, and what she loses, is pooled.
fn policy(guardrails: &str) -> String {
    format!(
        "
manager: max
reps: [{{id: max}}]
teams: [{{id: inbound, reps: [{{id: ana}}, {{id: bo}}]}}]
pools: [{{id: open}}]
routes:
  - {{name: pushed, sources: [referral], rep: ana}}
  - {{name: offered, sources: [partner], rep: ana, offer: {{within: 5m}}}}
default: {{pool: open}}
quotas: {{hour: 1000, day: 2, week: 1000}}
guardrails: {guardrails}
"
    )
}

/// Replicas that look after deadlines, under this policy.
async fn start(replicas: usize, policy: &str) -> Suite {
    let suite = Suite::with_timers(replicas).await;
    apply_policy(suite.replica(0), policy).await;
    suite
}

/// Routes a lead to where its source leads; its id, and its fence if it has one.
async fn give(suite: &Suite, source: &str) -> (String, u64) {
    let answer = route(suite.replica(0), source, format!("{:032x}", rand::random::<u128>())).await.expect("a place");
    let fence = match answer.outcome {
        Some(Outcome::Assigned(to)) => to.fence,
        Some(Outcome::Offered(to)) => to.fence,
        _ => 0,
    };
    (answer.lead_id, fence)
}

async fn contact(suite: &Suite, lead: &str, fence: u64) -> Result<bool, Status> {
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("contact-{lead}"),
        rep_id: "ana".into(),
        lead_id: lead.into(),
        fence,
    };
    Ok(suite.replica(0).pool().record_contact(request).await?.into_inner().in_time)
}

/// Ana claims a new lead out of the pool, and makes contact at once.
async fn claims(suite: &Suite) -> Result<(), Told> {
    let (lead, _) = give(suite, "webinar").await;
    let claimed = claim(suite.replica(1), "ana", &lead).await.map_err(|status| told(&status))?;
    contact(suite, &lead, claimed.fence).await.expect("her lead");
    Ok(())
}

/// The reason and the milliseconds after which a refusal says to try again.
async fn refused(suite: &Suite) -> (String, i64) {
    let told = claims(suite).await.expect_err("refused");
    (told.reason, told.retry_after.expect("a moment").as_millis().try_into().expect("within reason"))
}

async fn accepts(suite: &Suite) {
    let (lead, fence) = give(suite, "partner").await;
    let request = AcceptOfferRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("accept-{lead}"),
        rep_id: "ana".into(),
        lead_id: lead.clone(),
        fence,
    };
    suite.replica(0).pool().accept_offer(request).await.expect("accepted");
    contact(suite, &lead, fence).await.expect("her lead");
}

async fn declines(suite: &Suite) {
    let (lead, fence) = give(suite, "partner").await;
    let request = DeclineOfferRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("no-{lead}"),
        rep_id: "ana".into(),
        lead_id: lead,
        fence,
        reason: DeclineReason::Busy.into(),
    };
    suite.replica(0).pool().decline_offer(request).await.expect("declined");
}

async fn standing(suite: &Suite) -> GetStandingResponse {
    let request = GetStandingRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), lead_id: String::new() };
    suite.replica(0).pool().get_standing(request).await.expect("a standing").into_inner()
}

/// How many claims a day ana may make.
async fn daily(suite: &Suite) -> u32 {
    standing(suite).await.quotas[1].limit
}

async fn suspended_until(suite: &Suite) -> Option<i64> {
    standing(suite).await.suspended_until.map(|at| millis(&at).expect("a moment").0)
}

/// A rule that makes [`lift`] do without the same words each time.
async fn lift(suite: &Suite, by: &str, penalty: Penalty, lead: &str) -> Result<LiftPenaltyResponse, String> {
    let request = LiftPenaltyRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("{:032x}", rand::random::<u128>()),
        manager_id: by.into(),
        rep_id: "ana".into(),
        penalty: penalty.into(),
        lead_id: lead.into(),
        reason: LiftReason::SystemFault.into(),
    };
    let answer = suite.replica(0).pool().lift_penalty(request).await;
    answer.map(|lifted| lifted.into_inner()).map_err(|status| told(&status).reason)
}

async fn count(suite: &Suite, of: fn(&Kind) -> bool) -> usize {
    events(&suite.redis).await.iter().filter_map(|event| event.kind.as_ref()).filter(|kind| of(kind)).count()
}

fn missed(kind: &Kind) -> bool {
    matches!(kind, Kind::ContactMissed(_))
}

fn begun(kind: &Kind) -> bool {
    matches!(kind, Kind::RepSuspended(_))
}

fn ended(kind: &Kind) -> bool {
    matches!(kind, Kind::SuspensionEnded(_))
}

/// Ana is pushed a lead and lets its two hours pass; the lead.
async fn misses(suite: &Suite) -> String {
    let before = count(suite, missed).await;
    let (lead, _) = give(suite, "referral").await;
    suite.clock.advance(2 * HOUR);
    eventually!(count(suite, missed).await == before + 1);
    lead
}

async fn assert_sound(suite: &Suite) {
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}
