//! The orders in which a pool is listed.

use leadhand_domain::id::LeadId;
use leadhand_domain::time::Millis;

use super::Entry;

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Longest waiting first.
    Waiting,
    /// Last come first: the same backwards.
    Newest,
    /// Highest score first.
    HighScore,
    /// Lowest score first.
    LowScore,
    /// Largest company first.
    Size,
}

/// How many orders are kept: one is another one backwards.
pub(super) const KEYS: usize = 4;

/// A place in an order: by rank, then by how long the lead has been waiting, then by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) rank: u32,
    pub(crate) at: Millis,
    pub(crate) lead: LeadId,
}

impl Sort {
    /// Which of the orders kept it is.
    pub(super) fn key(self) -> usize {
        match self {
            Self::Waiting | Self::Newest => 0,
            Self::HighScore => 1,
            Self::LowScore => 2,
            Self::Size => 3,
        }
    }

    /// Whether it goes through it from the end.
    pub(super) fn is_backwards(self) -> bool {
        self == Self::Newest
    }
}

/// The places of a lead in each of the orders kept. What is not known comes last.
pub(super) fn places(entry: &Entry) -> [Place; KEYS] {
    let (score, employees) = (entry.lead.facts.score.map(u32::from), entry.lead.facts.company.employees);
    let place =
        |rank: Option<u32>| Place { rank: rank.unwrap_or(u32::MAX), at: entry.lead.placed_at, lead: entry.lead.id };
    [
        place(Some(0)),
        place(score.map(|score| 100_u32.saturating_sub(score))),
        place(score),
        // Companies have fewer than 2^31 employees.
        place(employees.map(|employees| (u32::MAX - 1).saturating_sub(employees))),
    ]
}
