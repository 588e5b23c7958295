//! A Redis that dies, freezes, comes back, or comes back without its latest writes.

use std::path::PathBuf;
use std::process::Command;

use leadhand_notification::Config;
use leadhand_proto::status::told;
use leadhand_store::Store;
use leadhand_store::local::Durability;
use leadhand_testkit::{Redis, eventually};
use tonic::Code;

use crate::common::{Sent, Served, after, beginning, now, reason, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_goes_on_without_a_gap_when_redis_is_killed_and_comes_back() {
    let mut served = Served::with(Redis::durable(Durability::Always), Config::default()).await;
    let mut near = served.subscribe(beginning()).await.unwrap();
    let mut taken = Vec::new();
    for round in 0..3 {
        served.write("before", 10 * round..10 * round + 10).await;
        taken.extend(near.events(10).await);
        served.redis.kill();
        served.redis.restart().unwrap();
        // Behind the ring, which starts anew, or in it.
        let mut far = served.subscribe(beginning()).await;
        eventually!({
            if far.is_err() {
                far = served.subscribe(beginning()).await;
            }
            far.is_ok()
        });
        assert_eq!(far.unwrap().events(taken.len()).await, taken);
    }
    served.write("after", 0..10).await;
    taken.extend(near.events(10).await);
    assert_eq!(taken, served.stream().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_and_subscribers_outlive_a_redis_that_is_killed_under_load() {
    let mut served = Served::with(Redis::durable(Durability::Always), Config::default()).await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    let store = served.store();
    let writer = tokio::spawn(async move {
        let mut written = 0_usize;
        for number in 0..600 {
            // One that fails may have been written all the same: what counts is what the stream holds in the end.
            while write(&store, "acme", "w", number).await.is_err() {
                tokio::task::yield_now().await;
            }
            written += 1;
        }
        written
    });
    let mut taken = subscriber.events(100).await;
    served.redis.kill();
    served.redis.restart().unwrap();
    assert_eq!(writer.await.unwrap(), 600);
    let stream = served.stream().await;
    taken.extend(subscriber.events(stream.len() - taken.len()).await);
    assert_eq!(taken, stream);
}

#[tokio::test]
async fn an_outage_longer_than_tolerated_ends_the_subscription_with_word_when_to_come_back() {
    let config = Config { outage_tolerance_ms: 50, ..Config::default() };
    let mut served = Served::with(Redis::durable(Durability::Always), config).await;
    let position = served.write("w", 1..4).await;
    let mut subscriber = served.subscribe(after(&position)).await.unwrap();
    assert_eq!(subscriber.next().await.unwrap(), Sent::CaughtUp(position.clone()));
    served.redis.kill();
    let (_, end) = subscriber.end().await;
    assert_eq!(reason(&end), (Code::Unavailable, "STORE_UNAVAILABLE".into()));
    assert!(told(&end).retry_after.is_some());
    let refused = served.subscribe(now()).await.err().expect("refused");
    assert_eq!(reason(&refused), (Code::Unavailable, "STORE_UNAVAILABLE".into()));
    served.redis.restart().unwrap();
    served.write("w", 4..5).await;
    let mut resumed = served.subscribe(after(&position)).await;
    eventually!({
        if resumed.is_err() {
            resumed = served.subscribe(after(&position)).await;
        }
        resumed.is_ok()
    });
    assert_eq!(resumed.unwrap().events(1).await[0].2, 4);
}

fn signal(redis: &Redis, signal: &str) {
    assert!(Command::new("kill").args([signal, &redis.pid().to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn a_redis_that_freezes_is_noticed_and_nothing_is_missed_when_it_thaws() {
    let config = Config { outage_tolerance_ms: 50, ..Config::default() };
    let served = Served::with(Redis::start(), config).await;
    let position = served.write("w", 1..4).await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    assert_eq!(subscriber.events(3).await[2].0, position);
    signal(&served.redis, "-STOP");
    let (_, end) = subscriber.end().await;
    signal(&served.redis, "-CONT");
    assert_eq!(reason(&end), (Code::Unavailable, "STORE_UNAVAILABLE".into()));
    served.write("w", 4..6).await;
    let mut resumed = served.subscribe(after(&position)).await;
    eventually!({
        if resumed.is_err() {
            resumed = served.subscribe(after(&position)).await;
        }
        resumed.is_ok()
    });
    assert_eq!(resumed.unwrap().events(2).await[1].2, 5);
}

/// Makes a Redis the replica of whoever listens on this port of this machine, or of nobody.
async fn replica_of(redis: &Redis, port: Option<u16>) {
    let mut command = redis::cmd("REPLICAOF");
    match port {
        Some(port) => command.arg("127.0.0.1").arg(port),
        None => command.arg("NO").arg("ONE"),
    };
    let () = command.query_async(&mut redis.connection().await).await.unwrap();
}

/// A primary with a replica, which take over from each other behind one address, as a service name does it: connections to
/// the old primary stay open.
struct Pair {
    new: Redis,
    folder: tempfile::TempDir,
}

impl Pair {
    /// The primary, and what may take over from it.
    async fn start() -> (Redis, Self) {
        let (old, pair) = (Redis::start(), Self { new: Redis::start(), folder: tempfile::tempdir().unwrap() });
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut listen = redis::cmd("CONFIG");
        listen.arg("SET").arg("port").arg(port).arg("repl-diskless-sync-delay").arg(0);
        let () = listen.query_async(&mut old.connection().await).await.unwrap();
        replica_of(&pair.new, Some(port)).await;
        pair.point_to(&old);
        (old, pair)
    }

    fn url(&self) -> String {
        format!("unix://{}", self.folder.path().join("primary").display())
    }

    fn point_to(&self, redis: &Redis) {
        let (url, target) = (self.url(), redis.url());
        let link = url.strip_prefix("unix://").unwrap();
        let _ = std::fs::remove_file(link);
        std::os::unix::fs::symlink(target.strip_prefix("unix://").unwrap(), link).unwrap();
    }

    fn store(&self) -> Store {
        Store::new(leadhand_store::Config::at(self.url())).unwrap()
    }

    async fn replicated(&self, events: usize) {
        let mut new = self.new.connection().await;
        let mut length = async || -> usize {
            redis::cmd("XLEN").arg("{acme}:events").query_async(&mut new).await.unwrap_or_default()
        };
        eventually!(length().await == events);
    }
}

#[tokio::test]
async fn a_subscription_follows_the_address_to_the_new_primary() {
    let (old, pair) = Pair::start().await;
    let served = Served::at(pair.url(), old, Config::default()).await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    write(&pair.store(), "acme", "w", 1).await.unwrap();
    assert_eq!(subscriber.events(1).await[0].2, 1);
    pair.replicated(1).await;
    replica_of(&served.redis, Some(1)).await;
    replica_of(&pair.new, None).await;
    pair.point_to(&pair.new);
    write(&pair.store(), "acme", "w", 2).await.unwrap();
    assert_eq!(subscriber.events(1).await[0].2, 2);
}

#[tokio::test]
async fn a_new_primary_without_the_latest_events_is_told_from_one_that_has_them() {
    let (old, pair) = Pair::start().await;
    let served = Served::at(pair.url(), old, Config::default()).await;
    let kept = write(&pair.store(), "acme", "w", 1).await.unwrap();
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    assert_eq!(subscriber.events(1).await[0].2, 1);
    pair.replicated(1).await;
    replica_of(&pair.new, None).await;
    let lost = write(&pair.store(), "acme", "w", 2).await.unwrap();
    assert_eq!(subscriber.events(1).await[0].2, 2);
    pair.point_to(&pair.new);
    replica_of(&served.redis, Some(1)).await;
    write(&pair.store(), "acme", "w", 3).await.unwrap();
    let (unseen, end) = subscriber.end().await;
    assert_eq!((unseen, reason(&end)), (0, (Code::OutOfRange, "POSITION_LOST".into())));
    assert!(served.subscribe(after(&lost)).await.is_err());
    assert_eq!(served.subscribe(after(&kept)).await.unwrap().events(1).await[0].2, 3);
}

/// The file that a Redis writes its changes to.
fn log(redis: &Redis) -> PathBuf {
    let socket = PathBuf::from(redis.url().strip_prefix("unix://").unwrap());
    socket.parent().unwrap().join("appendonlydir/appendonly.aof.1.incr.aof")
}

#[tokio::test]
async fn a_redis_that_lost_its_latest_writes_is_told_apart_from_one_that_did_not() {
    let mut served = Served::with(Redis::durable(Durability::Always), Config::default()).await;
    let kept = served.write("w", 1..11).await;
    let length = std::fs::metadata(log(&served.redis)).unwrap().len();
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    let mut behind = served.subscribe(after(&kept)).await.unwrap();
    assert_eq!(behind.next().await.unwrap(), Sent::CaughtUp(kept.clone()));
    let lost = served.write("w", 11..21).await;
    assert_eq!(subscriber.events(20).await[19].0, lost);

    served.redis.kill();
    let file = std::fs::File::options().write(true).open(log(&served.redis)).unwrap();
    file.set_len(length).unwrap();
    served.redis.restart().unwrap();

    // Told without being asked, though nothing happens in the workspace.
    let (_, end) = subscriber.end().await;
    assert_eq!(reason(&end), (Code::OutOfRange, "POSITION_LOST".into()));
    let refused = served.subscribe(after(&lost)).await.err().expect("refused");
    assert_eq!(reason(&refused), (Code::OutOfRange, "POSITION_LOST".into()));
    // The stream goes on past what was lost; whoever saw that is told all the same.
    served.write("w", 21..23).await;
    let refused = served.subscribe(after(&lost)).await.err().expect("refused");
    assert_eq!(reason(&refused), (Code::OutOfRange, "POSITION_LOST".into()));
    let mut resumed = served.subscribe(after(&kept)).await.unwrap();
    assert_eq!(resumed.events(2).await.iter().map(|event| event.2).collect::<Vec<_>>(), [21, 22]);
}

#[tokio::test]
async fn a_redis_that_lost_everything_is_told() {
    let mut served = Served::start().await;
    let lost = served.write("w", 1..4).await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    assert_eq!(subscriber.events(3).await[2].0, lost);
    served.redis.kill();
    served.redis.restart().unwrap();
    let (_, end) = subscriber.end().await;
    assert_eq!(reason(&end), (Code::OutOfRange, "POSITION_LOST".into()));
}
