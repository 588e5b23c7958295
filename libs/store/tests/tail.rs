//! Waiting for events on a real Redis that changes its role.

use std::time::Duration;

use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::event::{Event, Kind};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_store::events::{Page, Position};
use leadhand_store::{Config, Store};
use leadhand_testkit::Redis;

const WAIT: Duration = Duration::from_millis(10);

/// Commits one event; where it stands.
async fn commit(store: &Store, workspace: &Workspace) -> Position {
    let mut change = Change::answering(Answer::CalendarTaken(true));
    let kind = Kind::PolicyActivated { version: 1, author: "test".into() };
    change.events.push(Event { at: Millis(0), kind, decision: None });
    let committed = store.transact(workspace, None, &[], |_, _| Ok(change.clone())).await.expect("committed");
    Position::parse(&committed.position).expect("a position")
}

/// Makes it a replica of nobody who is there.
async fn demote(redis: &Redis) {
    let mut command = redis::cmd("REPLICAOF");
    command.arg("127.0.0.1").arg(1);
    command.exec_async(&mut redis.connection().await).await.expect("a replica");
}

#[tokio::test]
async fn a_tail_goes_on_where_it_may_and_starts_anew_where_it_may_not() {
    let redis = Redis::start();
    let store = Store::new(Config::at(redis.url())).expect("a store");
    let workspace = Workspace::parse("acme").expect("a workspace");
    let mut from_nothing = store.events_tail(&workspace, None).await.expect("a tail");
    assert_eq!(from_nothing.position(), Position::START);
    let (first, second) = (commit(&store, &workspace).await, commit(&store, &workspace).await);
    let events = from_nothing.next(WAIT, 9).await.expect("events");
    assert_eq!(events.iter().map(|event| event.position).collect::<Vec<_>>(), [first, second]);
    assert_eq!(from_nothing.position(), second);
    assert_eq!(from_nothing.next(WAIT, 9).await.expect("an answer"), []);

    let start = async |after| store.events_tail(&workspace, after).await.expect("a tail").position();
    assert_eq!(start(None).await, second);
    assert_eq!(start(Some(Position::START)).await, Position::START);
    assert_eq!(start(Some(first)).await, first);
    let elsewhere = Position::parse("5-5").expect("a position");
    assert_eq!(start(Some(elsewhere)).await, second);
    assert_eq!(store.events_after(&workspace, elsewhere, 9).await.expect("an answer"), Page::Lost);
}

#[tokio::test]
async fn a_server_that_was_made_a_replica_is_nobody_to_wait_for() {
    let redis = Redis::start();
    let store = Store::new(Config::at(redis.url())).expect("a store");
    let workspace = Workspace::parse("acme").expect("a workspace");
    // Made a replica between two reads: whoever is blocked in one is cut off by Redis itself.
    let mut tail = store.events_tail(&workspace, None).await.expect("a tail");
    assert_eq!(tail.next(WAIT, 9).await.expect("an answer"), []);
    demote(&redis).await;
    tail.next(WAIT, 9).await.expect_err("a replica");
    store.events_tail(&workspace, None).await.expect_err("a replica");
}
