//! The policy is switched a hundred times while leads are being routed through two replicas: every decision is taken under one
//! version, wholly, and takes its place in the stream between the activation of that version and of the next, so no replica
//! is behind by even one commit; and a call that is made after a version's answer is decided under it or a later one, at
//! whichever replica. Who watches the versions at either replica is told of each.
//!
//! How many milliseconds later a watcher knows is printed and not asserted: the spec's second is a property of the machine too.
//! What holds on any machine are these orders, and decisions do not wait for a watcher: they expect the policy's head.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::policy::v1::WatchPolicyRequest;
use leadhand_proto::policy::v1::watch_policy_response::Item;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_testkit::{PATIENCE, eventually};
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, events, route};
use leadhand_tests::held::Held;

const SWITCHES: u64 = 100;
const REPLICAS: usize = 2;
const CALLERS: usize = 16;

/// Neighbouring versions differ in everything: the team, its reps, the pool, and which source goes where; and no two have a
/// route of the same name.
fn document(version: u64) -> String {
    let (name, pushed, pooled) =
        if version % 2 == 1 { ("odd", "webinar", "referral") } else { ("even", "referral", "webinar") };
    format!(
        "teams: [{{id: team-{name}, capacity: 100000, reps: [{{id: {name}-1}}, {{id: {name}-2, weight: 2}}]}}]\n\
         pools: [{{id: pool-{name}}}]\n\
         routes:\n\
         - {{name: push-{version}, sources: [{pushed}], rotate: team-{name}, otherwise: {{pool: pool-{name}}}}}\n\
         - {{name: pull-{version}, sources: [{pooled}], pool: pool-{name}}}\n\
         default: {{pool: pool-{name}}}\n\
         quotas: {{hour: 1000, day: 1000, week: 1000}}\n"
    )
}

/// What a decision of this version says: the route, and the team or the pool.
fn expected(version: u64, source: &str) -> (String, String) {
    let (name, pushed) = if version % 2 == 1 { ("odd", "webinar") } else { ("even", "referral") };
    match source {
        "other" => ("default".into(), format!("pool-{name}")),
        source if source == pushed => (format!("push-{version}"), format!("team-{name}")),
        _ => (format!("pull-{version}"), format!("pool-{name}")),
    }
}

/// Follows the versions at a replica, from the second to the last; when each was told.
async fn watched(suite: Arc<Suite>, replica: usize) -> Vec<Instant> {
    let request = WatchPolicyRequest { workspace: WORKSPACE.into(), after: Some(1) };
    let mut stream = suite.replica(replica).policy().watch_policy(request).await.expect("a stream").into_inner();
    let mut told = Vec::new();
    while told.len() + 1 < SWITCHES as usize {
        let next = stream.message().await.expect("no error").expect("no end");
        if let Some(Item::Version(version)) = next.item {
            told.push(Instant::now());
            assert_eq!(version.number, told.len() as u64 + 1, "each, in order, at replica {replica}");
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn no_decision_mixes_versions_while_the_policy_is_switched_under_load() {
    let suite = Arc::new(Suite::start(REPLICAS).await);
    assert_eq!(apply_policy(suite.replica(0), &document(1)).await, 1);
    let watches: Vec<_> = (0..REPLICAS).map(|replica| tokio::spawn(watched(suite.clone(), replica))).collect();
    let mut activated = Vec::new();
    let done = Arc::new(AtomicBool::new(false));
    // The version that was answered last.
    let known = Arc::new(AtomicU64::new(1));
    let callers = (0..CALLERS).map(|caller| {
        let (suite, done, known) = (suite.clone(), done.clone(), known.clone());
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while !done.load(Ordering::Acquire) {
                let n = answers.len();
                let source = ["webinar", "referral", "other"][(caller + n) % 3];
                let least = known.load(Ordering::Acquire);
                let routed = route(suite.replica(caller + n), source, format!("{caller}.{n}")).await;
                let routed = routed.expect("routed, whatever is switched meanwhile");
                assert!(routed.policy_version >= least, "{} was answered before: {routed:?}", least);
                if let (0, Some(Outcome::Pooled(pool))) = (n % 5, &routed.outcome) {
                    // A claim is decided under a version too; the rep may have gone with the version before.
                    let rep = format!("{}-1", pool.pool_id.trim_start_matches("pool-"));
                    let _ = claim(suite.replica(n), &rep, &routed.lead_id).await;
                }
                answers.push((source, routed));
            }
            answers
        })
    });
    let callers: Vec<_> = callers.collect();
    let mut redis = suite.redis.connection().await;
    let mut length = async || {
        let key = format!("{{{WORKSPACE}}}:events");
        redis::cmd("XLEN").arg(key).query_async::<usize>(&mut redis).await.expect("a length")
    };
    for version in 2..=SWITCHES {
        // A switch with nothing in between would show nothing.
        let before = length().await;
        eventually!(length().await >= before + 10);
        activated.push(Instant::now());
        assert_eq!(apply_policy(suite.replica(version as usize), &document(version)).await, version);
        known.store(version, Ordering::Release);
    }
    let mut worst = Duration::ZERO;
    for watch in watches {
        let told =
            tokio::time::timeout(PATIENCE, watch).await.expect("each replica has each version").expect("no panic");
        worst = told
            .iter()
            .zip(&activated)
            .map(|(told, at)| told.saturating_duration_since(*at))
            .fold(worst, Duration::max);
    }
    println!("{SWITCHES} switches; the last to know of one knew it {worst:?} after it was sent");
    done.store(true, Ordering::Release);

    let mut versions = std::collections::BTreeSet::new();
    let mut answered = 0;
    for caller in callers {
        for (source, answer) in caller.await.expect("no panic") {
            let (route, to) = expected(answer.policy_version, source);
            let went = match answer.outcome.expect("an outcome") {
                Outcome::Assigned(assigned) => assigned.team_id,
                Outcome::Pooled(pooled) => pooled.pool_id,
                other => panic!("not by this policy: {other:?}"),
            };
            assert_eq!((answer.route, went), (route, to), "under version {}", answer.policy_version);
            versions.insert(answer.policy_version);
            answered += 1;
        }
    }
    assert!(versions.len() as u64 > SWITCHES / 2, "decided under {versions:?}");

    let mut active = 0;
    let mut told = 0;
    for event in events(suite.replica(0)).await {
        let version = event.decision.as_ref().map(|decision| decision.policy_version);
        let route = event.decision.map(|decision| decision.route);
        let position = event.position;
        match event.kind.expect("a kind") {
            Kind::PolicyActivated(activated) => {
                assert_eq!(activated.version, active + 1, "at {position}");
                active = activated.version;
                continue;
            }
            Kind::LeadAssigned(assigned) => {
                assert_eq!((route, assigned.team_id), some(expected(active, &assigned.source)), "at {position}");
                let name = if active % 2 == 1 { "odd" } else { "even" };
                assert!(assigned.rep_id.starts_with(name), "{} at {position}", assigned.rep_id);
                told += 1;
            }
            Kind::LeadPooled(pooled) => {
                assert_eq!((route, pooled.pool_id), some(expected(active, &pooled.source)), "at {position}");
                told += 1;
            }
            Kind::LeadClaimed(claimed) => {
                let name = if active % 2 == 1 { "odd" } else { "even" };
                assert!(claimed.rep_id.starts_with(name), "{} at {position}", claimed.rep_id);
            }
            other => panic!("nothing else happened: {other:?}"),
        }
        assert_eq!(version, Some(active), "at {position}");
    }
    println!("{answered} leads, each under the version that was active where it stands in the stream");
    assert_eq!((active, told), (SWITCHES, answered));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

fn some((route, to): (String, String)) -> (Option<String>, String) {
    (Some(route), to)
}
