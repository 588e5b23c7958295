//! Leaving alone who fails again and again.

use leadhand_domain::time::{Millis, Span};

/// Counts failures in a row. After so many, nobody is let through for a while; then one is, to see.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    limit: u32,
    rest: Span,
    failures: u32,
    /// Nobody is let through before.
    until: Option<Millis>,
}

impl Breaker {
    /// One that lets nobody through for `rest` after `limit` failures in a row.
    pub(crate) fn new(limit: u32, rest: Span) -> Self {
        Self { limit, rest, failures: 0, until: None }
    }

    /// Whether to try. With a rest over, the first who asks is let through, and the others wait for what becomes of that.
    pub(crate) fn admits(&mut self, now: Millis) -> bool {
        match self.until {
            Some(until) if now < until => false,
            Some(_) => {
                self.until = Some(now.after(self.rest));
                true
            }
            None => true,
        }
    }

    /// It went well.
    pub(crate) fn succeeded(&mut self) {
        (self.failures, self.until) = (0, None);
    }

    /// It failed.
    pub(crate) fn failed(&mut self, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.limit {
            self.until = Some(now.after(self.rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_failures_in_a_row_one_at_a_time_is_let_through() {
        let mut breaker = Breaker::new(3, Span(1_000));
        let at = Millis;
        for now in [0, 1] {
            assert!(breaker.admits(at(now)));
            breaker.failed(at(now));
        }
        breaker.succeeded();
        for now in [2, 3, 4] {
            assert!(breaker.admits(at(now)), "not in a row");
            breaker.failed(at(now));
        }
        assert!(!breaker.admits(at(5)) && !breaker.admits(at(1_003)));
        assert!(breaker.admits(at(1_004)), "one tries");
        assert!(!breaker.admits(at(1_004)) && !breaker.admits(at(2_003)), "and the others wait");
        breaker.failed(at(1_500));
        assert!(!breaker.admits(at(2_499)) && breaker.admits(at(2_500)));
        breaker.succeeded();
        assert!(breaker.admits(at(2_501)) && breaker.admits(at(2_501)));
    }
}
