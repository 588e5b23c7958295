//! A stream of changes of what is known of reps: several under way at once, acknowledged in the order they came.
//!
//! Changes of different reps do not touch the same record, so up to [`UNDER_WAY`] of them are carried out side by side; a
//! change waits for the ones of the same rep before it. A calendar file is read when its turn has come, by the hours that the
//! messages before it have stated, and one at a time: it takes up to a second of a thread. The stream ends at the first
//! change that fails: what came before it is acknowledged, what came after it is not, though it may have been carried out.
//! Sending that again is harmless.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, Stream, StreamExt, unfold};
use leadhand_domain::availability::Said;
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::time::Millis;
use leadhand_icalendar::Fault;
use leadhand_kit::{Clock, critical};
use leadhand_store::{Error, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::file::Unread;
use crate::intake;
use crate::request::Message;

/// How many changes of one stream are under way at most.
const UNDER_WAY: usize = 16;

/// A change that was carried out.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The caller's number for it.
    pub(crate) sequence: u64,
    /// Whether it changed anything.
    pub(crate) changed: bool,
    /// What of a file was left out.
    pub(crate) skipped: Vec<Fault>,
}

/// Why a stream ends before the caller ends it; `E`: why no message could be read.
#[derive(Debug)]
pub(crate) enum End<E> {
    /// The service is going away.
    ShuttingDown,
    /// There is no next message, or it is malformed.
    Inbound(E),
    /// A calendar file cannot be read: what is wrong with it, by line.
    File(Vec<Fault>),
    /// The change was refused or could not be committed.
    Store(Error),
    /// The change panicked.
    Panicked,
}

impl<E> From<Unread> for End<E> {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Faults(faults) => Self::File(faults),
            Unread::Store(error) => Self::Store(error),
            Unread::Panicked => Self::Panicked,
        }
    }
}

/// What changes are carried out with.
#[derive(Debug)]
pub(crate) struct Means {
    pub(crate) store: Store,
    /// The turns in which calendar files are read.
    pub(crate) files: Arc<Semaphore>,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

/// Carries out what comes in and acknowledges it.
pub(crate) fn acknowledge<I, E>(means: Means, inbound: I) -> impl Stream<Item = Result<Taken, End<E>>>
where
    I: Stream<Item = Result<Message, E>> + Unpin,
    E: Send + 'static,
{
    let conversation = Conversation {
        means,
        inbound,
        under_way: FuturesOrdered::new(),
        busy: VecDeque::new(),
        waiting: None,
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

struct Conversation<I, E> {
    means: Means,
    inbound: I,
    under_way: FuturesOrdered<BoxFuture<'static, Result<Taken, End<E>>>>,
    /// Whose changes are under way, in the same order, and whether by a file.
    busy: VecDeque<(Workspace, RepId, bool)>,
    /// Read, but a change of the same rep, or another file, is under way.
    waiting: Option<Message>,
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
            if let Some(message) = self.waiting.take() {
                self.begin(message);
            }
            let reads = self.end.is_none() && self.waiting.is_none() && self.under_way.len() < UNDER_WAY;
            tokio::select! {
                biased;
                Some(acknowledged) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.busy.pop_front();
                    return Some(acknowledged);
                }
                () = self.means.shutdown.cancelled(), if self.end.is_none() => {
                    self.waiting = None;
                    self.end = Some(Err(End::ShuttingDown));
                }
                read = self.inbound.next(), if reads => match read {
                    Some(Ok(message)) => self.waiting = Some(message),
                    Some(Err(error)) => self.end = Some(Err(End::Inbound(error))),
                    None => self.end = Some(Ok(())),
                },
                // Nothing is under way and nothing more is read.
                else => return self.end.take()?.err().map(Err),
            }
        }
    }

    /// Starts a change, unless it must wait for one that is under way.
    fn begin(&mut self, message: Message) {
        let Message { workspace, command, file, .. } = &message;
        let waits_for = |(whose, rep, by_file): &(Workspace, RepId, bool)| {
            (whose, rep) == (workspace, &command.rep) || (*by_file && file.is_some())
        };
        if self.busy.iter().any(waits_for) {
            self.waiting = Some(message);
            return;
        }
        self.busy.push_back((workspace.clone(), command.rep.clone(), file.is_some()));
        let (store, files) = (self.means.store.clone(), self.means.files.clone());
        let now = Millis(self.means.clock.now_ms());
        self.under_way.push_back(Box::pin(carry_out(store, files, message, now)));
    }
}

async fn carry_out<E>(store: Store, files: Arc<Semaphore>, message: Message, now: Millis) -> Result<Taken, End<E>> {
    let Message { workspace, sequence, mut command, file } = message;
    let mut skipped = Vec::new();
    if let Some(file) = file {
        let content = file.read(&files, &store, &workspace, &command.rep, now).await?;
        (command.said, skipped) = (Said::All(content.events), content.skipped);
    }
    let step = async move { intake::take(&store, &workspace, &command, now).await };
    match critical(step).await {
        Ok(Ok(changed)) => Ok(Taken { sequence, changed, skipped }),
        Ok(Err(error)) => Err(End::Store(error)),
        Err(_) => Err(End::Panicked),
    }
}
