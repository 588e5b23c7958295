//! The latest changes of an index, in order.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use leadhand_domain::id::RepId;
use leadhand_store::events::Position;

use super::{Entry, LOGGED};

/// A change, and the event by which it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub(crate) position: Position,
    pub(crate) what: What,
}

/// What changed.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A lead entered, left or changed.
    Lead { old: Option<Arc<Entry>>, new: Option<Arc<Entry>> },
    /// These reps are in another tier.
    Tiers(Arc<HashSet<RepId>>),
    /// What is shown to whom may have changed altogether: watchers begin anew.
    Anew,
}

/// The latest changes, each with a number; a cursor is the number of the next.
#[derive(Debug, Default)]
pub(crate) struct Log {
    first: u64,
    kept: VecDeque<Logged>,
}

impl Log {
    /// The cursor of who knows everything.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    /// Up to `most` changes from a cursor on; `None` when some are no longer kept.
    pub(crate) fn from(&self, cursor: u64, most: usize) -> Option<Vec<Logged>> {
        let skip = usize::try_from(cursor.checked_sub(self.first)?).ok()?;
        Some(self.kept.iter().skip(skip).take(most).cloned().collect())
    }

    pub(super) fn push(&mut self, logged: Logged) {
        if self.kept.len() >= LOGGED {
            self.kept.pop_front();
            self.first += 1;
        }
        self.kept.push_back(logged);
    }
}
