//! Takes in what other systems know of when reps can work, and says who is available.
//!
//! A message of `StreamAvailability` goes `rpc` → [`stream`] → [`intake`] → `store::transact` →
//! `domain::availability::decide` → one commit, and is then acknowledged. `GetAvailability` goes `rpc` → [`answer`].

use std::error::Error;

use leadhand_kit::{Context, Service};
use leadhand_proto::availability::v1::availability_service_server::AvailabilityServiceServer;
use leadhand_store::Store;

mod answer;
mod config;
mod intake;
mod request;
mod rpc;
mod stream;

pub use config::Config;

/// Puts the rep-availability service together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    let store = Store::new(config.redis)?;
    let clock = store.clock();
    let availability = rpc::Availability { store, clock: ctx.clock.clone(), shutdown: ctx.shutdown.clone() };
    Ok(Service::new("rep-availability")
        .serve(AvailabilityServiceServer::new(availability))
        .backed_by(ctx, "redis", clock))
}
