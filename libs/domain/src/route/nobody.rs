//! Which held leads need not be tried, as others of their kind were tried a moment ago in vain.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU32;

use super::{Findings, left_out};
use crate::id::RepId;
use crate::lead::Lead;
use crate::policy::Who;
use crate::time::Millis;

/// Whom a lead was tried with in vain, as a hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Waits(u64);

impl Waits {
    /// One more.
    pub(super) fn add(&mut self, who: &Who<'_>) {
        match who {
            // Whichever of their accounts it is.
            Who::Rep(rep, _) => self.mix(&Who::Rep(rep.clone(), None)),
            who => self.mix(who),
        }
    }

    fn mix(&mut self, what: &impl Hash) {
        // Without a seed: other replicas make the same of the same. If another build does not, leads are tried in vain.
        let mut hasher = DefaultHasher::new();
        (self.0, what).hash(&mut hasher);
        self.0 = hasher.finish();
    }
}

impl Findings {
    /// Whom a lead waits for that found nobody under this version. A team is the place that it has there.
    pub(super) fn waits_for(&self, version: u64) -> NonZeroU32 {
        let mut waits = self.waits;
        waits.mix(&version);
        // Half of it: a lead that is taken for one of another kind only waits for its own deadline.
        NonZeroU32::new(waits.0 as u32).unwrap_or(NonZeroU32::MAX)
    }
}

/// The held leads that were just tried and found nobody, by whom they wait for. Of the others that wait for the same, only one
/// that leaves out fewer reps may find somebody.
#[derive(Debug, Default)]
pub struct Nobody(HashMap<NonZeroU32, Vec<Vec<RepId>>>);

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
