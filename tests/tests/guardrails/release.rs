//! Giving leads back, losing them for doing nothing, and not having them again for a while.

use leadhand_proto::event::v1::{Cause, event::Kind};
use leadhand_proto::lead::v1::ReleaseReason;
use leadhand_testkit::eventually;
use leadhand_tests::Suite;
use leadhand_tests::call::{apply_policy, claim};
use leadhand_tests::held::{ASSIGNED, Held, POOLED, events};

use crate::{HOUR, MINUTE, Raw, WIDE, claimed, contact, pooled, reasons, release, standing};

fn policy(guardrails: &str) -> String {
    format!(
        "
reps: [{{id: max}}]
teams: [{{id: t, manager: max, reps: [{{id: ana}}, {{id: bo}}, {{id: cy}}]}}]
pools: [{{id: open}}]
default: {{pool: open}}
guardrails: {{{guardrails}}}
{WIDE}
"
    )
}

async fn place(suite: &Suite, lead: &str) -> u32 {
    Held::read(&suite.redis).await.leads[lead].place
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_claimed_is_kept_unless_the_policy_allows_releases() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("")).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    let mine = claim(suite.replica(0), "ana", &lead).await.expect("mine");
    let refused = release(&suite, "ana", &lead, mine.fence).await.expect_err("no take-backs");
    assert_eq!(reasons(&refused), ["NOT_RELEASABLE"]);
    assert_eq!(place(&suite, &lead).await, ASSIGNED);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_a_lead_back_cannot_claim_it_for_a_day_and_gets_no_quota_back() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("release: true")).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    let mine = claim(suite.replica(0), "ana", &lead).await.expect("mine");
    assert_eq!(reasons(&release(&suite, "bo", &lead, mine.fence).await.expect_err("not bo's")), ["NOT_OWNER"]);
    assert_eq!(reasons(&release(&suite, "ana", &lead, mine.fence + 1).await.expect_err("stale")), ["FENCE_STALE"]);
    release(&suite, "ana", &lead, mine.fence).await.expect("given back");
    assert_eq!(reasons(&release(&suite, "ana", &lead, mine.fence).await.expect_err("nobody's")), ["NOT_OWNER"]);
    assert_eq!(place(&suite, &lead).await, POOLED);
    let told = standing(&suite, "ana", "").await;
    assert_eq!((told.claimed_uncontacted, told.open, told.quotas[0].used), (0, 0, 1), "the claim was made");
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
    let lately = |until: i64| (vec!["HAD_LATELY".to_owned()], Some(until as u64));
    assert_eq!(claimed(&suite, "ana", &lead).await, lately(24 * HOUR));
    suite.clock.advance(24 * HOUR - 1);
    assert_eq!(claimed(&suite, "ana", &lead).await, lately(1));
    suite.clock.advance(1);
    assert_eq!(claimed(&suite, "ana", &lead).await, (vec![], None));
    let told: Vec<_> = events(&suite.redis).await.into_iter().filter_map(|event| event.kind).collect();
    assert!(told.iter().any(|kind| matches!(kind, Kind::LeadReleased(it)
        if it.rep_id == "ana" && it.fence == mine.fence && it.reason() == ReleaseReason::Busy)));
    assert!(told.iter().any(|kind| matches!(kind, Kind::LeadPooled(it) if it.cause() == Cause::Released)));
}

/// Claiming and giving back again and again to keep others from a lead ends with the manager at the third time.
#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_given_back_three_times_goes_to_the_manager() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("release: true")).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    for rep in ["ana", "bo", "cy"] {
        let mine = claim(suite.replica(0), rep, &lead).await.expect("free");
        release(&suite, rep, &lead, mine.fence).await.expect("given back");
    }
    let held = Held::read(&suite.redis).await;
    assert_eq!((held.leads[&lead].place, held.leads[&lead].owner.as_str()), (ASSIGNED, "max"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_any_action_is_undone_after_fifteen_minutes() {
    let suite = Suite::with_timers(1).await;
    apply_policy(suite.replica(0), &policy("action_within: 15m")).await;
    let (worked, left) =
        (pooled(&suite, "webinar", Raw::default()).await, pooled(&suite, "webinar", Raw::default()).await);
    for lead in [&worked, &left] {
        claim(suite.replica(0), "ana", lead).await.expect("free");
    }
    suite.clock.advance(15 * MINUTE - 1);
    contact(&suite, "ana", &worked, 1).await;
    // A timer that is looked at before its moment does nothing: both are still there when a later one has fired.
    assert_eq!(place(&suite, &left).await, ASSIGNED);
    suite.clock.advance(1);
    eventually!(place(&suite, &left).await == POOLED);
    assert_eq!(place(&suite, &worked).await, ASSIGNED);
    assert_eq!(claimed(&suite, "ana", &left).await.0, ["HAD_LATELY"], "it counts as given back");
    let kinds = events(&suite.redis).await.into_iter().filter_map(|event| event.kind);
    let undone: Vec<_> = kinds.filter(|kind| matches!(kind, Kind::LeadReleased(_))).collect();
    let [Kind::LeadReleased(it)] = &undone[..] else { panic!("{undone:?}") };
    assert_eq!((it.lead_id.as_str(), it.reason()), (left.as_str(), ReleaseReason::NotActedOn));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// A missed contact is remembered as a release is.
#[tokio::test(flavor = "multi_thread")]
async fn who_missed_the_contact_cannot_claim_the_lead_for_a_day() {
    let suite = Suite::with_timers(1).await;
    apply_policy(suite.replica(0), &policy("")).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    claim(suite.replica(0), "ana", &lead).await.expect("free");
    suite.clock.advance(2 * HOUR);
    eventually!(place(&suite, &lead).await == POOLED);
    assert_eq!(claimed(&suite, "ana", &lead).await, (vec!["HAD_LATELY".to_owned()], Some(24 * HOUR as u64)));
    assert_eq!(claimed(&suite, "bo", &lead).await, (vec![], None));
}
