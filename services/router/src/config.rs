//! Settings of the router.

use leadhand_kit::run::BindError;
use leadhand_kit::{Settings, server, telemetry};
use serde::Deserialize;

use crate::enrich;

/// Settings of the router.
#[derive(Debug, Clone, Default, Deserialize)]
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
        Ok(self.redis.check()?)
    }
}
