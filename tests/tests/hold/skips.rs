//! What is skipped is counted, and a claim is owed in the end.

use leadhand_tests::Suite;
use leadhand_tests::call::claim;

use crate::choosing::{HOLD, at, fill, list, policy, refused, skip, standing, view};

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_skips_a_claim_is_owed_before_the_next_detail() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy("", ", guardrails: {skips: 10}"), 14).await;
    for (n, lead) in leads[..10].iter().enumerate() {
        assert_eq!(standing(suite.replica(n), "ana").await.skips_left, Some(10 - n as u32));
        // Every other one is not even looked at.
        if n % 2 == 0 || n == 9 {
            view(suite.replica(n), "ana", lead).await.expect("a detail");
        }
        skip(suite.replica(n + 1), "ana", lead).await.expect("skipped");
    }
    assert_eq!(refused(view(suite.replica(0), "ana", &leads[10]).await), ("CLAIM_OWED".into(), None));
    view(suite.replica(0), "bo", &leads[10]).await.expect("the debt is ana's");
    skip(suite.replica(0), "ana", &leads[11]).await.expect("one more is skipped");
    assert_eq!(standing(suite.replica(0), "ana").await.skips_left, Some(0));
    assert_eq!(refused(view(suite.replica(1), "ana", &leads[12]).await).0, "CLAIM_OWED");
    list(suite.replica(1), "ana").await.expect("browsing is free");
    claim(suite.replica(1), "ana", &leads[12]).await.expect("that pays");
    assert_eq!(standing(suite.replica(0), "ana").await.skips_left, Some(10));
    view(suite.replica(0), "ana", &leads[13]).await.expect("a detail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_passes_is_a_skip_and_a_lead_is_skipped_once() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ", guardrails: {skips: 3}"), 4).await;
    let replica = suite.replica(0);
    at(&suite, 1_000);
    view(replica, "ana", &leads[0]).await.expect("a detail");
    at(&suite, 1_000 + HOLD - 1);
    assert_eq!(standing(replica, "ana").await.skips_left, Some(3));
    at(&suite, 1_000 + HOLD);
    assert_eq!(standing(replica, "ana").await.skips_left, Some(2));
    let late = skip(replica, "ana", &leads[0]).await.expect("an answer");
    assert_eq!((late.position.as_str(), standing(replica, "ana").await.skips_left), ("", Some(2)), "it did already");
    skip(replica, "ana", &leads[1]).await.expect("skipped");
    skip(replica, "ana", &leads[1]).await.expect("a double click");
    assert_eq!(standing(replica, "ana").await.skips_left, Some(1));
}

/// A debt locks nobody out when nothing could pay it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_owed_while_nothing_can_be_claimed() {
    let suite = Suite::start(1).await;
    let rest = ", quotas: {hour: 1}, guardrails: {skips: 1}";
    let leads = fill(&suite, &policy("", rest), 5).await;
    let replica = suite.replica(0);
    claim(replica, "ana", &leads[0]).await.expect("the one of the hour");
    skip(replica, "ana", &leads[1]).await.expect("skipped");
    view(replica, "ana", &leads[2]).await.expect("the quota is used up: no claim could pay");
    skip(replica, "ana", &leads[2]).await.expect("skipped");
    suite.clock.advance(3_600_000);
    assert_eq!(refused(view(replica, "ana", &leads[3]).await).0, "CLAIM_OWED");
    // All are looked at by others, but for those that are gone.
    for (rep, lead) in [("bo", &leads[1]), ("cy", &leads[2])] {
        view(replica, rep, lead).await.expect("a detail");
    }
    for (rep, lead) in [("bo", &leads[1]), ("cy", &leads[2])] {
        claim(replica, rep, lead).await.expect("claimed");
    }
    view(replica, "bo", &leads[4]).await.expect("a detail");
    assert_eq!(refused(view(replica, "ana", &leads[3]).await).0, "CLAIM_OWED", "this one would pay");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_queue_only_the_first_is_seen_and_nothing_is_skipped() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy(", kind: queue", ""), 40).await;
    let replica = suite.replica(0);
    assert_eq!(refused(view(replica, "ana", &leads[1]).await), ("NOT_FIRST".into(), None));
    view(replica, "ana", &leads[0]).await.expect("the first");
    assert_eq!(refused(skip(replica, "ana", &leads[0]).await), ("SKIP_NOT_ALLOWED".into(), None));
    assert_eq!(refused(view(replica, "bo", &leads[2]).await).0, "NOT_FIRST");
    view(suite.replica(1), "bo", &leads[1]).await.expect("the first that is free");
    claim(replica, "ana", &leads[0]).await.expect("claimed");
    claim(replica, "bo", &leads[1]).await.expect("claimed");
    view(suite.replica(1), "cy", &leads[2]).await.expect("the first now");
}
