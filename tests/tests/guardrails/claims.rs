//! Hoarding, territory, pauses and quotas: what keeps a rep from any lead, or from this one, in a pool that is browsed.

use leadhand_tests::Suite;
use leadhand_tests::call::{apply_policy, claim};

use crate::{HOUR, MINUTE, Raw, WIDE, claimed, contact, next, pooled, reasons, standing};

/// The tenth claimed lead without contact is the last one, whatever else was pushed to the rep.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_ten_claimed_leads_without_contact_claims_no_more() {
    let suite = Suite::start(1).await;
    let document = format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}]}}], pools: [{{id: open}}], \
         routes: [{{name: push, sources: [demo_request], rotate: t}}], default: {{pool: open}}, {WIDE}}}"
    );
    apply_policy(suite.replica(0), &document).await;
    for _ in 0..12 {
        pooled(&suite, "demo_request", Raw::default()).await;
    }
    let mut mine = Vec::new();
    for n in 0..10 {
        assert_eq!(standing(&suite, "ana", "").await.claimed_uncontacted, n);
        let lead = pooled(&suite, "webinar", Raw::default()).await;
        mine.push(claim(suite.replica(0), "ana", &lead).await.expect("below the limit"));
    }
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    assert_eq!(claimed(&suite, "ana", &lead).await, (vec!["TOO_MANY_UNCONTACTED".to_owned()], None));
    let told = standing(&suite, "ana", "").await;
    assert_eq!((told.claimed_uncontacted, told.claimed_uncontacted_limit, told.uncontacted), (10, Some(10), 22));
    assert_eq!(told.blocks.len(), 1);
    contact(&suite, "ana", &mine[0].lead_id, mine[0].fence).await;
    assert_eq!(claimed(&suite, "ana", &lead).await, (vec![], None));
    let next = pooled(&suite, "webinar", Raw::default()).await;
    assert_eq!(claimed(&suite, "ana", &next).await.0, ["TOO_MANY_UNCONTACTED"], "as many as before");
}

/// Two devices of one rep at once cannot pass the limit together: the commit bounds it.
#[tokio::test(flavor = "multi_thread")]
async fn two_devices_do_not_hoard_more_than_one() {
    let suite = std::sync::Arc::new(Suite::start(2).await);
    let document = format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}]}}], pools: [{{id: open}}], default: {{pool: open}}, \
         guardrails: {{hoarding: 5}}, {WIDE}}}"
    );
    apply_policy(suite.replica(0), &document).await;
    let mut leads = Vec::new();
    for _ in 0..20 {
        leads.push(pooled(&suite, "webinar", Raw::default()).await);
    }
    let claims = leads.into_iter().enumerate().map(|(n, lead)| {
        let suite = suite.clone();
        tokio::spawn(async move { claim(suite.replica(n), "ana", &lead).await.is_ok() })
    });
    let mut granted = 0;
    for claim in claims.collect::<Vec<_>>() {
        granted += u32::from(claim.await.expect("no panic"));
    }
    assert!(granted <= 5, "{granted} of at most 5");
    assert_eq!(standing(&suite, "ana", "").await.claimed_uncontacted, granted);
}

/// A rep's own territories are those whose actions name the rep or a team of the rep's, and those that are said to be such a
/// team's.
#[tokio::test(flavor = "multi_thread")]
async fn with_territory_only_a_rep_claims_in_the_reps_own_territories() {
    let suite = Suite::start(1).await;
    let document = format!(
        "
teams: [{{id: west, reps: [{{id: ana}}]}}, {{id: east, reps: [{{id: bo}}]}}]
pools: [{{id: open}}, {{id: de}}]
territories:
  - {{id: us, countries: [US], pool: open, teams: [west]}}
  - {{id: germany, countries: [DE], pool: de, teams: [east]}}
  - {{id: emea, groups: [EMEA], rotate: west}}
default: {{pool: open}}
guardrails: {{territory_only: true}}
{WIDE}
"
    );
    apply_policy(suite.replica(0), &document).await;
    let us = pooled(&suite, "webinar", Raw { country: "US", ..Raw::default() }).await;
    let de = pooled(&suite, "webinar", Raw { country: "DE", ..Raw::default() }).await;
    let unknown = pooled(&suite, "webinar", Raw::default()).await;
    let cross = (vec!["CROSS_TERRITORY".to_owned()], None);
    assert_eq!(claimed(&suite, "bo", &us).await, cross);
    for rep in ["ana", "bo"] {
        assert_eq!(claimed(&suite, rep, &unknown).await, cross, "no territory asks for nothing");
    }
    assert_eq!(claimed(&suite, "ana", &us).await, (vec![], None));
    // EMEA matches it too, though Germany is what it falls into.
    assert_eq!(claimed(&suite, "ana", &de).await, (vec![], None));
    let another = pooled(&suite, "webinar", Raw { country: "DE", ..Raw::default() }).await;
    assert_eq!(claimed(&suite, "bo", &another).await, (vec![], None));
}

/// A refusal names every rule that failed, and a repeated claim counts as many as were made.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_every_rule_that_failed() {
    let suite = Suite::start(1).await;
    let document = "{teams: [{id: t, reps: [{id: ana}]}], pools: [{id: open}], default: {pool: open}, \
                    guardrails: {hoarding: 2, territory_only: true}, quotas: {hour: 1}}";
    let open = document.replace(", territory_only: true", "");
    apply_policy(suite.replica(0), &open.replace("hour: 1", "hour: 2")).await;
    for _ in 0..2 {
        let lead = pooled(&suite, "webinar", Raw::default()).await;
        assert_eq!(claimed(&suite, "ana", &lead).await, (vec![], None));
    }
    apply_policy(suite.replica(0), document).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    let all = ["TOO_MANY_UNCONTACTED", "QUOTA_EXHAUSTED", "CROSS_TERRITORY"];
    assert_eq!(claimed(&suite, "ana", &lead).await.0, all);
    suite.clock.advance(HOUR);
    assert_eq!(claimed(&suite, "ana", &lead).await.0, ["TOO_MANY_UNCONTACTED", "CROSS_TERRITORY"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_opens_to_each_tier_in_its_time() {
    let suite = Suite::start(1).await;
    let document = format!(
        "{{reps: [{{id: bo, tier: 2}}, {{id: cy, tier: 3}}], teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}, {{id: cy}}]}}], \
         pools: [{{id: open}}], default: {{pool: open}}, {WIDE}}}"
    );
    apply_policy(suite.replica(0), &document).await;
    let closed = |left: i64| (vec!["TIER_NOT_OPEN".to_owned()], Some(left as u64));
    let mut leads = Vec::new();
    for _ in 0..3 {
        leads.push(pooled(&suite, "webinar", Raw::default()).await);
    }
    assert_eq!(claimed(&suite, "ana", &leads[0]).await, (vec![], None));
    assert_eq!(claimed(&suite, "bo", &leads[1]).await, closed(15 * MINUTE));
    assert_eq!(claimed(&suite, "cy", &leads[2]).await, closed(HOUR));
    assert_eq!(reasons(&next(&suite, "bo", "open").await.expect_err("not yet")), ["NOTHING_CLAIMABLE"]);
    suite.clock.advance(15 * MINUTE - 1);
    assert_eq!(claimed(&suite, "bo", &leads[1]).await, closed(1));
    suite.clock.advance(1);
    assert_eq!(claimed(&suite, "bo", &leads[1]).await, (vec![], None));
    suite.clock.advance(45 * MINUTE - 1);
    assert_eq!(claimed(&suite, "cy", &leads[2]).await, closed(1));
    suite.clock.advance(1);
    assert_eq!(claimed(&suite, "cy", &leads[2]).await, (vec![], None));
    let told = standing(&suite, "cy", "").await;
    assert_eq!((told.tier, told.opens_after_ms), (3, Some(HOUR)));
    apply_policy(suite.replica(0), &document.replace(WIDE, "guardrails: {tiers: {third_after: never}}")).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    suite.clock.advance(1_000 * HOUR);
    assert_eq!(claimed(&suite, "cy", &lead).await, (vec!["TIER_NOT_OPEN".to_owned()], None));
}
