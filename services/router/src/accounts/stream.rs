//! A stream of accounts: carried out in batches, several under way at once, acknowledged in the order they came.
//!
//! A batch is one commit of up to [`MAX_TOGETHER`] messages of one workspace. They are decided one on top of the other, so they
//! may concern the same records. Batches that are under way at once never do: a message that touches what an earlier batch
//! touches waits for it. Others, streams here and in other replicas, may: then a batch is decided again, for as long as
//! [`PATIENCE`] lasts. A message that is sent again, as it was not acknowledged, changes nothing.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use leadhand_domain::account::change::{self, Command};
use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::id::Workspace;
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::time::Millis;
use leadhand_kit::acknowledge::{Batch, Work};
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::{Clock, critical};
use leadhand_proto::refusal;
use leadhand_store::{Error, MAX_TOGETHER, Store};
use tonic::Status;

/// How many records a batch may touch, as far as its messages tell, before no further message is put to it: it bounds the
/// time for which one commit occupies Redis.
const MAX_KEYS: usize = 128;

/// For how long a batch is tried against others of the same records before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// One change of an account on its way in.
#[derive(Debug)]
pub(super) struct Message {
    workspace: Workspace,
    /// The caller's number for it.
    sequence: u64,
    command: Command,
    /// What it touches, as far as it tells.
    keys: Vec<Key>,
}

impl Message {
    /// A change, under the caller's number for it.
    pub(super) fn new(workspace: Workspace, sequence: u64, command: Command) -> Self {
        let keys = change::reads(&command);
        Self { workspace, sequence, command, keys }
    }
}

/// A change that was carried out.
#[derive(Debug)]
pub(super) struct Taken {
    /// The caller's number for it.
    pub(super) sequence: u64,
    /// Whether it changed anything.
    pub(super) changed: bool,
}

/// What a batch touches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// `None` while nothing is in the batch.
    workspace: Option<Workspace>,
    keys: HashSet<Key>,
}

/// What changes are carried out with.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) store: Store,
    pub(super) clock: Clock,
}

impl Work for Changes {
    type Message = Message;
    type Concern = Touched;
    type Done = Taken;

    const UNDER_WAY: usize = 4;

    fn has_room(&self, batch: &Batch<Self>, message: &Message) -> bool {
        batch.concern.workspace.as_ref() == Some(&message.workspace)
            && batch.messages.len() < MAX_TOGETHER
            && batch.concern.keys.len() + message.keys.len() <= MAX_KEYS
    }

    fn waits_for(&self, under_way: &Touched, message: &Message) -> bool {
        under_way.workspace.as_ref() == Some(&message.workspace)
            && message.keys.iter().any(|key| under_way.keys.contains(key))
    }

    fn concerns(&self, touched: &mut Touched, message: &Message) {
        touched.workspace.get_or_insert_with(|| message.workspace.clone());
        touched.keys.extend(message.keys.iter().cloned());
    }

    fn carry_out(&self, messages: Vec<Message>, touched: &Touched) -> BoxFuture<'static, Result<Vec<Taken>, Status>> {
        let reads: Vec<Key> = touched.keys.iter().cloned().collect();
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let now = Millis(clock.now_ms());
        async move {
            let taken = critical(carry_out(store, reads, messages, now)).await?;
            taken.map_err(|error| refusal::failed(&error.failure(), Millis(clock.now_ms())))
        }
        .boxed()
    }
}

async fn carry_out(store: Store, reads: Vec<Key>, messages: Vec<Message>, now: Millis) -> Result<Vec<Taken>, Error> {
    let Some(first) = messages.first() else { return Ok(Vec::new()) };
    let trying = Stopwatch::start();
    loop {
        let decide = |snapshot: &_| decide(snapshot, &messages, now);
        match store.transact_all(&first.workspace, &reads, decide).await {
            Err(Error::Contention) if trying.elapsed() < PATIENCE => {}
            Err(error) => return Err(error),
            Ok(answers) => {
                let taken = |(message, answer): (&Message, Answer)| Taken {
                    sequence: message.sequence,
                    changed: answer == Answer::AccountTaken(true),
                };
                return Ok(messages.iter().zip(answers).map(taken).collect());
            }
        }
    }
}

/// Decides on the messages one after the other, each on what the ones before it leave.
fn decide(snapshot: &Snapshot, messages: &[Message], now: Millis) -> Result<Vec<Change>, Vec<Key>> {
    let mut left = snapshot.clone();
    let mut changes = Vec::with_capacity(messages.len());
    let mut unread = Vec::new();
    for message in messages {
        match change::decide(&left, &message.command, now) {
            Ok(change) => {
                left.apply(&change);
                changes.push(change);
            }
            Err(more) => unread.extend(more),
        }
    }
    if unread.is_empty() { Ok(changes) } else { Err(unread) }
}
