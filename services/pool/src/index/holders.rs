//! The leads that have a word.

use std::collections::BTreeSet;

use leadhand_domain::id::LeadId;

/// One at least. Most words are one lead's only, and a set of one takes the room of eleven.
#[derive(Debug)]
pub(super) enum Holders {
    /// This one.
    One(LeadId),
    /// These.
    Many(BTreeSet<LeadId>),
}

impl Holders {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(leads) => leads.len(),
        }
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = LeadId> {
        let (one, many) = match self {
            Self::One(lead) => (Some(*lead), None),
            Self::Many(leads) => (None, Some(leads)),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }

    /// One more, which may be there already.
    pub(super) fn insert(&mut self, lead: LeadId) {
        match self {
            Self::One(one) if *one == lead => {}
            Self::One(one) => *self = Self::Many([*one, lead].into()),
            Self::Many(leads) => drop(leads.insert(lead)),
        }
    }

    /// One less, if it is there; whether none is left.
    pub(super) fn remove(&mut self, lead: LeadId) -> bool {
        match self {
            Self::One(one) => *one == lead,
            Self::Many(leads) => {
                leads.remove(&lead);
                leads.is_empty()
            }
        }
    }
}
