//! Every service in this process on one port: what `up` runs, and what the demo shows.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use leadhand_kit::server::{Place, Server};
use leadhand_kit::{Clock, Context, telemetry};
use leadhand_store::local::{self, Durability};
use tokio::task::JoinHandle;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::client::Session;
use crate::command::up::Feeds;
use crate::failure::Failure;

/// The gRPC services, by the names that health knows them under.
pub(crate) const SERVICES: [&str; 8] = [
    "leadhand.router.v1.RouterService",
    "leadhand.policy.v1.PolicyService",
    "leadhand.account.v1.AccountService",
    "leadhand.management.v1.ManagementService",
    "leadhand.pool.v1.PoolService",
    "leadhand.record.v1.RecordService",
    "leadhand.availability.v1.AvailabilityService",
    "leadhand.notification.v1.NotificationService",
];
/// How long the services may take to be ready: a Redis that loads much data takes its time.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How the services are run.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How they are served.
    pub(crate) server: leadhand_kit::server::Config,
    /// What they tell of themselves.
    pub(crate) telemetry: telemetry::Config,
    /// Where their Redis is.
    pub(crate) redis: leadhand_store::Config,
    /// Whom the router asks for what leads lack.
    pub(crate) enrichment: leadhand_router::Enrichment,
    /// Calendars that are fetched.
    pub(crate) feeds: Feeds,
}

/// Every service, served in the background.
#[derive(Debug)]
pub(crate) struct Suite {
    /// What ends them, when cancelled.
    pub(crate) context: Context,
    address: SocketAddr,
    served: JoinHandle<Result<(), leadhand_kit::server::Error>>,
    _telemetry: telemetry::Guard,
}

impl Suite {
    /// Binds every service and serves them.
    pub(crate) async fn start(settings: Settings) -> Result<Self, Failure> {
        let telemetry = telemetry::init("leadhand", &settings.telemetry)
            .map_err(|error| Failure::local("the telemetry cannot be set up", error))?;
        let context = Context::new(Clock::system(), &telemetry);
        let cannot = |service: &'static str| {
            move |error: leadhand_kit::run::BindError| Failure::local(&format!("the {service} does not start"), error)
        };
        let Settings { server, telemetry: told, redis, enrichment, feeds } = settings;
        let router = leadhand_router::Config {
            server: server.clone(),
            telemetry: told.clone(),
            redis: redis.clone(),
            enrichment,
            ..Default::default()
        };
        let availability = leadhand_rep_availability::Config {
            server: server.clone(),
            telemetry: told.clone(),
            redis: redis.clone(),
            feeds: feeds.feeds,
            fetch: feeds.fetch,
            ..Default::default()
        };
        let checked = leadhand_kit::Settings::check(&router).and(leadhand_kit::Settings::check(&availability));
        checked.map_err(|error| Failure::input(error.to_string()))?;
        let place = Place::take(server.listen)
            .await
            .map_err(|error| Failure::local("the services cannot be served", with_cause(&error)))?;
        let address = place.local_addr();
        let services = vec![
            leadhand_router::bind(&context, router).await.map_err(cannot("router"))?,
            leadhand_pool::bind(
                &context,
                leadhand_pool::Config {
                    server: server.clone(),
                    telemetry: told.clone(),
                    redis: redis.clone(),
                    router: router_at(address),
                    ..Default::default()
                },
            )
            .await
            .map_err(cannot("pool service"))?,
            leadhand_rep_availability::bind(&context, availability)
                .await
                .map_err(cannot("rep-availability service"))?,
            leadhand_notification::bind(
                &context,
                leadhand_notification::Config { server: server.clone(), telemetry: told, redis, ..Default::default() },
            )
            .await
            .map_err(cannot("notification service"))?,
        ];
        let server = Server::bind_at(&context, &server, place, services)
            .await
            .map_err(|error| Failure::local("the services cannot be served", with_cause(&error)))?;
        Ok(Self { context, address, served: tokio::spawn(server.run()), _telemetry: telemetry })
    }

    /// Where the services listen.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until every service says that it takes calls.
    pub(crate) async fn ready(&self, session: &Session) -> Result<(), Failure> {
        let all = async {
            for service in SERVICES {
                let request = HealthCheckRequest { service: service.to_owned() };
                let mut health = session.health().watch(request).await?.into_inner();
                while let Some(told) = health.message().await? {
                    if told.status() == ServingStatus::Serving {
                        break;
                    }
                }
            }
            Ok::<_, tonic::Status>(())
        };
        match tokio::time::timeout(READY_WITHIN, all).await {
            Ok(ready) => Ok(ready?),
            Err(_) => {
                Err(Failure::Local("the services do not become ready: is Redis there? the log tells more".into()))
            }
        }
    }

    /// Waits until the services have ended, after [`Suite::context`] was shut down or because something failed.
    pub(crate) async fn ended(self) -> Result<(), Failure> {
        match self.served.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::local("the services ended", with_cause(&error))),
            Err(error) => Err(Failure::local("the services ended", error)),
        }
    }
}

/// Where the services reach each other: here, also when they listen on every address.
fn router_at(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        let localhost = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(localhost);
    }
    format!("http://{address}")
}

/// Starts an own redis-server on the data in `folder`, which writes each change to disk before it answers.
pub(crate) async fn private_redis(folder: &Path) -> Result<local::Server, Failure> {
    let named = folder.display().to_string();
    std::fs::create_dir_all(folder).map_err(|error| Failure::input(format!("{named}: {error}")))?;
    let folder = folder.to_owned();
    let start = move || local::Server::start(&folder, Durability::Always);
    let started = tokio::task::spawn_blocking(start).await.map_err(|error| Failure::local("redis-server", error))?;
    started.map_err(|error| match error {
        local::Error::InUse(_) => Failure::input(format!(
            "another `leadhand up` uses the data in {named}: end it, or choose other data with --data"
        )),
        local::Error::TooLong(_) => Failure::input(format!(
            "{named}: too long a path for a unix socket; choose a shorter one with --data (or TMPDIR, for the demo)"
        )),
        local::Error::Missing => Failure::Local(
            "redis-server is not installed: run `sudo apt-get install redis-server` (Debian, Ubuntu) or `brew install \
             redis` (macOS), name its program in LEADHAND_REDIS_SERVER, or name a running one with --redis URL"
                .to_owned(),
        ),
        error => Failure::local("the own redis-server", error),
    })
}

fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
