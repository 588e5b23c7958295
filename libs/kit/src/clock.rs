//! The service's clock: read once at the edge and passed inward, so that nothing below asks what time it is.
//!
//! Every replica corrects its clock to the store's, so that windows and deadlines mean the same moment everywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Corrections below this are the noise of the trip to the store, and are ignored.
const NOISE_MS: i64 = 5;

/// A clock in milliseconds since the Unix epoch; cheap to clone, one per process.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System(System),
    Manual(AtomicI64),
}

#[derive(Debug)]
struct System {
    /// The moment of creation on the monotonic clock, which no administrator and no NTP step moves.
    anchor: Instant,
    /// The epoch time of `anchor`, corrected.
    epoch_ms: AtomicI64,
    /// The latest time given out: the clock stands still rather than run backwards.
    latest_ms: AtomicI64,
}

impl Clock {
    /// The system's time at this moment, then driven by the monotonic clock and by [`correct`](Clock::correct) alone.
    pub fn system() -> Clock {
        #[allow(clippy::disallowed_methods, reason = "this is the one place where time is read")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let epoch_ms = millis(since_epoch);
        Clock(Arc::new(Kind::System(System {
            anchor: instant(),
            epoch_ms: AtomicI64::new(epoch_ms),
            latest_ms: AtomicI64::new(epoch_ms),
        })))
    }

    /// A clock that stands at `start_ms` until [`set`](Clock::set) or [`advance`](Clock::advance): for tests.
    pub fn manual(start_ms: i64) -> Clock {
        Clock(Arc::new(Kind::Manual(AtomicI64::new(start_ms))))
    }

    /// Milliseconds since the Unix epoch. On a system clock never less than an earlier answer in this process.
    pub fn now_ms(&self) -> i64 {
        match &*self.0 {
            Kind::Manual(now) => now.load(Ordering::Acquire),
            Kind::System(system) => {
                let now = system.raw_ms();
                system.latest_ms.fetch_max(now, Ordering::AcqRel).max(now)
            }
        }
    }

    /// Sets the clock to the store's time, just read from it. Forwards it jumps; backwards it stands still until the
    /// store's time has caught up; a difference of less than 5 ms is left alone. A manual clock ignores it.
    pub fn correct(&self, store_ms: i64) {
        if let Kind::System(system) = &*self.0 {
            let difference = store_ms.saturating_sub(system.raw_ms());
            if difference.abs() >= NOISE_MS {
                system.epoch_ms.fetch_add(difference, Ordering::AcqRel);
            }
        }
    }

    /// Sets a manual clock.
    ///
    /// # Panics
    /// On a system clock.
    pub fn set(&self, ms: i64) {
        self.hand("set").store(ms, Ordering::Release);
    }

    /// Moves a manual clock on (or back) by so many milliseconds.
    ///
    /// # Panics
    /// On a system clock.
    pub fn advance(&self, ms: i64) {
        self.hand("advance").fetch_add(ms, Ordering::AcqRel);
    }

    fn hand(&self, what: &str) -> &AtomicI64 {
        match &*self.0 {
            Kind::Manual(now) => now,
            Kind::System(_) => panic!("cannot {what} a system clock: only Clock::manual is set by hand"),
        }
    }
}

/// Measures how long something takes, on the monotonic clock. For metrics and reports: nothing is decided by it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Stopwatch {
        Stopwatch(instant())
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The monotonic clock, for deadlines and durations.
#[allow(clippy::disallowed_methods, reason = "this is the one place where time is read")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

impl System {
    fn raw_ms(&self) -> i64 {
        self.epoch_ms.load(Ordering::Acquire).saturating_add(millis(self.anchor.elapsed()))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_is_moved_by_hand_alone() {
        let clock = Clock::manual(1_000);
        let same = clock.clone();
        clock.advance(250);
        clock.correct(99_999);
        assert_eq!(same.now_ms(), 1_250);
        clock.set(7);
        assert_eq!(same.now_ms(), 7);
    }

    #[test]
    fn a_correction_forwards_jumps_and_one_backwards_stands_still() {
        let clock = Clock::system();
        let ahead = clock.now_ms() + 3_600_000;
        clock.correct(ahead);
        let jumped = clock.now_ms();
        assert!((ahead..ahead + 60_000).contains(&jumped));

        clock.correct(ahead - 1_800_000);
        assert_eq!(clock.now_ms(), jumped);
        clock.correct(ahead + 5_000_000);
        assert!(clock.now_ms() >= ahead + 5_000_000);
    }

    #[test]
    fn noise_of_the_trip_does_not_move_the_clock() {
        let clock = Clock::system();
        let Kind::System(system) = &*clock.0 else { unreachable!() };
        let before = system.epoch_ms.load(Ordering::Acquire);
        clock.correct(system.raw_ms() - 2);
        assert_eq!(system.epoch_ms.load(Ordering::Acquire), before);
    }

    #[test]
    #[should_panic(expected = "cannot set a system clock")]
    fn a_system_clock_is_not_set_by_hand() {
        Clock::system().set(0);
    }
}
