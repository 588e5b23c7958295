//! Settings of the router.

use leadhand_kit::config;
use leadhand_kit::run::BindError;
use leadhand_kit::{Settings, server, telemetry};
use serde::Deserialize;

use crate::enrich;

/// Settings of the router.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How it is served.
    pub server: server::Config,
    /// What it tells of itself.
    pub telemetry: telemetry::Config,
    /// Where its records are.
    pub redis: leadhand_store::Config,
    /// Whom it asks for what a lead lacks of its company, where a policy wants that.
    pub enrichment: enrich::Config,
    /// The most workspaces whose policy is followed at once by `WatchPolicy`; more are refused. Each costs Redis five small
    /// reads a second. Default: 1,000.
    pub max_watched_workspaces: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: server::Config::default(),
            telemetry: telemetry::Config::default(),
            redis: leadhand_store::Config::default(),
            enrichment: enrich::Config::default(),
            max_watched_workspaces: 1_000,
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
        self.enrichment.check()?;
        config::at_least_one(&[("max_watched_workspaces", self.max_watched_workspaces == 0)])?;
        Ok(self.redis.check()?)
    }
}
