//! Sequenced routing on a real Redis: order, fairness and repetition through several replicas at once.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use std::collections::HashMap;
use std::sync::Arc;

use leadhand_domain::answer::{Answer, Destination};
use leadhand_domain::id::{LeadId, RequestId, Workspace};
use leadhand_domain::intake::{self, Raw};
use leadhand_domain::policy::{Policy, apply};
use leadhand_domain::route::{self, Desk, Findings};
use leadhand_domain::time::Millis;
use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;
use leadhand_store::events::{Page, Position};
use leadhand_store::sequence::{Seen, Sequence, Sequenced, Sequences, Submission};
use leadhand_store::{Committed, Config, Error, Request, Store};
use leadhand_testkit::Redis;
use prost::Message;

const NOW: Millis = Millis(1_700_000_000_000);
const POLICY: &str = "
teams: [{id: inbound, capacity: 100000, reps: [{id: ana, weight: 5}, {id: bo, weight: 3}, {id: cy}]}]
pools: [{id: open}]
default: {rotate: inbound, otherwise: {pool: open}}
";
const WEIGHTS: [(&str, i64); 3] = [("ana", 5), ("bo", 3), ("cy", 1)];

fn workspace() -> Workspace {
    Workspace::parse("acme").unwrap()
}

fn request(method: &'static str, id: &str, body: u8) -> Request {
    let id = RequestId::parse(id).unwrap();
    Request { method, caller: String::new(), id, body: [body; 16] }
}

async fn store(redis: &Redis) -> Store {
    let store = Store::new(Config::at(redis.url())).unwrap();
    let command = apply::Command {
        document: POLICY.into(),
        pools: Vec::new(),
        asked: Default::default(),
        author: "ops".into(),
        comment: String::new(),
        secret: [7; 32],
    };
    let decide = |snapshot: &_, _: Option<&Policy>| Ok(apply::decide(snapshot, &command, NOW));
    let id = format!("{:032x}", rand::random::<u128>());
    store.transact(&workspace(), Some(&request("ApplyPolicy", &id, 0)), &apply::READS, decide).await.unwrap();
    store
}

fn inbound_desk() -> Desk {
    Desk::Rotation(leadhand_domain::id::TeamId::parse("inbound").unwrap())
}

fn inbound() -> Sequence {
    let desk = inbound_desk();
    Sequence {
        workspace: workspace(),
        name: desk.to_string(),
        exclusive: true,
        reads: Arc::new(move |policy| route::reads(policy, &desk)),
    }
}

async fn submit(sequences: &Sequences, request: Request) -> Result<Committed, Error> {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    let command = route::Command::new(LeadId::new(NOW, rand::random()), facts, person);
    let desk = inbound_desk();
    let decide = Box::new(move |snapshot: &_, table: &mut _, policy: &_| {
        route::decide(snapshot, table, &command, policy, &desk, &Findings::default(), NOW)
    });
    let submission = Submission {
        request,
        weight: 300,
        patience: None,
        reads: Vec::new(),
        seen: Seen::default(),
        fresh: false,
        decide,
    };
    match sequences.submit(&inbound(), submission).await? {
        Sequenced::Committed(committed) => Ok(committed),
        Sequenced::Elsewhere { .. } | Sequenced::Moved => panic!("the policy has the team"),
    }
}

/// Who got each lead, in the order of the stream.
async fn assignments(store: &Store) -> Vec<(String, String)> {
    let page = store.events_after(&workspace(), Position::START, 100_000).await.unwrap();
    let Page::Events(events) = page else { panic!("nothing was ever dropped") };
    let assigned = events.into_iter().filter_map(|stored| match Event::decode(&stored.event[..]).unwrap().kind {
        Some(Kind::LeadAssigned(assigned)) => Some((stored.position.to_string(), assigned.rep_id)),
        _ => None,
    });
    assigned.collect()
}

/// After every lead, each rep's count is less than one from its share.
fn assert_fair(assignments: &[(String, String)]) {
    let total: i64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for (k, (_, rep)) in (1..).zip(assignments) {
        *counts.entry(rep).or_default() += 1;
        for (rep, weight) in WEIGHTS {
            let difference = counts.get(rep).copied().unwrap_or(0) * total - k * weight;
            assert!(difference.abs() < total, "after {k} leads, {rep} is {difference}/{total} off");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_keep_one_rotation_fair_in_commit_order() {
    let redis = Redis::start();
    let store = store(&redis).await;
    let replicas: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|holder| Sequences::new(Store::new(Config::at(redis.url())).unwrap(), holder))
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..1_500 {
        let sequences = replicas[n % 3].clone();
        tasks.spawn(async move { submit(&sequences, request("RouteLead", &format!("r{n}"), 0)).await.unwrap() });
    }
    let answers = tasks.join_all().await;
    let told = assignments(&store).await;
    assert_eq!(told.len(), 1_500);
    assert_fair(&told);
    let by_position: HashMap<_, _> = told.into_iter().collect();
    for Committed { answer, position } in answers {
        let Answer::Routed(routed) = answer else { panic!() };
        let Destination::Assigned { rep, .. } = routed.to else { panic!() };
        assert_eq!(by_position[&position], rep.to_string(), "the answer names its own event");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_its_first_answer_and_leaves_the_others_alone() {
    let redis = Redis::start();
    let store = store(&redis).await;
    let sequences = Sequences::new(store.clone(), "a");
    let first = submit(&sequences, request("RouteLead", "same", 0)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200 {
        let sequences = sequences.clone();
        let id = if n % 4 == 0 { "same".to_owned() } else { format!("r{n}") };
        tasks.spawn(async move { (n, submit(&sequences, request("RouteLead", &id, 0)).await.unwrap()) });
    }
    for (n, committed) in tasks.join_all().await {
        assert_eq!(committed == first, n % 4 == 0, "{n}");
    }
    let told = assignments(&store).await;
    assert_eq!(told.len(), 151);
    assert_fair(&told);
    let reused = submit(&sequences, request("RouteLead", "same", 1)).await;
    assert!(matches!(reused, Err(Error::Refused(_))), "{reused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_forget_the_script_or_die_and_nothing_is_lost_or_done_twice() {
    let mut redis = Redis::durable(leadhand_store::local::Durability::Always);
    let store = store(&redis).await;
    let sequences = Sequences::new(store.clone(), "a");
    submit(&sequences, request("RouteLead", "r0", 0)).await.unwrap();
    let flush = redis::cmd("SCRIPT").arg("FLUSH").query_async::<()>(&mut redis.connection().await).await;
    flush.unwrap();
    submit(&sequences, request("RouteLead", "r1", 0)).await.unwrap();

    redis.kill();
    let down = submit(&sequences, request("RouteLead", "r2", 0)).await;
    assert!(
        matches!(down.as_ref().map_err(Error::failure), Err(leadhand_domain::refusal::Failure::Unavailable)),
        "{down:?}"
    );
    redis.restart().unwrap();
    for n in 0..100 {
        submit(&sequences, request("RouteLead", &format!("r{n}"), 0)).await.unwrap();
    }
    let told = assignments(&store).await;
    assert_eq!(told.len(), 100);
    assert_fair(&told);
}
