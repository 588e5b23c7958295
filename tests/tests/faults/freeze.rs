//! Redis stops answering, with its connections open.

use futures_util::future::join_all;
use leadhand_proto::pool::v1::ListPoolsRequest;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, route};
use leadhand_tests::load::{Answer, Load, POLICY, Request, repeat};
use leadhand_tests::{Suite, audit, held};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::probe::{self, Probe};
use crate::{is_refused, targets};

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_timed_out_but_was_carried_out_is_found_by_its_request_id() {
    let suite = Suite::durable(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    for source in ["demo_request", "content_download"] {
        route(replica, source, format!("warm-{source}")).await.expect("a healthy suite");
        let before = held::events(&suite.redis).await.len();
        suite.redis.freeze();
        let refusal = route(replica, source, source).await.expect_err("nobody answers");
        assert!(is_refused(&refusal), "{refusal:?}");
        suite.redis.thaw();
        // Nobody repeats it: Redis carries out what it was sent before.
        eventually!(held::events(&suite.redis).await.len() > before, "carried out late");

        let found = route(replica, source, source).await.expect("its first answer");
        let events = held::events(&suite.redis).await;
        assert_eq!((events.len(), &events[before].position), (before + 1, &found.position));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_under_load_it_makes_nobody_wait_past_a_deadline() {
    let suite = &Suite::durable(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(suite);
    let probe = Probe::prepare(&targets[0]).await;
    let load = Load::start(&targets);
    load.answered(150).await;

    suite.redis.freeze();
    load.refused(1).await;
    // Far more callers than connections: they must not queue up for a connection that cannot be made.
    let crowd = (0..100).map(|n| {
        let request = Request::route("content_download", &format!("crowd-{n}"));
        let target = &targets[n % 2];
        async move { (target.send(&request).await, request) }
    });
    let lookers = (0..100).map(|n| async move {
        let request = ListPoolsRequest { workspace: WORKSPACE.into() };
        suite.replica(n).pool().list_pools(request).await
    });
    let seen = join_all(suite.replicas.iter().map(|replica| probe.every_call(replica)));
    let (crowd, lookers, seen) = futures_util::join!(join_all(crowd), join_all(lookers), seen);
    let looked = lookers.iter().map(|outcome| outcome.as_ref().err());
    for refusal in crowd.iter().map(|(outcome, _)| outcome.as_ref().err()).chain(looked) {
        assert!(refusal.is_some_and(is_refused), "{refusal:?}");
    }
    probe::all_refused(&seen.into_iter().flatten().collect::<Vec<_>>());
    probe::services_are(suite, ServingStatus::NotServing).await;

    suite.redis.thaw();
    probe.recovers(suite).await;
    load.answered(150).await;
    probe::services_are(suite, ServingStatus::Serving).await;

    let calls = load.stop().await;
    assert!(calls.iter().any(|call| call.outcome.is_err()), "the load met the frozen redis");
    for call in &calls {
        if let Err(status) = &call.outcome {
            // Nobody was told that the deadline has passed.
            assert!(matches!(status.code(), Code::Unavailable | Code::Aborted), "{call:?}");
        }
    }
    let mut done = repeat(calls, &targets[1]).await;
    for (_, request) in crowd {
        let answer: Answer = targets[0].send(&request).await.expect("a healthy suite");
        done.push((request, answer));
    }
    done.extend(probe.done(&targets[0]).await);
    audit::agree(&done, &suite.redis).await;
}
