//! Takes in what other systems know of when reps can work, and says who is available.
//!
//! A message of `StreamAvailability` goes `rpc` → [`stream`] → [`intake`] → `store::transact` →
//! `domain::availability::decide` → one commit, and is then acknowledged; a calendar file is read on the way ([`file`]), when its turn has come.
//! `GetAvailability` goes `rpc` → [`answer`], `WatchAvailability` `rpc` → [`watch`] → [`board`]. Calendars with a URL are fetched
//! by [`feeds`].

use std::error::Error;
use std::sync::Arc;

use leadhand_kit::{Context, Service};
use leadhand_proto::availability::v1::availability_service_server::AvailabilityServiceServer;
use leadhand_store::Store;
use tokio::sync::Semaphore;

mod answer;
mod board;
mod config;
pub mod feeds;
mod file;
mod intake;
mod request;
mod rpc;
mod stream;
mod watch;

pub use config::Config;

/// How many calendar files that were sent are read at once; others wait.
const FILES_AT_ONCE: usize = 4;

/// Puts the rep-availability service together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    let store = Store::new(config.redis)?;
    let clock = store.clock();
    let boards =
        board::Boards::new(store.clone(), ctx.clock.clone(), config.max_watched_workspaces, ctx.shutdown.clone());
    let availability = rpc::Availability {
        store: store.clone(),
        clock: ctx.clock.clone(),
        shutdown: ctx.shutdown.clone(),
        boards,
        files: Arc::new(Semaphore::new(FILES_AT_ONCE)),
        watchers: Arc::new(Semaphore::new(config.max_watchers.min(Semaphore::MAX_PERMITS))),
    };
    let mut service = Service::new("rep-availability")
        .serve(AvailabilityServiceServer::new(availability))
        .backed_by(ctx, "redis", clock);
    if !config.feeds.is_empty() {
        let worker = feeds::Worker::new(ctx, store, config.fetch, feeds::all(&config.feeds)?)?;
        service = service.task("feeds", worker.run(ctx.shutdown.clone()));
    }
    Ok(service)
}
