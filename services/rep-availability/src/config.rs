//! Settings of the rep-availability service.

use leadhand_kit::run::BindError;
use leadhand_kit::{Settings, server, telemetry};
use serde::Deserialize;

/// Settings of the rep-availability service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How it is served.
    pub server: server::Config,
    /// What it tells of itself.
    pub telemetry: telemetry::Config,
    /// Where its records are.
    pub redis: leadhand_store::Config,
}

impl Settings for Config {
    fn server(&self) -> &server::Config {
        &self.server
    }

    fn telemetry(&self) -> &telemetry::Config {
        &self.telemetry
    }

    fn check(&self) -> Result<(), BindError> {
        Ok(self.redis.check()?)
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
