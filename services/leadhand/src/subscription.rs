//! A subscription that survives the connection: it reconnects, and resumes after the last event it handed out.

use std::time::Duration;

use leadhand_proto::event::v1::Event;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item as Sent;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest, SubscribeResponse};
use leadhand_proto::status::told;
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
        let wait = self.wait.map_or(FIRST_WAIT, next_wait);
        // A server with too much to do says when to come back.
        self.wait = Some(wait.max(told(&status).retry_after.unwrap_or_default()));
        Ok(Item::Interrupted(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    use leadhand_proto::notification::v1::CaughtUp;
    use leadhand_proto::notification::v1::notification_service_server::{
        NotificationService, NotificationServiceServer,
    };
    use leadhand_proto::status::Problem;
    use tokio::net::TcpListener;
    use tonic::transport::server::TcpIncoming;
    use tonic::{Code, Request, Response, async_trait};

    use crate::cli::Global;

    /// Has too much to do for the first two who ask.
    #[derive(Debug, Default)]
    struct Overloaded(AtomicU32);

    #[async_trait]
    impl NotificationService for Overloaded {
        type SubscribeStream = futures_util::stream::Iter<std::array::IntoIter<Result<SubscribeResponse, Status>, 1>>;

        async fn subscribe(&self, _: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
            if self.0.fetch_add(1, Ordering::Relaxed) < 2 {
                let problem = Problem::new(Code::Unavailable, "OVERLOADED", "too many subscribers");
                return Err(problem.retry_after(Duration::from_millis(250)).into());
            }
            let caught_up = SubscribeResponse { item: Some(Sent::CaughtUp(CaughtUp::default())) };
            Ok(Response::new(futures_util::stream::iter([Ok(caught_up)])))
        }
    }

    #[tokio::test]
    async fn a_server_with_too_much_to_do_is_asked_again_when_it_says() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let service = NotificationServiceServer::new(Overloaded::default());
        let served = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(served.serve_with_incoming(TcpIncoming::from(listener)));

        let timeout = Duration::from_secs(10);
        let global = Global { server, workspace: "default".to_owned(), json: false, timeout };
        let session = Session::open(&global).await.unwrap();
        let mut events = Subscription::new(session, Start::Beginning(Beginning {}));
        for wait in [250, 500] {
            let told = events.next().await.unwrap();
            assert!(matches!(&told, Item::Interrupted(status) if status.code() == Code::Unavailable), "{told:?}");
            assert_eq!(events.wait, Some(Duration::from_millis(wait)));
        }
        assert!(matches!(events.next().await.unwrap(), Item::CaughtUp));
        assert_eq!(events.wait, None);
    }
}
