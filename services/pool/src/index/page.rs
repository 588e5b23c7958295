//! Reading a page.

use std::ops::Bound;
use std::sync::Arc;

use leadhand_domain::expression::{Expression, Outcome};
use leadhand_domain::id::{LeadId, PoolId};
use leadhand_domain::policy::Policy;
use leadhand_domain::search::Query;
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::{Viewer, listed};

use super::{Entry, Index, Place, Pool, Sort, order};

/// How many leads one call looks at, at most: what bounds a page that hardly any lead matches.
pub(crate) const LOOKED_AT: usize = 5_000;

/// A word that so many leads have is rare enough to begin with those leads rather than with the order.
const RARE: usize = 4_096;

/// Whom and what a list is for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) policy: Arc<Policy>,
    pub(crate) viewer: Viewer,
    pub(crate) pool: PoolId,
    pub(crate) filter: Option<Expression>,
    pub(crate) query: Query,
}

/// A part of a page.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) leads: Vec<Arc<Entry>>,
    /// Up to where was looked; `None`: to the end.
    pub(crate) next: Option<Place>,
    /// How many leads were looked at.
    pub(crate) looked_at: usize,
}

impl Ask {
    /// Whether the list has a lead at a moment.
    pub(crate) fn shows(&self, entry: &Entry, now: Millis) -> bool {
        let matches = |filter: &Expression| filter.evaluate(&entry.filtered(), now) == Outcome::Matches;
        *entry.pool() == self.pool
            && entry.found_by(&self.query)
            && listed(&self.policy, &self.viewer, &entry.lead, now)
            && self.filter.as_ref().is_none_or(matches)
    }
}

impl Index {
    /// Up to `size` leads after a place of an order, looking at no more than `most`.
    pub(crate) fn page(
        &self,
        ask: &Ask,
        sort: Sort,
        after: Option<Place>,
        size: usize,
        most: usize,
        now: Millis,
    ) -> Found {
        let Some(pool) = self.pools.get(&ask.pool) else { return Found::default() };
        if let Some(rare) = pool.rare(&ask.query) {
            let mut places: Vec<_> = rare
                .iter()
                .filter_map(|lead| self.leads.get(lead))
                .map(|entry| (order::places(entry)[sort.key()], entry))
                .filter(|(place, _)| after.is_none_or(|after| sort.is_after(*place, after)))
                .collect();
            places.sort_unstable_by_key(|(place, _)| *place);
            if sort.is_backwards() {
                places.reverse();
            }
            return look(places.into_iter(), ask, size, most.max(RARE), now);
        }
        let order = &pool.orders[sort.key()];
        let beyond = after.map_or(Bound::Unbounded, Bound::Excluded);
        match sort.is_backwards() {
            false => look(order.range((beyond, Bound::Unbounded)).map(|(p, e)| (*p, e)), ask, size, most, now),
            true => look(order.range((Bound::Unbounded, beyond)).rev().map(|(p, e)| (*p, e)), ask, size, most, now),
        }
    }

    /// The leads of a pool that entered it after a moment and until another.
    pub(crate) fn entered(&self, pool: &PoolId, after: Millis, until: Millis) -> Vec<Arc<Entry>> {
        let Some(pool) = self.pools.get(pool) else { return Vec::new() };
        let from = |at| Place { rank: 0, at, lead: LeadId::MIN };
        let (after, until) = (Millis(after.0.saturating_add(1)), Millis(until.0.saturating_add(1)));
        if after >= until {
            return Vec::new();
        }
        pool.orders[0].range(from(after)..from(until)).map(|(_, entry)| entry.clone()).collect()
    }
}

impl Sort {
    fn is_after(self, place: Place, other: Place) -> bool {
        if self.is_backwards() { place < other } else { place > other }
    }
}

impl Pool {
    /// The leads that have a word of the query, of the rarest; `None` when none is rare, or there is no query.
    fn rare(&self, query: &Query) -> Option<Vec<LeadId>> {
        let with = |beginning: &str| {
            let mut leads = Vec::new();
            let words = self.words.range::<str, _>((Bound::Included(beginning), Bound::Unbounded));
            for (_, holders) in words.take_while(|(word, _)| word.starts_with(beginning)) {
                if leads.len() + holders.len() > RARE {
                    return None;
                }
                leads.extend(holders.iter());
            }
            Some(leads)
        };
        let mut rarest = query.beginnings().filter_map(with).min_by_key(Vec::len)?;
        // A lead may have two words that begin alike.
        rarest.sort_unstable();
        rarest.dedup();
        Some(rarest)
    }
}

fn look<'a>(
    mut places: impl Iterator<Item = (Place, &'a Arc<Entry>)>,
    ask: &Ask,
    size: usize,
    most: usize,
    now: Millis,
) -> Found {
    let mut found = Found::default();
    let mut last = None;
    while found.leads.len() < size && found.looked_at < most {
        let Some((place, entry)) = places.next() else { return found };
        found.looked_at += 1;
        last = Some(place);
        if ask.shows(entry, now) {
            found.leads.push(entry.clone());
        }
    }
    // With one more there is another page.
    found.next = last.filter(|_| places.next().is_some());
    found
}
