//! Who of a team is next.
//!
//! The rule is Tijdeman's for the chairman assignment problem (R. Tijdeman, *Discrete Mathematics* 32, 1980): after `k`
//! leads a rep of weight `w` among weights that sum to `W` is due `k·w/W` leads. Of the reps who are owed at least
//! `1/(2n−2)` of a lead once this lead counts, it goes to the one who would be the first to be owed too much. While the
//! team and its weights stay the same, every rep's count stays within `1 − 1/(2n−2)` of its share, at every moment.
//!
//! The balance is kept in virtual time, as fair queueing does: with each lead the clock moves on by `1/W`, and a rep is
//! owed `w · (clock − level)`, where `level` moves by `1/w` with each lead the rep gets. So nothing is recounted when
//! somebody leaves or joins. Who leaves takes along what it was owed and resumes with that; who joins is owed nothing; what
//! those present are owed always sums to nothing. When many return at once, those present make up for what they bring,
//! and may for a while be owed several leads, or be as many ahead.

use crate::id::{RepId, TeamId};

/// One lead, or one unit of virtual time, in fixed point. Each lead rounds a rep's balance by
/// less than `weight / 2^64` of a lead: for a weight of 10,000 and a billion leads that adds up to 5·10⁻⁷ of a lead.
pub const ONE: i128 = 1 << 64;

/// The largest weight; it bounds the rounding.
pub const MAX_WEIGHT: u32 = 10_000;

/// Where one rep stands in a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The rep.
    pub rep: RepId,
    /// The weight the balance is kept under, at least 1.
    pub weight: u32,
    /// How many leads the rep has been given by this rotation.
    pub given: u64,
    /// Whether the rep takes part, and the balance.
    pub balance: Balance,
}

/// What a rep is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// Taking part: nothing is owed when the clock stands here, `weight` times the difference otherwise.
    Level(i128),
    /// Not taking part: what was owed at the leave, in [`ONE`]ths of a lead.
    Owed(i128),
}

/// Where a team's rotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The team.
    pub team: TeamId,
    /// Virtual time.
    pub clock: i128,
    /// How many leads the rotation has given.
    pub given: u64,
    /// Everybody who has ever taken part: those who do at present first, in the policy's order.
    pub seats: Vec<Seat>,
}

/// A rep who may be chosen, with its weight.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The rep.
    pub rep: &'a RepId,
    /// At least 1.
    pub weight: u32,
}

/// Who got the lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The rep.
    pub rep: RepId,
    /// What the rep was owed with this lead counted as due but not yet given, in [`ONE`]ths.
    pub owed: i128,
}

impl Rotation {
    /// A rotation that has given nothing.
    pub fn new(team: TeamId) -> Self {
        Self { team, clock: 0, given: 0, seats: Vec::new() }
    }

    /// Gives one lead to one of `candidates`, who take part from now on, and nobody else; `None` when there are none. Of
    /// reps equally due, the one listed first.
    pub fn give(&mut self, candidates: &[Candidate<'_>]) -> Option<Turn> {
        let total = self.level(candidates)?;
        self.clock += ONE / total;
        let tolerance = tolerance(candidates.len());
        let chosen = self
            .seats
            .iter()
            .enumerate()
            .filter_map(|(place, seat)| {
                let owed = self.owed(seat)?;
                // When the clock stands here, the rep is owed one lead less the tolerance.
                let deadline = (ONE - tolerance - owed) / i128::from(seat.weight);
                Some((owed < tolerance, deadline, place, owed))
            })
            .min()?;
        let (_, _, place, owed) = chosen;
        let seat = &mut self.seats[place];
        if let Balance::Level(level) = &mut seat.balance {
            *level += ONE / i128::from(seat.weight);
        }
        seat.given += 1;
        self.given += 1;
        Some(Turn { rep: seat.rep.clone(), owed })
    }

    /// Forgets the seats of reps for whom `in_team` is false; who comes back joins anew.
    pub fn retain(&mut self, in_team: impl Fn(&RepId) -> bool) {
        self.seats.retain(|seat| in_team(&seat.rep));
    }

    /// What a rep who takes part is owed, in [`ONE`]ths of a lead; negative when ahead.
    pub fn owed(&self, seat: &Seat) -> Option<i128> {
        match seat.balance {
            Balance::Level(level) => Some((self.clock - level) * i128::from(seat.weight)),
            Balance::Owed(_) => None,
        }
    }

    /// Makes exactly `candidates` take part, keeping what each is owed; their weights' sum, or `None` without any.
    fn level(&mut self, candidates: &[Candidate<'_>]) -> Option<i128> {
        let total: i128 = candidates.iter().map(|candidate| i128::from(candidate.weight)).sum();
        if self.is_level(candidates) {
            return (total > 0).then_some(total);
        }
        let clock = self.clock;
        for seat in &mut self.seats {
            if let Balance::Level(level) = seat.balance {
                seat.balance = Balance::Owed((clock - level) * i128::from(seat.weight));
            }
        }
        if total == 0 {
            return None;
        }
        let mut sum = 0;
        let mut present = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let mut seat = self.take_seat(candidate);
            seat.weight = candidate.weight;
            if let Balance::Owed(owed) = seat.balance {
                sum += owed;
                seat.balance = Balance::Level(clock - owed / i128::from(seat.weight));
            }
            present.push(seat);
        }
        // Those present first and in the candidates' order, so that the next lead finds them in step.
        present.append(&mut self.seats);
        self.seats = present;
        // What those present are owed must sum to nothing, or the bound would shift: the clock takes up the difference.
        self.clock -= sum / total;
        Some(total)
    }

    fn is_level(&self, candidates: &[Candidate<'_>]) -> bool {
        let mut present = self.seats.iter().filter(|seat| matches!(seat.balance, Balance::Level(_)));
        let same = candidates.iter().all(|candidate| {
            present.next().is_some_and(|seat| seat.rep == *candidate.rep && seat.weight == candidate.weight)
        });
        same && present.next().is_none()
    }

    /// The candidate's seat, taken out of the row; a new one, owed nothing, for a joiner.
    fn take_seat(&mut self, candidate: &Candidate<'_>) -> Seat {
        match self.seats.iter().position(|seat| seat.rep == *candidate.rep) {
            Some(place) => self.seats.remove(place),
            None => Seat { rep: candidate.rep.clone(), weight: candidate.weight, given: 0, balance: Balance::Owed(0) },
        }
    }
}

/// `1/(2n−2)` of a lead: how much must be owed at least before a rep is chosen.
fn tolerance(n: usize) -> i128 {
    match i128::try_from(n) {
        Ok(n) if n > 1 => ONE / (2 * n - 2),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
