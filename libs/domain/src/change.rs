//! What a decision changes: plain data, applied by one atomic commit or not at all.

use crate::answer::Answer;
use crate::event::Event;
use crate::id::{LeadId, PoolId, RepId};
use crate::record::{Key, Record};
use crate::time::{Millis, Span};

/// Everything one decision changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The facts the decision rests on: it is applied only if all of them still are as they were read.
    pub expects: Vec<Key>,
    /// Entities to write.
    pub puts: Vec<Record>,
    /// Locks to take; each must be free, or held by the same holder.
    pub locks: Vec<Lock>,
    /// What enters and leaves the pools' indexes.
    pub index: Vec<Index>,
    /// Deadlines to set and to cancel.
    pub timers: Vec<Timer>,
    /// What to tell.
    pub events: Vec<Event>,
    /// What the call answers, to be remembered.
    pub answer: Answer,
}

impl Change {
    /// A change that so far only answers.
    pub fn answering(answer: Answer) -> Self {
        Self {
            expects: Vec::new(),
            puts: Vec::new(),
            locks: Vec::new(),
            index: Vec::new(),
            timers: Vec::new(),
            events: Vec::new(),
            answer,
        }
    }
}

/// A lock that is taken with the change and expires by itself. Who finds it taken by another need not try; it proves
/// nothing: the lead's record and fence do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// What is locked.
    pub on: LockOn,
    /// Who holds it; the same holder passes its own lock.
    pub holder: RepId,
    /// For how long.
    pub ttl: Span,
}

/// What a lock is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockOn {
    /// Claiming this lead.
    Claim(LeadId),
}

/// A change of a pool's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Index {
    /// A lead enters a pool.
    Enter {
        /// The pool.
        pool: PoolId,
        /// The lead.
        lead: LeadId,
        /// When.
        at: Millis,
    },
    /// A lead leaves a pool.
    Leave {
        /// The pool.
        pool: PoolId,
        /// The lead.
        lead: LeadId,
    },
}

/// A change of the workspace's deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer {
    /// The owner must have made contact by then.
    SetContact(LeadId, Millis),
    /// The contact deadline no longer stands.
    CancelContact(LeadId),
}
