//! A subscription that survives the connection: it reconnects, and resumes after the last event it handed out.

use std::time::Duration;

use leadhand_proto::event::v1::Event;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item as Sent;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest, SubscribeResponse};
use tonic::{Status, Streaming};

use crate::client::{FIRST_WAIT, Session, next_wait};
use crate::failure::retriable;

/// What a subscription tells.
#[derive(Debug)]
pub(crate) enum Item {
    /// Something happened.
    Event(Box<Event>),
    /// Everything committed so far has been told.
    CaughtUp,
    /// The connection is gone; the next call waits, then resumes.
    Interrupted(Status),
}

/// The events of a workspace from a chosen point on.
#[derive(Debug)]
pub(crate) struct Subscription {
    session: Session,
    start: Start,
    stream: Option<Streaming<SubscribeResponse>>,
    /// How long to wait before connecting; nothing at first.
    wait: Option<Duration>,
}

impl Subscription {
    /// Starts at `start`.
    pub(crate) fn new(session: Session, start: Start) -> Self {
        Self { session, start, stream: None, wait: None }
    }

    /// What comes next.
    ///
    /// # Errors
    /// What resuming cannot mend, such as a position whose events are no longer kept.
    pub(crate) async fn next(&mut self) -> Result<Item, Status> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                if let Some(wait) = self.wait {
                    tokio::time::sleep(wait).await;
                }
                match self.open().await {
                    Ok(stream) => self.stream.insert(stream),
                    Err(status) => return self.interrupted(status),
                }
            }
        };
        match stream.message().await {
            Ok(Some(SubscribeResponse { item: Some(Sent::Event(event)) })) => {
                self.wait = None;
                self.start = Start::After(event.position.clone());
                Ok(Item::Event(Box::new(event)))
            }
            Ok(Some(SubscribeResponse { item: Some(Sent::CaughtUp(caught_up)) })) => {
                self.wait = None;
                // Where there was nothing, everything that comes is new.
                self.start = match caught_up.position {
                    position if position.is_empty() => Start::Beginning(Beginning {}),
                    position => Start::After(position),
                };
                Ok(Item::CaughtUp)
            }
            // A kind of message that this version does not know.
            Ok(Some(SubscribeResponse { item: None })) => Box::pin(self.next()).await,
            Ok(None) => self.interrupted(Status::unavailable("the server ended the stream")),
            Err(status) => self.interrupted(status),
        }
    }

    async fn open(&self) -> Result<Streaming<SubscribeResponse>, Status> {
        let request = SubscribeRequest { workspace: self.session.workspace.clone(), start: Some(self.start.clone()) };
        Ok(self.session.notification().subscribe(request).await?.into_inner())
    }

    fn interrupted(&mut self, status: Status) -> Result<Item, Status> {
        if !retriable(&status) {
            return Err(status);
        }
        self.stream = None;
        self.wait = Some(self.wait.map_or(FIRST_WAIT, next_wait));
        Ok(Item::Interrupted(status))
    }
}
