//! Redis becomes a replica: its connections live on, and take no writes.

use std::os::unix::fs::symlink;

use leadhand_kit::Clock;
use leadhand_proto::pool::v1::GetLeadRequest;
use leadhand_store::local::Durability;
use leadhand_testkit::{Redis, eventually};
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::held::{self, everything};
use leadhand_tests::load::{Answer, Load, POLICY, Request, repeat};
use leadhand_tests::{Suite, audit};
use redis::cmd;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::probe::{self, Probe};
use crate::{is_refused, may_be_repeated, targets};

/// Makes a Redis the replica of whoever listens on this port, or of nobody (`NO ONE`).
async fn replica_of(redis: &Redis, host: &str, port: &str) {
    let mut connection = redis.connection().await;
    cmd("REPLICAOF").arg(host).arg(port).exec_async(&mut connection).await.expect("a command of redis");
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_writes_and_does_nothing_by_halves() {
    let suite = Suite::durable(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(&suite);
    let probe = Probe::prepare(&targets[0]).await;
    let load = Load::start(&targets);
    load.answered(100).await;
    // Nobody listens on port 1, so it stays as it is.
    replica_of(&suite.redis, "127.0.0.1", "1").await;
    load.refused(40).await;
    let before = everything(&suite.redis).await;
    for seen in probe.every_call(suite.replica(0)).await {
        let writes = ["push", "pool", "leads", "claim", "contact", "calendar"].contains(&seen.what);
        assert_eq!(seen.refusal.as_ref().is_some_and(is_refused), writes, "{seen:?}");
    }
    assert_eq!(everything(&suite.redis).await, before);
    probe::services_are(&suite, ServingStatus::NotServing).await;
    replica_of(&suite.redis, "NO", "ONE").await;
    probe.recovers(&suite).await;
    probe::services_are(&suite, ServingStatus::Serving).await;
    load.answered(100).await;

    let calls = load.stop().await;
    let refusals = calls.iter().filter_map(|call| call.outcome.as_ref().err());
    refusals.for_each(|status| assert!(may_be_repeated(status), "{status:?}"));
    let mut done = repeat(calls, &targets[1]).await;
    done.extend(probe.done(&targets[0]).await);
    audit::agree(&done, &suite.redis).await;
}

/// An address that leads to the new primary from now on, as a service name does: connections to the old one stay open.
#[tokio::test(flavor = "multi_thread")]
async fn the_services_follow_the_address_to_the_new_primary() {
    let (old, new) = (Redis::durable(Durability::Always), Redis::durable(Durability::Always));
    let folder = tempfile::tempdir().expect("a folder");
    let address = folder.path().join("primary");
    let point_to = |redis: &Redis| {
        let _ = std::fs::remove_file(&address);
        symlink(redis.url().strip_prefix("unix://").expect("a socket"), &address).expect("a link");
    };
    point_to(&old);
    let port = listen(&old).await;
    replica_of(&new, "127.0.0.1", &port).await;

    let url = format!("unix://{}", address.display());
    let mut suite = Suite::with(old, Clock::system(), 0).await;
    for _ in 0..2 {
        suite.add_replica_with(leadhand_store::Config::at(&url)).await;
    }
    apply_policy(suite.replica(0), POLICY).await;
    let targets = targets(&suite);
    let probe = Probe::prepare(&targets[0]).await;
    for seen in probe.every_call(suite.replica(0)).await {
        assert!(seen.refusal.is_none(), "{seen:?}");
    }

    // As an operator fails over: no more writes to the old one, then the new one has everything, then it takes over.
    replica_of(&suite.redis, "127.0.0.1", "1").await;
    let events = held::events(&suite.redis).await;
    eventually!(held::events(&new).await == events, "replicated");
    replica_of(&new, "NO", "ONE").await;
    point_to(&new);

    probe.recovers(&suite).await;
    // Reads are answered by the old one too, which never hears of a new lead.
    let request = Request::route("content_download", "after");
    let answer = targets[0].send(&request).await.expect("it works again");
    let Answer::Routed(routed) = &answer else { panic!("{answer:?}") };
    for replica in &suite.replicas {
        let lead_id = routed.lead_id.clone();
        let look = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: "c0".into(), lead_id };
        eventually!(replica.pool().get_lead(look.clone()).await.is_ok(), "it reads from the new one");
    }
    let load = Load::start(&targets);
    load.answered(50).await;
    let calls = load.stop().await;
    let mut done = repeat(calls, &targets[1]).await;
    done.push((request, answer));
    done.extend(probe.done(&targets[0]).await);
    audit::agree(&done, &new).await;
}

/// Has a Redis listen on a free port of this machine as well.
async fn listen(redis: &Redis) -> String {
    let mut connection = redis.connection().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("its address").port().to_string();
    drop(free);
    cmd("CONFIG").arg("SET").arg("port").arg(&port).exec_async(&mut connection).await.expect("it listens");
    port
}
