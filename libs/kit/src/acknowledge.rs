//! A stream of messages that is taken in, carried out in batches and acknowledged.
//!
//! Whatever has come in goes into one batch, as far as the service says that it goes together; a caller that sends one message and
//! waits has it carried out alone. Several batches are under way at once, never two of which one must wait for the other. What
//! was carried out is acknowledged in the order in which it came in.
//!
//! The stream ends at the first message that fails: what came before it is acknowledged, what came after it is not, though it may
//! have been carried out. Sending that again is to be harmless. A shutdown ends it with what is under way acknowledged, and
//! nothing more begun. A caller that hangs up leaves what is under way to end by itself, if it is [`critical`](crate::critical()).
//!
//! **Bounded**: besides [`Work::UNDER_WAY`] batches a stream holds the batch that is being filled, one message that waits, and
//! the answers of one batch. While the caller does not take its acknowledgements, nothing more is read, and HTTP/2 stops the caller.

use std::collections::VecDeque;
use std::future::ready;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, Stream, StreamExt, unfold};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::status;

/// What a service does with the messages of a stream.
pub trait Work: Send {
    /// One message, checked.
    type Message: Send;
    /// What the messages of a batch concern.
    type Concern: Default + Send;
    /// What is acknowledged of a message.
    type Done: Send;

    /// How many batches of one stream are under way at most.
    const UNDER_WAY: usize;

    /// Whether one more message may go into the batch, which is not empty.
    fn has_room(&self, batch: &Batch<Self>, message: &Self::Message) -> bool;

    /// Whether the message must wait until a batch under way is done, which concerns this.
    fn waits_for(&self, under_way: &Self::Concern, message: &Self::Message) -> bool;

    /// Adds what the message concerns.
    fn concerns(&self, concern: &mut Self::Concern, message: &Self::Message);

    /// Carries a batch out: what is acknowledged of each message, in their order. It is durable when this ends.
    fn carry_out(
        &self,
        messages: Vec<Self::Message>,
        concern: &Self::Concern,
    ) -> BoxFuture<'static, Result<Vec<Self::Done>, Status>>;
}

/// Messages that are carried out together.
pub struct Batch<W: Work + ?Sized> {
    /// The messages, in the order in which they came in.
    pub messages: Vec<W::Message>,
    /// What they concern.
    pub concern: W::Concern,
}

impl<W: Work + ?Sized> Default for Batch<W> {
    fn default() -> Self {
        Self { messages: Vec::new(), concern: W::Concern::default() }
    }
}

/// Carries out what comes in and acknowledges it, until the caller ends the stream, something fails, or `shutdown`.
pub fn acknowledge<W, I>(
    work: W,
    inbound: I,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<W::Done, Status>>
where
    W: Work,
    I: Stream<Item = Result<W::Message, Status>> + Unpin,
{
    let conversation = Conversation {
        work,
        inbound,
        shutdown,
        under_way: FuturesOrdered::new(),
        concerns: VecDeque::new(),
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

struct Conversation<W: Work, I> {
    work: W,
    inbound: I,
    shutdown: CancellationToken,
    under_way: FuturesOrdered<BoxFuture<'static, Result<Vec<W::Done>, Status>>>,
    /// What the batches under way concern, in the same order.
    concerns: VecDeque<W::Concern>,
    /// The batch that is being filled.
    next: Batch<W>,
    /// Read, but it does not go into that batch, or must wait for one that is under way.
    waiting: Option<W::Message>,
    /// Carried out and not acknowledged yet.
    done: VecDeque<W::Done>,
    /// How the stream ends when everything under way is acknowledged; nothing more is read.
    end: Option<Result<(), Status>>,
}

impl<W, I> Conversation<W, I>
where
    W: Work,
    I: Stream<Item = Result<W::Message, Status>> + Unpin,
{
    /// The next acknowledgement; an error ends the stream.
    async fn next(&mut self) -> Option<Result<W::Done, Status>> {
        loop {
            if let Some(done) = self.done.pop_front() {
                return Some(Ok(done));
            }
            if let Some(message) = self.waiting.take() {
                self.add(message);
            }
            let reads = self.end.is_none() && self.waiting.is_none();
            let begins = !self.next.messages.is_empty() && self.under_way.len() < W::UNDER_WAY;
            tokio::select! {
                biased;
                Some(batch) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.concerns.pop_front();
                    match batch {
                        Ok(done) => self.done.extend(done),
                        Err(failure) => return Some(Err(failure)),
                    }
                }
                () = self.shutdown.cancelled(), if self.end.is_none() => {
                    (self.waiting, self.next) = (None, Batch::default());
                    self.end = Some(Err(status::shutting_down()));
                }
                read = self.inbound.next(), if reads => match read {
                    Some(Ok(message)) => self.waiting = Some(message),
                    Some(Err(refusal)) => self.end = Some(Err(refusal)),
                    None => self.end = Some(Ok(())),
                },
                // Nothing more has come in for now, or it does not fit.
                () = ready(()), if begins => self.begin(),
                // Nothing is under way and nothing more is read.
                else => return self.end.take()?.err().map(Err),
            }
        }
    }

    /// Puts a message to the next batch, unless it must wait.
    fn add(&mut self, message: W::Message) {
        let fits = self.next.messages.is_empty() || self.work.has_room(&self.next, &message);
        if !fits || self.concerns.iter().any(|under_way| self.work.waits_for(under_way, &message)) {
            self.waiting = Some(message);
            return;
        }
        self.work.concerns(&mut self.next.concern, &message);
        self.next.messages.push(message);
    }

    fn begin(&mut self) {
        let Batch { messages, concern } = std::mem::take(&mut self.next);
        self.under_way.push_back(self.work.carry_out(messages, &concern));
        self.concerns.push_back(concern);
    }
}

#[cfg(test)]
mod tests;
