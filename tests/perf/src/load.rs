//! The load generator: closed loops for rates, open loops for latencies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tonic::Status;

use crate::Outcome;

/// The seed of everything that is random.
const SEED: u64 = 20_260_302;

/// What holds of every row that does not say otherwise.
pub(crate) const SHAPE: &str = "8 connections × 8 in flight, generator and services in one process";

/// One call: on which connection, and the how manieth of its slice.
pub(crate) type Call = Arc<dyn Fn(usize, usize) -> BoxFuture<'static, Result<(), Status>> + Send + Sync>;

/// What a closed loop showed.
pub(crate) struct Closed {
    /// Calls answered in a second.
    pub(crate) per_second: f64,
    /// Latencies.
    pub(crate) latency: Latency,
}

/// Latencies in nanoseconds, to three digits.
#[derive(Clone)]
pub(crate) struct Latency(Histogram<u64>);

impl Latency {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self(Histogram::new_with_bounds(1_000, 60_000_000_000, 3)?))
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The latency in milliseconds that so many of a hundred calls do not exceed.
    pub(crate) fn percentile_ms(&self, percentile: f64) -> f64 {
        // Nanoseconds of a bench fit a double.
        self.0.value_at_percentile(percentile) as f64 / 1e6
    }
}

/// Keeps so many calls in flight on each connection until all are answered. The first error ends it.
pub(crate) async fn closed(call: &Call, connections: usize, in_flight: usize, calls: usize) -> Outcome<Closed> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    let begun = Instant::now();
    for lane in (0..connections).cycle().take(connections * in_flight) {
        let (call, next) = (call.clone(), next.clone());
        workers.spawn(async move {
            let mut latencies = Vec::with_capacity(2 * calls / (connections * in_flight));
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= calls {
                    return Ok::<_, Status>(latencies);
                }
                let sent = Instant::now();
                call(lane, n).await?;
                latencies.push(sent.elapsed());
            }
        });
    }
    let mut all = Vec::new();
    while let Some(latencies) = workers.join_next().await {
        all.push(latencies??);
    }
    let took = begun.elapsed();
    let mut latency = Latency::new()?;
    all.into_iter().flatten().for_each(|each| latency.record(each));
    Ok(Closed { per_second: calls as f64 / took.as_secs_f64(), latency })
}

/// Sends calls at random moments (a Poisson process) at a rate, whatever has been answered. A latency counts from the
/// moment the call was due, so that neither a slow server nor a late generator hides its own delay.
pub(crate) async fn open(call: &Call, connections: usize, per_second: f64, calls: usize) -> Outcome<Latency> {
    let (call, handle) = (call.clone(), Handle::current());
    // A thread of its own: the runtime's timer would only fire once in a millisecond.
    let pace = move || {
        let mut random = StdRng::seed_from_u64(SEED);
        let mut under_way = JoinSet::new();
        let mut latency = Latency::new()?;
        let mut due = Instant::now();
        for n in 0..calls {
            due += Duration::from_secs_f64(-(1.0 - random.random::<f64>()).ln() / per_second);
            wait_until(due);
            let call = call(n % connections, n);
            under_way.spawn_on(async move { call.await.map(|()| due.elapsed()) }, &handle);
            while let Some(answered) = under_way.try_join_next() {
                latency.record(answered??);
            }
        }
        while let Some(answered) = handle.block_on(under_way.join_next()) {
            latency.record(answered??);
        }
        Ok(latency)
    };
    tokio::task::spawn_blocking(pace).await?
}

fn wait_until(due: Instant) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        // Precise to some 60 µs, and it leaves the core to those who are measured.
        std::thread::park_timeout(left);
    }
}

/// The middle of some figures.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => (sorted[even / 2 - 1] + sorted[even / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(median(&[4.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
    }

    #[tokio::test]
    async fn a_closed_loop_makes_every_call_once_and_tells_of_an_error() {
        let made = Arc::new(AtomicUsize::new(0));
        let counted = made.clone();
        let call: Call = Arc::new(move |_, n| {
            counted.fetch_add(n, Ordering::Relaxed);
            async {}.map(Ok).boxed()
        });
        closed(&call, 2, 3, 100).await.unwrap();
        assert_eq!(made.load(Ordering::Relaxed), 99 * 100 / 2);
        let failing: Call =
            Arc::new(|_, n| async move { if n == 7 { Err(Status::internal("")) } else { Ok(()) } }.boxed());
        assert!(closed(&failing, 2, 3, 100).await.is_err());
    }

    /// A server that stands still delays every call that was due meanwhile, and each of them must show it.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_open_loop_omits_no_waiting() {
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let call: Call = Arc::new(move |_, n| {
            let lock = lock.clone();
            // Taken when the call is due, not when some thread gets round to it: no later call comes before it.
            let still = (n == 10).then(|| lock.clone().blocking_lock_owned());
            async move {
                if still.is_some() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    return Ok(());
                }
                drop(lock.lock().await);
                Ok(())
            }
            .boxed()
        });
        let latency = open(&call, 1, 1_000.0, 210).await.unwrap();
        // Of 210 calls about 100 were due while it stood still, half of them in its first half.
        assert!(latency.percentile_ms(90.0) > 40.0, "{}", latency.percentile_ms(90.0));
    }
}
