//! Settings of the pool service.

use leadhand_kit::run::BindError;
use leadhand_kit::{Settings, server, telemetry};
use serde::Deserialize;

/// The longest that a deadline may lie unseen.
const MAX_TICK_MS: u64 = 100;

/// Settings of the pool service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How it is served.
    pub server: server::Config,
    /// What it tells of itself.
    pub telemetry: telemetry::Config,
    /// Where its records are.
    pub redis: leadhand_store::Config,
    /// Where the router is, which decides where a lead goes that its rep does not work: `http://host:port`. It need not be
    /// there yet. Default: `http://127.0.0.1:7600`.
    pub router: String,
    /// How often it is looked for deadlines that have come, in milliseconds, at most 100: a lead is late by that much. 0: this
    /// replica does not look, and others must. Default: 50.
    pub timer_tick_ms: u64,
    /// How often a replica that looks for deadlines makes sure that each lead that waits for something has one, in milliseconds.
    /// 0: never. Default: 600,000, ten minutes.
    pub sweep_every_ms: u64,
    /// What is kept in memory of the pools, for `ListLeads` and `WatchPool`.
    pub browse: Browse,
}

/// What is kept in memory of the pools, and how long whom is waited for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Browse {
    /// How long a list waits to catch up with what was committed when the call came, in milliseconds. Default: 1,000.
    pub wait_ms: u64,
    /// How long a workspace that nobody asks for stays in memory, in milliseconds. Default: 600,000, ten minutes.
    pub idle_ms: u64,
    /// At most so many workspaces at once, each with a connection to Redis. Who has not been asked for longest makes room.
    /// Default: 256.
    pub max_workspaces: usize,
    /// While there are more leads than this in memory, whoever has not been asked for longest is dropped; the workspace that was asked
    /// for last stays, and so do those that are watched. A lead takes about 2.5 KB. Default: 1,000,000.
    pub max_leads: usize,
    /// At most so many watchers at once. Default: 1,000.
    pub max_watchers: usize,
    /// How often a watcher to whom nothing happens is told so, in milliseconds. Default: 10,000.
    pub heartbeat_ms: u64,
    /// How long watchers bear a Redis that does not answer, in milliseconds. Default: 10,000.
    pub outage_tolerance_ms: u64,
}

impl Default for Browse {
    fn default() -> Self {
        Self {
            wait_ms: 1_000,
            idle_ms: 600_000,
            max_workspaces: 256,
            max_leads: 1_000_000,
            max_watchers: 1_000,
            heartbeat_ms: 10_000,
            outage_tolerance_ms: 10_000,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: server::Config::default(),
            telemetry: telemetry::Config::default(),
            redis: leadhand_store::Config::default(),
            router: "http://127.0.0.1:7600".to_owned(),
            timer_tick_ms: 50,
            sweep_every_ms: 600_000,
            browse: Browse::default(),
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
        if self.timer_tick_ms > MAX_TICK_MS {
            return Err(format!("timer_tick_ms: at most {MAX_TICK_MS}").into());
        }
        if self.browse.max_workspaces == 0 {
            return Err("browse.max_workspaces: at least 1".into());
        }
        Ok(self.redis.check()?)
    }
}
