//! What reps are like.

use leadhand_domain::time::{Millis, Span};
use leadhand_tests::ready::Dice;

use crate::leads::MIDNIGHT;

/// How a rep works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Temper {
    /// Looks often, takes the best that there is, and calls at once.
    Greedy,
    /// Takes what comes first.
    Steady,
    /// Looks rarely, lets time pass, and forgets.
    Lazy,
    /// Takes what is escalated, at any hour.
    Manager,
}

impl Temper {
    /// Of the `n`th rep.
    pub(crate) fn of(n: usize) -> Self {
        match n % 10 {
            0..3 => Self::Greedy,
            3..7 => Self::Steady,
            _ => Self::Lazy,
        }
    }

    /// How long until the rep looks at the pools again.
    pub(crate) fn looks_after(self, dice: &mut Dice) -> Span {
        let minutes = match self {
            Self::Greedy => 20 + dice.below(20),
            Self::Steady => 40 + dice.below(40),
            Self::Lazy => 80 + dice.below(120),
            Self::Manager => 600,
        };
        Span(Span::minutes(minutes as i64).0 + dice.below(60_000) as i64)
    }

    /// How long the rep looks at a lead's detail.
    pub(crate) fn thinks_for(self, dice: &mut Dice) -> Span {
        let seconds = match self {
            Self::Greedy => 5 + dice.below(20),
            Self::Lazy if dice.below(6) == 0 => 400,
            _ => 20 + dice.below(100),
        };
        Span(seconds as i64 * 1_000)
    }

    /// How long until the rep makes contact; `None`: forgotten.
    pub(crate) fn contacts_after(self, dice: &mut Dice) -> Option<Span> {
        let minutes = match self {
            Self::Greedy => 1 + dice.below(12),
            Self::Steady if dice.below(30) == 0 => return None,
            Self::Steady => 2 + dice.below(25),
            Self::Lazy if dice.below(12) == 0 => return None,
            Self::Lazy => 5 + dice.below(130),
            Self::Manager => 5 + dice.below(60),
        };
        Some(Span::minutes(minutes as i64))
    }

    /// The first moment from `at` on at which the rep works.
    pub(crate) fn works_from(self, at: Millis) -> Millis {
        if self == Self::Manager {
            return at;
        }
        let (opens, closes) = (Span::hours(9).0, Span::hours(17).0);
        let (day, time) = (at.since(MIDNIGHT).0.div_euclid(DAY), at.since(MIDNIGHT).0.rem_euclid(DAY));
        let is_working_day = |day: i64| day.rem_euclid(7) < 5;
        if is_working_day(day) && time < closes {
            return Millis(MIDNIGHT.0 + day * DAY + time.max(opens));
        }
        let next = (day + 1..).find(|day| is_working_day(*day)).unwrap_or(day);
        Millis(MIDNIGHT.0 + next * DAY + opens)
    }
}

const DAY: i64 = Span::days(1).0;
