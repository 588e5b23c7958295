//! What a workspace's pools list, in memory: pure, and of one moment of the stream of events.
//!
//! Each pool has its leads in every order in which they can be listed, and the words by which they are found. A page is read
//! by walking an order from the place that its token names, looking at each lead (is it shown to the viewer, does the filter
//! hold) until the page is full. What changes is kept for a while in a log, from which watchers are told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use leadhand_domain::id::{LeadId, PoolId, RepId};
use leadhand_store::events::Position;

mod entry;
mod holders;
mod log;
mod order;
mod page;
#[cfg(test)]
mod tests;

use holders::Holders;

pub(crate) use entry::Entry;
pub(crate) use log::{Log, Logged, What};
pub(crate) use order::{Place, Sort};
pub(crate) use page::{Ask, LOOKED_AT};

/// How many changes are kept for watchers: who is further behind begins anew.
const LOGGED: usize = 8_192;

/// The pools of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Index {
    leads: HashMap<LeadId, Arc<Entry>>,
    pools: HashMap<PoolId, Pool>,
    log: Log,
}

/// What one pool lists.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// By each of [`order::KEYS`].
    orders: [BTreeMap<Place, Arc<Entry>>; order::KEYS],
    /// Leads by their words.
    words: BTreeMap<Box<str>, Holders>,
}

impl Index {
    /// Takes a lead in that was read, whatever was read of it before; nobody is told.
    pub(crate) fn add(&mut self, entry: Entry) {
        self.take(entry.lead.id);
        self.put(Arc::new(entry));
    }

    /// How many leads there are.
    pub(crate) fn len(&self) -> usize {
        self.leads.len()
    }

    /// Whether a lead is in a pool.
    pub(crate) fn has(&self, lead: LeadId) -> bool {
        self.leads.contains_key(&lead)
    }

    /// A lead that is in a pool.
    pub(crate) fn entry(&self, lead: LeadId) -> Option<&Arc<Entry>> {
        self.leads.get(&lead)
    }

    /// What changes, for watchers.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Takes in how a lead stands, as of an event at `position`; `None`: it is in no pool.
    pub(crate) fn set(&mut self, position: Position, lead: LeadId, new: Option<Entry>) {
        let new = new.map(Arc::new);
        let old = self.take(lead);
        if old != new {
            self.log.push(Logged { position, what: What::Lead { old, new: new.clone() } });
        }
        if let Some(new) = new {
            self.put(new);
        }
    }

    /// Notes that what is shown to whom may have changed altogether.
    pub(crate) fn begin_anew(&mut self, position: Position) {
        self.log.push(Logged { position, what: What::Anew });
    }

    /// Notes that these reps are in another tier, as of an event at `position`.
    pub(crate) fn tiers_changed(&mut self, position: Position, reps: HashSet<RepId>) {
        self.log.push(Logged { position, what: What::Tiers(Arc::new(reps)) });
    }

    /// Becomes another one, which was read anew as of `position`; watchers are told what differs. Returns what it was.
    pub(crate) fn replace(&mut self, mut other: Self, differs: Vec<What>, position: Position) -> Self {
        other.log = std::mem::take(&mut self.log);
        for what in differs {
            other.log.push(Logged { position, what });
        }
        std::mem::replace(self, other)
    }

    /// What differs from here to there.
    pub(crate) fn differs(&self, other: &Self) -> Vec<What> {
        let gone = self.leads.values().filter(|old| !other.has(old.lead.id));
        let gone = gone.map(|old| What::Lead { old: Some(old.clone()), new: None });
        let changed = other.leads.values().filter_map(|new| {
            let old = self.leads.get(&new.lead.id);
            (old != Some(new)).then(|| What::Lead { old: old.cloned(), new: Some(new.clone()) })
        });
        gone.chain(changed).collect()
    }

    fn put(&mut self, entry: Arc<Entry>) {
        self.leads.insert(entry.lead.id, entry.clone());
        let pool = self.pools.entry(entry.pool().clone()).or_default();
        for (order, place) in pool.orders.iter_mut().zip(order::places(&entry)) {
            order.insert(place, entry.clone());
        }
        for word in entry.words() {
            // Most words are there: a copy of each would be made and dropped.
            match pool.words.get_mut(word) {
                Some(holders) => holders.insert(entry.lead.id),
                None => drop(pool.words.insert(word.into(), Holders::One(entry.lead.id))),
            }
        }
    }

    fn take(&mut self, lead: LeadId) -> Option<Arc<Entry>> {
        let entry = self.leads.remove(&lead)?;
        if let Some(pool) = self.pools.get_mut(entry.pool()) {
            for (order, place) in pool.orders.iter_mut().zip(order::places(&entry)) {
                order.remove(&place);
            }
            for word in entry.words() {
                if pool.words.get_mut(word).is_some_and(|holders| holders.remove(lead)) {
                    pool.words.remove(word);
                }
            }
            if pool.orders[0].is_empty() {
                self.pools.remove(entry.pool());
            }
        }
        Some(entry)
    }
}
