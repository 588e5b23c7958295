//! Redis answers, but not with what was asked for: it is full, or has forgotten the script.

use leadhand_tests::call::apply_policy;
use leadhand_tests::held::everything;
use leadhand_tests::load::{Load, POLICY, Request, repeat};
use leadhand_tests::{Suite, audit};
use redis::cmd;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::probe::{self, Probe};
use crate::{is_refused, may_be_repeated, targets};

#[tokio::test(flavor = "multi_thread")]
async fn out_of_memory_refuses_and_does_nothing_by_halves() {
    let suite = Suite::durable(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(&suite);
    let probe = Probe::prepare(&targets[0]).await;
    let mut redis = suite.redis.connection().await;
    let mut limit = async |bytes: u64| -> () {
        cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).exec_async(&mut redis).await.expect("a setting");
    };

    limit(1).await;
    let before = everything(&suite.redis).await;
    for seen in probe.every_call(suite.replica(0)).await {
        match seen.what {
            "push" | "pool" | "leads" | "claim" | "contact" | "calendar" => {
                let refused = seen.refusal.as_ref().is_some_and(is_refused);
                assert!(refused, "{} writes: {:?}", seen.what, seen.refusal);
            }
            what => assert!(seen.refusal.is_none(), "{what} only reads: {:?}", seen.refusal),
        }
    }
    assert_eq!(everything(&suite.redis).await, before);
    limit(0).await;
    let done = probe.every_call(suite.replica(0)).await;
    assert!(done.iter().all(|seen| seen.refusal.is_none()), "the same request ids: {done:?}");

    let load = Load::start(&targets);
    for _ in 0..3 {
        load.answered(100).await;
        limit(1).await;
        load.refused(20).await;
        limit(0).await;
    }
    load.answered(100).await;
    let calls = load.stop().await;
    let refusals = calls.iter().filter_map(|call| call.outcome.as_ref().err());
    refusals.for_each(|status| assert!(may_be_repeated(status), "{status:?}"));
    let mut done: Vec<_> = repeat(calls, &targets[1]).await;
    done.extend(probe.done(&targets[0]).await);
    audit::agree(&done, &suite.redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_script_is_taught_again() {
    let suite = Suite::durable(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(&suite);
    let load = Load::start(&targets);
    let mut redis = suite.redis.connection().await;
    for _ in 0..40 {
        load.answered(10).await;
        cmd("SCRIPT").arg("FLUSH").exec_async(&mut redis).await.expect("flushed");
    }
    load.answered(50).await;
    let calls = load.stop().await;
    // Only who meets it twice within one call is asked to come back.
    let refusals: Vec<_> = calls.iter().filter_map(|call| call.outcome.as_ref().err()).collect();
    assert!(refusals.iter().all(|status| may_be_repeated(status)), "{refusals:?}");
    assert!(refusals.len() * 20 < calls.len(), "{} of {} are refused", refusals.len(), calls.len());
    let done: Vec<(Request, _)> = repeat(calls, &targets[1]).await;
    audit::agree(&done, &suite.redis).await;
    probe::services_are(&suite, ServingStatus::Serving).await;
}
