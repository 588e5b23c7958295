//! The activity floor.

use leadhand_testkit::eventually;
use leadhand_tests::START;
use leadhand_tests::call::claim;

use super::*;

/// Two claims a day are the least, from nine to five in New York, where a day ends at five by UTC.
fn held_to_two() -> String {
    policy(
        "guardrails: {floor: 2, hoarding: 1000}
availability: {hours: 'mon-fri 09:00-17:00', time_zone: America/New_York, holidays: [2026-03-05]}",
    )
    .replace("{id: cy}, {id: di}, {id: ed}, {id: few}", "{id: cy}")
    .replace(", {name: di, sources: [di], rep: di}, {name: ed, sources: [ed], rep: ed}, {name: few, sources: [few], rep: few}", "")
}

/// Tuesday, 3 March, 05:00 UTC.
const END: i64 = START + 19 * HOUR;

async fn claims(suite: &Suite, rep: &str, many: usize) {
    for _ in 0..many {
        let lead = pooled(suite).await;
        claim(suite.replica(0), rep, &lead).await.expect("claimed");
    }
}

fn days(told: &[ActivityBelowFloor]) -> Vec<(&str, &str, u32)> {
    let mut days: Vec<_> = told.iter().map(|it| (it.date.as_str(), it.rep_id.as_str(), it.claims)).collect();
    days.sort_unstable();
    days
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_below_the_floor_is_told_of_once_when_the_day_is_over() {
    let mut suite = start(2, &held_to_two()).await;
    assert_eq!(timer(&suite, "floor").await, Some(START + HOUR));
    for (rep, many) in [("ana", 1), ("bo", 2), ("cy", 3)] {
        claims(&suite, rep, many).await;
    }
    suite.clock.set(END - 1);
    eventually!(timer(&suite, "floor").await == Some(END));
    assert!(below(&suite).await.is_empty());
    suite.clock.advance(1);
    eventually!(timer(&suite, "floor").await == Some(END + HOUR));
    let told = below(&suite).await;
    assert_eq!(days(&told), [("2026-03-02", "ana", 1)], "neither bo nor cy, nor max, who is in no team");
    assert_eq!(told[0].least, 2);
    let mut counted = 0.0;
    for replica in &suite.replicas {
        counted += replica.metric("leadhand_conduct_below_floor_total", "").await.unwrap_or_default();
    }
    assert_eq!(counted, 1.0, "by whichever replica");
    suite.clock.advance(HOUR);
    eventually!(timer(&suite, "floor").await == Some(END + 2 * HOUR));
    assert_eq!(below(&suite).await.len(), 1);

    // Somebody broke off, and another looks at that hour again.
    put_rounds(&suite, Rounds { tiers: Some(Millis(MONDAY)), floor: Some(Millis(END)) }).await;
    eventually!(timer(&suite, "floor").await == Some(END + 2 * HOUR));
    assert_eq!(below(&suite).await.len(), 1, "it was told");

    // Nobody was there from Tuesday to Saturday; Thursday is a holiday, and cy, who missed three contacts, cannot claim.
    eventually!(standing(&suite, "cy").await.suspended_until.is_some());
    suite.stop_replica(0).await;
    suite.stop_replica(0).await;
    suite.clock.set(END + 4 * DAY);
    for _ in 0..3 {
        suite.add_replica().await;
    }
    eventually!(timer(&suite, "floor").await == Some(END + 4 * DAY + HOUR));
    let told = below(&suite).await;
    let mut expected = vec![("2026-03-02", "ana", 1)];
    for day in ["2026-03-03", "2026-03-04", "2026-03-06"] {
        expected.extend(["ana", "bo"].map(|rep| (day, rep, 0)));
    }
    assert_eq!(days(&told), expected);
    apply_policy(suite.replica(0), &policy("")).await;
    assert_eq!(timer(&suite, "floor").await, None);
}

/// Claims are known for as long as a day may be made up for, whatever the quotas look at.
#[tokio::test(flavor = "multi_thread")]
async fn claims_of_a_week_ago_count_for_their_day() {
    let mut suite = start(1, &held_to_two()).await;
    suite.clock.set(END);
    eventually!(timer(&suite, "floor").await == Some(END + HOUR));
    suite.stop_replica(0).await;
    suite.timer_tick_ms = None;
    suite.add_replica().await;
    // On 4 March by her clock …
    suite.clock.set(END + DAY + HOUR);
    claims(&suite, "ana", 2).await;
    // … and on the 11th, after more than a week. Clocks went forward in between.
    suite.clock.set(END + 8 * DAY + 20 * HOUR);
    claims(&suite, "ana", 1).await;
    suite.clock.advance(HOUR);
    suite.timer_tick_ms = Some(5);
    suite.add_replica().await;
    eventually!(timer(&suite, "floor").await == Some(END + 8 * DAY + 22 * HOUR));
    let told = below(&suite).await;
    let of_ana: Vec<_> = days(&told).into_iter().filter(|(_, rep, _)| *rep == "ana").collect();
    let told_of: Vec<_> = of_ana.iter().map(|(day, _, claims)| (*day, *claims)).collect();
    let expected = [("2026-03-02", 0), ("2026-03-06", 0), ("2026-03-09", 0), ("2026-03-10", 0)];
    assert_eq!(told_of, expected, "not the 4th, when she claimed two; the 3rd is too long ago");
}
