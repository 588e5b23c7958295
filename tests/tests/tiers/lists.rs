//! What another tier means for claims and lists.

use leadhand_proto::pool::v1::WatchPoolRequest;
use leadhand_proto::pool::v1::watch_pool_response::Item;
use leadhand_proto::status::told;
use leadhand_testkit::{PATIENCE, eventually};
use leadhand_tests::call::claim;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_to_a_lower_tier_sees_and_claims_a_lead_later() {
    let suite = start(2, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.clock.set(MONDAY - 1);
    let lead = pooled(&suite).await;
    assert_eq!((listed(&suite, "ed").await, listed(&suite, "ana").await), (1, 1));
    suite.clock.advance(1);
    eventually!(timer(&suite, "tiers").await == Some(MONDAY + WEEK));
    for (rep, sees, after) in [("ana", 1, 0), ("few", 1, 0), ("bo", 0, 15 * MINUTE), ("ed", 0, HOUR)] {
        assert_eq!(listed(&suite, rep).await, sees, "{rep}");
        assert_eq!(standing(&suite, rep).await.opens_after_ms, Some(after), "{rep}");
    }
    let refused = told(&claim(suite.replica(1), "ed", &lead).await.expect_err("not open"));
    // It was pooled a millisecond before.
    let left = |after: i64| Some(std::time::Duration::from_millis(after.try_into().expect("ahead")));
    assert_eq!((refused.reason.as_str(), refused.retry_after), ("TIER_NOT_OPEN", left(HOUR - 1)));
    suite.clock.set(MONDAY - 1 + 15 * MINUTE);
    assert_eq!((listed(&suite, "bo").await, listed(&suite, "ed").await), (1, 0));
    suite.clock.set(MONDAY - 1 + HOUR - 1);
    assert_eq!(listed(&suite, "ed").await, 0);
    suite.clock.advance(1);
    assert_eq!(listed(&suite, "ed").await, 1);
    claim(suite.replica(0), "ed", &lead).await.expect("open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_whose_tier_changes_is_told_what_the_list_shows_now() {
    let suite = start(2, &policy(FEW_LEADS)).await;
    a_week_of_work(&suite).await;
    suite.clock.set(MONDAY - 1);
    pooled(&suite).await;
    let watch = |rep: &str| {
        let (rep_id, pool_id) = (rep.into(), "open".into());
        WatchPoolRequest { workspace: WORKSPACE.into(), rep_id, pool_id, ..WatchPoolRequest::default() }
    };
    let mut of_ed = suite.replica(1).pool().watch_pool(watch("ed")).await.expect("a stream").into_inner();
    let told = async {
        let (mut leads, mut snapshots) = (0, 0);
        loop {
            let message = of_ed.message().await.expect("no error");
            match message.expect("no end").item.expect("an item") {
                Item::Snapshot(page) if page.first => (leads, snapshots) = (page.leads.len(), snapshots + 1),
                Item::Snapshot(page) => leads += page.leads.len(),
                Item::CaughtUp(_) if snapshots == 2 => return leads,
                Item::CaughtUp(_) => {
                    assert_eq!((leads, snapshots), (1, 1));
                    suite.clock.set(MONDAY);
                }
                other => panic!("{other:?}"),
            }
        }
    };
    // Heartbeats go on for ever: all of it is to come in time.
    let leads = tokio::time::timeout(PATIENCE, told).await.expect("in time");
    assert_eq!(leads, 0, "it is not open to the third tier yet");
}
