//! What a decision changes: plain data, applied by one atomic commit or not at all.

use crate::answer::{Answer, REMEMBERED};
use crate::enrichment::Enrichment;
use crate::event::Event;
use crate::id::{Fence, LeadId, PoolId, RepId};
use crate::lead::Via;
use crate::record::{Counter, Key, Record};
use crate::time::{Millis, Span};

/// Everything one decision changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The facts the decision rests on: it is applied only if all of them still are as they were read.
    pub expects: Vec<Key>,
    /// Entities to write.
    pub puts: Vec<Record>,
    /// What to count up and down.
    pub counts: Vec<Count>,
    /// Locks to take; each must be free, or held by the same holder.
    pub locks: Vec<Lock>,
    /// What enters and leaves the indexes: of the pools, of what is held, of what each rep has.
    pub index: Vec<Index>,
    /// Deadlines to set and to cancel.
    pub timers: Vec<Timer>,
    /// What to tell.
    pub events: Vec<Event>,
    /// What the call answers, to be remembered.
    pub answer: Answer,
    /// For how long.
    pub remembered: Span,
}

impl Change {
    /// A change that so far only answers.
    pub fn answering(answer: Answer) -> Self {
        Self {
            expects: Vec::new(),
            puts: Vec::new(),
            counts: Vec::new(),
            locks: Vec::new(),
            index: Vec::new(),
            timers: Vec::new(),
            events: Vec::new(),
            answer,
            remembered: REMEMBERED,
        }
    }

    /// A lead that a rep had, and had not made contact on, does not wait for it any more.
    pub(crate) fn waits_no_more(&mut self, rep: &RepId, via: &Via) {
        let hoarded = matches!(via, Via::Claim(_)).then(|| Counter::Hoarded(rep.clone()));
        for counter in [Some(Counter::Uncontacted(rep.clone())), hoarded].into_iter().flatten() {
            self.counts.push(Count { counter, delta: -1, most: None });
        }
    }

    /// Has the decisions tell what the lead's enrichment came to.
    pub fn tell_enrichment(&mut self, enrichment: &Enrichment) {
        for decision in self.events.iter_mut().filter_map(|event| event.decision.as_mut()) {
            decision.enrichment = Some(enrichment.clone());
        }
    }
}

/// Something to count up or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What.
    pub counter: Counter,
    /// By how much.
    pub delta: i64,
    /// The change is applied only if the count is not more than this afterwards.
    pub most: Option<u64>,
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
    /// Claiming this lead, to own it under this fence. Each ownership has its own: when a lead comes back to a pool at once, the
    /// lock of the claim before keeps nobody from it.
    Claim(LeadId, Fence),
}

/// A change of a pool's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Index {
    /// A lead enters the holding pool.
    Hold {
        /// The lead.
        lead: LeadId,
        /// When it was accepted: the one that waits longest goes first.
        since: Millis,
    },
    /// A lead leaves the holding pool.
    Free {
        /// The lead.
        lead: LeadId,
    },
    /// A rep gets a lead, as its owner or to accept it.
    Own {
        /// The rep.
        rep: RepId,
        /// The lead.
        lead: LeadId,
        /// When.
        at: Millis,
    },
    /// A rep has a lead no more.
    Disown {
        /// The rep.
        rep: RepId,
        /// The lead.
        lead: LeadId,
    },
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

/// A deadline of the workspace. Whoever finds one due looks at the entity: the deadline is a hint, the entity decides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Due {
    /// The owner is to be reminded of the contact, or must have made it by then: what comes next.
    Contact(LeadId),
    /// The offer lapses.
    Offer(LeadId),
    /// Who claimed the lead must have done something about it.
    Action(LeadId),
    /// Nobody has claimed the lead for long.
    Pool(LeadId),
    /// A held lead is tried again.
    Held(LeadId),
    /// A rep's suspension is over.
    Suspension(RepId),
    /// The hold on a pooled lead is over.
    Hold(LeadId),
    /// Somebody may have come free: held leads are tried again.
    Drain,
    /// Tiers are calculated.
    Tiers,
    /// Reps whose day is over are held to the activity floor.
    Floor,
}

/// A change of the workspace's deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer {
    /// There is one, at this moment; an earlier setting of it no longer stands.
    Set(Due, Millis),
    /// There is none.
    Cancel(Due),
}
