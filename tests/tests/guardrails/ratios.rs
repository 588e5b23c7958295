//! What a rep's claims must be a mix of: a debt blocks what would deepen it, while something claimable would pay it.

use leadhand_tests::Suite;
use leadhand_tests::call::apply_policy;

use crate::{HOUR, Raw, WIDE, claimed, next, pooled, reasons, standing};

fn policy(guardrails: &str) -> String {
    format!(
        "
teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}]}}]
pools: [{{id: open}}, {{id: other}}]
routes: [{{name: other, sources: [referral], pool: other}}]
default: {{pool: open}}
priority: {{low: 'lead.source == \"list\"'}}
guardrails: {{hoarding: 1000, {guardrails}}}
{WIDE}
"
    )
}

async fn scored(suite: &Suite, source: &str, score: i32) -> String {
    let lead = pooled(suite, source, Raw { score: Some(score), ..Raw::default() }).await;
    suite.clock.advance(1);
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_hot_claims_a_warm_one_is_owed_while_there_is_one() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("ratios: {hot_to_warm: '2:1'}")).await;
    let owed = vec!["WARM_OWED".to_owned()];
    for _ in 0..2 {
        let hot = scored(&suite, "webinar", 80).await;
        assert_eq!(claimed(&suite, "ana", &hot).await, (vec![], None));
    }
    let hot = scored(&suite, "webinar", 80).await;
    assert_eq!(standing(&suite, "ana", "").await.debts[0].reason, "WARM_OWED");
    // 49 and 80 would not pay it; 50 and 79 do, in whichever pool.
    let cold = scored(&suite, "webinar", 49).await;
    let warm = scored(&suite, "referral", 79).await;
    assert_eq!(claimed(&suite, "ana", &hot).await, (owed.clone(), None));
    assert_eq!(claimed(&suite, "bo", &warm).await, (vec![], None), "another takes what would pay it");
    assert_eq!(claimed(&suite, "ana", &hot).await, (vec![], None), "nothing is left that would pay it");
    let hot = scored(&suite, "webinar", 95).await;
    let warm = scored(&suite, "webinar", 50).await;
    assert_eq!(claimed(&suite, "ana", &hot).await, (owed.clone(), None));
    assert_eq!(claimed(&suite, "ana", &cold).await, (vec![], None), "which neither pays nor deepens it");
    assert_eq!(claimed(&suite, "ana", &hot).await, (owed, None));
    assert_eq!(next(&suite, "ana", "open").await.expect("what pays it").lead_id, warm);
    assert_eq!(claimed(&suite, "ana", &hot).await, (vec![], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_any_five_claims_one_is_aged_or_of_low_priority() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("ratios: {leftover: {least: 1, of: 5}}")).await;
    let aged = scored(&suite, "webinar", 90).await;
    // A lead is aged when it has been there for longer than 24 h.
    suite.clock.advance(24 * HOUR - 1 - 4);
    for n in 0..4 {
        let fresh = scored(&suite, "webinar", 90).await;
        assert_eq!(claimed(&suite, "ana", &fresh).await, (vec![], None), "{n}");
    }
    let fresh = scored(&suite, "webinar", 90).await;
    // That lead came in 24 h and 1 ms ago by now: it is aged.
    assert_eq!(claimed(&suite, "ana", &fresh).await, (vec!["LEFTOVER_OWED".to_owned()], None));
    assert_eq!(claimed(&suite, "bo", &aged).await, (vec![], None));
    assert_eq!(claimed(&suite, "ana", &fresh).await, (vec![], None), "nothing would pay it");
    let (low, fresh) = (scored(&suite, "list", 90).await, scored(&suite, "webinar", 90).await);
    assert_eq!(claimed(&suite, "ana", &fresh).await.0, ["LEFTOVER_OWED"]);
    assert_eq!(claimed(&suite, "ana", &low).await, (vec![], None));
    for n in 0..4 {
        let fresh = scored(&suite, "webinar", 90).await;
        assert_eq!(claimed(&suite, "ana", &fresh).await, (vec![], None), "{n} after it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_last_ten_claims_three_have_a_low_score() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("ratios: {low_score: {least: 3, of: 10}}")).await;
    for n in 0..7 {
        let high = scored(&suite, "webinar", 50).await;
        assert_eq!(claimed(&suite, "ana", &high).await, (vec![], None), "{n}");
    }
    let mut high = scored(&suite, "webinar", 50).await;
    for _ in 0..3 {
        let low = scored(&suite, "webinar", 49).await;
        assert_eq!(claimed(&suite, "ana", &high).await, (vec!["LOW_SCORE_OWED".to_owned()], None));
        assert_eq!(claimed(&suite, "ana", &low).await, (vec![], None));
    }
    // One that is paid for moves on as the first of the row leaves it: seven of the ten are high again.
    for _ in 0..7 {
        assert_eq!(claimed(&suite, "ana", &high).await, (vec![], None));
        high = scored(&suite, "webinar", 50).await;
    }
    let low = scored(&suite, "webinar", 0).await;
    assert_eq!(claimed(&suite, "ana", &high).await.0, ["LOW_SCORE_OWED"]);
    assert_eq!(reasons(&next(&suite, "ana", "other").await.expect_err("an empty pool")), ["NOTHING_CLAIMABLE"]);
    assert_eq!(next(&suite, "ana", "").await.expect("what pays it").lead_id, low);
}

/// Debts that can only be paid by deepening another lock nobody out.
#[tokio::test(flavor = "multi_thread")]
async fn debts_that_block_each_other_block_nothing() {
    let suite = Suite::start(1).await;
    let both = "ratios: {leftover: {least: 1, of: 2}, low_score: {least: 1, of: 2}}";
    apply_policy(suite.replica(0), &policy(both)).await;
    let first = scored(&suite, "webinar", 90).await;
    assert_eq!(claimed(&suite, "ana", &first).await, (vec![], None));
    // One pays the one debt and deepens the other, and the other way round: the first debt stands, the other is excused.
    let (low_priority, low_score) = (scored(&suite, "list", 90).await, scored(&suite, "webinar", 10).await);
    let neither = scored(&suite, "webinar", 90).await;
    assert_eq!(standing(&suite, "ana", "").await.debts.len(), 2);
    assert_eq!(standing(&suite, "ana", &low_priority).await.blocks, []);
    assert_eq!(standing(&suite, "ana", &low_score).await.blocks[0].reason, "LEFTOVER_OWED");
    let pays_both = scored(&suite, "list", 10).await;
    assert_eq!(claimed(&suite, "ana", &neither).await.0, ["LEFTOVER_OWED", "LOW_SCORE_OWED"]);
    assert_eq!(claimed(&suite, "ana", &pays_both).await, (vec![], None));
}

/// What pays comes behind more leads than are looked at first: in a pool, in a queue, and by whichever call.
#[tokio::test(flavor = "multi_thread")]
async fn what_pays_a_debt_is_found_behind_many_that_deepen_it() {
    for kind in ["pool", "queue"] {
        let suite = Suite::start(1).await;
        let document =
            policy("ratios: {hot_to_warm: '1:1'}").replace("{id: open}", &format!("{{id: open, kind: {kind}}}"));
        apply_policy(suite.replica(0), &document).await;
        let mut hot = Vec::new();
        for _ in 0..20 {
            hot.push(scored(&suite, "webinar", 90).await);
        }
        let (warm, last) = (scored(&suite, "webinar", 60).await, scored(&suite, "webinar", 60).await);
        assert_eq!(next(&suite, "ana", "open").await.expect("the first").lead_id, hot[0]);
        assert_eq!(next(&suite, "ana", "open").await.expect("what pays it").lead_id, warm);
        assert_eq!(next(&suite, "ana", "").await.expect("the first").lead_id, hot[1]);
        assert!(claimed(&suite, "ana", &hot[2]).await.0.contains(&"WARM_OWED".to_owned()));
        assert_eq!(claimed(&suite, "ana", &last).await, (vec![], None), "what pays it, in a {kind}");
        assert_eq!(claimed(&suite, "ana", &hot[2]).await, (vec![], None));
        assert_eq!(claimed(&suite, "ana", &hot[3]).await, (vec![], None), "nothing is left that pays it");
    }
}

/// A queue whose first lead would deepen a debt that is paid in another pool gives the next one that does not.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_a_queue_is_the_first_that_deepens_no_debt_that_stands() {
    let suite = Suite::start(1).await;
    let document = policy("ratios: {hot_to_warm: '1:1'}").replace("{id: open}", "{id: open, kind: queue}");
    apply_policy(suite.replica(0), &document).await;
    let (taken, hot) = (scored(&suite, "webinar", 90).await, scored(&suite, "webinar", 90).await);
    let (cold, warm) = (scored(&suite, "webinar", 10).await, scored(&suite, "referral", 60).await);
    assert_eq!(claimed(&suite, "ana", &taken).await, (vec![], None));
    assert_eq!(claimed(&suite, "ana", &hot).await.0, ["NOT_FIRST", "WARM_OWED"]);
    assert_eq!(claimed(&suite, "bo", &cold).await.0, ["NOT_FIRST"], "who owes nothing takes the first");
    assert_eq!(claimed(&suite, "ana", &cold).await, (vec![], None));
    assert_eq!(claimed(&suite, "ana", &warm).await, (vec![], None));
    assert_eq!(claimed(&suite, "ana", &hot).await, (vec![], None));
}
