//! The RPC of the notification service: proto in, one subscription, proto out.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use leadhand_domain::id::Workspace;
use leadhand_domain::invalid::Fields;
use leadhand_domain::time::Millis;
use leadhand_kit::clock::{Clock, Stopwatch};
use leadhand_kit::status;
use leadhand_proto::notification::v1::notification_service_server::NotificationService;
use leadhand_proto::notification::v1::subscribe_request::Start as Told;
use leadhand_proto::notification::v1::{SubscribeRequest, SubscribeResponse};
use leadhand_proto::refusal;
use leadhand_proto::status::Problem;
use leadhand_store::Store;
use leadhand_store::events::Position;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use crate::hub::Hubs;
use crate::subscription::{self, End, PAGE, Patience, Subscription};

/// The notification service.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) store: Store,
    pub(crate) hubs: Hubs,
    pub(crate) patience: Patience,
    /// One for each subscription that may be open.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

/// Where a subscription starts.
#[derive(Debug, Clone, Copy)]
enum Start {
    After(Position),
    Beginning,
    Now,
}

fn wanted(request: &SubscribeRequest) -> Result<(Workspace, Start), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let start = match &request.start {
        None => {
            fields.add("start", "required: after, beginning or now");
            None
        }
        Some(Told::After(position)) => fields.take("after", Position::parse(position)).map(Start::After),
        Some(Told::Beginning(_)) => Some(Start::Beginning),
        Some(Told::Now(_)) => Some(Start::Now),
    };
    fields.finish(workspace.zip(start)).map_err(|violations| refusal::invalid(&violations))
}

impl Notification {
    async fn begin(
        &self,
        workspace: Workspace,
        start: Start,
        place: OwnedSemaphorePermit,
    ) -> Result<Subscription, End> {
        let newest = self.store.events_newest(&workspace).await?;
        let cursor = match start {
            Start::After(position) => position,
            Start::Beginning => Position::START,
            Start::Now => newest,
        };
        // Read at once, so that a position that cannot be resumed after is refused before the stream begins.
        let page = self.store.events_after(&workspace, cursor, PAGE).await?;
        let ready = subscription::follow(page)?;
        let hub = self.hubs.join(&workspace).ok_or(End::Overloaded)?;
        Ok(Subscription {
            store: self.store.clone(),
            workspace,
            shutdown: self.shutdown.clone(),
            patience: self.patience,
            cursor,
            ready,
            backlog: Some(newest),
            ring: hub.ring(),
            proven: None,
            silence: Stopwatch::start(),
            outage: None,
            _hub: hub,
            _place: place,
        })
    }
}

/// What a subscriber is told of the end.
fn told(end: &End, clock: &Clock) -> Status {
    let out_of_range = |reason, message| Problem::new(Code::OutOfRange, reason, message).into();
    match end {
        End::ShuttingDown => status::shutting_down(),
        End::Overloaded => status::overloaded(),
        End::Outage => refusal::unavailable(),
        End::Trimmed => out_of_range("POSITION_TRIMMED", "events after the position are no longer kept"),
        End::Lost => out_of_range(
            "POSITION_LOST",
            "the stream does not hold this position: it was never given out, or the store lost its latest writes",
        ),
        End::Abandoned => refusal::internal(),
        End::Store(error) => refusal::failed(&error.failure(), Millis(clock.now_ms())),
    }
}

#[tonic::async_trait]
impl NotificationService for Notification {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        let (workspace, start) = wanted(request.get_ref())?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| status::overloaded())?;
        let clock = self.clock.clone();
        let subscription = self.begin(workspace, start, place).await.map_err(|end| told(&end, &clock))?;
        let sent = subscription.stream().map(move |item| match item {
            Ok(item) => Ok(SubscribeResponse { item: Some(item) }),
            Err(end) => Err(told(&end, &clock)),
        });
        Ok(Response::new(Box::pin(sent)))
    }
}
