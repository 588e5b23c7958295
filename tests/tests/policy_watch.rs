//! Others follow the policy's versions: the active one, then each new one in order, from wherever they left off.

use std::time::Duration;

use leadhand_proto::policy::v1::watch_policy_response::Item;
use leadhand_proto::policy::v1::{UpToDate, WatchPolicyRequest, WatchPolicyResponse};
use leadhand_proto::status::told;
use leadhand_testkit::{PATIENCE, eventually};
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::{Replica, Suite};
use tonic::{Code, Streaming};

const POLICY: &str = "{pools: [{id: open}], default: {pool: open}}";

async fn watch(replica: &Replica, after: Option<u64>) -> Streaming<WatchPolicyResponse> {
    let request = WatchPolicyRequest { workspace: WORKSPACE.into(), after };
    replica.policy().watch_policy(request).await.expect("a stream").into_inner()
}

async fn next(stream: &mut Streaming<WatchPolicyResponse>) -> Item {
    let told = tokio::time::timeout(PATIENCE, stream.message()).await.expect("told in time");
    told.expect("no error").expect("no end").item.expect("an item")
}

async fn number(stream: &mut Streaming<WatchPolicyResponse>) -> u64 {
    match next(stream).await {
        Item::Version(version) => version.number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_active_version_then_each_new_one_and_none_left_out_on_resuming() {
    let suite = Suite::start(2).await;
    let mut early = watch(suite.replica(0), None).await;
    assert_eq!(next(&mut early).await, Item::UpToDate(UpToDate { active: 0 }), "no policy yet");
    apply_policy(suite.replica(1), POLICY).await;
    assert_eq!(number(&mut early).await, 1, "applied at the other replica");
    for version in 2..=12 {
        assert_eq!(apply_policy(suite.replica(version as usize), POLICY).await, version);
    }
    // However many come between two looks, each is told, in order.
    for version in 2..=12 {
        assert_eq!(number(&mut early).await, version);
    }
    let mut late = watch(suite.replica(1), None).await;
    assert_eq!(number(&mut late).await, 12, "the active one first");
    let mut resumed = watch(suite.replica(1), Some(4)).await;
    for version in 5..=12 {
        assert_eq!(number(&mut resumed).await, version);
    }
    let mut current = watch(suite.replica(0), Some(12)).await;
    assert_eq!(next(&mut current).await, Item::UpToDate(UpToDate { active: 12 }));
    let mut lost = watch(suite.replica(0), Some(99)).await;
    assert_eq!(number(&mut lost).await, 12, "of a history that is no more");
    assert_eq!(apply_policy(suite.replica(0), POLICY).await, 13);
    for stream in [&mut early, &mut late, &mut resumed, &mut current, &mut lost] {
        assert_eq!(number(stream).await, 13);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_ends_with_the_replica_and_goes_on_at_another() {
    let mut suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut stream = watch(suite.replica(0), None).await;
    assert_eq!(number(&mut stream).await, 1);
    suite.stop_replica(0).await;
    let status = stream.message().await.expect_err("the replica is gone");
    assert_eq!((status.code(), told(&status).reason.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    apply_policy(suite.replica(0), POLICY).await;
    assert_eq!(number(&mut watch(suite.replica(0), Some(1)).await).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_a_watch_ends_and_may_be_resumed() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut stream = watch(suite.replica(0), None).await;
    assert_eq!(number(&mut stream).await, 1);
    suite.redis.freeze();
    let status = tokio::time::timeout(PATIENCE, stream.message()).await.expect("told").expect_err("no store");
    assert_eq!(told(&status).reason, "STORE_UNAVAILABLE");
    suite.redis.thaw();
    let replica = suite.replica(0);
    eventually!({
        let request = WatchPolicyRequest { workspace: WORKSPACE.into(), after: Some(1) };
        let mut stream = replica.policy().watch_policy(request).await.expect("a stream").into_inner();
        let told = tokio::time::timeout(Duration::from_secs(5), stream.message()).await;
        matches!(told, Ok(Ok(Some(WatchPolicyResponse { item: Some(Item::UpToDate(UpToDate { active: 1 })) }))))
    });
}
