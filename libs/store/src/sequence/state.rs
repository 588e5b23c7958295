//! What a sequence decides on.

use std::pin::Pin;

use super::*;
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
    pub(super) extras: HashMap<Key, u32>,
    /// Elapses when the state is too old.
    pub(super) age: Pin<Box<tokio::time::Sleep>>,
}

impl State {
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
                extras: HashMap::new(),
                age,
            }));
        }
    }
    Err(Error::Contention)
}

/// Whether what a request was found to rest on agrees with the state; what the state does not know, it learns.
pub(super) fn agrees(
    state: &mut State,
    seen: &Seen,
    before: &mut HashMap<Key, Option<Version>>,
    extras: &mut Vec<Key>,
) -> bool {
    // All of it before any of it is taken in.
    let known = |key: &Key| state.read.versions.get(key).copied();
    if !seen.0.iter().all(|(key, version)| known(key).is_none_or(|held| held == *version)) {
        return false;
    }
    for (key, version) in &seen.0 {
        if !state.read.versions.contains_key(key) {
            state.read.versions.insert(key.clone(), *version);
            before.insert(key.clone(), *version);
            extras.push(key.clone());
        }
    }
    true
}

/// Reads what single requests need, beside the desk's own.
pub(super) async fn more(
    store: &Store,
    workspace: &Workspace,
    state: &mut State,
    keys: Vec<Key>,
    extras: &mut Vec<Key>,
) -> Result<(), Error> {
    let mut wanted: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        if !state.read.snapshot.knows(&key) && !wanted.contains(&key) {
            wanted.push(key);
        }
    }
    // On the batches' own connection: behind what is under way on it.
    let read = snapshot::read_on(&store.link, &state.lane, workspace, &wanted).await?;
    for key in wanted {
        let record = read.snapshot.record(&key);
        state.read.versions.insert(key.clone(), read.version(&key));
        state.read.snapshot.insert(key.clone(), record);
        extras.push(key);
    }
    Ok(())
}
