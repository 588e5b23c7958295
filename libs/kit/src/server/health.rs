//! Health by readiness: a gRPC service is SERVING while everything that it needs is there.
//!
//! The name `""` stands for all services together, `liveness` for the process alone: it is SERVING as long as the process
//! answers, so that a restart is never the cure for a store that is down.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::service::Readiness;

/// The health name of the process itself.
const LIVENESS: &str = "liveness";

/// One service's readiness.
pub(super) struct Watched {
    pub(super) service: &'static str,
    pub(super) grpc_services: Vec<&'static str>,
    pub(super) readiness: Vec<Readiness>,
    /// What was last said of it: `None` before the first answer, then what is missing.
    pub(super) last: Option<Result<(), String>>,
}

impl Watched {
    async fn check(&mut self, limit: Duration) -> bool {
        let mut now = Ok(());
        for readiness in &self.readiness {
            let answer = match timeout(limit, readiness.check()).await {
                Ok(answer) => answer,
                Err(_) => Err("no answer in time".into()),
            };
            if let Err(reason) = answer {
                now = Err(format!("{}: {reason}", readiness.name));
                break;
            }
        }
        if self.last.as_ref() != Some(&now) {
            match &now {
                Ok(()) => tracing::info!(service = self.service, "ready"),
                Err(reason) => tracing::warn!(service = self.service, reason, "not ready"),
            }
        }
        let ready = now.is_ok();
        self.last = Some(now);
        ready
    }
}

/// Says NOT_SERVING of everything but the process itself.
pub(super) async fn not_serving(health: &HealthReporter, watched: &[&'static str]) {
    health.set_service_status(LIVENESS, ServingStatus::Serving).await;
    for name in watched.iter().copied().chain([""]) {
        health.set_service_status(name, ServingStatus::NotServing).await;
    }
}

/// Asks again and again, and says what it finds; never returns.
pub(super) async fn watch(health: HealthReporter, mut watched: Vec<Watched>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut all = true;
        for service in &mut watched {
            let ready = service.check(every).await;
            all &= ready;
            for name in &service.grpc_services {
                set(&health, name, ready).await;
            }
        }
        set(&health, "", all).await;
    }
}

async fn set(health: &HealthReporter, name: &str, ready: bool) {
    let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    health.set_service_status(name, status).await;
}
