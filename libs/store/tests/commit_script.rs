//! `lua/commit.lua` by its own contract: called as its header says, without the wrapper.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use leadhand_testkit::Redis;
use redis::{FromRedisValue, Value};

const SCRIPT: &str = include_str!("../lua/commit.lua");

/// The sections of one call.
#[derive(Default)]
struct Call {
    /// Key, value, event, ttl in ms.
    answers: Vec<(&'static str, &'static str, u8, u32)>,
    /// Key, version expected.
    checks: Vec<(&'static str, &'static str)>,
    /// Key, holder, ttl in ms.
    locks: Vec<(&'static str, &'static str, u32)>,
    gates: Vec<&'static str>,
    /// Key, what to add, the most; empty without a limit.
    counts: Vec<(&'static str, i64, &'static str)>,
    events: Vec<&'static str>,
    /// Key, value, event.
    puts: Vec<(String, String, u8)>,
    /// Key, value, ttl in ms.
    lapses: Vec<(&'static str, &'static str, u32)>,
    /// Key, command, its further arguments.
    indexes: Vec<(&'static str, &'static str, Vec<&'static str>)>,
}

struct Server {
    _redis: Redis,
    connection: redis::aio::MultiplexedConnection,
}

impl Server {
    async fn start() -> Self {
        let redis = Redis::start();
        let connection = redis.connection().await;
        Self { _redis: redis, connection }
    }

    async fn commit(&mut self, call: &Call) -> redis::RedisResult<Vec<Value>> {
        let mut command = redis::cmd("EVAL");
        let keys = (call.answers.iter().map(|(key, ..)| *key))
            .chain(call.checks.iter().map(|(key, _)| *key))
            .chain(call.locks.iter().map(|(key, ..)| *key))
            .chain(call.gates.iter().copied())
            .chain(call.counts.iter().map(|(key, ..)| *key))
            .chain(["stream"])
            .chain(call.puts.iter().map(|(key, ..)| key.as_str()))
            .chain(call.lapses.iter().map(|(key, ..)| *key))
            .chain(call.indexes.iter().map(|(key, ..)| *key));
        let keys: Vec<_> = keys.collect();
        command.arg(SCRIPT).arg(keys.len()).arg(keys);
        let counts = [
            call.answers.len(),
            call.checks.len(),
            call.locks.len(),
            call.gates.len(),
            call.counts.len(),
            call.events.len(),
            call.puts.len(),
            call.lapses.len(),
            call.indexes.len(),
        ];
        command.arg(&counts[..]);
        for (_, value, event, ttl) in &call.answers {
            command.arg(value).arg(event).arg(ttl);
        }
        for (_, version) in &call.checks {
            command.arg(version);
        }
        for (_, holder, ttl) in &call.locks {
            command.arg(holder).arg(ttl);
        }
        for (_, delta, most) in &call.counts {
            command.arg(delta).arg(most);
        }
        command.arg(&call.events);
        for (_, value, event) in &call.puts {
            command.arg(value).arg(event);
        }
        for (_, value, ttl) in &call.lapses {
            command.arg(value).arg(ttl);
        }
        for (_, name, arguments) in &call.indexes {
            command.arg(name).arg(arguments.len()).arg(arguments);
        }
        command.query_async(&mut self.connection).await
    }

    async fn run<T: FromRedisValue>(&mut self, line: &str) -> T {
        let mut words = line.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut self.connection).await.unwrap()
    }

    /// The names of everything that is there, the stream apart.
    async fn keys(&mut self) -> Vec<String> {
        let mut keys: Vec<String> = self.run("KEYS *").await;
        keys.sort();
        keys
    }
}

fn text(value: &Value) -> String {
    String::from_redis_value(value.clone()).unwrap()
}

fn number(value: &Value) -> i64 {
    i64::from_redis_value(value.clone()).unwrap()
}

/// Writes something of every kind, should it be applied.
fn everything() -> Call {
    Call {
        answers: vec![("answer", "yes", 2, 60_000)],
        events: vec!["first", "second"],
        puts: vec![("lead".into(), "01234567lead".into(), 1), ("seat".into(), "01234567seat".into(), 0)],
        lapses: vec![("mark", "01234567mark", 60_000)],
        counts: vec![("open", 1, "50"), ("uncontacted", -1, "")],
        indexes: vec![
            ("pool", "ZADD", vec!["17", "lead", "18", "other"]),
            ("timers", "ZREM", vec!["lead"]),
            ("history", "RPUSH", vec!["1", "2"]),
        ],
        ..Call::default()
    }
}

#[tokio::test]
async fn a_change_is_written_whole_and_its_records_name_their_events() {
    let mut server = Server::start().await;
    let () = server.run("ZADD timers 5 lead").await;
    let mut call = everything();
    call.answers.push(("brief", "yes", 0, 1_000));
    call.locks = vec![("lock", "ana", 60_000)];
    let done = server.commit(&call).await.unwrap();
    let ids: Vec<_> = done.iter().map(text).collect();
    let [done, first, second] = &ids[..] else { panic!("{ids:?}") };
    assert_eq!(done, "done");
    let tagged = |value: &str, id: &str| format!("{value}\u{7a}{}{id}", char::from(id.len() as u8));
    assert_eq!(server.run::<String>("GET lead").await, tagged("01234567lead", first));
    assert_eq!(server.run::<i64>("PTTL lead").await, -1, "kept");
    assert_eq!(server.run::<String>("GET seat").await, "01234567seat");
    assert_eq!(server.run::<String>("GET mark").await, "01234567mark");
    assert!((1..=60_000).contains(&server.run::<i64>("PTTL mark").await));
    assert_eq!(server.run::<(i64, i64)>("MGET open uncontacted").await, (1, -1));
    assert_eq!(server.run::<String>("GET answer").await, tagged("yes", second));
    assert!((1_001..=60_000).contains(&server.run::<i64>("PTTL answer").await));
    assert!((1..=1_000).contains(&server.run::<i64>("PTTL brief").await));
    assert_eq!(server.run::<String>("GET lock").await, "ana");
    assert!((1..=60_000).contains(&server.run::<i64>("PTTL lock").await));
    assert_eq!(server.run::<(f64, f64)>("ZMSCORE pool lead other").await, (17.0, 18.0));
    assert_eq!(server.run::<i64>("EXISTS timers").await, 0);
    assert_eq!(server.run::<i64>("XLEN stream").await, 2);
}

#[tokio::test]
async fn who_repeats_a_request_is_told_its_answer_before_anything_else() {
    let mut server = Server::start().await;
    let () = server.run("SET again first").await;
    let mut call = everything();
    call.answers.push(("again", "no", 0, 60_000));
    call.checks = vec![("gone", "01234567")];
    let answered = server.commit(&call).await.unwrap();
    assert_eq!((text(&answered[0]), number(&answered[1]), text(&answered[2])), ("answered".into(), 2, "first".into()));
    assert_eq!(answered.len(), 3);
    assert_eq!(server.keys().await, ["again"]);
}

#[tokio::test]
async fn a_stale_change_writes_nothing_and_brings_every_checked_record() {
    let mut server = Server::start().await;
    let () = server.run("SET held 01234567held").await;
    let () = server.run("SET other 89abcdefother").await;
    // The last one of each: another version; there although expected absent; absent although expected.
    for (key, version) in [("other", "01234567"), ("other", ""), ("none", "01234567")] {
        let mut call = everything();
        call.checks = vec![("held", "01234567"), ("never", ""), (key, version)];
        let stale = server.commit(&call).await.unwrap();
        assert_eq!((text(&stale[0]), text(&stale[1])), ("stale".into(), "01234567held".into()));
        assert_eq!(stale[2], Value::Nil);
        assert_eq!(stale[3], if key == "none" { Value::Nil } else { Value::BulkString(b"89abcdefother".into()) });
        assert_eq!(server.keys().await, ["held", "other"]);
    }
}

#[tokio::test]
async fn a_lock_keeps_others_out_and_its_holder_in() {
    let mut server = Server::start().await;
    let () = server.run("SET lock bo PX 50000").await;
    let mut call = everything();
    call.locks = vec![("free", "ana", 10), ("lock", "ana", 10)];
    let locked = server.commit(&call).await.unwrap();
    assert_eq!(text(&locked[0]), "locked");
    assert!((1..=50_000).contains(&number(&locked[1])));
    assert_eq!(server.keys().await, ["lock"], "not even the free one was taken");
    call.locks = vec![("lock", "bo", 10)];
    assert_eq!(text(&server.commit(&call).await.unwrap()[0]), "done");
    let left: i64 = server.run("PTTL lock").await;
    assert!(left > 10_000, "one's own lock is not made shorter or longer: {left}");
}

#[tokio::test]
async fn who_waits_in_the_gate_goes_first_when_the_lock_is_free() {
    let mut server = Server::start().await;
    let () = server.run("SET gate bo PX 50000").await;
    let gated = |holder| Call { locks: vec![("lock", holder, 60_000)], gates: vec!["gate"], ..everything() };
    let locked = server.commit(&gated("ana")).await.unwrap();
    assert_eq!(text(&locked[0]), "locked");
    assert!(number(&locked[1]) > 10_000, "the gate's time");
    assert_eq!(text(&server.commit(&gated("bo")).await.unwrap()[0]), "done");
    let () = server.run("DEL answer").await;
    let () = server.run("SET gate ana PX 50000").await;
    // While the lock is held, its holder goes on, whoever waits.
    assert_eq!(text(&server.commit(&gated("bo")).await.unwrap()[0]), "done");
    assert_eq!(text(&server.commit(&Call { answers: Vec::new(), ..gated("ana") }).await.unwrap()[0]), "locked");
}

/// Told that its records are old, it would read them again and again for as long as the other works.
#[tokio::test]
async fn who_is_not_to_work_now_is_told_so_even_when_its_records_are_old() {
    let mut server = Server::start().await;
    let () = server.run("SET lock bo PX 50000").await;
    let stale = |holder| Call { locks: vec![("lock", holder, 10)], checks: vec![("gone", "01234567")], ..everything() };
    let gated = Call { gates: vec!["gate"], ..stale("ana") };
    assert_eq!(text(&server.commit(&gated).await.unwrap()[0]), "locked");
    assert_eq!(text(&server.commit(&Call { gates: vec!["gate"], ..stale("bo") }).await.unwrap()[0]), "stale");
    // A lock without a gate is on a fact: whoever finds it changed need not wait to be told.
    assert_eq!(text(&server.commit(&stale("ana")).await.unwrap()[0]), "stale");
    assert_eq!(server.keys().await, ["lock"]);
}

#[tokio::test]
async fn a_count_never_goes_past_its_limit_and_what_is_refused_is_not_counted() {
    let mut server = Server::start().await;
    let counting = |delta, most| Call { counts: vec![("other", 1, ""), ("open", delta, most)], ..Call::default() };
    assert_eq!(text(&server.commit(&counting(3, "3")).await.unwrap()[0]), "done");
    assert_eq!(text(&server.commit(&counting(1, "3")).await.unwrap()[0]), "full");
    assert_eq!(server.run::<(i64, i64)>("MGET other open").await, (1, 3));
    assert_eq!(text(&server.commit(&counting(-1, "")).await.unwrap()[0]), "done");
    assert_eq!(text(&server.commit(&counting(1, "3")).await.unwrap()[0]), "done");
    assert_eq!(server.run::<(i64, i64)>("MGET other open").await, (3, 3));
}

#[tokio::test]
async fn a_full_batch_fits() {
    let mut server = Server::start().await;
    let puts = |records, length| (0..records).map(|n| (format!("record{n}"), "v".repeat(length), 16)).collect();
    for (records, length) in [(64, 4_096), (10_001, 16)] {
        let call = Call { events: vec!["e"; 16], puts: puts(records, length), ..Call::default() };
        assert_eq!(server.commit(&call).await.unwrap().len(), 17);
        assert_eq!(server.run::<i64>("DBSIZE").await, records + 1);
    }
}

#[tokio::test]
async fn a_fault_that_shows_at_the_event_leaves_nothing_behind() {
    let mut server = Server::start().await;
    let () = server.run("SET stream text").await;
    let mut call = everything();
    call.locks = vec![("lock", "ana", 60_000)];
    let error = server.commit(&call).await.unwrap_err();
    assert_eq!(error.code(), Some("WRONGTYPE"), "{error}");
    assert_eq!(server.keys().await, ["stream"]);
    // Once it is mended, the same call goes through.
    let () = server.run("DEL stream").await;
    assert_eq!(text(&server.commit(&call).await.unwrap()[0]), "done");
}
