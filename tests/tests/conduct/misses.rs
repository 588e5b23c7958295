//! Missed contacts: C10.

use leadhand_proto::pool::v1::SuspensionCause;
use leadhand_tests::START;

use super::*;

/// Two a day are few enough to count.
const QUOTA_ONLY: &str = "{misses: {most: 0}}";

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_contact_costs_a_claim_a_day_for_exactly_a_day() {
    let suite = start(2, &policy(QUOTA_ONLY)).await;
    let (lead, _) = give(&suite, "referral").await;
    suite.clock.advance(2 * HOUR - 1);
    assert_eq!((daily(&suite).await, standing(&suite).await.misses.len()), (2, 0), "a millisecond before it is due");
    suite.clock.advance(1);
    eventually!(daily(&suite).await == 1);
    let due = START + 2 * HOUR;
    let miss = standing(&suite).await.misses.pop().expect("the miss");
    let at = |at: Option<_>| at.map(|at| millis(&at).expect("a moment").0);
    assert_eq!((miss.lead_id, at(miss.missed_at), at(miss.quota_less_until)), (lead, Some(due), Some(due + DAY)));
    assert_eq!(at(miss.suspends_until), None, "none follows from misses");

    suite.clock.advance(1);
    claims(&suite).await.expect("the one that is left");
    assert_eq!(refused(&suite).await, ("QUOTA_EXHAUSTED".into(), DAY - 1));
    suite.clock.set(due + DAY - 1);
    assert_eq!(refused(&suite).await, ("QUOTA_EXHAUSTED".into(), 1));
    suite.clock.advance(1);
    claims(&suite).await.expect("it counts no more, and the other is still in the window");
    assert_eq!(refused(&suite).await, ("QUOTA_EXHAUSTED".into(), 1), "when that leaves");
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claimed_lead_that_is_missed_counts_as_a_pushed_one_and_the_quota_goes_down_to_nothing() {
    let suite = start(1, &policy(QUOTA_ONLY)).await;
    let (lead, _) = give(&suite, "webinar").await;
    claim(suite.replica(0), "ana", &lead).await.expect("claimed");
    suite.clock.advance(2 * HOUR);
    eventually!(daily(&suite).await == 1);
    misses(&suite).await;
    eventually!(daily(&suite).await == 0);
    misses(&suite).await;
    assert_eq!(standing(&suite).await.misses.len(), 3);
    assert_eq!(daily(&suite).await, 0, "and not below");
    // The claim leaves the window a day after it was made, when the first two still count.
    assert_eq!(refused(&suite).await, ("QUOTA_EXHAUSTED".into(), DAY - 2 * HOUR));
    assert_eq!(count(&suite, begun).await, 0, "however many, by this policy");
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_third_miss_within_a_week_suspends_for_a_week_and_not_one_millisecond_later() {
    for (late, is_suspended) in [(-1, true), (0, false)] {
        let suite = start(2, &policy("{}")).await;
        misses(&suite).await;
        misses(&suite).await;
        suite.clock.set(START + 7 * DAY + late);
        assert_eq!(standing(&suite).await.misses_suspend_at, 3);
        misses(&suite).await;
        let until = START + 14 * DAY + 2 * HOUR + late;
        assert_eq!(suspended_until(&suite).await, is_suspended.then_some(until), "{late}");
        assert_eq!(count(&suite, begun).await, usize::from(is_suspended));
        assert_sound(&suite).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_stops_claims_not_push_nor_offers_and_ends_by_the_clock_once() {
    let suite = start(2, &policy("{misses: {quota_less_for: 0h}}")).await;
    for _ in 0..3 {
        misses(&suite).await;
    }
    let told = events(&suite.redis).await.into_iter().filter_map(|event| event.kind);
    let told: Vec<_> = told
        .filter_map(|kind| match kind {
            Kind::RepSuspended(told) => Some((told.rep_id.clone(), told.cause(), told.misses)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [("ana".to_owned(), SuspensionCause::Misses, 3)]);
    let week = 7 * DAY;
    assert_eq!(refused(&suite).await, ("SUSPENDED".into(), week));
    let mut counted = (0.0, 0.0);
    for replica in &suite.replicas {
        counted.0 += replica.metric("leadhand_conduct_misses_total", "").await.unwrap_or_default();
        let of_misses = replica.metric("leadhand_conduct_suspensions_total", "cause=\"misses\"").await;
        counted.1 += of_misses.unwrap_or_default();
    }
    assert_eq!(counted, (3.0, 1.0), "by whichever replica");
    assert_eq!(standing(&suite).await.suspensions[0].cause(), SuspensionCause::Misses);
    let (pushed, fence) = give(&suite, "referral").await;
    contact(&suite, &pushed, fence).await.expect("what is pushed is hers");
    accepts(&suite).await;
    suite.clock.advance(week - 1);
    assert_eq!(refused(&suite).await, ("SUSPENDED".into(), 1));
    assert_eq!(count(&suite, ended).await, 0);
    suite.clock.advance(1);
    claims(&suite).await.expect("over, whether or not that was told yet");
    assert_eq!(suspended_until(&suite).await, None);
    eventually!(count(&suite, ended).await == 1);
    eventually!(!Held::read(&suite.redis).await.timers.contains_key("suspension:ana"));
    suite.clock.advance(week);
    misses(&suite).await;
    assert_eq!((count(&suite, begun).await, count(&suite, ended).await), (1, 1), "the three are spent");
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_during_a_suspension_makes_the_next_only_when_there_are_enough_of_it() {
    let suite = start(1, &policy("{}")).await;
    for _ in 0..3 {
        misses(&suite).await;
    }
    let first = suspended_until(&suite).await.expect("suspended");
    for more in [false, false, true] {
        misses(&suite).await;
        let until = suspended_until(&suite).await;
        assert_eq!(until, Some(if more { first + 6 * HOUR } else { first }), "it runs from then, not from the end");
    }
    suite.clock.set(first);
    assert_eq!(refused(&suite).await.0, "SUSPENDED");
    suite.clock.set(first + 6 * HOUR);
    eventually!(count(&suite, ended).await == 1, "told when both are over");
    assert_eq!(count(&suite, begun).await, 2);
    assert_sound(&suite).await;
}

/// No more misses than deadlines, each as of its deadline.
#[tokio::test(flavor = "multi_thread")]
async fn deadlines_that_came_while_nothing_ran_are_one_miss_each() {
    const LEADS: usize = 12;
    let mut suite = start(1, &policy("{}")).await;
    for _ in 0..LEADS {
        give(&suite, "referral").await;
    }
    suite.stop_replica(0).await;
    suite.clock.advance(2 * HOUR + DAY - 1);
    for _ in 0..2 {
        suite.add_replica().await;
    }
    eventually!(count(&suite, missed).await == LEADS);
    let held = Held::read(&suite.redis).await;
    assert_eq!(held.conduct["ana"].misses.len(), LEADS);
    assert!(held.conduct["ana"].misses.iter().all(|miss| miss.at == START + 2 * HOUR));
    assert_eq!(count(&suite, begun).await, LEADS / 3);
    assert_eq!(daily(&suite).await, 0);
    suite.clock.advance(1);
    assert_eq!(daily(&suite).await, 2, "a day after they were due");
    assert_eq!(
        suspended_until(&suite).await,
        Some(START + 2 * HOUR + DAY - 1 + 7 * DAY),
        "a week from when it is known"
    );
    assert_sound(&suite).await;
}
