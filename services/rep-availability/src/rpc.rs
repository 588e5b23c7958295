//! The RPCs of the rep-availability service: proto in, one call, proto out.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use leadhand_domain::time::Millis;
use leadhand_kit::{Clock, status};
use leadhand_proto::availability::v1 as wire;
use leadhand_proto::availability::v1::availability_service_server::AvailabilityService;
use leadhand_proto::time::timestamp;
use leadhand_proto::{availability_wire, refusal};
use leadhand_store::Store;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::answer;
use crate::request::{self, Question};
use crate::stream::{self, End, Means, Taken};

/// The rep-availability service.
#[derive(Debug)]
pub(crate) struct Availability {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

/// What a caller is told of the end of its stream.
fn told(end: End<Status>, clock: &Clock) -> Status {
    match end {
        End::ShuttingDown => status::shutting_down(),
        End::Inbound(status) => status,
        End::Store(error) => refusal::failed(&error.failure(), Millis(clock.now_ms())),
        End::Panicked => refusal::internal(),
    }
}

#[tonic::async_trait]
impl AvailabilityService for Availability {
    type StreamAvailabilityStream =
        Pin<Box<dyn Stream<Item = Result<wire::StreamAvailabilityResponse, Status>> + Send>>;

    async fn stream_availability(
        &self,
        request: Request<Streaming<wire::StreamAvailabilityRequest>>,
    ) -> Result<Response<Self::StreamAvailabilityStream>, Status> {
        let clock = self.clock.clone();
        let now = clock.clone();
        let messages =
            request.into_inner().map(move |read| read.and_then(|read| request::message(read, Millis(now.now_ms()))));
        let means = Means { store: self.store.clone(), clock: clock.clone(), shutdown: self.shutdown.clone() };
        let acknowledged = stream::acknowledge(means, messages).map(move |taken| match taken {
            Ok(Taken { sequence, changed }) => Ok(wire::StreamAvailabilityResponse { sequence, changed }),
            Err(end) => Err(told(end, &clock)),
        });
        Ok(Response::new(Box::pin(acknowledged)))
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
