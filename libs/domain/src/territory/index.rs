//! Rules compiled into hash look-ups.
//!
//! Each rule is filed under every cell of the world that its areas cover, and there under each of its patterns. What lies
//! under one cell and one pattern is cut at the ends of all size ranges into steps, and only the winner of each step is
//! kept. So a look-up asks for at most six cells, and in each for the lead's patterns and for none, however many rules
//! there are; within one such list it searches the steps by halving.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rank::{self, Cell, Rank};
use super::{Attribute, Fault, Found, Industries, Outcome, PatternId, Rule, SizeRange, conflict};
use crate::geography::Place;
use crate::id::TerritoryId;

/// The most combinations of a cell, a pattern and a size range that rules may make; it bounds the memory of an index.
pub const MAX_ENTRIES: usize = 2_000_000;

/// One way to match a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) rank: Rank,
    /// The rule's place in the list.
    pub(super) rule: usize,
    pub(super) size: Option<SizeRange>,
}

/// The ways to match in one cell, by pattern.
pub(super) type Patterns = BTreeMap<Option<PatternId>, Vec<Entry>>;

/// Every way to match.
pub(super) type Entries = BTreeMap<Cell, Patterns>;

/// Which territory a lead falls into.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    territories: Vec<TerritoryId>,
    cells: HashMap<Cell, HashMap<Option<PatternId>, Steps>>,
    asked: BTreeSet<Attribute>,
}

/// The winners under one cell and one pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Steps {
    /// When the number of employees is not known.
    unknown: Option<Entry>,
    /// From so many employees on, until the next step; sorted, the first from 0.
    known: Vec<(u32, Option<Entry>)>,
}

impl Index {
    /// Compiles rules. Refuses those of which two can win the same lead equally.
    pub fn build(rules: &[Rule], industries: Industries<'_>) -> Result<Self, Fault> {
        let entries = entries(rules, industries).ok_or(Fault::TooLarge)?;
        let conflicts = conflict::find(rules, &entries, industries);
        if !conflicts.is_empty() {
            return Err(Fault::Conflicts(conflicts));
        }
        let steps = |(pattern, entries): (_, Vec<Entry>)| (pattern, Steps::of(&entries));
        let cells = entries.into_iter().map(|(cell, patterns)| (cell, patterns.into_iter().map(steps).collect()));
        Ok(Self {
            territories: rules.iter().map(|rule| rule.id.clone()).collect(),
            cells: cells.collect(),
            asked: rules.iter().flat_map(asked).collect(),
        })
    }

    /// The most specific territory of a lead. `industries` are all patterns that match it; `None` when its industry is
    /// not known.
    pub fn find(&self, place: &Place, industries: Option<&[PatternId]>, employees: Option<u32>) -> Outcome {
        let mut probes = 0;
        self.probe(place, industries, employees, &mut probes)
    }

    /// [`Index::find`], counting how many hash look-ups it takes.
    pub(super) fn probe(
        &self,
        place: &Place,
        industries: Option<&[PatternId]>,
        employees: Option<u32>,
        probes: &mut usize,
    ) -> Outcome {
        let patterns = industries.unwrap_or_default();
        let mut best: Option<(Entry, Option<PatternId>)> = None;
        for cell in rank::cells(place) {
            *probes += 1;
            let Some(steps) = self.cells.get(&cell) else { continue };
            for pattern in std::iter::once(None).chain(patterns.iter().copied().map(Some)) {
                *probes += 1;
                let Some(entry) = steps.get(&pattern).and_then(|steps| steps.at(employees)) else { continue };
                if best.is_none_or(|(best, _)| entry.precedence() > best.precedence()) {
                    best = Some((entry, pattern));
                }
            }
        }
        let found = best.and_then(|(entry, industry)| {
            let territory = self.territories.get(entry.rule)?.clone();
            Some(Found { territory, area: entry.rank.grain.kind(), industry, size: entry.size })
        });
        let is_missing = |attribute: &Attribute| match attribute {
            Attribute::Country => place.country().is_none(),
            Attribute::Region => place.region().is_none(),
            Attribute::City => place.city().is_none(),
            Attribute::TimeZone => place.zone().is_none(),
            Attribute::Industry => industries.is_none(),
            Attribute::Employees => employees.is_none(),
        };
        Outcome { found, missing: self.asked.iter().copied().filter(is_missing).collect() }
    }
}

impl Entry {
    /// The more specific first; of equals, which a checked index never has to choose from, the rule that stands first.
    fn precedence(&self) -> (Rank, Reverse<usize>) {
        (self.rank, Reverse(self.rule))
    }
}

impl Steps {
    fn of(entries: &[Entry]) -> Self {
        let mut steps = Self::default();
        sweep(entries, |employees, by_rank| {
            let winner = by_rank.next().copied();
            match employees {
                None => steps.unknown = winner,
                Some(_) if steps.known.last().is_some_and(|(_, last)| *last == winner) => {}
                Some(from) => steps.known.push((from, winner)),
            }
        });
        steps
    }

    fn at(&self, employees: Option<u32>) -> Option<Entry> {
        let Some(employees) = employees else { return self.unknown };
        let step = self.known.partition_point(|(from, _)| *from <= employees).checked_sub(1)?;
        self.known.get(step)?.1
    }
}

/// Goes through all sizes of leads that make a difference: unknown, then each number of employees at which a range begins
/// or has just ended. `visit` gets the entries that match, the most specific first.
pub(super) fn sweep(entries: &[Entry], mut visit: impl FnMut(Option<u32>, &mut dyn Iterator<Item = &Entry>)) {
    let key = |place: usize| (Reverse(entries[place].rank), entries[place].rule, place);
    let mut matching: BTreeSet<_> =
        (0..entries.len()).filter(|place| entries[*place].size.is_none()).map(key).collect();
    visit(None, &mut matching.iter().map(|(_, _, place)| &entries[*place]));
    let mut changes: BTreeMap<u32, Vec<(bool, usize)>> = BTreeMap::from([(0, Vec::new())]);
    for (place, size) in entries.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.size?))) {
        changes.entry(size.least()).or_default().push((true, place));
        if let Some(after) = size.most().and_then(|max| max.checked_add(1)) {
            changes.entry(after).or_default().push((false, place));
        }
    }
    for (from, changes) in changes {
        for (begins, place) in changes {
            if begins {
                matching.insert(key(place));
            } else {
                matching.remove(&key(place));
            }
        }
        visit(Some(from), &mut matching.iter().map(|(_, _, place)| &entries[*place]));
    }
}

/// Files every rule; `None` when there are more than [`MAX_ENTRIES`].
fn entries(rules: &[Rule], industries: Industries<'_>) -> Option<Entries> {
    let mut entries = Entries::new();
    let mut count = 0_usize;
    for (place, rule) in rules.iter().enumerate() {
        let covered = rank::covered(&rule.areas);
        let patterns: BTreeSet<_> = any_of(&rule.industries);
        let sizes: BTreeSet<_> = any_of(&rule.sizes);
        count = count.saturating_add(covered.len().saturating_mul(patterns.len()).saturating_mul(sizes.len()));
        if count > MAX_ENTRIES {
            return None;
        }
        for (cell, grain) in covered {
            let by_pattern = entries.entry(cell).or_default();
            for pattern in &patterns {
                let industry = pattern.map(industries.specificity);
                let ways = sizes.iter().map(|size| Entry {
                    rank: Rank { grain, industry, width: rank::width(*size) },
                    rule: place,
                    size: *size,
                });
                by_pattern.entry(*pattern).or_default().extend(ways);
            }
        }
    }
    Some(entries)
}

/// What a list allows; an empty one, anything.
fn any_of<T: Copy + Ord>(list: &[T]) -> BTreeSet<Option<T>> {
    if list.is_empty() { BTreeSet::from([None]) } else { list.iter().copied().map(Some).collect() }
}

/// The attributes that a rule asks for.
fn asked(rule: &Rule) -> BTreeSet<Attribute> {
    let mut asked = BTreeSet::new();
    for (cell, _) in rank::covered(&rule.areas) {
        match cell {
            Cell::Anywhere => {}
            Cell::Country(_) => asked.extend([Attribute::Country]),
            Cell::Zone(_) => asked.extend([Attribute::TimeZone]),
            Cell::Region(_) => asked.extend([Attribute::Region]),
            Cell::Town(town) => {
                let within = if town.region().is_some() { Attribute::Region } else { Attribute::Country };
                asked.extend([Attribute::City, within]);
            }
        }
    }
    if !rule.industries.is_empty() {
        asked.insert(Attribute::Industry);
    }
    if !rule.sizes.is_empty() {
        asked.insert(Attribute::Employees);
    }
    asked
}
