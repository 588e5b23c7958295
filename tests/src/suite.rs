//! Starting and stopping the services under test.

use std::net::SocketAddr;

use leadhand_kit::server::{self, Server};
use leadhand_kit::{Clock, Context};
use leadhand_proto::account::v1::account_service_client::AccountServiceClient;
use leadhand_proto::availability::v1::availability_service_client::AvailabilityServiceClient;
use leadhand_proto::explain::v1::explain_service_client::ExplainServiceClient;
use leadhand_proto::management::v1::management_service_client::ManagementServiceClient;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::policy::v1::policy_service_client::PolicyServiceClient;
use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use leadhand_proto::record::v1::record_service_client::RecordServiceClient;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_store::local::Durability;
use leadhand_testkit::Redis;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

/// When a suite's manual clock starts: 2026-03-02 10:00 UTC, a Monday.
pub const START: i64 = 1_772_445_600_000;

/// How often replicas that look after deadlines make sure that none is missing.
const SWEEP_EVERY_MS: u64 = 100;

/// Every service, in replicas, over one Redis.
#[derive(Debug)]
pub struct Suite {
    /// What the replicas share.
    pub redis: Redis,
    /// The services' clock; manual unless the suite was started with another.
    pub clock: Clock,
    /// The replicas.
    pub replicas: Vec<Replica>,
    /// How often replicas that are added look for deadlines that have come; `None`: they do not, so that the clock of a test
    /// can be moved without anything happening by itself.
    pub timer_tick_ms: Option<u64>,
    /// How often replicas that are added make sure that no deadline is missing.
    pub sweep_every_ms: u64,
    /// Whom the routers of replicas that are added ask for what leads lack.
    pub enrichment: leadhand_router::Enrichment,
    /// What the pool services of replicas that are added keep in memory.
    pub browse: leadhand_pool::Browse,
}

/// Every service once, on one port, with one connection to it.
#[derive(Debug)]
pub struct Replica {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it tells its metrics.
    metrics: SocketAddr,
    /// What its clients share.
    pub channel: Channel,
    context: Context,
    served: JoinHandle<Result<(), server::Error>>,
}

impl Suite {
    /// Replicas over a Redis that keeps nothing, with a manual clock at [`START`].
    pub async fn start(replicas: usize) -> Self {
        Self::with(Redis::start(), Clock::manual(START), replicas).await
    }

    /// Replicas that look after deadlines, over a Redis that keeps nothing, with a manual clock at [`START`].
    pub async fn with_timers(replicas: usize) -> Self {
        let mut suite = Self::start(0).await;
        suite.timer_tick_ms = Some(5);
        for _ in 0..replicas {
            suite.add_replica().await;
        }
        suite
    }

    /// Replicas over a Redis that loses nothing, with the system's clock.
    pub async fn durable(replicas: usize) -> Self {
        Self::with(Redis::durable(Durability::Always), Clock::system(), replicas).await
    }

    /// Replicas over this Redis by this clock.
    pub async fn with(redis: Redis, clock: Clock, replicas: usize) -> Self {
        let mut suite = Self {
            redis,
            clock,
            replicas: Vec::new(),
            timer_tick_ms: None,
            sweep_every_ms: SWEEP_EVERY_MS,
            enrichment: Default::default(),
            browse: Default::default(),
        };
        for _ in 0..replicas {
            suite.add_replica().await;
        }
        suite
    }

    /// One replica more.
    pub async fn add_replica(&mut self) {
        self.add_replica_with(leadhand_store::Config::at(self.redis.url())).await;
    }

    /// One replica more, which reaches Redis in a way of its own.
    pub async fn add_replica_with(&mut self, redis: leadhand_store::Config) {
        let (enrichment, browse) = (self.enrichment.clone(), self.browse.clone());
        self.replicas.push(
            Replica::start(redis, self.clock.clone(), (self.timer_tick_ms, self.sweep_every_ms), enrichment, browse)
                .await,
        );
    }

    /// Stops a replica as a rollout does, and takes it out.
    pub async fn stop_replica(&mut self, place: usize) {
        self.replicas.remove(place).stop().await;
    }

    /// The replica that the `n`th of many callers uses.
    pub fn replica(&self, n: usize) -> &Replica {
        &self.replicas[n % self.replicas.len()]
    }
}

impl Replica {
    async fn start(
        redis: leadhand_store::Config,
        clock: Clock,
        (timer_tick_ms, sweep_every_ms): (Option<u64>, u64),
        enrichment: leadhand_router::Enrichment,
        browse: leadhand_pool::Browse,
    ) -> Self {
        let context = Context::for_test(clock);
        let anywhere: SocketAddr = ([127, 0, 0, 1], 0).into();
        let config = server::Config {
            listen: anywhere,
            metrics_listen: Some(anywhere),
            reflection: true,
            ..server::Config::default()
        };
        let place = server::Place::take(config.listen).await.expect("a free port");
        let address = place.local_addr();
        let uri = format!("http://{address}");
        let router = leadhand_router::Config { redis: redis.clone(), enrichment, ..Default::default() };
        let pool = leadhand_pool::Config {
            redis: redis.clone(),
            router: uri.clone(),
            timer_tick_ms: timer_tick_ms.unwrap_or_default(),
            sweep_every_ms,
            browse,
            ..Default::default()
        };
        let availability = leadhand_rep_availability::Config { redis: redis.clone(), ..Default::default() };
        let notification = leadhand_notification::Config { redis, ..Default::default() };
        let services = vec![
            leadhand_router::bind(&context, router).await.expect("the router binds"),
            leadhand_pool::bind(&context, pool).await.expect("the pool service binds"),
            leadhand_rep_availability::bind(&context, availability).await.expect("rep-availability binds"),
            leadhand_notification::bind(&context, notification).await.expect("notification binds"),
        ];
        let server = Server::bind_at(&context, &config, place, services).await.expect("a free port");
        let metrics = server.metrics_addr().expect("a page of metrics");
        let served = tokio::spawn(server.run());
        let channel = leadhand_kit::client::connect(&uri, &Default::default()).await.expect("the replica answers");
        Self { address, metrics, channel, context, served }
    }

    /// A metric's value as its page tells it, of the line with this label, `name="value"`, or of any; `None` without such a line.
    pub async fn metric(&self, name: &str, label: &str) -> Option<f64> {
        let mut stream = TcpStream::connect(self.metrics).await.expect("its page");
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await.expect("a request");
        let mut page = String::new();
        stream.read_to_string(&mut page).await.expect("a page");
        let named = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let line = page.lines().filter(named).find(|line| line.contains(label))?;
        Some(line.rsplit(' ').next()?.parse().expect("a number"))
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(self) {
        self.context.shutdown.cancel();
        self.served.await.expect("no panic").expect("a clean end");
    }

    /// A client of the router.
    pub fn router(&self) -> RouterServiceClient<Channel> {
        RouterServiceClient::new(self.channel.clone())
    }

    /// A client for managers.
    pub fn management(&self) -> ManagementServiceClient<Channel> {
        ManagementServiceClient::new(self.channel.clone())
    }

    /// A client for records.
    pub fn record(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    /// A client of the policy's keeper.
    pub fn policy(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel.clone())
    }

    /// A client of the accounts' keeper.
    pub fn accounts(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone())
    }

    /// A client of the replica's explanations.
    pub fn explain(&self) -> ExplainServiceClient<Channel> {
        ExplainServiceClient::new(self.channel.clone())
    }

    /// A client of the pool service.
    pub fn pool(&self) -> PoolServiceClient<Channel> {
        PoolServiceClient::new(self.channel.clone())
    }

    /// A client of rep-availability.
    pub fn availability(&self) -> AvailabilityServiceClient<Channel> {
        AvailabilityServiceClient::new(self.channel.clone())
    }

    /// A client of notification.
    pub fn notification(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.channel.clone())
    }
}
