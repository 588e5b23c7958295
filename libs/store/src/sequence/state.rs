//! What a sequence decides on.

use std::pin::Pin;

use super::*;
use crate::commit::Batch;
use crate::snapshot::{self, Read};
use crate::transact;

/// For how long a state is decided on at most: counts that others changed show by then.
const MAX_AGE: Duration = Duration::from_secs(10);

/// What decisions are taken on: the committed records with the puts of batches under way on top.
pub(super) struct State {
    pub(super) read: Read,
    /// What the decisions keep at hand of it.
    pub(super) table: Table,
    pub(super) policy: Arc<Policy>,
    pub(super) lane: link::Lane,
    /// Which reading this is, counted from 1.
    pub(super) number: u64,
    /// Records read for single requests, with how many batches under way have to do with them: nobody else needs them.
    pub(super) extras: ByKey<u32>,
    /// Elapses when the state is too old.
    pub(super) age: Pin<Box<tokio::time::Sleep>>,
}

impl State {
    /// What these changes write is under way from here on.
    pub(super) fn written(&mut self, batch: &Batch, decided: &[(Job, Change)]) {
        for (key, version) in &batch.written {
            if let Some(held) = self.read.versions.get_mut(key) {
                *held = Some(*version);
            } else {
                // A lead of its own: nobody decides on it here again.
                self.read.snapshot.remove(key);
            }
        }
        // Counts of reps who are not the desk's own.
        for count in decided.iter().flat_map(|(_, change)| &change.counts) {
            let key = Key::Count(count.counter.clone());
            if !self.read.versions.contains_key(&key) {
                self.read.snapshot.remove(&key);
            }
        }
    }

    /// Nobody has decided anything on these records that stands.
    pub(super) fn forget(&mut self, keys: impl Iterator<Item = Key>) {
        for key in keys {
            self.read.versions.remove(&key);
            self.read.snapshot.remove(&key);
        }
    }

    /// A batch has nothing to do with these records any more.
    pub(super) fn release(&mut self, extras: Vec<Key>) {
        for key in extras {
            match self.extras.get_mut(&key) {
                Some(uses) if *uses > 1 => *uses -= 1,
                _ => {
                    self.extras.remove(&key);
                    self.read.versions.remove(&key);
                    self.read.snapshot.remove(&key);
                }
            }
        }
    }
}

/// Reads what a sequence decides on; `None` when the policy knows it no more.
pub(super) async fn load(store: Store, sequence: Sequence) -> Result<Option<State>, Error> {
    for _ in 0..transact::MAX_TRIES {
        let lane = store.link.lane().await?;
        let (_, head) = snapshot::read(&store.link, &sequence.workspace, None, &[Key::PolicyHead]).await?;
        let Some(policy) = store.policies.of(&store.link, &sequence.workspace, &head).await? else { return Ok(None) };
        let Some(keys) = (sequence.reads)(&policy) else { return Ok(None) };
        let (_, read) = snapshot::read(&store.link, &sequence.workspace, None, &keys).await?;
        // The commit expects the head as it was read here, so it must be the one that is decided by.
        if read.version(&Key::PolicyHead) == head.version(&Key::PolicyHead) {
            let mut age = Box::pin(tokio::time::sleep(MAX_AGE));
            // One that was never polled never elapses.
            let _ = futures_util::poll!(age.as_mut());
            return Ok(Some(State {
                read,
                table: Table::default(),
                policy,
                lane,
                number: 0,
                extras: ByKey::default(),
                age,
            }));
        }
    }
    Err(Error::Contention)
}

/// Whether what a request was found to rest on agrees with the state; what the state does not know, it learns.
pub(super) fn agrees(state: &mut State, seen: &Seen, extras: &mut Vec<Key>) -> bool {
    // All of it before any of it is taken in.
    let known = |key: &Key| state.read.versions.get(key).copied();
    if !seen.0.iter().all(|(key, version)| known(key).is_none_or(|held| held == *version)) {
        return false;
    }
    for (key, version) in &seen.0 {
        if !state.read.versions.contains_key(key) {
            state.read.versions.insert(key.clone(), *version);
            extras.push(key.clone());
        }
    }
    true
}

/// Takes in what was read of some keys, as far as the state does not know better: it has what is under way.
pub(super) fn learn(state: &mut State, keys: &[Key], read: &Read, extras: &mut Vec<Key>) {
    for key in keys {
        if state.read.snapshot.knows(key) {
            continue;
        }
        let Some(version) = read.versions.get(key) else { continue };
        state.read.versions.insert(key.clone(), *version);
        state.read.snapshot.insert(key.clone(), read.snapshot.record(key));
        extras.push(key.clone());
    }
}

/// Reads what turned out to be needed, beside the desk's own. On the batches' own connection: behind what is under way on it.
pub(super) async fn more(store: &Store, workspace: &Workspace, state: &State, keys: Vec<Key>) -> Result<Read, Error> {
    let mut wanted: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        if !state.read.snapshot.knows(&key) && !wanted.contains(&key) {
            wanted.push(key);
        }
    }
    snapshot::read_on(&store.link, &state.lane, workspace, &wanted).await
}
