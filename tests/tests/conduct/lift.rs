//! What a manager lifts.

use leadhand_proto::event::v1::PenaltyLifted;

use super::*;

/// The last thing that was told.
async fn last_lifted(suite: &Suite) -> PenaltyLifted {
    match events(&suite.redis).await.pop().and_then(|event| event.kind) {
        Some(Kind::PenaltyLifted(told)) => told,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miss_that_is_lifted_costs_nothing_and_leads_to_nothing() {
    let suite = start(1, &policy("{}")).await;
    let lead = misses(&suite).await;
    assert_eq!(daily(&suite).await, 1);
    assert_eq!(lift(&suite, "bo", Penalty::Miss, &lead).await, Err("NOT_MANAGER".into()));
    assert_eq!(lift(&suite, "ana", Penalty::Miss, &lead).await, Err("NOT_MANAGER".into()));
    assert_eq!(lift(&suite, "max", Penalty::Suspension, "").await, Err("NOTHING_TO_LIFT".into()));
    let lifted = lift(&suite, "max", Penalty::Miss, &lead).await.expect("lifted");
    assert_eq!(events(&suite.redis).await.last().map(|event| event.position.clone()), Some(lifted.position));
    let told = last_lifted(&suite).await;
    assert_eq!((&*told.rep_id, &*told.manager_id, told.reason()), ("ana", "max", LiftReason::SystemFault));
    assert_eq!((told.missed_lead_ids, told.suspended_until), (vec![lead.clone()], None));
    assert_eq!((daily(&suite).await, standing(&suite).await.misses.len()), (2, 0));
    assert_eq!(lift(&suite, "max", Penalty::Miss, &lead).await, Err("NOTHING_TO_LIFT".into()));
    misses(&suite).await;
    misses(&suite).await;
    assert_eq!(count(&suite, begun).await, 0, "two count");
    misses(&suite).await;
    assert_eq!(count(&suite, begun).await, 1);
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_that_is_lifted_is_over_at_once_and_told_once() {
    let suite = start(2, &policy("{misses: {most: 1}}")).await;
    let lead = misses(&suite).await;
    let until = suspended_until(&suite).await.expect("suspended");
    // The miss it rests on is another matter.
    lift(&suite, "max", Penalty::Miss, &lead).await.expect("lifted");
    assert_eq!(suspended_until(&suite).await, Some(until));
    lift(&suite, "max", Penalty::Suspension, "").await.expect("lifted");
    let told = last_lifted(&suite).await;
    assert_eq!(told.suspended_until.map(|at| millis(&at).expect("a moment").0), Some(until));
    let standing = standing(&suite).await;
    assert_eq!((standing.suspended_until, &*standing.suspensions[0].lifted_by), (None, "max"));
    claims(&suite).await.expect("free again");
    suite.clock.set(until + 1);
    assert!(super::standing(&suite).await.suspensions.is_empty());
    misses(&suite).await;
    eventually!(count(&suite, begun).await == 2);
    let lifted = |kind: &Kind| matches!(kind, Kind::SuspensionEnded(told) if told.lifted);
    assert_eq!((count(&suite, ended).await, count(&suite, lifted).await), (1, 1), "not by the clock too");
    lift(&suite, "max", Penalty::All, "").await.expect("lifted");
    assert_eq!((count(&suite, ended).await, daily(&suite).await), (2, 2));
    let told = last_lifted(&suite).await;
    assert_eq!((told.missed_lead_ids.len(), told.suspended_until.is_some()), (1, true));
    assert_sound(&suite).await;
}

/// Managers who lift at once: one does, and the others are told that there is nothing left.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_lift_at_once_one_does() {
    let suite = start(2, &policy("{misses: {most: 1}}")).await;
    misses(&suite).await;
    let answers = futures_util::future::join_all((0..20).map(|_| lift(&suite, "max", Penalty::All, ""))).await;
    let mut answers: Vec<_> = answers.into_iter().map(|answer| answer.map(drop)).collect();
    answers.sort();
    assert_eq!(answers[0], Ok(()));
    let others = &answers[1..];
    assert!(
        others
            .iter()
            .all(|other| matches!(other.as_ref().map_err(String::as_str), Err("NOTHING_TO_LIFT" | "CONTENTION")))
    );
    assert_eq!(count(&suite, ended).await, 1);
    assert_sound(&suite).await;
}
