//! What counts, and until when.

use leadhand_proto::pool::v1::Figures;
use leadhand_proto::time::millis;
use leadhand_testkit::eventually;
use leadhand_tests::START;

use super::*;

async fn so_far(suite: &Suite, rep: &str) -> Figures {
    standing(suite, rep).await.tier_basis.expect("a basis").figures.expect("figures")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_tells_what_the_next_calculation_looks_at() {
    let with_target = policy("").replace("{id: max}]", "{id: max}, {id: bo, target: 5000}]");
    let suite = start(1, &with_target).await;
    let before = standing(&suite, "bo").await;
    let basis = before.tier_basis.expect("a basis");
    let at = |at: Option<_>| at.map(|at| millis(&at).expect("a moment").0);
    assert_eq!((before.tier, basis.stated, at(basis.calculated_at), at(basis.next_at)), (1, false, None, Some(MONDAY)));
    assert_eq!(basis.counts_from, 20);
    let none = Figures { target: Some(5_000), ..Figures::default() };
    assert_eq!(basis.figures, Some(none));

    let (contacted, won, lost, missed) =
        (give(&suite, "bo").await, give(&suite, "bo").await, give(&suite, "bo").await, give(&suite, "bo").await);
    suite.clock.advance(10 * MINUTE);
    contact(&suite, "bo", &contacted).await;
    outcome(&suite, "bo", &contacted, Outcome::Lost, 0).await;
    suite.clock.advance(10 * MINUTE);
    // No contact was told of: a win is one, a loss took all the time there was.
    outcome(&suite, "bo", &won, Outcome::Won, 1_200).await;
    outcome(&suite, "bo", &lost, Outcome::Disqualified, 0).await;
    let three = Figures {
        leads: 3,
        contacted: 2,
        converted: 1,
        contact_speed_ms: Some((10 * MINUTE + 20 * MINUTE + 2 * HOUR) / 3),
        won_amount: 1_200,
        target: Some(5_000),
    };
    assert_eq!(so_far(&suite, "bo").await, three);
    suite.clock.advance(2 * HOUR);
    eventually!(so_far(&suite, "bo").await.leads == 4);
    let four = Figures { leads: 4, contact_speed_ms: Some((30 * MINUTE + 4 * HOUR) / 4), ..three };
    assert_eq!(so_far(&suite, "bo").await, four, "{missed:?} was missed");

    // The week that began on 2 March is looked at up to the calculation of 30 March.
    suite.clock.set(MONDAY + 3 * WEEK - 1);
    assert_eq!(so_far(&suite, "bo").await, four);
    suite.clock.advance(1);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + 4 * WEEK));
    assert_eq!(so_far(&suite, "bo").await, none);
}

/// Sums are not kept for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_weeks_sums_go_by_themselves() {
    let suite = start(1, &policy("")).await;
    let lead = give(&suite, "ana").await;
    suite.clock.advance(MINUTE);
    outcome(&suite, "ana", &lead, Outcome::Won, 5).await;
    let mut redis = suite.redis.connection().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("{acme}:figure:*").query_async(&mut redis).await.expect("keys");
    assert_eq!(keys.len(), 5, "{keys:?}");
    for key in keys {
        let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut redis).await.expect("a time");
        assert!((41 * DAY..=42 * DAY).contains(&left), "{key}: {left}");
    }
    assert_eq!(START, suite.clock.now_ms() - MINUTE);
}

/// Contacts of one rep that come at once do not stand in one another's way.
#[tokio::test(flavor = "multi_thread")]
async fn contacts_at_once_all_count() {
    const LEADS: usize = 40;
    let suite = std::sync::Arc::new(start(2, &policy("")).await);
    let mut leads = Vec::new();
    for _ in 0..LEADS {
        leads.push(give(&suite, "ana").await);
    }
    suite.clock.advance(MINUTE);
    let contacts = leads.into_iter().map(|lead| {
        let suite = suite.clone();
        tokio::spawn(async move { contact(&suite, "ana", &lead).await })
    });
    for contact in contacts.collect::<Vec<_>>() {
        contact.await.expect("no panic");
    }
    let all = so_far(&suite, "ana").await;
    assert_eq!((all.leads, all.contacted, all.contact_speed_ms), (LEADS as u32, LEADS as u32, Some(MINUTE)));
}
