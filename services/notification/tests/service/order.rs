//! Everything, in order, once: however many write, however often a subscriber leaves, however slow it is.

use leadhand_notification::Config;
use leadhand_testkit::Redis;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::Code;

use crate::common::{Seen, Sent, Served, after, beginning, reason, write};

const WRITERS: u64 = 4;
const EACH: u64 = 400;

/// Reads everything, hanging up at random and resuming after the last event it took.
async fn restless(served: &Served, seed: u64) -> Vec<Seen> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut taken: Vec<Seen> = Vec::new();
    let all = (WRITERS * EACH) as usize;
    let channel = served.channel().await;
    while taken.len() < all {
        let start = taken.last().map_or_else(beginning, |(position, ..)| after(position));
        let mut subscriber = crate::common::subscribe(channel.clone(), "acme", Some(start)).await.unwrap();
        let stay = random.random_range(1..200).min(all - taken.len());
        taken.extend(subscriber.events(stay).await);
    }
    taken
}

async fn everything_in_order(config: Config) {
    let served = Served::with(Redis::start(), config).await;
    let writers = (0..WRITERS).map(|writer| {
        let store = served.store();
        tokio::spawn(async move {
            for number in 0..EACH {
                write(&store, "acme", &writer.to_string(), number).await.unwrap();
            }
        })
    });
    let writers = futures_util::future::join_all(writers);
    let readers = futures_util::future::join_all((0..8).map(|seed| restless(&served, seed)));
    let (_, taken) = futures_util::join!(writers, readers);
    let stream = served.stream().await;
    assert_eq!(stream.len() as u64, WRITERS * EACH);
    for taken in taken {
        assert_eq!(taken, stream);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restless_subscribers_get_everything_from_a_ring_that_holds_it() {
    everything_in_order(Config::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restless_subscribers_get_everything_around_a_ring_that_drops_it() {
    everything_in_order(Config { ring_events: 3, ..Config::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restless_subscribers_get_everything_without_a_ring() {
    everything_in_order(Config { ring_bytes: 0, ..Config::default() }).await;
}

/// Together 8 MB: more than the buffers between the service and a subscriber who does not read can hold.
const FLOOD: u64 = 2_000;
const FLOOD_BYTES: usize = 4_000;

async fn flood(served: &Served) {
    let store = served.store();
    let padding = "x".repeat(FLOOD_BYTES);
    for first in (0..FLOOD).step_by(100) {
        let writes = (first..first + 100).map(|number| write(&store, "acme", &padding, number));
        for written in futures_util::future::join_all(writes).await {
            written.unwrap();
        }
    }
}

#[tokio::test]
async fn a_subscriber_who_does_not_read_holds_up_nobody_and_misses_nothing() {
    let served = Served::with(Redis::start(), Config { ring_events: 50, ..Config::default() }).await;
    let mut slow = served.subscribe(beginning()).await.unwrap();
    assert!(matches!(slow.next().await.unwrap(), Sent::CaughtUp(_)));
    let mut quick = served.subscribe(beginning()).await.unwrap();
    let (_, taken) = futures_util::join!(flood(&served), quick.events(FLOOD as usize));
    let stream = served.stream().await;
    assert_eq!(taken, stream);
    assert_eq!(slow.events(FLOOD as usize).await, stream);
}

#[tokio::test]
async fn a_subscriber_who_fell_behind_what_is_kept_is_told_so() {
    let served = Served::with(Redis::start(), Config { ring_events: 50, ..Config::default() }).await;
    let mut slow = served.subscribe(beginning()).await.unwrap();
    assert!(matches!(slow.next().await.unwrap(), Sent::CaughtUp(_)));
    flood(&served).await;
    served.trim(100).await;
    let (before, end) = slow.end().await;
    assert_eq!(reason(&end), (Code::OutOfRange, "POSITION_TRIMMED".into()));
    assert!((before as u64) < FLOOD - 100);
}
