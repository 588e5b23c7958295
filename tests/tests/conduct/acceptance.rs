//! Offers that are not accepted: C9.

use leadhand_proto::pool::v1::SuspensionCause;
use leadhand_tests::START;

use super::*;

const ASKED: &str = "{acceptance: {percent: 80, last: 5, at_least: 4}}";

/// How many of the last offers were accepted, as ana is told.
async fn told_acceptance(suite: &Suite) -> (u32, u32) {
    let told = standing(suite).await.acceptance.expect("the policy asks");
    assert_eq!((told.least_percent, told.counts_from), (80, 4));
    (told.accepted, told.offers)
}

#[tokio::test(flavor = "multi_thread")]
async fn below_eighty_percent_of_the_last_offers_claiming_is_suspended_and_the_list_begins_anew() {
    let suite = start(2, &policy(ASKED)).await;
    for _ in 0..4 {
        accepts(&suite).await;
    }
    declines(&suite).await;
    assert_eq!((told_acceptance(&suite).await, suspended_until(&suite).await), ((4, 5), None), "exactly as many");
    accepts(&suite).await;
    assert_eq!(told_acceptance(&suite).await, (4, 5), "the oldest has left the list");
    // Not answered in time is not accepted either.
    give(&suite, "partner").await;
    suite.clock.advance(5 * MINUTE - 1);
    assert_eq!(suspended_until(&suite).await, None);
    suite.clock.advance(1);
    eventually!(suspended_until(&suite).await == Some(START + 5 * MINUTE + 7 * DAY));
    let suspended = events(&suite.redis).await.into_iter().find_map(|event| match event.kind {
        Some(Kind::RepSuspended(told)) => Some((told.cause(), told.accepted, told.offers, told.misses)),
        _ => None,
    });
    assert_eq!(suspended, Some((SuspensionCause::Acceptance, 3, 5, 0)));
    assert_eq!(refused(&suite).await, ("SUSPENDED".into(), 7 * DAY));
    // Offers go on, and count for the next time.
    assert_eq!(told_acceptance(&suite).await, (0, 0));
    for _ in 0..3 {
        declines(&suite).await;
    }
    assert_eq!((told_acceptance(&suite).await, count(&suite, begun).await), ((0, 3), 1), "too few to tell");
    accepts(&suite).await;
    assert_eq!((told_acceptance(&suite).await, count(&suite, begun).await), ((0, 0), 2));
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_policy_does_not_ask_nothing_is_noted() {
    let suite = start(1, &policy("{}")).await;
    for _ in 0..20 {
        declines(&suite).await;
    }
    accepts(&suite).await;
    assert_eq!((standing(&suite).await.acceptance, suspended_until(&suite).await), (None, None));
    assert!(Held::read(&suite.redis).await.conduct.is_empty());
    claims(&suite).await.expect("no rule against it");
}
