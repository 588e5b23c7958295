//! Settings of the notification service.

use leadhand_kit::config::{self, Settings};
use leadhand_kit::run::BindError;
use leadhand_kit::{server, telemetry};
use serde::Deserialize;

/// Settings of the notification service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How it is served.
    pub server: server::Config,
    /// What it tells of itself.
    pub telemetry: telemetry::Config,
    /// Where the events are. Beside `connections`, one connection for each workspace that is subscribed to.
    pub redis: leadhand_store::Config,
    /// After how long in silence a subscriber is told that it has missed nothing. Default: 30,000.
    pub heartbeat_ms: u64,
    /// For how long a subscription waits for a Redis that does not answer, and then goes on without a gap; after that it
    /// ends with UNAVAILABLE, at once when 0. Default: 10,000.
    pub outage_tolerance_ms: u64,
    /// The most subscriptions at once, over all workspaces; more are refused. Default: 5,000.
    pub max_subscribers: usize,
    /// The most workspaces subscribed to at once: each costs a connection to Redis, and a workspace need not exist to be
    /// subscribed to. Default: 1,000.
    pub max_workspaces: usize,
    /// How many of a workspace's newest events are kept in memory for its subscribers; who is further behind reads from
    /// Redis. Default: 1,024.
    pub ring_events: usize,
    /// How large these events may be together. Default: 1,048,576.
    pub ring_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: server::Config::default(),
            telemetry: telemetry::Config::default(),
            redis: leadhand_store::Config::default(),
            heartbeat_ms: 30_000,
            outage_tolerance_ms: 10_000,
            max_subscribers: 5_000,
            max_workspaces: 1_000,
            ring_events: 1_024,
            ring_bytes: 1 << 20,
        }
    }
}

impl Settings for Config {
    fn server(&self) -> &server::Config {
        &self.server
    }

    fn telemetry(&self) -> &telemetry::Config {
        &self.telemetry
    }

    fn check(&self) -> Result<(), BindError> {
        self.redis.check()?;
        Ok(config::at_least_one(&[
            ("heartbeat_ms", self.heartbeat_ms == 0),
            ("max_subscribers", self.max_subscribers == 0),
            ("max_workspaces", self.max_workspaces == 0),
            ("ring_events", self.ring_events == 0),
            ("ring_bytes", self.ring_bytes == 0),
        ])?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_cannot_be_used_is_named_and_its_value_is_not() {
        assert!(Config::default().check().is_ok());
        let redis = leadhand_store::Config::at("nonsense");
        let refused = Config { redis, ..Config::default() }.check().unwrap_err().to_string();
        assert!(refused.starts_with("redis.url: ") && !refused.contains("nonsense"), "{refused}");
        let refused = Config { heartbeat_ms: 0, ..Config::default() }.check().unwrap_err().to_string();
        assert_eq!(refused, "heartbeat_ms: at least 1");
    }
}
