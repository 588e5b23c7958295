//! What replays a choice.

use super::live::{remaining, tolerance};
use super::tie::tie;
use super::{Kind, ONE};
use crate::id::RepId;

/// Where a rotation stood when it chose: enough to choose again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// How it takes turns.
    pub kind: Kind,
    /// How many leads counted before this one.
    pub given: u64,
    /// Breaks ties.
    pub seed: u64,
    /// The `n` of the rule; see [`super::Head::room`].
    pub room: u32,
    /// How many were present.
    pub present: u32,
    /// The sum of the weights present; nothing by load.
    pub total: u64,
    /// The first of them, in the order in which they would have been chosen. The others come after all of these.
    pub candidates: Vec<Candidate>,
}

/// One who could have been chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rep.
    pub rep: RepId,
    /// What it counted for: twice its weight while it caught up.
    pub weight: u32,
    /// How many leads it had had.
    pub given: u64,
    /// Where it stood.
    pub standing: Standing,
}

/// Where a candidate stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What it was owed with this lead counted as due, in [`ONE`]ths of a lead.
    Owed(i128),
    /// The level of its sum of scores per weight, in [`super::POINT`]ths. Reps who joined or returned began with what puts
    /// them level.
    Score(i128),
    /// What it had to do.
    Load {
        /// Open leads.
        open: u32,
        /// The number of the last lead it was given; 0: none.
        last_turn: u64,
    },
}

/// Chooses again, from what the trace shows alone, in whatever order; `None` when it shows nobody.
pub fn replay(trace: &Trace) -> Option<&RepId> {
    let first = trace.candidates.iter().min_by_key(|candidate| {
        let weight = i128::from(candidate.weight.max(1));
        let due = match candidate.standing {
            Standing::Owed(owed) => (owed < tolerance(trace.room), remaining(owed, weight, trace.room)),
            Standing::Score(level) => (false, level),
            Standing::Load { open, last_turn } => (false, i128::from(open) * ONE + i128::from(last_turn)),
        };
        (due, tie(trace.seed, &candidate.rep, candidate.given), &candidate.rep)
    })?;
    Some(&first.rep)
}
