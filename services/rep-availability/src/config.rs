//! Settings of the rep-availability service.

use leadhand_kit::config;
use leadhand_kit::run::BindError;
use leadhand_kit::{Settings, server, telemetry};
use serde::Deserialize;

use crate::feeds;

/// Settings of the rep-availability service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How it is served.
    pub server: server::Config,
    /// What it tells of itself.
    pub telemetry: telemetry::Config,
    /// Where its records are. Beside `connections`, one connection for each workspace that is watched.
    pub redis: leadhand_store::Config,
    /// Calendars that are fetched again and again; the same in every replica, which share the work. Default: none.
    pub feeds: Vec<feeds::Listed>,
    /// How feeds are fetched.
    pub fetch: feeds::Config,
    /// The most watches at once, over all workspaces; more are refused. Default: 1,000.
    pub max_watchers: usize,
    /// The most workspaces watched at once: each costs a connection to Redis. Default: 200.
    pub max_watched_workspaces: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: server::Config::default(),
            telemetry: telemetry::Config::default(),
            redis: leadhand_store::Config::default(),
            feeds: Vec::new(),
            fetch: feeds::Config::default(),
            max_watchers: 1_000,
            max_watched_workspaces: 200,
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
        feeds::all(&self.feeds)?;
        Ok(config::at_least_one(&[
            ("max_watchers", self.max_watchers == 0),
            ("max_watched_workspaces", self.max_watched_workspaces == 0),
            ("fetch.timeout_ms", self.fetch.timeout_ms == 0),
            ("fetch.max_bytes", self.fetch.max_bytes == 0),
            ("fetch.horizon_days", self.fetch.horizon_days == 0),
            ("fetch.at_once", self.fetch.at_once == 0),
            ("fetch.tick_ms", self.fetch.tick_ms == 0),
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
    }
}
