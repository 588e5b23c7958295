//! The RPCs of the rep-availability service: proto in, one call, proto out.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use leadhand_domain::time::Millis;
use leadhand_icalendar::Fault;
use leadhand_kit::acknowledge::acknowledge;
use leadhand_kit::{Clock, status};
use leadhand_proto::availability::v1 as wire;
use leadhand_proto::availability::v1::availability_service_server::AvailabilityService;
use leadhand_proto::time::timestamp;
use leadhand_proto::{availability_wire, refusal};
use leadhand_store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::answer;
use crate::board::Boards;
use crate::request::{self, Question, Watched};
use crate::stream::{Changes, Taken};
use crate::watch::{self, Watch};

/// The rep-availability service.
#[derive(Debug)]
pub(crate) struct Availability {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
    pub(crate) boards: Boards,
    /// One for each watch that may be open.
    pub(crate) watchers: Arc<Semaphore>,
    /// One for each calendar file that may be read at once.
    pub(crate) files: Arc<Semaphore>,
}

impl Availability {
    async fn begin(&self, watched: Watched) -> Result<Watch, Status> {
        let place = self.watchers.clone().try_acquire_owned().map_err(|_| status::overloaded())?;
        let shared = self.boards.join(&watched.workspace).ok_or_else(status::overloaded)?;
        let Watched { workspace, reps, after } = watched;
        let begun = Watch::begin(&self.store, workspace, reps, after, shared, place, self.shutdown.clone()).await;
        begun.map_err(|end| of_watch(&end, &self.clock))
    }
}

/// What a watcher is told of the end.
fn of_watch(end: &watch::End, clock: &Clock) -> Status {
    match end {
        watch::End::ShuttingDown => status::shutting_down(),
        watch::End::Outage => refusal::unavailable(),
        watch::End::Store(error) => refusal::failed(&error.failure(), Millis(clock.now_ms())),
    }
}

fn watch_item(item: watch::Item) -> wire::WatchAvailabilityResponse {
    let item = match item {
        watch::Item::Rep(rep, status, at) => wire::watch_availability_response::Item::Rep(wire::RepStatus {
            rep_id: rep.to_string(),
            status: Some(availability_wire::status(status)),
            at: Some(timestamp(at)),
        }),
        watch::Item::CaughtUp(position) => {
            wire::watch_availability_response::Item::CaughtUp(wire::WatchCaughtUp { position })
        }
    };
    wire::WatchAvailabilityResponse { item: Some(item) }
}

#[tonic::async_trait]
impl AvailabilityService for Availability {
    type StreamAvailabilityStream =
        Pin<Box<dyn Stream<Item = Result<wire::StreamAvailabilityResponse, Status>> + Send>>;

    async fn stream_availability(
        &self,
        request: Request<Streaming<wire::StreamAvailabilityRequest>>,
    ) -> Result<Response<Self::StreamAvailabilityStream>, Status> {
        let now = self.clock.clone();
        let messages =
            request.into_inner().map(move |read| read.and_then(|read| request::message(read, Millis(now.now_ms()))));
        let changes = Changes { store: self.store.clone(), files: self.files.clone(), clock: self.clock.clone() };
        let acknowledged = acknowledge(changes, messages, self.shutdown.clone()).map(|taken| {
            let Taken { sequence, changed, skipped } = taken?;
            let line = |fault: Fault| wire::SkippedLine { line: fault.line, reason: fault.reason.code().to_owned() };
            let skipped = skipped.into_iter().map(line).collect();
            Ok(wire::StreamAvailabilityResponse { sequence, changed, skipped })
        });
        Ok(Response::new(Box::pin(acknowledged)))
    }

    type WatchAvailabilityStream = Pin<Box<dyn Stream<Item = Result<wire::WatchAvailabilityResponse, Status>> + Send>>;

    async fn watch_availability(
        &self,
        request: Request<wire::WatchAvailabilityRequest>,
    ) -> Result<Response<Self::WatchAvailabilityStream>, Status> {
        let watch = self.begin(request::watched(request.get_ref())?).await?;
        let clock = self.clock.clone();
        let told = watch.stream().map(move |item| item.map(watch_item).map_err(|end| of_watch(&end, &clock)));
        Ok(Response::new(Box::pin(told)))
    }

    async fn get_availability(
        &self,
        request: Request<wire::GetAvailabilityRequest>,
    ) -> Result<Response<wire::GetAvailabilityResponse>, Status> {
        let now = Millis(self.clock.now_ms());
        let Question { workspace, rep, at } = request::question(request.get_ref(), now)?;
        let found = answer::at(&self.store, &workspace, &rep, at).await;
        let found = found.map_err(|error| refusal::failed(&error.failure(), now))?;
        let status = availability_wire::status(found.status);
        Ok(Response::new(wire::GetAvailabilityResponse {
            available: status.available,
            until: status.until,
            reason: status.reason,
            available_from: found.available_from.map(timestamp),
        }))
    }
}
