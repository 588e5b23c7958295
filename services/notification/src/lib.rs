//! Tells what happened to whoever must know.
//!
//! # How an event reaches its subscribers
//! Each workspace with a subscriber has one *hub*: a connection that waits for the workspace's new events ([`tail`]) and a
//! *ring* of the newest ones ([`ring`]), shared by all its subscribers. A *subscription* ([`subscription`]) holds nothing but
//! a cursor, the position of the last event it sent. It reads pages from Redis while it is behind the ring, and then takes
//! from the ring what comes; when it falls behind again, it reads pages again. So a slow subscriber costs a page of memory,
//! and holds up nobody.
//!
//! # Why there is no gap
//! A cursor moves only over a *proof* that nothing lies between it and the next event. A page proves it, as it is read from
//! the cursor itself, which must still be in the stream. The ring proves it when the cursor is one of its events, or the one
//! just before them. Where neither does, events were trimmed, or Redis lost its latest writes, and the subscription ends
//! with an error that says which.

use std::error::Error;
use std::sync::Arc;

use leadhand_kit::{Context, Service};
use leadhand_proto::notification::v1::notification_service_server::NotificationServiceServer;
use leadhand_store::Store;
use tokio::sync::Semaphore;

mod config;
mod hub;
mod ring;
mod rpc;
mod subscription;
mod tail;

pub use config::Config;

/// Puts the notification service together. Redis need not be there yet.
pub async fn bind(ctx: &Context, config: Config) -> Result<Service, Box<dyn Error + Send + Sync>> {
    let store = Store::new(config.redis)?;
    let limits = ring::Limits { events: config.ring_events, bytes: config.ring_bytes };
    let clock = store.clock();
    let notification = rpc::Notification {
        hubs: hub::Hubs::new(store.clone(), limits, config.max_workspaces, ctx.shutdown.clone()),
        store,
        patience: subscription::Patience::new(config.heartbeat_ms, config.outage_tolerance_ms),
        places: Arc::new(Semaphore::new(config.max_subscribers.min(Semaphore::MAX_PERMITS))),
        clock: ctx.clock.clone(),
        shutdown: ctx.shutdown.clone(),
    };
    Ok(Service::new("notification").serve(NotificationServiceServer::new(notification)).backed_by(ctx, "redis", clock))
}
