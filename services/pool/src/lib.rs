//! The pool service: reps browse, claim and contact pooled leads, and see how they stand.
//!
//! `ClaimLead` goes `rpc` → [`claim`] → `store::transact` → `domain::claim::decide` → one commit. Whoever loses a race is
//! decided again on the current records and gets an ordinary refusal.

use std::error::Error;

use leadhand_kit::{Context, Service};
use leadhand_proto::pool::v1::pool_service_server::PoolServiceServer;
use leadhand_store::Store;

mod browse;
mod claim;
mod config;
mod contact;
mod lead;
mod request;
mod rpc;
mod standing;

pub use config::Config;

/// Puts the pool service together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    let store = Store::new(config.redis)?;
    let time = store.clock();
    let pool = rpc::Pool { store, clock: ctx.clock.clone() };
    Ok(Service::new("pool").serve(PoolServiceServer::new(pool)).backed_by(ctx, "redis", time))
}
