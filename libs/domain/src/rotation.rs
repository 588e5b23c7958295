//! Who of a team is next.
//!
//! **By leads** ([`Kind::Equal`] and the weighted kinds) the rule is Tijdeman's for the chairman assignment problem
//! (R. Tijdeman, *Discrete Mathematics* 32, 1980): after `k` leads a rep of weight `w` among weights that sum to `W` is due
//! `k·w/W` leads. Of the reps who are owed at least `1/(2n−2)` of a lead once this lead counts, it goes to the one who
//! would be the first to be owed too much. While those present and their weights stay the same, every rep's count stays
//! within `1 − 1/(2n−2)` of its share, at every moment. (The `n` of the rule is the number of reps present up to 64 of
//! them. From there on it is the [`Head::room`]: the theorem allows for reps of no weight.)
//!
//! The balance is kept in virtual time, as fair queueing does: with each lead the clock moves on by `1/W`, and the level
//! of the rep who gets it by `1/w`. The reps present stand in the [middle](Live::middle) when what all of them are owed
//! sums to nothing, and `w · (middle − level)` is what a rep is owed. When a rep becomes eligible, and when it would be
//! owed too much, are fixed moments of that time. So they can be kept in order, and a lead costs `O(log n)`.
//!
//! Who leaves keeps its distance to the clock and returns with it: when all go home at night and come back in the
//! morning, in any order, the rotation stands where it stood. As the middle is that of the present ones, it moves when
//! they change; the rules for what that may do to one of them are in [`live`].
//!
//! **By score** ([`Kind::Score`]) the lead goes to the smallest sum of scores per weight. As the smallest of several
//! numbers that lie within 100 of each other grows by at most 100, they stay within 100 of each other. **By load**
//! ([`Kind::Load`]) it goes to the fewest open leads, and of those to who has been without one longest.

use crate::id::{RepId, TeamId};

mod live;
mod order;
mod tie;
mod trace;

pub use live::Live;
pub use trace::{Candidate, Standing, Trace, replay};

/// One lead, or one unit of virtual time, in fixed point. Each lead rounds a rep's balance by
/// less than `weight / 2^64` of a lead: for a weight of 10,000 and a billion leads that adds up to 5·10⁻⁷ of a lead.
pub const ONE: i128 = 1 << 64;

/// One point of score in the balances by score.
pub const POINT: i128 = 1 << 56;

/// The largest weight; it bounds the rounding.
pub const MAX_WEIGHT: u32 = 10_000;

/// The most that anybody present is owed whenever a lead comes in.
pub const MOST_OWED: i128 = 2 * ONE;

/// What a lead of unknown score counts as.
pub const UNKNOWN_SCORE: u8 = 50;

/// The most candidates a [`Trace`] shows.
pub const MAX_SHOWN: usize = 32;

/// The largest number a balance or a clock may be. The clock gets there after four billion leads to a team whose weights
/// sum to 1; up to it no sum over 10,000 seats overflows.
pub const RANGE: i128 = 1 << 96;

/// How a team takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Everybody the same; weights are not looked at.
    Equal,
    /// By fixed weights.
    Weight,
    /// By weights that the caller takes from attainment.
    Attainment,
    /// By weights that the caller takes from conversion.
    Conversion,
    /// The fewest open leads first, then the longest without.
    Load,
    /// The smallest sum of scores per weight first.
    Score,
}

impl Kind {
    /// Whether leads are counted against shares.
    pub(crate) fn is_by_leads(self) -> bool {
        !matches!(self, Self::Load | Self::Score)
    }

    /// Whether a balance is kept; without one absences leave no trace.
    fn has_balance(self) -> bool {
        self != Self::Load
    }
}

/// What becomes of leads that a rep missed while it was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Returning {
    /// Nothing: it comes back owed what it was when it left, one lead either way at most.
    #[default]
    Resume,
    /// It counts with twice its weight for as long, in virtual time, as it was away; then it is level with the others.
    /// Only of rotations by leads.
    CatchUp,
}

/// How a rotation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How it takes turns.
    pub kind: Kind,
    /// What becomes of missed leads.
    pub returning: Returning,
    /// How many candidates each turn's trace shows, up to [`MAX_SHOWN`]. Fewer are faster.
    pub shown: usize,
}

/// A balance's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// Virtual time: the sum over all leads of 1 (or of their points) through the weights present, in [`ONE`]ths.
    pub clock: i128,
    /// Where those present were owed nothing, when the head was written.
    pub middle: i128,
}

/// What is one for the whole team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The team.
    pub team: TeamId,
    /// Breaks ties, together with each rep's name and count.
    pub seed: u64,
    /// How many leads count: given and charged, less those credited.
    pub given: u64,
    /// How many leads were given; it never goes back.
    pub turns: u64,
    /// Of the balances by leads.
    pub leads: Course,
    /// Of the balances by score.
    pub scores: Course,
    /// The `n` of the rule: the number of reps present up to 64. Above, it is doubled when they outgrow it and shrinks
    /// when they fill less than a quarter, so that it rarely changes: a change costs `O(n log n)`.
    pub room: u32,
}

impl Head {
    /// Of a rotation that has given nothing.
    pub fn new(team: TeamId, seed: u64) -> Self {
        Self { team, seed, given: 0, turns: 0, leads: Course::default(), scores: Course::default(), room: 0 }
    }
}

/// Where a rep stands in one of the balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// Taking part.
    Present {
        /// The moment of the clock at which nothing is owed.
        level: i128,
        /// Catching up, with twice the weight, until the clock stands here.
        until: Option<i128>,
    },
    /// Not taking part.
    Away {
        /// What the clock was ahead of the level at the leave, times the weight: in [`ONE`]ths of a lead, or points.
        owed: i128,
        /// Where the clock stood, less what was still to be caught up; `None` when nothing is missed, by who was out of
        /// the team.
        from: Option<i128>,
    },
}

/// Where one rep stands in a team's rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The team.
    pub team: TeamId,
    /// The rep.
    pub rep: RepId,
    /// The weight that the balances are kept under, 1 to [`MAX_WEIGHT`].
    pub weight: u32,
    /// How many of its leads count: given and charged, less those credited.
    pub given: u64,
    /// How many were credited back.
    pub credited: u64,
    /// How many came by another way and were charged.
    pub charged: u64,
    /// The sum of the scores of those that count, unknown ones as [`UNKNOWN_SCORE`].
    pub score_sum: u64,
    /// The number, among [`Head::turns`], of the last lead it was given; 0: none.
    pub last_turn: u64,
    /// Credits (positive) and charges (negative) that wait for its next turns, since at once they would put it further
    /// from its share than [`MOST_OWED`]: a credited turn is not counted, a charged one is skipped.
    pub waiting: i32,
    /// The balance by leads; `None` before it first takes part.
    pub leads: Option<Balance>,
    /// The balance by score; `None` before it first takes part.
    pub scores: Option<Balance>,
}

impl Seat {
    /// Of a rep who has been given nothing.
    pub fn new(team: TeamId, rep: RepId) -> Self {
        Self {
            team,
            rep,
            weight: 1,
            given: 0,
            credited: 0,
            charged: 0,
            score_sum: 0,
            last_turn: 0,
            waiting: 0,
            leads: None,
            scores: None,
        }
    }
}

/// One of the team, as the policy and the calendars have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The rep.
    pub rep: RepId,
    /// The weight, 1 to [`MAX_WEIGHT`].
    pub weight: u32,
    /// Whether leads may be given to it now.
    pub present: bool,
    /// How many open leads it has; only [`Kind::Load`] looks at it.
    pub open: u32,
}

/// Who got the lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The rep.
    pub rep: RepId,
    /// What the rep was owed with this lead counted as due but not yet given, in [`ONE`]ths; of rotations by leads.
    pub owed: i128,
    /// What replays the choice.
    pub trace: Trace,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The team's head.
    pub head: Head,
    /// The seats.
    pub seats: Vec<Seat>,
}

#[cfg(test)]
mod tests;
