//! Whether one rule matches a lead, whichever rule is the most specific.

use std::collections::HashSet;

use super::rank::{self, Cell};
use super::{PatternId, Rule, SizeRange};
use crate::geography::Place;

/// What a rule matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    cells: HashSet<Cell>,
    industries: Vec<PatternId>,
    sizes: Vec<SizeRange>,
}

impl Reach {
    /// Of a rule.
    pub fn of(rule: &Rule) -> Self {
        Self {
            cells: rank::covered(&rule.areas).into_iter().map(|(cell, _)| cell).collect(),
            industries: rule.industries.clone(),
            sizes: rule.sizes.clone(),
        }
    }

    /// Whether the rule matches a lead. `industries` are all patterns that match it, `None` when its industry is not known.
    pub fn covers(&self, place: &Place, industries: Option<&[PatternId]>, employees: Option<u32>) -> bool {
        let known = industries.unwrap_or_default();
        let fits = |size: &SizeRange| {
            employees.is_some_and(|count| size.least() <= count && size.most().is_none_or(|most| count <= most))
        };
        rank::cells(place).any(|cell| self.cells.contains(&cell))
            && (self.industries.is_empty() || self.industries.iter().any(|pattern| known.contains(pattern)))
            && (self.sizes.is_empty() || self.sizes.iter().any(fits))
    }
}
