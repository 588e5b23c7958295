//! The calculation: when, of whom, once.

use leadhand_proto::time::millis;
use leadhand_testkit::eventually;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn tiers_are_calculated_on_monday_and_not_a_millisecond_before() {
    let suite = start(2, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.clock.set(MONDAY - 1);
    assert_eq!(timer(&suite, "tiers").await, Some(MONDAY));
    assert_eq!(tiers(&suite).await, [1; 6], "everybody, until there are figures");
    assert!(changed(&suite).await.is_empty());
    suite.clock.advance(1);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    assert_eq!(tiers(&suite).await, [1, 2, 2, 2, 3, 1], "who had too few leads keeps the tier");
    let told = changed(&suite).await;
    let mut to: Vec<_> = told.iter().map(|it| (it.rep_id.as_str(), it.from_tier, it.to_tier, it.place)).collect();
    to.sort_unstable();
    assert_eq!(to, [("bo", 1, 2, 2), ("cy", 1, 2, 3), ("di", 1, 2, 4), ("ed", 1, 3, 5)]);
    let of_ed = told.iter().find(|it| it.rep_id == "ed").expect("ed");
    let figures = of_ed.figures.expect("figures");
    assert_eq!((figures.leads, figures.contacted, figures.converted), (2, 2, 0));
    assert_eq!(figures.contact_speed_ms, Some(5 * MINUTE));
    // Four of five alike in conversion, none worse; the slowest of five.
    assert_eq!((of_ed.conversion_rank, of_ed.contact_speed_rank, of_ed.attainment_rank), (4_000, 1_000, None));
    assert_eq!((of_ed.mean_rank, of_ed.ranked), (2_500, 5));
    assert_eq!(of_ed.calculated_at.map(|at| millis(&at).expect("a moment").0), Some(MONDAY));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_the_first_calculation_begins_in_the_second_tier() {
    let suite = start(1, &policy(FEW_LEADS)).await;
    let hired = policy(FEW_LEADS).replace("{id: few}", "{id: few}, {id: hired}");
    suite.clock.set(MONDAY);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    assert_eq!(tiers(&suite).await, [1; 6], "nobody was ranked");
    apply_policy(suite.replica(0), &hired).await;
    assert_eq!(standing(&suite, "hired").await.tier, 1, "nor was anybody yet");
    apply_policy(suite.replica(0), &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.clock.set(MONDAY + WEEK);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + 2 * WEEK));
    assert_eq!(tiers(&suite).await, [1, 2, 2, 2, 3, 1]);
    apply_policy(suite.replica(0), &hired).await;
    let newcomer = standing(&suite, "hired").await;
    assert_eq!((newcomer.tier, newcomer.tier_basis.expect("a basis").calculated_at), (2, None));
    // The policy's word stands.
    let stated = hired.replace("{id: max}]", "{id: max}, {id: hired, tier: 3}, {id: ed, tier: 1}]");
    apply_policy(suite.replica(0), &stated).await;
    assert_eq!((standing(&suite, "hired").await.tier, standing(&suite, "ed").await.tier), (3, 1));
    assert!(standing(&suite, "ed").await.tier_basis.expect("a basis").stated);
    apply_policy(suite.replica(0), &policy("guardrails: {tiers: {weekly: false}}")).await;
    assert_eq!((tiers(&suite).await, timer(&suite, "tiers").await), (vec![1; 6], None));
}

/// However many replicas there are, and though nobody was there when it was due.
#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_came_while_nothing_ran_is_made_once() {
    let mut suite = start(1, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.stop_replica(0).await;
    suite.clock.set(MONDAY + 3 * HOUR);
    for _ in 0..3 {
        suite.add_replica().await;
    }
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    assert_eq!((tiers(&suite).await, changed(&suite).await.len()), (vec![1, 2, 2, 2, 3, 1], 4));
    for week in 1..3 {
        suite.clock.set(MONDAY + week * WEEK);
        eventually!(timer(&suite, "tiers").await == Some(MONDAY + (week + 1) * WEEK));
    }
    let conduct = Held::read(&suite.redis).await.conduct;
    assert_eq!((conduct["ed"].tier, conduct["ed"].tier_at), (3, MONDAY + 2 * WEEK), "by the same figures");
    assert_eq!((conduct["few"].tier, conduct["few"].tier_at), (1, MONDAY), "kept");
    assert_eq!(changed(&suite).await.len(), 4, "what stays is not told");
    // By then the week of work is more than four weeks ago: nobody is ranked, and everybody keeps the tier.
    suite.clock.set(MONDAY + 4 * WEEK);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + 5 * WEEK));
    assert_eq!(Held::read(&suite.redis).await.conduct["ed"].tier_at, MONDAY + 2 * WEEK);
    assert_eq!((tiers(&suite).await, changed(&suite).await.len()), (vec![1, 2, 2, 2, 3, 1], 4));
}

/// One worker broke off in the middle of it, and another does the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_was_broken_off_is_finished() {
    let mut suite = start(1, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.clock.set(MONDAY);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    let done = changed(&suite).await;
    suite.stop_replica(0).await;
    // As it stood before ed's turn came.
    forget(&suite, &["conduct:ed"]).await;
    put_rounds(&suite, Rounds { tiers: Some(Millis(MONDAY)), floor: None }).await;
    for _ in 0..2 {
        suite.add_replica().await;
    }
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    let again = changed(&suite).await;
    assert_eq!(again.len(), done.len() + 1, "ed's alone, as what there is of ed was lost");
    assert_eq!((again[done.len()].rep_id.as_str(), again[done.len()].from_tier), ("ed", 2), "like a newcomer");
    assert_eq!(tiers(&suite).await, [1, 2, 2, 2, 3, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_of_the_calendar_that_is_lost_is_set_again() {
    let mut suite = start(1, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    forget(&suite, &["timers"]).await;
    eventually!(timer(&suite, "tiers").await == Some(MONDAY));
    // A workspace from before there were any.
    forget(&suite, &["timers", "rounds"]).await;
    eventually!(timer(&suite, "tiers").await == Some(MONDAY));
    suite.stop_replica(0).await;
    suite.clock.set(MONDAY + HOUR);
    forget(&suite, &["timers"]).await;
    suite.add_replica().await;
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    assert_eq!((tiers(&suite).await, changed(&suite).await.len()), (vec![1, 2, 2, 2, 3, 1], 4));
}

/// A policy that is applied when a calculation is due does not put it off.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_puts_no_calculation_off() {
    let mut suite = start(1, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.timer_tick_ms = None;
    suite.stop_replica(0).await;
    suite.add_replica().await;
    suite.clock.set(MONDAY + HOUR);
    apply_policy(suite.replica(0), &policy(FEW_LEADS)).await;
    assert_eq!(timer(&suite, "tiers").await, Some(MONDAY));
    let basis = standing(&suite, "ana").await.tier_basis.expect("a basis");
    assert_eq!((basis.next_at.map(|at| millis(&at).expect("a moment").0)), Some(MONDAY), "due, and not made");
    assert_eq!(basis.figures.expect("figures").leads, 2);
    suite.timer_tick_ms = Some(5);
    suite.add_replica().await;
    eventually!(changed(&suite).await.len() == 4);
}
