//! What every service needs to run: configuration, server, clients, health, telemetry, shutdown, clock.
//!
//! A service is one function, `bind(&Context, Config) -> Service`, and its `main` is one statement:
//!
//! ```text
//! fn main() -> std::process::ExitCode {
//!     leadhand_kit::run("router", leadhand_router::bind)
//! }
//! ```
//!
//! The separate binaries, the all-in-one and the tests assemble the same `bind`; [`server::serve`] puts one or several
//! [`Service`]s on one port. This crate knows neither Redis nor the domain.

pub mod acknowledge;
pub mod client;
pub mod clock;
pub mod config;
pub mod context;
mod correction;
pub mod critical;
pub mod deadline;
pub mod run;
pub mod server;
pub mod service;
pub mod shared;
pub mod status;
pub mod telemetry;

mod call;
mod trace;

pub use clock::Clock;
pub use config::Settings;
pub use context::Context;
pub use critical::critical;
pub use run::run;
pub use server::serve;
pub use service::Service;
pub use shared::Shared;
