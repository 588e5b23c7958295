//! How much of a file is read at most, so that a hostile one costs no more than a large honest one.

use crate::fault::Reason;

/// The longest file, in bytes. Ten years of a busy calendar are about 5 MB.
pub const BYTES: usize = 16 * 1024 * 1024;

/// The longest line after unfolding, in bytes. Files attached inside an event are the longest there are.
pub const LINE_BYTES: usize = 1024 * 1024;

/// The longest name of a time zone, in bytes. That of Outlook's longest has some 60, of the longest path some 80.
pub const ZONE_BYTES: usize = 255;

/// The most components in a file.
pub const COMPONENTS: usize = 50_000;

/// How deep components nest: a calendar, an event, an alarm, and room for one more.
pub const DEPTH: usize = 4;

/// The most occurrences of one event inside the window: 400 days of one every two hours.
pub const EVENT_OCCURRENCES: usize = 5_000;

/// The most occurrences of a file inside the window.
pub const OCCURRENCES: usize = 20_000;

/// The most steps that the recurrence of one event may take. A step is one day or one time of day looked at, some 70 ns: a
/// daily rule with a `COUNT` gets through 1,300 years.
pub const EVENT_STEPS: u64 = 500_000;

/// The most steps for all recurrences of a file together, about a second of work.
pub const STEPS: u64 = 10_000_000;

/// What is left to spend.
#[derive(Debug)]
pub(crate) struct Budget {
    file: u64,
    event: u64,
}

/// More steps than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// By one event: it is left out.
    Event,
    /// By the file: it is refused.
    File,
}

impl Spent {
    /// As a reason: what one event overdid is its recurrence, what the file overdid is its size.
    pub(crate) fn reason(self) -> Reason {
        match self {
            Self::Event => Reason::Unbounded,
            Self::File => Reason::TooLarge,
        }
    }
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { file: STEPS, event: EVENT_STEPS }
    }

    /// So many steps, for one event.
    #[cfg(test)]
    pub(crate) fn of(steps: u64) -> Self {
        Self { file: STEPS, event: steps }
    }

    /// The next event begins.
    pub(crate) fn next_event(&mut self) {
        self.event = EVENT_STEPS;
    }

    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Spent> {
        self.file = self.file.checked_sub(steps).ok_or(Spent::File)?;
        self.event = self.event.checked_sub(steps).ok_or(Spent::Event)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_may_spend_the_same_until_the_file_has_spent_its_own() {
        let mut budget = Budget::new();
        let mut events = 0;
        let spent = loop {
            budget.next_event();
            match (budget.spend(EVENT_STEPS - 1), budget.spend(2)) {
                (Err(spent), _) | (_, Err(spent @ Spent::File)) => break spent,
                (Ok(()), two) => assert_eq!(two, Err(Spent::Event)),
            }
            events += 1;
        };
        assert_eq!((spent, spent.reason()), (Spent::File, Reason::TooLarge));
        assert_eq!(events, STEPS / EVENT_STEPS - 1);
    }
}
