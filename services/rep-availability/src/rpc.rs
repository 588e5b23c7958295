//! The RPCs of the rep-availability service: proto in, one call, proto out.

use std::pin::Pin;
use std::time::Duration;

use futures_util::Stream;
use leadhand_domain::time::Millis;
use leadhand_kit::Clock;
use leadhand_proto::availability::v1 as wire;
use leadhand_proto::availability::v1::availability_service_server::AvailabilityService;
use leadhand_proto::refusal;
use leadhand_proto::time::timestamp;
use leadhand_store::Store;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::intake::Intake;
use crate::request::{self, Question};
use crate::{free, stream};

/// When a caller whose stream a shutdown ended may open another: it reaches another replica.
pub(crate) const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The rep-availability service; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Availability {
    pub(crate) store: Store,
    pub(crate) intake: Intake,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

#[tonic::async_trait]
impl AvailabilityService for Availability {
    type StreamAvailabilityStream =
        Pin<Box<dyn Stream<Item = Result<wire::StreamAvailabilityResponse, Status>> + Send>>;

    async fn stream_availability(
        &self,
        request: Request<Streaming<wire::StreamAvailabilityRequest>>,
    ) -> Result<Response<Self::StreamAvailabilityStream>, Status> {
        Ok(Response::new(Box::pin(stream::acknowledge(self.clone(), request.into_inner()))))
    }

    async fn get_availability(
        &self,
        request: Request<wire::GetAvailabilityRequest>,
    ) -> Result<Response<wire::GetAvailabilityResponse>, Status> {
        let now = Millis(self.clock.now_ms());
        let Question { workspace, rep, at } = request::question(request.get_ref(), now)?;
        let found = free::at(&self.store, &workspace, &rep, at).await;
        let found = found.map_err(|error| refusal::failed(&error.failure(), now))?;
        Ok(Response::new(wire::GetAvailabilityResponse {
            available: found.available,
            until: found.until.map(timestamp),
        }))
    }
}
