//! A workspace in memory: the pure core, with what Redis and the services do around it in plain code, one thing after another.
//!
//! [`World`] keeps what Redis keeps, and a commit does to it what `lua/commit.lua` does ([`commit`]). Each call takes the
//! domain's decisions in the order in which its service takes them ([`calls`], [`search`]), and deadlines are carried out as the
//! workers do ([`workers`]). Time is an argument. What it comes to is held against the services and Redis ([`mirror`]), so that
//! what is simulated in it alone is what the services would do; what must hold whatever happens is looked up in the events by
//! code that shares nothing with the rules ([`invariants`]).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leadhand_domain::answer::Answer;
use leadhand_domain::event::Event;
use leadhand_domain::id::{LeadId, PoolId, RepId};
use leadhand_domain::lead::Lead;
use leadhand_domain::policy::{Policy, apply};
use leadhand_domain::record::{Record, Snapshot};
use leadhand_domain::refusal::Failure;
use leadhand_domain::rounds;
use leadhand_domain::route::{Desk, Table};
use leadhand_domain::time::Millis;

mod calendar;
mod calls;
mod commit;
mod deadlines;
mod index;
pub mod invariants;
pub mod mirror;
mod search;
mod workers;

pub use calls::Shown;
pub use deadlines::{Deadlines, name};
pub use index::Index;
pub use search::Thoroughness;

/// Everything of a workspace.
#[derive(Debug)]
pub struct World {
    /// The active version.
    pub policy: Arc<Policy>,
    /// Every record.
    pub records: Snapshot,
    /// The leads of each pool, by when they entered it.
    pub pools: BTreeMap<PoolId, Index>,
    /// The leads that each rep owns or is asked to accept, by since when.
    pub owned: BTreeMap<RepId, Index>,
    /// The holding pool, by when its leads came in.
    pub held: Index,
    /// The deadlines.
    pub deadlines: Deadlines,
    /// What was told, in order. A position is a place in it.
    pub events: Vec<Event>,
    /// Every lead, in the order in which they came.
    pub leads: Vec<LeadId>,
    /// What calls were answered.
    pub answers: HashMap<Asked, Done>,
    /// How much is looked for when a claim depends on what else waits, and what is worked out anew.
    pub thoroughness: Thoroughness,
    /// What each desk keeps at hand, where not everything is worked out anew.
    tables: HashMap<Desk, Table>,
}

/// A call by its names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The RPC.
    pub method: &'static str,
    /// Who calls, where that matters.
    pub caller: String,
    /// Its request id.
    pub id: String,
}

/// What a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The answer.
    pub answer: Answer,
    /// The place among the events of the one that tells of it.
    pub position: Option<usize>,
}

/// What a call comes to.
pub type Answered<T = Done> = Result<T, Failure>;

impl World {
    /// A workspace with nothing but its first policy, applied by this author at `now`.
    pub fn new(policy: Arc<Policy>, document: &str, author: &str, now: Millis) -> Self {
        let mut world = Self {
            policy: policy.clone(),
            records: Snapshot::default(),
            pools: BTreeMap::new(),
            owned: BTreeMap::new(),
            held: Index::default(),
            deadlines: Deadlines::default(),
            events: Vec::new(),
            leads: Vec::new(),
            answers: HashMap::new(),
            thoroughness: Thoroughness::Everything,
            tables: HashMap::new(),
        };
        let command = apply::Command {
            document: document.to_owned(),
            pools: policy.pools.iter().map(|pool| pool.id.clone()).collect(),
            asked: rounds::Asked::of(&policy),
            author: author.to_owned(),
            comment: String::new(),
            secret: policy.secret,
        };
        let change = apply::decide(&world.records, &command, now);
        world.commit(None, change);
        world
    }

    /// A lead as it is.
    pub fn lead(&self, id: LeadId) -> Option<&Lead> {
        self.records.lead(id)
    }

    /// The same, to go on in another way.
    pub fn fork(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            records: self.records.clone(),
            pools: self.pools.clone(),
            owned: self.owned.clone(),
            held: self.held.clone(),
            deadlines: self.deadlines.clone(),
            events: self.events.clone(),
            leads: self.leads.clone(),
            answers: self.answers.clone(),
            thoroughness: self.thoroughness,
            tables: HashMap::new(),
        }
    }

    /// A lead as it is, kept while others change.
    fn kept(&self, id: LeadId) -> Option<Arc<Record>> {
        self.records.record(&leadhand_domain::record::Key::Lead(id))
    }
}

impl Asked {
    /// A call of this method by this rep.
    pub fn new(method: &'static str, caller: &RepId, id: &str) -> Self {
        Self { method, caller: caller.to_string(), id: id.to_owned() }
    }
}
