//! Leads in the order of a moment, as Redis' sorted sets have them.

use std::collections::{BTreeSet, HashMap};

use leadhand_domain::id::LeadId;
use leadhand_domain::time::Millis;

/// Leads by a moment, then by id.
#[derive(Debug, Clone, Default)]
pub struct Index {
    moments: HashMap<LeadId, Millis>,
    order: BTreeSet<(Millis, LeadId)>,
}

impl Index {
    /// Puts a lead at a moment.
    pub(super) fn enter(&mut self, lead: LeadId, at: Millis) {
        if let Some(before) = self.moments.insert(lead, at) {
            self.order.remove(&(before, lead));
        }
        self.order.insert((at, lead));
    }

    /// Takes a lead out.
    pub(super) fn leave(&mut self, lead: LeadId) {
        if let Some(at) = self.moments.remove(&lead) {
            self.order.remove(&(at, lead));
        }
    }

    /// The leads in their order.
    pub fn iter(&self) -> impl Iterator<Item = LeadId> {
        self.order.iter().map(|(_, lead)| *lead)
    }

    /// The leads in their order, each with its moment.
    pub fn entries(&self) -> impl Iterator<Item = (Millis, LeadId)> {
        self.order.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
