//! One FIFO for what everybody writes.
//!
//! A record that every request changes, a rotation, would make all but one of many concurrent commits stale. So requests
//! on it pass through one task: up to 32 are decided one after another and committed as one batch, and up to three batches
//! are under way at once, each naming the versions that the one before it writes. Redis carries them out in the order of
//! one connection. When a batch is not applied, those behind it are not either; the task waits for them, reads again, and
//! decides all of them again in order. Nothing is answered from a state that did not commit.
//!
//! What requests look at beside the sequence's own records is read ahead for the next batch, while those before are under way.
//!
//! Several replicas may sequence one rotation: the commit stays the arbiter. A lease, taken in the commit itself, lets one
//! replica work undisturbed for a stretch, so that they do not make each other's batches stale all the time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leadhand_domain::change::Change;
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{ByKey, Key, Snapshot};
use leadhand_domain::refusal::Refusal;
use leadhand_domain::route::{Decided, Desk, Findings, Table};
use tokio::sync::{mpsc, oneshot};

use crate::codec::Version;
use crate::commit::Request;
use crate::error::Error;
use crate::transact::Committed;
use crate::{Store, link};

mod runner;
mod state;

/// How many requests may wait for one sequence; past it callers wait to be let in.
const WAITING: usize = 1_024;

/// How long a sequence without requests stays.
const IDLE: Duration = Duration::from_secs(60);

/// Decides one request on the sequence's snapshot.
pub type Decide = Box<dyn Fn(&Snapshot, &mut Table, &Policy) -> Result<Decided, Refusal> + Send + Sync>;

/// What a sequence reads under a policy; `None` when the policy knows it no more.
pub type Reads = Arc<dyn Fn(&Policy) -> Option<Vec<Key>> + Send + Sync>;

/// One sequence.
#[derive(Clone)]
pub struct Sequence {
    /// Whose.
    pub workspace: Workspace,
    /// Its name in the workspace.
    pub name: String,
    /// What it reads.
    pub reads: Reads,
    /// Whether its requests change a record that they share, so that replicas had better take turns.
    pub exclusive: bool,
}

/// A request for a sequence.
pub struct Submission {
    /// Its name, by which a repetition is known.
    pub request: Request,
    /// About how many bytes it will write.
    pub weight: usize,
    /// How long its caller still waits.
    pub patience: Option<Duration>,
    /// What it looks at beside what the sequence reads for all: read ahead, while others are under way.
    pub reads: Vec<Key>,
    /// What was found at other sequences; see [`Sequenced::Elsewhere`].
    pub seen: Seen,
    /// Whether it is to be decided on records read after it came. Otherwise counts, which no commit checks but against their
    /// limits, may be some seconds old: good enough for whoever takes the next one, not for whoever asks whether there is room.
    pub fresh: bool,
    /// Decides it.
    pub decide: Decide,
}

/// Facts found at one sequence that the commit of another expects to be still so.
#[derive(Debug, Clone, Default)]
pub struct Seen(Vec<(Key, Option<Version>)>);

impl Seen {
    /// Whether none of it contradicts these records.
    fn stands(&self, current: &HashMap<&Key, Option<&[u8]>>) -> bool {
        self.0.iter().all(|(key, version)| match current.get(key) {
            None => true,
            Some(value) => value.and_then(|value| value.first_chunk()).copied().map(Version) == *version,
        })
    }
}

/// What became of a request.
#[derive(Debug)]
pub enum Sequenced {
    /// It is committed, now or when the same request was first made.
    Committed(Committed),
    /// Another desk is to decide, given what was found here; nothing was written.
    Elsewhere {
        /// Which.
        desk: Desk,
        /// What was found.
        findings: Findings,
        /// What the findings rest on.
        seen: Seen,
    },
    /// What was found at other sequences is no longer so, or the policy has moved: start over. Nothing was written.
    Moved,
}

struct Job {
    request: Request,
    decide: Decide,
    reads: Vec<Key>,
    seen: Seen,
    /// Whether a state that was there when it came will not do.
    fresh: bool,
    /// About how many bytes it will write.
    weight: usize,
    tries: u32,
    /// The reading of the records that it was first decided on.
    first_met: Option<u64>,
    reply: oneshot::Sender<Result<Sequenced, Error>>,
    /// The same call, repeated while this one was waiting: a batch has it once.
    repeats: Vec<Job>,
}

impl Job {
    /// It and its repetitions, each by itself.
    fn unfold(mut self) -> impl Iterator<Item = Self> {
        let repeats = std::mem::take(&mut self.repeats);
        std::iter::once(self).chain(repeats)
    }
}

/// Running sequences by workspace and name.
type Running = HashMap<(Workspace, String), mpsc::Sender<Job>>;

/// The sequences of one process.
#[derive(Clone)]
pub struct Sequences {
    store: Store,
    /// Names this replica in leases.
    holder: Arc<str>,
    running: Arc<Mutex<Running>>,
}

impl Sequences {
    /// No sequence runs yet. `holder` names this replica among all.
    pub fn new(store: Store, holder: &str) -> Self {
        Self { store, holder: holder.into(), running: Arc::default() }
    }

    /// Decides and commits a request in its turn in a sequence. When the patience ends, a request that is not under way yet is
    /// dropped; one that is may still be carried out.
    pub async fn submit(&self, sequence: &Sequence, submission: Submission) -> Result<Sequenced, Error> {
        let patience = submission.patience;
        let turn = self.turn(sequence, submission);
        match patience {
            None => turn.await,
            Some(patience) => tokio::time::timeout(patience, turn)
                .await
                .unwrap_or_else(|late| Err(Error::Unavailable(Box::new(late)))),
        }
    }

    async fn turn(&self, sequence: &Sequence, submission: Submission) -> Result<Sequenced, Error> {
        let Submission { request, weight, decide, reads, seen, fresh, .. } = submission;
        let (reply, answer) = oneshot::channel();
        let mut job =
            Job { request, decide, reads, seen, fresh, weight, tries: 0, first_met: None, reply, repeats: Vec::new() };
        // A sequence that has just gone to rest hands the job back: start another.
        while let Err(returned) = self.sender(sequence).send(job).await {
            job = returned.0;
        }
        answer.await.unwrap_or_else(|_| Err(Error::Unavailable("the sequence ended".into())))
    }

    fn sender(&self, sequence: &Sequence) -> mpsc::Sender<Job> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (sequence.workspace.clone(), sequence.name.clone());
        if let Some(sender) = running.get(&key)
            && !sender.is_closed()
        {
            return sender.clone();
        }
        running.retain(|_, sender| !sender.is_closed());
        let (sender, jobs) = mpsc::channel(WAITING);
        let runner = runner::Runner::new(self.store.clone(), sequence.clone(), &self.holder, jobs);
        tokio::spawn(runner.run());
        running.insert(key, sender.clone());
        sender
    }
}

impl std::fmt::Debug for Sequences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sequences").field("holder", &self.holder).finish_non_exhaustive()
    }
}
