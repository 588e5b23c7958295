//! Finding two rules that win the same lead equally.
//!
//! Of the endless leads, a few stand for all. Whether two rules tie, and whether a third outdoes both, changes only
//!
//! - from one place to another, where rules name one of the two: so an unknown place, each country and region that the
//!   rules tell from others, and each city by the name that a rule gives it, stand for all places. What is known beyond
//!   that only brings in rules that are more specific, and so can end a tie but not make one;
//! - with the patterns that match: nothing, one, or two that overlap, with all that they are within, stand for all;
//! - with the number of employees: unknown, and where ranges begin or have ended.
//!
//! At each of these leads the most specific rules are looked at: if two, they conflict.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Entries, Entry, sweep};
use super::rank::{Cell, cells};
use super::{Conflict, Industries, MAX_CONFLICTS, PatternId, Relation, Rule};
use crate::geography::{Country, Place, Region};

/// Every pair of rules that can win the same lead equally, with such a lead; at most [`MAX_CONFLICTS`].
pub(super) fn find(rules: &[Rule], entries: &Entries, industries: Industries<'_>) -> Vec<Conflict> {
    let related = Related::of(entries, industries);
    let mut conflicts = BTreeMap::new();
    for (place, cells) in places(entries) {
        let present: BTreeSet<_> = cells.iter().flat_map(|cell| entries[cell].keys().copied().flatten()).collect();
        for industries in related.leads(&present) {
            let matched = related.matched(&industries);
            let patterns = std::iter::once(None).chain(matched.into_iter().map(Some));
            let ways: Vec<Entry> = patterns
                .flat_map(|pattern| cells.iter().filter_map(move |cell| entries[cell].get(&pattern)))
                .flatten()
                .copied()
                .collect();
            sweep(&ways, |employees, by_rank| {
                for pair in tied(by_rank) {
                    conflicts.entry(pair).or_insert_with(|| (place.clone(), industries.clone(), employees));
                }
            });
            if conflicts.len() >= MAX_CONFLICTS {
                return told(rules, conflicts);
            }
        }
    }
    told(rules, conflicts)
}

type Witness = (Place, Vec<PatternId>, Option<u32>);

fn told(rules: &[Rule], conflicts: BTreeMap<(usize, usize), Witness>) -> Vec<Conflict> {
    let conflicts = conflicts.into_iter().take(MAX_CONFLICTS).map(|((first, second), witness)| {
        let (place, industries, employees) = witness;
        let (first, second) = (rules[first].id.clone(), rules[second].id.clone());
        Conflict { first, second, place, industries, employees }
    });
    conflicts.collect()
}

/// Every pair of the rules that are the most specific, as far as they can be told.
fn tied(by_rank: &mut dyn Iterator<Item = &Entry>) -> Vec<(usize, usize)> {
    let Some(best) = by_rank.next() else { return Vec::new() };
    let mut rules = vec![best.rule];
    for entry in by_rank.take_while(|entry| entry.rank == best.rank) {
        // In the order of the rules, so that a rule with several ways to match stands beside itself.
        if rules.last() != Some(&entry.rule) {
            rules.push(entry.rule);
        }
        if rules.len() > MAX_CONFLICTS {
            break;
        }
    }
    let pairs = rules.iter().enumerate().flat_map(|(n, first)| rules[n + 1..].iter().map(|second| (*first, *second)));
    pairs.take(MAX_CONFLICTS).collect()
}

/// The places that stand for all, each with those of its cells that have entries and can decide there.
fn places(entries: &Entries) -> Vec<(Place, Vec<Cell>)> {
    let mut places = vec![Place::default()];
    places.extend(Country::all().map(|country| Place::new(Some(country), None, None)));
    // Of the regions of one country and time zone, those that no rule names are alike.
    for regions in Region::alike().values() {
        let (named, other): (Vec<Region>, Vec<Region>) =
            regions.iter().partition(|region| entries.contains_key(&Cell::Region(**region)));
        let regions = named.into_iter().chain(other.into_iter().take(1));
        places.extend(regions.map(|region| Place::new(None, Some(region), None)));
    }
    let towns = entries.keys().filter_map(|cell| if let Cell::Town(town) = cell { Some(town.place()) } else { None });
    places.extend(towns);
    let with_cells = places.into_iter().map(|place| {
        let decides = |cell: &Cell| match cell {
            // Elsewhere something more specific would decide, or, if not, it is decided as at the unknown place.
            Cell::Anywhere => place == Place::default(),
            Cell::Country(_) | Cell::Zone(_) | Cell::Region(_) => place.city().is_none(),
            Cell::Town(_) => true,
        };
        let cells = cells(&place).filter(|cell| decides(cell) && entries.contains_key(cell)).collect();
        (place, cells)
    });
    with_cells.filter(|(_, cells): &(_, Vec<Cell>)| !cells.is_empty()).collect()
}

/// How the rules' patterns relate.
struct Related {
    /// Of each pattern, those after it that are as specific and overlap it.
    beside: BTreeMap<PatternId, Vec<PatternId>>,
    /// Of each pattern, those that it is within.
    above: BTreeMap<PatternId, Vec<PatternId>>,
}

impl Related {
    fn of(entries: &Entries, industries: Industries<'_>) -> Self {
        let all: BTreeSet<_> = entries.values().flat_map(|patterns| patterns.keys().copied().flatten()).collect();
        let (mut beside, mut above) = (BTreeMap::new(), BTreeMap::new());
        for first in &all {
            let related = |second: &&PatternId| (industries.relation)(*first, **second);
            let others = || all.iter().filter(|second| *second != first);
            let overlaps = |second: &&PatternId| {
                **second > *first
                    && (industries.specificity)(**second) == (industries.specificity)(*first)
                    && related(second) != Relation::Disjoint
            };
            beside.insert(*first, others().filter(overlaps).copied().collect());
            above.insert(*first, others().filter(|second| related(second) == Relation::Within).copied().collect());
        }
        Self { beside, above }
    }

    /// The leads that stand for all where only rules of the patterns `present` are: none, one, or two that overlap.
    fn leads<'a>(&'a self, present: &'a BTreeSet<PatternId>) -> impl Iterator<Item = Vec<PatternId>> + 'a {
        let pairs = present.iter().flat_map(|first| {
            let beside = self.beside.get(first).into_iter().flatten().filter(|second| present.contains(second));
            beside.map(|second| vec![*first, *second])
        });
        std::iter::once(Vec::new()).chain(present.iter().map(|only| vec![*only])).chain(pairs)
    }

    /// Every pattern that matches a lead of these.
    fn matched(&self, lead: &[PatternId]) -> BTreeSet<PatternId> {
        let above = lead.iter().filter_map(|pattern| self.above.get(pattern)).flatten();
        lead.iter().chain(above).copied().collect()
    }
}
