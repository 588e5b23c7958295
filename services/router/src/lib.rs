//! The router: decides who works a lead, and commits it. It also keeps the policy and the accounts it decides by.
//!
//! `RouteLead` goes `rpc` → [`route`] → the desk's sequence in the store → `domain::route::decide` → one commit. All leads
//! of one desk, a team's rotation or a pool, pass through one task of the process, in batches; see
//! `leadhand_store::sequence`.
//!
//! Where the policy says so, what a new lead lacks of its company is asked for first: [`enrich`]. Others follow the policy's
//! versions by [`watch`].
//!
//! What managers order goes by [`management`]: a lead given by hand needs no desk, and a leaver's leads go to theirs.
//!
//! A message of `UpsertAccounts` goes [`accounts`] → its `stream` → `store::transact_all` → `domain::account::change` → one
//! commit with up to 31 others, and is then acknowledged.

use std::error::Error;

use leadhand_kit::{Context, Service};
use leadhand_proto::account::v1::account_service_server::AccountServiceServer;
use leadhand_proto::explain::v1::explain_service_server::ExplainServiceServer;
use leadhand_proto::management::v1::management_service_server::ManagementServiceServer;
use leadhand_proto::policy::v1::policy_service_server::PolicyServiceServer;
use leadhand_proto::router::v1::router_service_server::RouterServiceServer;
use leadhand_store::Store;
use leadhand_store::sequence::Sequences;

mod accounts;
mod config;
mod credit;
mod enrich;
mod explain;
mod management;
mod policy;
mod request;
mod route;
mod rpc;
mod rpc_explain;
mod tally;
mod watch;

pub use config::Config;
pub use enrich::Config as Enrichment;

/// Puts the router together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    config.enrichment.check()?;
    let store = Store::new(config.redis)?.observed(tally::conduct(ctx));
    let routes = route::Routes {
        store: store.clone(),
        sequences: Sequences::new(store.clone(), &ctx.instance),
        enricher: enrich::Enricher::new(ctx, &config.enrichment)?,
    };
    let router = rpc::Router {
        routes,
        watches: watch::Watches::new(store.clone(), config.max_watched_workspaces, ctx.shutdown.clone()),
        store: store.clone(),
        clock: ctx.clock.clone(),
    };
    let managers = management::Managers {
        routes: router.routes.clone(),
        clock: ctx.clock.clone(),
        shutdown: ctx.shutdown.clone(),
    };
    let accounts =
        accounts::Accounts { store: store.clone(), clock: ctx.clock.clone(), shutdown: ctx.shutdown.clone() };
    let time = store.clock();
    Ok(Service::new("router")
        .serve(RouterServiceServer::new(router.clone()))
        .serve(PolicyServiceServer::new(router.clone()))
        .serve(ExplainServiceServer::new(router))
        .serve(ManagementServiceServer::new(managers))
        .serve(AccountServiceServer::new(accounts))
        .backed_by(ctx, "redis", time))
}
