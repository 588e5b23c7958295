//! The pool service: reps browse and claim pooled leads, answer offers, tell of contacts and outcomes, and see how they
//! stand. It also looks after the deadlines: [`timers`].
//!
//! `ClaimLead` goes `rpc` → [`claim`] → `store::transact` → `domain::claim::decide` → one commit. Whoever loses a race is
//! decided again on the current records and gets an ordinary refusal.
//!
//! # How a pool is listed
//! Each workspace that is asked for has an [`index`] in memory, which [`follow`] reads from Redis and keeps current by the
//! workspace's events; [`hub`] keeps it while it is used and drops it when it is not. [`browse`] waits until it has caught up and reads
//! a page; [`live`] tells watchers what changes. A claim never looks at it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use leadhand_kit::{Context, Service, client};
use leadhand_proto::pool::v1::pool_service_server::PoolServiceServer;
use leadhand_proto::record::v1::record_service_server::RecordServiceServer;
use leadhand_store::Store;
use tokio::sync::Semaphore;

mod accept;
mod browse;
mod claim;
mod config;
mod contact;
mod follow;
mod front;
mod holding;
mod hub;
mod index;
mod lead;
mod lift;
mod live;
mod mine;
mod outcome;
mod record;
mod request;
mod rounds;
mod router;
mod rpc;
mod selection;
mod skip;
mod standing;
mod sweep;
mod tally;
mod timers;
mod token;
mod update;
mod view;

pub use config::{Browse, Config};

/// Puts the pool service together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    let store = Store::new(config.redis)?.observed(tally::conduct(ctx));
    let time = store.clock();
    let router = router::Router::new(client::later(&config.router, &client::Config::default())?);
    let hubs = hub::Hubs::new(ctx, store.clone(), config.browse.clone());
    let pool = rpc::Pool {
        store: store.clone(),
        clock: ctx.clock.clone(),
        router: router.clone(),
        hubs: hubs.clone(),
        watchers: Arc::new(Semaphore::new(config.browse.max_watchers.min(Semaphore::MAX_PERMITS))),
        shutdown: ctx.shutdown.clone(),
    };
    let records = record::Records { store: store.clone(), clock: ctx.clock.clone() };
    let service = Service::new("pool").serve(PoolServiceServer::new(pool)).serve(RecordServiceServer::new(records));
    let mut service = service.backed_by(ctx, "redis", time);
    service = service.task("browse", hubs.tidy(ctx.shutdown.clone()));
    if config.timer_tick_ms > 0 {
        service = service.task("holding", holding::Watch::new(ctx, store.clone()).run(ctx.shutdown.clone()));
        if config.sweep_every_ms > 0 {
            let every = Duration::from_millis(config.sweep_every_ms);
            let sweeper = sweep::Sweeper::new(ctx, store.clone());
            service = service.task("sweep", sweeper.run(every, ctx.shutdown.clone()));
        }
        let worker = timers::Worker::new(ctx, store, router);
        service = service.task("timers", worker.run(Duration::from_millis(config.timer_tick_ms), ctx.shutdown.clone()));
    }
    Ok(service)
}
