//! Keeps the service's clock at the store's time.

use std::time::Duration;

use crate::clock::Stopwatch;
use crate::context::Context;
use crate::service::Service;

/// How often the clock is corrected: clocks drift apart by less than a millisecond meanwhile.
const INTERVAL: Duration = Duration::from_secs(10);
/// How soon the store is asked again when it gave no answer that could be used.
const RETRY: Duration = Duration::from_secs(1);
/// An answer that was longer on its way says too little about now.
const SLOWEST: Duration = Duration::from_millis(50);

/// Corrects the clock until the shutdown.
fn keep<F, Fut>(ctx: &Context, time: F) -> impl Future<Output = ()> + Send + use<F, Fut>
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Future<Output = Result<i64, String>> + Send,
{
    let (clock, shutdown) = (ctx.clock.clone(), ctx.shutdown.clone());
    let corrections = async move {
        loop {
            let trip = Stopwatch::start();
            let told = time().await;
            let now = told.ok().and_then(|told| arrived(told, trip.elapsed()));
            if let Some(now) = now {
                clock.correct(now);
            }
            tokio::time::sleep(if now.is_some() { INTERVAL } else { RETRY }).await;
        }
    };
    async move { shutdown.run_until_cancelled_owned(corrections).await.unwrap_or_default() }
}

impl Service {
    /// Says that the service's records are in a store: it takes calls while the store tells its time, and its clock is
    /// kept at that time. `time` answers milliseconds since the Unix epoch, or what is wrong.
    #[must_use]
    pub fn backed_by<F, Fut>(self, ctx: &Context, store: &'static str, time: F) -> Self
    where
        F: Fn() -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<i64, String>> + Send + 'static,
    {
        let ready = time.clone();
        self.ready_when(store, move || {
            let told = ready();
            async move { told.await.map(drop) }
        })
        .task("clock", keep(ctx, time))
    }
}

/// What time it is now by an answer that took this long: half of it went by on the way back.
fn arrived(told_ms: i64, trip: Duration) -> Option<i64> {
    let back = i64::try_from(trip.as_millis() / 2).ok()?;
    (trip <= SLOWEST).then(|| told_ms.saturating_add(back))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[tokio::test]
    async fn the_clock_follows_the_store_until_the_shutdown() {
        let ctx = Context::for_test(Clock::system());
        let ahead = ctx.clock.now_ms() + 3_600_000;
        let task = tokio::spawn(keep(&ctx, move || async move { Ok(ahead) }));
        while ctx.clock.now_ms() < ahead {
            tokio::task::yield_now().await;
        }
        ctx.shutdown.cancel();
        task.await.expect("ended");
    }

    #[test]
    fn an_answer_is_as_old_as_half_its_trip_and_useless_when_slow() {
        assert_eq!(arrived(1_000, Duration::from_millis(8)), Some(1_004));
        assert_eq!(arrived(1_000, SLOWEST), Some(1_025));
        assert_eq!(arrived(1_000, Duration::from_millis(51)), None);
    }
}
