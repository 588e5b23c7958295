//! The weekly calculation of tiers (C8): who is in which, by what each rep has made of leads in the four weeks before.
//!
//! Reps with enough leads are ranked three times: by conversion, by contact speed and, where they have a target, by attainment.
//! A percentile rank is the share of those ranked who are worse, and half of those who are equal, the rep included; so the ranks of
//! all have the mean of one half, however many are alike. The mean of a rep's ranks decides the place; who is equal shares the better
//! one. All of it is in whole numbers: two replicas come to the same.

use std::cmp::Ordering;

use crate::answer::Answer;
use crate::change::Change;
use crate::conduct;
use crate::event::{Event, Kind};
use crate::figures::{Figures, Week};
use crate::guardrail::settings::Weekly;
use crate::guardrail::tier::{self, Calculated, Tier};
use crate::id::RepId;
use crate::policy::Policy;
use crate::record::{Key, PolicyHead, Record, Snapshot};
use crate::refusal::Refusal;
use crate::rounds;
use crate::time::Millis;

/// What a rep is ranked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rep.
    pub rep: RepId,
    /// What the rep has made of leads in the weeks that are looked at.
    pub figures: Figures,
    /// For how much the rep was to win, if that is known.
    pub target: Option<u64>,
}

/// A share in hundredths of a hundredth.
pub type BasisPoints = u32;

/// Where a calculation puts a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The rep and the figures.
    pub candidate: Candidate,
    /// The percentile rank in conversion.
    pub conversion: BasisPoints,
    /// In contact speed.
    pub contact_speed: BasisPoints,
    /// In attainment, with a target.
    pub attainment: Option<BasisPoints>,
    /// The mean of these.
    pub mean: BasisPoints,
    /// The place by the mean, from 1 on; equals have the same.
    pub place: u32,
    /// Of so many.
    pub of: u32,
    /// The tier that follows.
    pub tier: Tier,
}

/// Another tier was calculated for a rep, as events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The tier until now.
    pub from: Tier,
    /// The tier from now on.
    pub to: Tier,
    /// As of which Monday, 00:00 UTC.
    pub as_of: Millis,
    /// Whose, and how it came about.
    pub ranking: Ranking,
}

/// Ranks those who had enough leads, the first one first.
pub fn rank(mut candidates: Vec<Candidate>, rule: &Weekly) -> Vec<Ranking> {
    candidates.retain(|candidate| candidate.figures.leads >= u64::from(rule.at_least));
    // Whoever calls may have them in any order.
    candidates.sort_unstable_by(|a, b| a.rep.cmp(&b.rep));
    let all: Vec<usize> = (0..candidates.len()).collect();
    let aimed: Vec<usize> = all.iter().copied().filter(|place| candidates[*place].target.is_some()).collect();
    let by = |among: &[usize], order: fn(&Candidate, &Candidate) -> Ordering| {
        percentiles(among, |a, b| order(&candidates[a], &candidates[b]), candidates.len())
    };
    let (conversion, speed, attained) = (by(&all, conversion), by(&all, speed), by(&aimed, attainment));
    let (n, m) = (number(all.len()), number(aimed.len()).max(1));
    // The mean, with one denominator for all: 12 n m. A rank has the numerator that percentiles tell, over 2 n or 2 m.
    let mean = |place: usize| match candidates[place].target {
        None => 3 * m * (conversion[place] + speed[place]),
        Some(_) => 2 * (m * (conversion[place] + speed[place]) + n * attained[place]),
    };
    let mut order = all;
    order.sort_by_key(|place| std::cmp::Reverse(mean(*place)));
    let mut better = 0;
    let mut rankings = Vec::with_capacity(order.len());
    for (passed, place) in order.iter().copied().enumerate() {
        if passed > 0 && mean(order[passed - 1]) != mean(place) {
            better = number(passed);
        }
        let first = u64::from(rule.first_percent);
        let tier = match 100 * better {
            share if share < first * n => Tier::First,
            share if share < (first + u64::from(rule.second_percent)) * n => Tier::Second,
            _ => Tier::Third,
        };
        let candidate = candidates[place].clone();
        let attainment = candidate.target.map(|_| basis_points(attained[place], 2 * m));
        rankings.push(Ranking {
            conversion: basis_points(conversion[place], 2 * n),
            contact_speed: basis_points(speed[place], 2 * n),
            attainment,
            mean: basis_points(mean(place), 12 * n * m),
            place: u32::try_from(better + 1).unwrap_or(u32::MAX),
            of: u32::try_from(n).unwrap_or(u32::MAX),
            tier,
            candidate,
        });
    }
    rankings
}

/// For each place among `count`, twice those of `among` who are worse, and those who are equal, itself included.
fn percentiles(among: &[usize], order: impl Fn(usize, usize) -> Ordering, count: usize) -> Vec<u64> {
    let mut sorted = among.to_vec();
    sorted.sort_by(|a, b| order(*a, *b));
    let mut ranks = vec![0; count];
    let mut worse = 0;
    for alike in sorted.chunk_by(|a, b| order(*a, *b).is_eq()) {
        for place in alike {
            ranks[*place] = 2 * worse + number(alike.len());
        }
        worse += number(alike.len());
    }
    ranks
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The worse one first: opportunities and wins, over contacted leads. Who has contacted none has converted none.
fn conversion(a: &Candidate, b: &Candidate) -> Ordering {
    let contacted = |candidate: &Candidate| u128::from(candidate.figures.contacted.max(1));
    // Whoever holds outcomes back has more of them than contacts in some weeks: that counts as all.
    let converted = |candidate: &Candidate| u128::from(candidate.figures.converted.min(candidate.figures.contacted));
    let (of_a, of_b) = (converted(a), converted(b));
    (of_a * contacted(b)).cmp(&(of_b * contacted(a)))
}

/// The worse one first: the mean time to contact, of which less is better.
fn speed(a: &Candidate, b: &Candidate) -> Ordering {
    let (of_a, of_b) = (u128::from(a.figures.contact_ms), u128::from(b.figures.contact_ms));
    (of_b * u128::from(a.figures.leads)).cmp(&(of_a * u128::from(b.figures.leads)))
}

/// The worse one first: won amount over target.
fn attainment(a: &Candidate, b: &Candidate) -> Ordering {
    let target = |candidate: &Candidate| u128::from(candidate.target.unwrap_or(u64::MAX));
    (u128::from(a.figures.amount) * target(b)).cmp(&(u128::from(b.figures.amount) * target(a)))
}

/// Rounded to the next.
fn basis_points(part: u64, of: u64) -> BasisPoints {
    let rounded = (u128::from(part) * 20_000 + u128::from(of)) / (u128::from(of) * 2);
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

/// The Monday as of which a calculation at `now` is made: the latest one.
pub fn as_of(now: Millis) -> Millis {
    Week::of(now).start()
}

/// Gives a rep the tier that was calculated, and tells so when it is another; `None` when that was done before.
pub fn give(snapshot: &Snapshot, ranking: &Ranking, as_of: Millis, policy: &Policy, now: Millis) -> Option<Change> {
    let rep = &ranking.candidate.rep;
    let held = conduct::of(snapshot, rep);
    if held.tier.is_some_and(|calculated| calculated.at >= as_of) {
        return None;
    }
    let from = tier::of(snapshot, rep, policy);
    // What the policy says of the rep stands.
    let to = policy.tier(rep).unwrap_or(ranking.tier);
    let mut change = put(held, ranking.tier, as_of);
    if from != to {
        let told = Changed { from, to, as_of, ranking: ranking.clone() };
        change.events.push(Event { at: now, kind: Kind::TierChanged(Box::new(told)), decision: None });
    }
    Some(change)
}

/// With the first calculation, has a rep who was not ranked keep the first tier, so that later ones can tell who was there;
/// `None` when the rep has a tier, or it is not the first.
pub fn keep(snapshot: &Snapshot, rep: &RepId, as_of: Millis) -> Option<Change> {
    let held = conduct::of(snapshot, rep);
    let begun = snapshot.policy_head().is_some_and(|head| head.tiers_since.is_some());
    (!begun && held.tier.is_none()).then(|| put(held, Tier::First, as_of))
}

fn put(held: conduct::Conduct, tier: Tier, at: Millis) -> Change {
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(tier::reads(&held.rep));
    change.puts.push(Record::Conduct(conduct::Conduct { tier: Some(Calculated { tier, at }), ..held }));
    change
}

/// The calculation is done: the next one is due a week later. `ranked`: it gave anybody a tier.
///
/// Errors: [`crate::refusal::Reason::NotDue`] when somebody else has done it meanwhile.
pub fn finish(
    snapshot: &Snapshot,
    ranked: bool,
    as_of: Millis,
    policy: &Policy,
    now: Millis,
) -> Result<Change, Refusal> {
    let times = (as_of, Week::of(as_of).next().start());
    let mut change = rounds::done(snapshot, policy, now, |rounds| &mut rounds.tiers, times)?;
    if let Some(head) = snapshot.policy_head().filter(|head| ranked && head.tiers_since.is_none()) {
        change.puts.push(Record::PolicyHead(PolicyHead { tiers_since: Some(as_of), ..head.clone() }));
    }
    Ok(change)
}

/// What finishing looks at.
pub const READS: [Key; 2] = rounds::READS;

/// How a rep comes to the tier, and what the next one will come of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Whether the policy says which.
    pub stated: bool,
    /// As of when the rep's tier was last calculated.
    pub calculated_at: Option<Millis>,
    /// When tiers are calculated next.
    pub next_at: Option<Millis>,
    /// What is looked at then, as far as it has come.
    pub so_far: Candidate,
    /// With fewer leads the rep keeps the tier.
    pub at_least: Option<u32>,
}

/// What [`basis`] looks at.
pub fn basis_reads(rep: &RepId, now: Millis) -> impl Iterator<Item = Key> {
    let this = Week::of(now);
    let weeks = this.looked_at().chain([this]);
    let [head, conduct] = tier::reads(rep);
    [head, conduct, Key::Rounds].into_iter().chain(Figures::keys(rep, weeks))
}

/// How a rep comes to the tier, at `now`.
pub fn basis(snapshot: &Snapshot, rep: &RepId, policy: &Policy, now: Millis) -> Basis {
    let rule = policy.guardrails.tiers.weekly;
    // One that is due already looks at the weeks before the latest Monday.
    let due = snapshot.rounds().and_then(|rounds| rounds.tiers).filter(|_| rule.is_some());
    let next_at = due.map(|due| due.max(as_of(now)));
    let week = Week::of(next_at.unwrap_or_else(|| rounds::next_monday(now)));
    let figures = Figures::of(snapshot, rep, week.looked_at());
    Basis {
        stated: policy.tier(rep).is_some(),
        calculated_at: snapshot.conduct(rep).and_then(|conduct| conduct.tier).map(|calculated| calculated.at),
        next_at,
        so_far: Candidate { rep: rep.clone(), figures, target: policy.target(rep) },
        at_least: rule.map(|rule| rule.at_least),
    }
}

#[cfg(test)]
mod tests;
