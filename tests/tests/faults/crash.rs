//! Redis dies, and comes back.

use leadhand_kit::Clock;
use leadhand_store::Config;
use leadhand_store::local::Durability;
use leadhand_testkit::{Redis, eventually};
use leadhand_tests::call::apply_policy;
use leadhand_tests::follow::Follower;
use leadhand_tests::load::{Load, POLICY, repeat};
use leadhand_tests::{Suite, audit};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::probe::{self, Probe};
use crate::{may_be_repeated, targets};

/// Replicas for which no time-out ends before the deadline of a call: what is refused as unavailable was refused at once,
/// since Redis is not there. Whoever waited for a time-out would be told that the deadline has passed.
async fn patient(replicas: usize) -> Suite {
    let mut suite = Suite::with(Redis::durable(Durability::Always), Clock::system(), 0).await;
    for _ in 0..replicas {
        add_patient_replica(&mut suite).await;
    }
    apply_policy(suite.replica(0), POLICY).await;
    suite
}

async fn add_patient_replica(suite: &mut Suite) {
    let (connect_timeout_ms, response_timeout_ms) = (60_000, 60_000);
    suite.add_replica_with(Config { connect_timeout_ms, response_timeout_ms, ..Config::at(suite.redis.url()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_loses_nothing_and_nothing_is_done_twice() {
    let mut suite = patient(2).await;
    let targets = targets(&suite);
    let probe = Probe::prepare(&targets[0]).await;
    let follower = Follower::start(targets.iter().map(|target| target.router.clone()).collect());
    let load = Load::start(&targets);
    for round in 0..3 {
        load.answered(150).await;
        suite.redis.kill();
        load.refused(20).await;
        for replica in &suite.replicas {
            probe::all_refused(&probe.every_call(replica).await);
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
    let mut suite = patient(1).await;
    let probe = Probe::prepare(&targets(&suite)[0]).await;
    suite.redis.kill();
    add_patient_replica(&mut suite).await;
    probe::all_refused(&probe.every_call(suite.replica(1)).await);
    tokio::task::block_in_place(|| suite.redis.restart()).expect("redis comes back");
    probe.recovers(&suite).await;
    probe::services_are(&suite, ServingStatus::Serving).await;
}
