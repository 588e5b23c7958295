//! Which held leads need not be tried, as others of their kind were tried a moment ago in vain.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Findings, left_out};
use crate::id::RepId;
use crate::lead::Lead;
use crate::policy::Who;
use crate::time::Millis;

/// Whom a lead was tried with in vain, as a hash.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits(DefaultHasher);

impl Waits {
    /// One more.
    pub(super) fn add(&mut self, who: &Who<'_>) {
        match who {
            // Whichever of their accounts it is.
            Who::Rep(rep, _) => Who::Rep(rep.clone(), None).hash(&mut self.0),
            who => who.hash(&mut self.0),
        }
    }
}

impl PartialEq for Waits {
    fn eq(&self, other: &Self) -> bool {
        self.0.finish() == other.0.finish()
    }
}

impl Eq for Waits {}

impl Findings {
    /// Whom a lead waits for that found nobody under this version. A team is the place that it has there.
    pub(super) fn waits_for(&self, version: u64) -> u64 {
        let mut hasher = self.waits.0.clone();
        version.hash(&mut hasher);
        hasher.finish()
    }
}

/// The held leads that were just tried and found nobody, by whom they wait for. Of the others that wait for the same, only one
/// that leaves out fewer reps may find somebody.
#[derive(Debug, Default)]
pub struct Nobody(HashMap<u64, Vec<Vec<RepId>>>);

impl Nobody {
    /// Notes a lead that has just found nobody, as it is since.
    pub fn note(&mut self, lead: &Lead, now: Millis) {
        if let Some(waits_for) = lead.waits_for {
            self.0.entry(waits_for).or_default().push(left_out(lead, now));
        }
    }

    /// Whether there is nobody for this lead either.
    pub fn is_for(&self, lead: &Lead, now: Millis) -> bool {
        let Some(tried) = lead.waits_for.and_then(|waits_for| self.0.get(&waits_for)) else { return false };
        let without = left_out(lead, now);
        tried.iter().any(|tried| tried.iter().all(|rep| without.contains(rep)))
    }
}
