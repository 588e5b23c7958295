//! What is measured: the floor and the services in this process, over one real Redis.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leadhand_kit::server::{self, Server};
use leadhand_kit::{Clock, Context};
use leadhand_proto::policy::v1::ApplyPolicyRequest;
use leadhand_proto::policy::v1::policy_service_client::PolicyServiceClient;
use leadhand_store::local::Durability;
use leadhand_testkit::Redis;
use tonic::transport::Channel;

use crate::floor::Floor;
use crate::{Outcome, sample};

/// How many connections the generator has.
pub(crate) const CONNECTIONS: usize = 8;

/// How many calls it keeps in flight on each.
pub(crate) const IN_FLIGHT: usize = 8;

/// The floor and some replicas of the services over one Redis.
pub(crate) struct Stage {
    redis: Redis,
    watcher: redis::aio::MultiplexedConnection,
    /// The floor's script without its service.
    pub(crate) script: Arc<Floor>,
    floor: SocketAddr,
    replicas: Vec<Replica>,
    calls: AtomicUsize,
}

struct Replica {
    address: SocketAddr,
    context: Context,
}

/// Connections, which calls take in turn.
pub(crate) type Lanes = Vec<Channel>;

/// Scripts as Redis has counted them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scripts {
    /// Scripts run.
    pub(crate) run: f64,
    /// Commits that wrote nothing, as another held a lock: only then is a lock's time left asked for.
    pub(crate) held_off: f64,
}

impl Stage {
    /// Starts everything anew, with the sample policy applied.
    pub(crate) async fn start(durability: Durability, replicas: usize) -> Outcome<Self> {
        let redis = Redis::durable(durability);
        let mut watcher = redis.connection().await;
        // Rewriting the file takes a core for seconds, and would fall on one slice or another.
        let mut settings = redis::cmd("CONFIG");
        settings.arg("SET").arg("auto-aof-rewrite-percentage").arg(0);
        settings.query_async::<()>(&mut watcher).await?;
        let mut stage = Self {
            script: Arc::new(Floor::new(&redis.url()).await?),
            floor: Floor::serve(&redis.url()).await?,
            redis,
            watcher,
            replicas: Vec::new(),
            calls: AtomicUsize::new(0),
        };
        for _ in 0..replicas {
            stage.replicas.push(replica(stage.redis.url()).await?);
        }
        let request = ApplyPolicyRequest {
            workspace: sample::WORKSPACE.into(),
            request_id: "policy".into(),
            document: sample::policy(),
            author: "bench".into(),
            comment: String::new(),
        };
        let [channel] = &stage.lanes(1, 1).await?[..] else { return Err("no replica".into()) };
        PolicyServiceClient::new(channel.clone()).apply_policy(request).await?;
        Ok(stage)
    }

    /// New connections to the first so many replicas, in turn.
    pub(crate) async fn lanes(&self, replicas: usize, connections: usize) -> Outcome<Lanes> {
        let addresses: Vec<_> = self.replicas[..replicas].iter().map(|replica| replica.address).collect();
        connect(addresses.iter().cycle().take(connections)).await
    }

    /// New connections to the floor.
    pub(crate) async fn floor_lanes(&self, connections: usize) -> Outcome<Lanes> {
        connect(std::iter::repeat_n(&self.floor, connections)).await
    }

    /// Numbers for so many calls, which no other call has: the first of them.
    pub(crate) fn numbers(&self, calls: usize) -> usize {
        self.calls.fetch_add(calls, Ordering::Relaxed)
    }

    /// How many scripts Redis has run so far.
    pub(crate) async fn scripts(&self) -> Outcome<Scripts> {
        let info: String = redis::cmd("INFO").arg("commandstats").query_async(&mut self.watcher.clone()).await?;
        let calls = |command: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_")?.strip_prefix(command));
            let calls = line.and_then(|line| line.strip_prefix(":calls=")?.split(',').next()?.parse().ok());
            calls.unwrap_or(0.0)
        };
        Ok(Scripts { run: calls("evalsha"), held_off: calls("pttl") })
    }

    /// The version of the Redis that serves.
    pub(crate) async fn redis_version(&self) -> Outcome<String> {
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut self.watcher.clone()).await?;
        Ok(info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or("unknown").to_owned())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for replica in &self.replicas {
            replica.context.shutdown.cancel();
        }
    }
}

async fn replica(redis_url: String) -> Outcome<Replica> {
    let context = Context::for_test(Clock::system());
    let redis = leadhand_store::Config::at(redis_url);
    let router = leadhand_router::Config { redis: redis.clone(), ..Default::default() };
    let pool = leadhand_pool::Config { redis, ..Default::default() };
    let services = vec![leadhand_router::bind(&context, router).await?, leadhand_pool::bind(&context, pool).await?];
    let config = server::Config { listen: ([127, 0, 0, 1], 0).into(), ..server::Config::default() };
    let server = Server::bind(&context, &config, services).await?;
    let address = server.local_addr();
    tokio::spawn(server.run());
    Ok(Replica { address, context })
}

async fn connect(addresses: impl Iterator<Item = &SocketAddr>) -> Outcome<Lanes> {
    let mut lanes = Vec::new();
    for address in addresses {
        lanes.push(leadhand_kit::client::connect(&format!("http://{address}"), &Default::default()).await?);
    }
    Ok(lanes)
}
