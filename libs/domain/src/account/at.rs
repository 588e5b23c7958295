//! The accounts that one domain or name leads to: a bounded list, the ones that act first.
//!
//! A name such as `Acme`, or the domain of a franchise, may lead to thousands of accounts. A decision needs the first one of
//! each kind, and its record is rewritten with every account that comes: so at most [`MAX_ENTRIES`] of each kind are kept.
//! What is kept is always the head of the true order: the rank of the first that was left out ([`LeftOut`]) is
//! remembered, and nothing that comes after it is taken in, even where there is room again.

use super::{By, Entry, Kind, Likeness};
use crate::id::AccountId;
use crate::time::{Millis, Span};

/// How many accounts of each kind one domain or name leads to at most.
pub const MAX_ENTRIES: usize = 64;

/// For how long an empty list is kept: it says the same as none.
pub const EMPTY_KEPT: Span = Span::hours(1);

/// Where an account stands among those of its kind that one domain or name leads to; the least acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// The surest first.
    pub by: By,
    /// Then the oldest.
    pub since: Millis,
    /// Then the first by id.
    pub account: AccountId,
}

/// The first of each kind for which there was no room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    customer: Option<Rank>,
    named: Option<Rank>,
}

impl From<[Option<Rank>; 2]> for LeftOut {
    /// Of the customers, and of the target companies.
    fn from([customer, named]: [Option<Rank>; 2]) -> Self {
        Self { customer, named }
    }
}

impl LeftOut {
    /// The first of a kind.
    pub fn of(&self, kind: Kind) -> Option<&Rank> {
        match kind {
            Kind::Customer => self.customer.as_ref(),
            Kind::Named => self.named.as_ref(),
        }
    }

    fn place(&mut self, kind: Kind) -> &mut Option<Rank> {
        match kind {
            Kind::Customer => &mut self.customer,
            Kind::Named => &mut self.named,
        }
    }

    /// One more was left out.
    pub fn note(&mut self, kind: Kind, rank: Rank) {
        let first = self.place(kind);
        if first.as_ref().is_none_or(|first| rank < *first) {
            *first = Some(rank);
        }
    }
}

/// The accounts that a domain or a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The domain or name.
    pub likeness: Likeness,
    /// The accounts: customers before target companies, each in the order of their [`Rank`].
    pub entries: Vec<Entry>,
    /// Those for which there was no room.
    pub left_out: LeftOut,
}

impl At {
    /// Nothing leads from here yet.
    pub fn empty(likeness: Likeness) -> Self {
        Self { likeness, entries: Vec::new(), left_out: LeftOut::default() }
    }

    /// The list with what is now to be known of an account: `None` when nothing leads from here to it.
    ///
    /// When the last of a kind goes while others of it had been left out, the list of that kind starts anew: those come back
    /// when they are streamed in again with a higher revision.
    #[must_use]
    pub fn with(&self, account: &AccountId, entry: Option<Entry>) -> Self {
        let mut at = self.clone();
        at.entries.retain(|held| held.account != *account);
        if let Some(entry) = entry {
            at.take(entry);
        }
        for kind in [Kind::Customer, Kind::Named] {
            if !at.entries.iter().any(|held| held.kind == kind) {
                *at.left_out.place(kind) = None;
            }
        }
        at
    }

    fn take(&mut self, entry: Entry) {
        let (kind, rank) = (entry.kind, entry.rank());
        let alone = !self.entries.iter().any(|held| held.kind == kind);
        if !alone && self.left_out.of(kind).is_some_and(|first| rank > *first) {
            return;
        }
        if alone {
            *self.left_out.place(kind) = None;
        }
        let order = |held: &Entry| (held.kind, held.rank());
        let place = self.entries.partition_point(|held| order(held) < (kind, rank.clone()));
        self.entries.insert(place, entry);
        let end = self.entries.partition_point(|held| held.kind <= kind);
        if self.entries[..end].iter().filter(|held| held.kind == kind).count() > MAX_ENTRIES {
            let last = self.entries.remove(end - 1);
            self.left_out.note(kind, last.rank());
        }
    }
}
