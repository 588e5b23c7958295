//! Where a subscription starts, and what it is told when there is nothing.

use leadhand_notification::Config;
use leadhand_proto::status::told;
use leadhand_testkit::Redis;
use tonic::Code;

use crate::common::{Sent, Served, after, beginning, now, reason, write};

#[tokio::test]
async fn a_workspace_without_events_is_caught_up_at_once() {
    let served = Served::start().await;
    for start in [beginning(), now()] {
        let mut subscriber = served.subscribe(start).await.unwrap();
        assert_eq!(subscriber.next().await.unwrap(), Sent::CaughtUp(String::new()));
        served.write("w", 1..2).await;
        assert_eq!(subscriber.events(1).await[0].2, 1);
        served.trim(0).await;
        let mut connection = served.redis.connection().await;
        let _: () = redis::cmd("DEL").arg("{acme}:events").query_async(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn each_start_gets_what_it_asked_for_and_word_when_it_has_caught_up() {
    let served = Served::start().await;
    let second = served.write("w", 1..3).await;
    let fourth = served.write("w", 3..5).await;
    let mut all = served.subscribe(beginning()).await.unwrap();
    let mut rest = served.subscribe(after(&second)).await.unwrap();
    let mut none = served.subscribe(after(&fourth)).await.unwrap();
    let mut new = served.subscribe(now()).await.unwrap();
    let numbers = |events: Vec<(String, String, u64)>| events.into_iter().map(|event| event.2).collect::<Vec<_>>();
    assert_eq!(numbers(all.events(4).await), [1, 2, 3, 4]);
    assert_eq!(numbers(rest.events(2).await), [3, 4]);
    for subscriber in [&mut all, &mut rest, &mut none, &mut new] {
        assert_eq!(subscriber.next().await.unwrap(), Sent::CaughtUp(fourth.clone()));
    }
    let fifth = served.write("w", 5..6).await;
    for subscriber in [&mut all, &mut rest, &mut none, &mut new] {
        // Once, and not again after each event.
        assert_eq!(subscriber.next().await.unwrap(), Sent::Event((fifth.clone(), "w".into(), 5)));
    }
}

#[tokio::test]
async fn silence_is_broken_by_word_that_nothing_was_missed() {
    let config = Config { heartbeat_ms: 20, ..Config::default() };
    let served = Served::with(Redis::start(), config).await;
    let first = served.write("w", 1..2).await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    assert_eq!(subscriber.events(1).await[0].2, 1);
    for _ in 0..3 {
        assert_eq!(subscriber.next().await.unwrap(), Sent::CaughtUp(first.clone()));
    }
    let second = served.write("w", 2..3).await;
    assert_eq!(subscriber.events(1).await[0].2, 2);
    assert_eq!(subscriber.next().await.unwrap(), Sent::CaughtUp(second));
}

#[tokio::test]
async fn workspaces_do_not_hear_of_each_other() {
    let served = Served::start().await;
    let mut ours = served.subscribe(beginning()).await.unwrap();
    let mut theirs = served.subscribe_to("globex", Some(beginning())).await.unwrap();
    let store = served.store();
    for n in 0..20 {
        write(&store, if n % 2 == 0 { "acme" } else { "globex" }, "w", n).await.unwrap();
    }
    for n in 0..10 {
        assert_eq!(ours.events(1).await[0].2, 2 * n);
        assert_eq!(theirs.events(1).await[0].2, 2 * n + 1);
    }
}

#[tokio::test]
async fn a_position_that_cannot_be_resumed_after_says_why() {
    let served = Served::start().await;
    let first = served.write("w", 1..2).await;
    let fifth = served.write("w", 2..6).await;
    let last = served.write("w", 6..11).await;
    let refused = async |start| reason(&served.subscribe(start).await.err().expect("refused"));
    let trimmed = (Code::OutOfRange, "POSITION_TRIMMED".to_owned());
    let lost = (Code::OutOfRange, "POSITION_LOST".to_owned());

    served.trim(6).await;
    assert_eq!(refused(after(&first)).await, trimmed);
    assert_eq!(served.subscribe(after(&fifth)).await.unwrap().events(5).await[0].2, 6);
    assert_eq!(served.subscribe(beginning()).await.unwrap().events(6).await[0].2, 5);
    assert_eq!(refused(after("99999999999999-0")).await, lost);
    // Between two events, where none was: another stream's position, or one whose event was lost.
    let (millis, sequence) = last.split_once('-').unwrap();
    assert_eq!(refused(after(&format!("{millis}-{}", sequence.parse::<u64>().unwrap() + 7))).await, lost);

    served.trim(0).await;
    assert_eq!(refused(after(&fifth)).await, trimmed);
    for start in [after(&last), beginning(), now()] {
        let mut subscriber = served.subscribe(start.clone()).await.unwrap();
        assert!(matches!(subscriber.next().await.unwrap(), Sent::CaughtUp(_)), "{start:?}");
    }
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    let served = Served::start().await;
    let refused = async |workspace: &str, start| {
        let refused = served.subscribe_to(workspace, start).await.err().expect("refused");
        assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_FIELDS".into()));
        told(&refused).fields.into_iter().map(|field| field.field).collect::<Vec<_>>()
    };
    assert_eq!(refused("", Some(now())).await, ["workspace"]);
    assert_eq!(refused("a:b", Some(now())).await, ["workspace"]);
    assert_eq!(refused("acme", None).await, ["start"]);
    for malformed in ["", "-", "1", "$", "1-1-1", "-1-0", "18446744073709551616-0"] {
        assert_eq!(refused("acme", Some(after(malformed))).await, ["after"], "{malformed:?}");
    }
    assert_eq!(refused("{}", Some(after("x"))).await, ["workspace", "after"]);
}
