//! A desk that has decided by one policy gets leads that only the next policy sends there; pools that a policy drops.

use leadhand_proto::pool::v1::{ListLeadsRequest, ListPoolsRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, route};

const BEFORE: &str = "
teams: [{id: t, reps: [{id: ana}]}]
pools: [{id: a}, {id: b}]
routes: [{name: w, sources: [webinar], pool: a}]
default: {pool: b}
";
const AFTER: &str = "
teams: [{id: t, reps: [{id: ana}]}]
pools: [{id: b}]
default: {pool: b}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_learns_of_the_policy_that_sends_it_more_and_dropped_pools_stay_in_view() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, BEFORE).await;
    let waiting = route(replica, "webinar", "a0").await.unwrap();
    // The desk of pool `b` now holds the first policy.
    route(replica, "referral", "b0").await.unwrap();

    apply_policy(replica, AFTER).await;
    for n in 1..4 {
        let routed = route(replica, "webinar", format!("b{n}")).await.unwrap();
        assert_eq!(routed.policy_version, 2);
        let Some(Outcome::Pooled(pooled)) = routed.outcome else { panic!("a pool") };
        assert_eq!(pooled.pool_id, "b");
    }

    let request = ListPoolsRequest { workspace: WORKSPACE.into() };
    let pools = replica.pool().list_pools(request).await.unwrap().into_inner().pools;
    let depths: Vec<_> = pools.iter().map(|pool| (pool.pool_id.as_str(), pool.leads)).collect();
    assert_eq!(depths, [("b", 4), ("a", 1)]);
    let request = ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "a".into(),
        ..ListLeadsRequest::default()
    };
    let leads = replica.pool().list_leads(request).await.unwrap().into_inner().leads;
    assert_eq!(leads[0].lead_id, waiting.lead_id);
}

/// A desk whose team is full only sends leads on, so that no commit of its own tells it of the next policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_team_is_passed_under_the_next_policy_at_once() {
    let policy = |pool: &str| {
        format!(
            "teams: [{{id: t, capacity: 1, reps: [{{id: ana}}]}}]\npools: [{{id: a}}, {{id: b}}]\n\
             default: {{rotate: t, otherwise: {{pool: {pool}}}}}\n"
        )
    };
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    for (version, pool) in (1..).zip(["a", "b", "a", "b"]) {
        apply_policy(replica, &policy(pool)).await;
        for n in 0..3 {
            let routed = route(replica, "webinar", format!("{version}.{n}")).await.unwrap();
            assert_eq!(routed.policy_version, version);
            match routed.outcome {
                Some(Outcome::Assigned(to)) => assert_eq!((version, n, to.rep_id.as_str()), (1, 0, "ana")),
                Some(Outcome::Pooled(into)) => assert_eq!(into.pool_id, pool),
                other => panic!("not by this policy: {other:?}"),
            }
        }
    }
}

/// Redis lost its latest writes, and another policy got the number of one that a replica still has in memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_comes_back_is_another_policy() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), BEFORE).await;
    let first = route(suite.replica(0), "webinar", "r0").await.unwrap();
    assert!(matches!(first.outcome, Some(Outcome::Pooled(pooled)) if pooled.pool_id == "a"));
    redis::cmd("FLUSHALL").query_async::<()>(&mut suite.redis.connection().await).await.unwrap();
    apply_policy(suite.replica(1), AFTER).await;
    for n in 0..4 {
        let routed = route(suite.replica(n), "webinar", format!("s{n}")).await.unwrap();
        assert!(matches!(routed.outcome, Some(Outcome::Pooled(pooled)) if pooled.pool_id == "b"), "replica {}", n % 2);
    }
}
