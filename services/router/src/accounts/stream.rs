//! A stream of accounts: carried out in batches, several under way at once, acknowledged in the order they came.
//!
//! Whatever has come in goes into one commit, up to [`MAX_TOGETHER`] messages; a caller that sends one and waits gets it
//! committed alone. The messages of a batch are decided one on top of the other, so they may concern the same records. Batches
//! that are under way at once ([`UNDER_WAY`]) never do: a message that touches what an earlier batch touches waits for it.
//! Others, streams here and in other replicas, may: then a batch is decided again, for as long as [`PATIENCE`] lasts.
//!
//! The stream ends at the first message that fails: what came before it is acknowledged, what came after it is not, though
//! it may have been carried out. Sending that again is harmless.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, Stream, StreamExt, unfold};
use leadhand_domain::account::change::{self, Command};
use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::id::Workspace;
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::{Clock, critical};
use leadhand_store::{Error, MAX_TOGETHER, Store};
use tokio_util::sync::CancellationToken;

/// How many batches of one stream are under way at most.
const UNDER_WAY: usize = 4;

/// How many records a batch may touch, as far as its messages tell, before no further message is put to it: it bounds the
/// time for which one commit occupies Redis.
const MAX_KEYS: usize = 128;

/// For how long a batch is tried against others of the same records before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// One change of an account on its way in.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) workspace: Workspace,
    /// The caller's number for it.
    pub(super) sequence: u64,
    pub(super) command: Command,
}

/// A change that was carried out.
#[derive(Debug)]
pub(super) struct Taken {
    /// The caller's number for it.
    pub(super) sequence: u64,
    /// Whether it changed anything.
    pub(super) changed: bool,
}

/// Why a stream ends before the caller ends it; `E`: why no message could be read.
#[derive(Debug)]
pub(super) enum End<E> {
    /// The service is going away.
    ShuttingDown,
    /// There is no next message, or it is malformed.
    Inbound(E),
    /// The changes could not be committed.
    Store(Error),
    /// The changes panicked.
    Panicked,
}

/// What changes are carried out with.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) shutdown: CancellationToken,
}

/// Carries out what comes in and acknowledges it.
pub(super) fn acknowledge<I, E>(means: Means, inbound: I) -> impl Stream<Item = Result<Taken, End<E>>>
where
    I: Stream<Item = Result<Message, E>> + Unpin,
    E: Send + 'static,
{
    let conversation = Conversation {
        means,
        inbound,
        under_way: FuturesOrdered::new(),
        busy: VecDeque::new(),
        next: Batch::default(),
        waiting: None,
        done: VecDeque::new(),
        end: None,
    };
    unfold(Some(conversation), |conversation| async {
        let mut conversation = conversation?;
        let acknowledged = conversation.next().await?;
        // Dropping it leaves what is under way to end by itself.
        let rest = acknowledged.is_ok().then_some(conversation);
        Some((acknowledged, rest))
    })
}

/// Messages that go into one commit.
#[derive(Debug, Default)]
struct Batch {
    messages: Vec<Message>,
    /// What they touch, as far as they tell.
    keys: HashSet<Key>,
}

impl Batch {
    /// Whether one more message, which touches `keys`, may go in.
    fn has_room(&self, message: &Message, keys: &[Key]) -> bool {
        let Some(first) = self.messages.first() else { return true };
        first.workspace == message.workspace
            && self.messages.len() < MAX_TOGETHER
            && self.keys.len() + keys.len() <= MAX_KEYS
    }
}

struct Conversation<I, E> {
    means: Means,
    inbound: I,
    under_way: FuturesOrdered<BoxFuture<'static, Result<Vec<Taken>, End<E>>>>,
    /// What the batches under way touch, in the same order.
    busy: VecDeque<(Workspace, HashSet<Key>)>,
    /// The batch that is being filled.
    next: Batch,
    /// Read, but it does not go with that batch, or a batch under way touches the same.
    waiting: Option<Message>,
    /// Carried out and not acknowledged yet.
    done: VecDeque<Taken>,
    /// How the stream ends when everything under way is acknowledged; nothing more is read.
    end: Option<Result<(), End<E>>>,
}

impl<I, E> Conversation<I, E>
where
    I: Stream<Item = Result<Message, E>> + Unpin,
    E: Send + 'static,
{
    /// The next acknowledgement; an error ends the stream.
    async fn next(&mut self) -> Option<Result<Taken, End<E>>> {
        loop {
            if let Some(taken) = self.done.pop_front() {
                return Some(Ok(taken));
            }
            if let Some(message) = self.waiting.take() {
                self.add(message);
            }
            let reads = self.end.is_none() && self.waiting.is_none();
            let begins = !self.next.messages.is_empty() && self.under_way.len() < UNDER_WAY;
            tokio::select! {
                biased;
                Some(batch) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.busy.pop_front();
                    match batch {
                        Ok(taken) => self.done.extend(taken),
                        Err(end) => return Some(Err(end)),
                    }
                }
                () = self.means.shutdown.cancelled(), if self.end.is_none() => {
                    (self.waiting, self.next) = (None, Batch::default());
                    self.end = Some(Err(End::ShuttingDown));
                }
                read = self.inbound.next(), if reads => match read {
                    Some(Ok(message)) => self.waiting = Some(message),
                    Some(Err(error)) => self.end = Some(Err(End::Inbound(error))),
                    None => self.end = Some(Ok(())),
                },
                // Nothing more has come in for now, or it does not fit.
                () = std::future::ready(()), if begins => self.begin(),
                // Nothing is under way and nothing more is read.
                else => return self.end.take()?.err().map(Err),
            }
        }
    }

    /// Puts a message to the next batch, unless it must wait.
    fn add(&mut self, message: Message) {
        let keys = change::reads(&message.command);
        let touched = |(workspace, busy): &(Workspace, HashSet<Key>)| {
            *workspace == message.workspace && keys.iter().any(|key| busy.contains(key))
        };
        if !self.next.has_room(&message, &keys) || self.busy.iter().any(touched) {
            self.waiting = Some(message);
            return;
        }
        self.next.keys.extend(keys);
        self.next.messages.push(message);
    }

    fn begin(&mut self) {
        let Batch { messages, keys } = std::mem::take(&mut self.next);
        let Some(first) = messages.first() else { return };
        let workspace = first.workspace.clone();
        let reads: Vec<Key> = keys.iter().cloned().collect();
        self.busy.push_back((workspace.clone(), keys));
        let store = self.means.store.clone();
        let now = Millis(self.means.clock.now_ms());
        self.under_way.push_back(Box::pin(carry_out(store, workspace, reads, messages, now)));
    }
}

async fn carry_out<E>(
    store: Store,
    workspace: Workspace,
    reads: Vec<Key>,
    messages: Vec<Message>,
    now: Millis,
) -> Result<Vec<Taken>, End<E>> {
    let step = async move {
        let trying = Stopwatch::start();
        loop {
            let decide = |snapshot: &_| decide(snapshot, &messages, now);
            match store.transact_all(&workspace, &reads, decide).await {
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
    };
    match critical(step).await {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(error)) => Err(End::Store(error)),
        Err(_) => Err(End::Panicked),
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
