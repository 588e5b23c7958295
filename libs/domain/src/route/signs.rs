//! By what a lead that has just come in is recognised.

use std::sync::OnceLock;

use crate::account::Likeness;
use crate::event::Likeness as By;
use crate::lead::{Facts, Person};
use crate::likeness::{self, Mark};
use crate::policy::Policy;
use crate::record::Key;
use crate::time::Span;

/// By what a lead is recognised, worked out when it is first asked for: normalising a company's name takes longer than the rest
/// of a decision, and a lead may be decided on several times.
#[derive(Debug, Clone, Default)]
pub struct Signs(OnceLock<Worked>);

#[derive(Debug, Clone)]
struct Worked {
    marks: Vec<(By, Mark)>,
    companies: Vec<Likeness>,
}

/// What of a lead's signs matters under a policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Those of the lead itself; none when the policy does not want to know it again.
    pub(super) marks: &'a [(By, Mark)],
    /// Those of the company.
    pub(super) companies: &'a [Likeness],
}

impl Signs {
    /// The signs of this lead. They are kept: the workspace's secret, which keys them, never changes.
    pub(super) fn of(&self, policy: &Policy, facts: &Facts, person: &Person) -> Known<'_> {
        let Worked { marks, companies } = self.0.get_or_init(|| Worked {
            marks: likeness::marks(facts, person, &policy.secret),
            companies: Likeness::of(&facts.company),
        });
        Known { marks: if policy.duplicates_within > Span(0) { marks } else { &[] }, companies }
    }
}

impl Known<'_> {
    /// The records to be looked at.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let marks = self.marks.iter().map(|(_, mark)| Key::Likeness(*mark));
        marks.chain(self.companies.iter().cloned().map(Key::Accounts))
    }
}
