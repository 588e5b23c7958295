//! Redis dies, and comes back.

use std::time::Duration;

use leadhand_testkit::eventually;
use leadhand_tests::call::apply_policy;
use leadhand_tests::follow::Follower;
use leadhand_tests::load::{Load, POLICY, repeat};
use leadhand_tests::{Suite, audit};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::probe::{self, Probe};
use crate::{may_be_repeated, targets};

/// A call to a Redis that is not there: the answer takes no time-out.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_loses_nothing_and_nothing_is_done_twice() {
    let mut suite = Suite::durable(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(&suite);
    let probe = Probe::prepare(&targets[0]).await;
    let follower = Follower::start(targets.iter().map(|target| target.router.clone()).collect());
    let load = Load::start(&targets);
    for round in 0..3 {
        load.answered(150).await;
        suite.redis.kill();
        load.refused(20).await;
        for replica in &suite.replicas {
            probe::all_refused(&probe.every_call(replica).await, AT_ONCE);
        }
        if round == 0 {
            probe::services_are(&suite, ServingStatus::NotServing).await;
        }
        tokio::task::block_in_place(|| suite.redis.restart()).expect("redis comes back");
        probe.recovers(&suite).await;
    }
    load.answered(150).await;
    probe::services_are(&suite, ServingStatus::Serving).await;

    let calls = load.stop().await;
    for call in &calls {
        if let Err(status) = &call.outcome {
            assert!(may_be_repeated(status), "{call:?}");
            assert!(call.took < AT_ONCE, "{call:?}");
        }
    }
    let mut done = repeat(calls, &targets[1]).await;
    done.extend(probe.done(&targets[0]).await);
    let events = audit::agree(&done, &suite.redis).await;

    eventually!(follower.count() >= events.len(), "{} of {} events", follower.count(), events.len());
    assert_eq!(follower.events(), events, "in order, without a gap, each once");
    let ends = follower.ends();
    assert!(ends.iter().all(|end| end.code() == Code::Unavailable), "{ends:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_without_redis_waits_for_it() {
    let mut suite = Suite::durable(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let probe = Probe::prepare(&targets(&suite)[0]).await;
    suite.redis.kill();
    suite.add_replica().await;
    probe::all_refused(&probe.every_call(suite.replica(1)).await, AT_ONCE);
    tokio::task::block_in_place(|| suite.redis.restart()).expect("redis comes back");
    probe.recovers(&suite).await;
    probe::services_are(&suite, ServingStatus::Serving).await;
}
