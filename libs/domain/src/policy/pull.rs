//! What the policy says of a lead to those who claim.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Otherwise, Policy, Target};
use crate::expression::{self, Expression, Outcome};
use crate::geography::Place;
use crate::guardrail::tier::Tier;
use crate::id::RepId;
use crate::industry::Industry;
use crate::lead::{Company, Facts};
use crate::territory::{PatternId, Reach};
use crate::time::Millis;

/// How much a lead matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// More than others.
    High,
    /// As most.
    Standard,
    /// Less than others.
    Low,
}

/// Which leads matter more or less than others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Priorities {
    pub(super) high: Option<Arc<Expression>>,
    pub(super) low: Option<Arc<Expression>>,
}

/// Whose territories are where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Owners {
    reaches: Vec<Reach>,
    /// Places in `reaches`.
    by_rep: HashMap<RepId, Vec<usize>>,
    /// The same by places in [`Policy::teams`].
    by_team: HashMap<usize, Vec<usize>>,
}

impl Owners {
    /// Adds a territory with whom it names.
    pub(super) fn add<'a>(&mut self, reach: Reach, whose: impl IntoIterator<Item = &'a Target>) {
        let place = self.reaches.len();
        self.reaches.push(reach);
        for target in whose {
            match target {
                Target::Rep(rep) => self.by_rep.entry(rep.clone()).or_default().push(place),
                Target::Team(team) => self.by_team.entry(*team).or_default().push(place),
                Target::Owner | Target::Pool(_) | Target::Manager => {}
            }
        }
    }

    fn of<'a>(&'a self, rep: &RepId, teams: &'a [usize]) -> impl Iterator<Item = &'a Reach> {
        let by_team = teams.iter().filter_map(|team| self.by_team.get(team));
        self.by_rep.get(rep).into_iter().chain(by_team).flatten().filter_map(|place| self.reaches.get(*place))
    }
}

/// Whom an action names.
pub(super) fn named(action: &super::Action) -> impl Iterator<Item = &Target> {
    let otherwise = match &action.otherwise {
        Otherwise::To(target) => Some(target),
        Otherwise::Next => None,
    };
    [Some(&action.target), otherwise].into_iter().flatten()
}

impl Policy {
    /// How much a lead matters. Conditions on attributes do not match here, as who claims does not see them.
    pub fn priority(&self, facts: &Facts, now: Millis) -> Priority {
        let lead = expression::Lead::without_attributes(facts);
        let is = |when: &Option<Arc<Expression>>| {
            when.as_ref().is_some_and(|when| when.evaluate(&lead, now) == Outcome::Matches)
        };
        if is(&self.priorities.high) {
            return Priority::High;
        }
        if is(&self.priorities.low) { Priority::Low } else { Priority::Standard }
    }

    /// How early the rep may claim, where the document says so: then no calculation does. See [`crate::guardrail::tier::of`].
    pub fn tier(&self, rep: &RepId) -> Option<Tier> {
        self.reps.get(rep)?.tier
    }

    /// What the rep is to win in four weeks, where the document says so.
    pub fn target(&self, rep: &RepId) -> Option<u64> {
        self.reps.get(rep)?.target
    }

    /// Whether one of the rep's territories matches the lead: one whose action names the rep or a team of the rep's, or that is
    /// said to be such a team's.
    pub fn is_in_territory_of(&self, rep: &RepId, facts: &Facts) -> bool {
        let Some(known) = self.reps.get(rep) else { return false };
        let company = &facts.company;
        let industries = self.areas.industries(company);
        let place = Place::of(company);
        let mut own = self.areas.owners.of(rep, &known.teams);
        own.any(|reach| reach.covers(&place, industries.as_deref(), company.employees))
    }
}

impl super::Areas {
    /// The patterns that match a company's industry; `None` when that is not known.
    pub(super) fn industries(&self, company: &Company) -> Option<Vec<PatternId>> {
        let patterns = (0..).map(PatternId).zip(&self.patterns);
        let industry = Industry::parse(&company.industry)?;
        Some(patterns.filter(|(_, pattern)| pattern.matches(&industry)).map(|(id, _)| id).collect())
    }
}
