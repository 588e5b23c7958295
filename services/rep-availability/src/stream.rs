//! A stream of calendar changes: several under way at once, acknowledged in the order they came.
//!
//! Changes of different reps do not touch the same record, so up to [`UNDER_WAY`] of them are carried out side by side; a
//! change waits for the ones of the same rep before it. The stream ends at the first change that fails: what came before
//! it is acknowledged, what came after it is not, though it may have been carried out. Sending that again is harmless.

use std::collections::VecDeque;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, Stream, StreamExt, unfold};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::time::Millis;
use leadhand_kit::{critical, status};
use leadhand_proto::availability::v1::{StreamAvailabilityRequest, StreamAvailabilityResponse};
use leadhand_proto::refusal;
use tonic::{Status, Streaming};

use crate::request::{self, Message};
use crate::rpc::{Availability, RETRY_AFTER};

/// How many changes of one stream are under way at most.
const UNDER_WAY: usize = 16;

type Acknowledged = Result<StreamAvailabilityResponse, Status>;

/// Carries out what comes in and acknowledges it.
pub(crate) fn acknowledge(
    service: Availability,
    inbound: Streaming<StreamAvailabilityRequest>,
) -> impl Stream<Item = Acknowledged> {
    let conversation = Conversation {
        service,
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

struct Conversation {
    service: Availability,
    inbound: Streaming<StreamAvailabilityRequest>,
    under_way: FuturesOrdered<BoxFuture<'static, Acknowledged>>,
    /// Whose changes are under way, in the same order.
    busy: VecDeque<(Workspace, RepId)>,
    /// Read, but a change of the same rep is under way.
    waiting: Option<Message>,
    /// How the stream ends when everything under way is acknowledged; nothing more is read.
    end: Option<Result<(), Status>>,
}

impl Conversation {
    /// The next acknowledgement; an error ends the stream.
    async fn next(&mut self) -> Option<Acknowledged> {
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
                () = self.service.shutdown.cancelled(), if self.end.is_none() => {
                    self.waiting = None;
                    self.end = Some(Err(status::shutting_down(RETRY_AFTER)));
                }
                read = self.inbound.message(), if reads => match read.and_then(|read| read.map(request::message).transpose()) {
                    Ok(Some(message)) => self.waiting = Some(message),
                    Ok(None) => self.end = Some(Ok(())),
                    Err(status) => self.end = Some(Err(status)),
                },
                // Nothing is under way and nothing more is read.
                else => return self.end.take()?.err().map(Err),
            }
        }
    }

    /// Starts a change, unless one of the same rep is under way.
    fn begin(&mut self, message: Message) {
        let rep = (message.workspace.clone(), message.command.rep.clone());
        if self.busy.contains(&rep) {
            self.waiting = Some(message);
            return;
        }
        self.busy.push_back(rep);
        self.under_way.push_back(Box::pin(carry_out(self.service.clone(), message)));
    }
}

async fn carry_out(service: Availability, message: Message) -> Acknowledged {
    let Message { workspace, sequence, command } = message;
    let clock = service.clock.clone();
    let step = async move {
        let now = Millis(service.clock.now_ms());
        service.intake.take(&workspace, &command, now).await
    };
    let taken = critical(step).await?;
    let changed = taken.map_err(|error| refusal::failed(&error.failure(), Millis(clock.now_ms())))?;
    Ok(StreamAvailabilityResponse { sequence, changed })
}
