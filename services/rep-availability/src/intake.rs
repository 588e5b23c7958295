//! One calendar change, decided and committed.
//!
//! Changes of one rep's calendar rest on each other, so in this process they take turns: tries that would only make each
//! other stale are not made. That saves work and proves nothing; between replicas, as everywhere, the commit decides.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::answer::Answer;
use leadhand_domain::availability::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How many turns are kept apart; reps who share one wait for each other now and then.
const TURNS: usize = 256;

/// How long a change waits for its turn: with a Redis that does not answer, each before it takes its time to fail.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the store's tries are made once more. Each that fails is another replica's change of the same rep gone
/// through, so more than one round is rare.
const ROUNDS: u32 = 4;

/// Carries calendar changes out; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    store: Store,
    turns: Arc<[Mutex<()>]>,
    hasher: RandomState,
}

impl Intake {
    /// An intake into this store.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, turns: (0..TURNS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }

    /// Carries a change out; whether it changed anything. It is durable when this returns.
    pub(crate) async fn take(&self, workspace: &Workspace, command: &Command, now: Millis) -> Result<bool, Error> {
        let place = self.hasher.hash_one((workspace, &command.rep)) as usize % TURNS;
        let turn = timeout(PATIENCE, self.turns[place].lock()).await;
        let _turn = turn.map_err(|late| Error::Unavailable(Box::new(late)))?;
        let keys = availability::reads(command);
        let mut round = 1;
        loop {
            let decide = |snapshot: &_, policy: Option<&_>| availability::decide(snapshot, command, policy, now);
            match self.store.transact(workspace, None, &keys, decide).await {
                Err(Error::Contention) if round < ROUNDS => round += 1,
                committed => return Ok(committed?.answer == Answer::CalendarTaken(true)),
            }
        }
    }
}
