//! Queues, and claims of whatever is next.

use std::collections::BTreeSet;
use std::sync::Arc;

use leadhand_tests::Suite;
use leadhand_tests::call::apply_policy;
use leadhand_tests::held::Held;

use crate::{MINUTE, Raw, WIDE, claimed, next, pooled, reasons};

fn policy(guardrails: &str) -> String {
    format!(
        "
teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}, {{id: cy}}]}}]
pools: [{{id: line, kind: queue}}, {{id: open}}]
routes: [{{name: line, sources: [webinar], pool: line}}]
default: {{pool: open}}
guardrails: {{{guardrails}}}
{WIDE}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_queue_only_the_first_lead_can_be_claimed() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("hoarding: 1000")).await;
    let mut line = Vec::new();
    for _ in 0..3 {
        line.push(pooled(&suite, "webinar", Raw::default()).await);
        suite.clock.advance(1);
    }
    let not_first = (vec!["NOT_FIRST".to_owned()], None);
    assert_eq!(claimed(&suite, "ana", &line[1]).await, not_first);
    assert_eq!(claimed(&suite, "ana", &line[2]).await, not_first);
    assert_eq!(claimed(&suite, "ana", &line[0]).await, (vec![], None));
    assert_eq!(claimed(&suite, "bo", &line[2]).await, not_first);
    assert_eq!(claimed(&suite, "bo", &line[1]).await, (vec![], None));
    assert_eq!(next(&suite, "cy", "line").await.expect("the last").lead_id, line[2]);
    let nothing = next(&suite, "cy", "line").await.expect_err("nothing left");
    assert_eq!(reasons(&nothing), ["NOTHING_CLAIMABLE"]);
}

/// What is first is what this rep may claim: in a queue, leads that are not the rep's are no obstacle.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_a_queue_is_the_first_that_the_rep_may_claim() {
    let suite = Suite::start(1).await;
    let document = policy("territory_only: true, hoarding: 1000").replace(
        "default:",
        "territories: [{id: us, countries: [US], pool: line, teams: [t]}, {id: de, countries: [DE], pool: line}]\ndefault:",
    );
    apply_policy(suite.replica(0), &document).await;
    let first = pooled(&suite, "other", Raw { country: "DE", ..Raw::default() }).await;
    suite.clock.advance(1);
    let second = pooled(&suite, "other", Raw { country: "US", ..Raw::default() }).await;
    suite.clock.advance(1);
    let third = pooled(&suite, "other", Raw { country: "US", ..Raw::default() }).await;
    assert_eq!(claimed(&suite, "ana", &first).await.0, ["CROSS_TERRITORY", "NOT_FIRST"]);
    assert_eq!(claimed(&suite, "ana", &third).await.0, ["NOT_FIRST"]);
    assert_eq!(claimed(&suite, "ana", &second).await, (vec![], None));
    assert_eq!(next(&suite, "ana", "line").await.expect("the third").lead_id, third);
    assert_eq!(reasons(&next(&suite, "ana", "line").await.expect_err("one of no territory")), ["NOTHING_CLAIMABLE"]);
}

/// Everybody at once asks for whatever is next: no lead twice, none left, and the longest waiting went first.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_next_is_handed_out_once() {
    const LEADS: usize = 60;
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), &policy("hoarding: 1000")).await;
    let mut line = Vec::new();
    for _ in 0..LEADS {
        line.push(pooled(&suite, "webinar", Raw::default()).await);
        suite.clock.advance(1);
    }
    let reps = ["ana", "bo", "cy"].into_iter().enumerate().map(|(n, rep)| {
        let suite = suite.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                match next(&suite, rep, ["line", ""][taken.len() % 2]).await {
                    Ok(claimed) => taken.push(claimed.lead_id),
                    Err(status) if reasons(&status) == ["CONTENTION"] => {}
                    Err(status) => {
                        assert_eq!(reasons(&status), ["NOTHING_CLAIMABLE"], "{n}");
                        return taken;
                    }
                }
            }
        })
    });
    let mut taken = Vec::new();
    for rep in reps.collect::<Vec<_>>() {
        taken.extend(rep.await.expect("no panic"));
    }
    assert_eq!(taken.len(), LEADS);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), line.into_iter().collect());
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// Without a pool it is the first pool, in the policy's order, that has a lead for the rep.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_pool_the_first_pool_with_a_lead_is_taken_from() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), &policy("hoarding: 1000")).await;
    let open = pooled(&suite, "other", Raw::default()).await;
    suite.clock.advance(MINUTE);
    let line = pooled(&suite, "webinar", Raw::default()).await;
    assert_eq!(next(&suite, "ana", "").await.expect("of the queue").lead_id, line);
    assert_eq!(next(&suite, "ana", "").await.expect("of the other").lead_id, open);
    assert_eq!(reasons(&next(&suite, "ana", "no-such-pool").await.expect_err("no pool")), ["POOL_UNKNOWN"]);
    assert_eq!(reasons(&next(&suite, "ana", "").await.expect_err("nothing")), ["NOTHING_CLAIMABLE"]);
}
