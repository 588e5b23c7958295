//! What is measured: the floor and the services in this process, over one real Redis.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leadhand_kit::Clock;
use leadhand_proto::policy::v1::ApplyPolicyRequest;
use leadhand_store::local::Durability;
use leadhand_testkit::Redis;
use leadhand_tests::Suite;
use tonic::transport::Channel;

use crate::floor::Floor;
use crate::{Outcome, sample};

/// How many connections the generator has.
pub(crate) const CONNECTIONS: usize = 8;

/// How many calls it keeps in flight on each.
pub(crate) const IN_FLIGHT: usize = 8;

/// How long a command of Redis may take: a disk that stands still for a moment spoils a figure, not the run.
pub(crate) const PATIENCE_MS: u64 = 10_000;

/// The floor and some replicas of the services over one Redis.
pub(crate) struct Stage {
    suite: Suite,
    watcher: redis::aio::MultiplexedConnection,
    /// The floor's script without its service.
    pub(crate) script: Arc<Floor>,
    floor: SocketAddr,
    calls: AtomicUsize,
    claims: AtomicUsize,
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

/// Processor time in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worked {
    /// The generator, the floor and the services.
    pub(crate) ours: f64,
    /// Redis.
    pub(crate) redis: f64,
}

impl Stage {
    /// Starts everything anew, with the sample policy applied.
    pub(crate) async fn start(durability: Durability, replicas: usize) -> Outcome<Self> {
        Self::new(durability, replicas, None).await
    }

    /// One replica that looks after deadlines, as often as it does by default.
    pub(crate) async fn with_timers(durability: Durability) -> Outcome<Self> {
        let defaults = leadhand_pool::Config::default();
        Self::new(durability, 1, Some((defaults.timer_tick_ms, defaults.sweep_every_ms))).await
    }

    async fn new(durability: Durability, replicas: usize, timers: Option<(u64, u64)>) -> Outcome<Self> {
        let redis = Redis::durable(durability);
        let mut watcher = redis.connection().await;
        // Rewriting the file takes a core for seconds, and would fall on one slice or another.
        let mut settings = redis::cmd("CONFIG");
        settings.arg("SET").arg("auto-aof-rewrite-percentage").arg(0);
        settings.query_async::<()>(&mut watcher).await?;
        let mut stage = Self {
            script: Arc::new(Floor::new(&redis.url()).await?),
            floor: Floor::serve(&redis.url()).await?,
            watcher,
            suite: Suite::with(redis, Clock::system(), 0).await,
            calls: AtomicUsize::new(0),
            claims: AtomicUsize::new(0),
        };
        if let Some((tick_ms, sweep_every_ms)) = timers {
            (stage.suite.timer_tick_ms, stage.suite.sweep_every_ms) = (Some(tick_ms), sweep_every_ms);
        }
        for _ in 0..replicas {
            let redis = leadhand_store::Config::at(stage.suite.redis.url());
            stage.suite.add_replica_with(leadhand_store::Config { response_timeout_ms: PATIENCE_MS, ..redis }).await;
        }
        stage.apply_policy(sample::WORKSPACE, sample::policy()).await?;
        stage.apply_policy(sample::GUARDED, sample::guarded_policy()).await?;
        Ok(stage)
    }

    /// Makes a document the first policy of a workspace.
    pub(crate) async fn apply_policy(&self, workspace: &str, document: String) -> Outcome<()> {
        let request = ApplyPolicyRequest {
            workspace: workspace.into(),
            request_id: "policy".into(),
            document,
            author: "bench".into(),
            comment: String::new(),
        };
        self.suite.replica(0).policy().apply_policy(request).await?;
        Ok(())
    }

    /// Stops the services, so that what is measured next has the machine for itself.
    pub(crate) async fn end(self) {
        for replica in self.suite.replicas {
            replica.stop().await;
        }
    }

    /// New connections to the first so many replicas, in turn.
    pub(crate) async fn lanes(&self, replicas: usize, connections: usize) -> Outcome<Lanes> {
        let addresses: Vec<_> = self.suite.replicas[..replicas].iter().map(|replica| replica.address).collect();
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

    /// The same for claims under every guardrail, which must follow each other.
    pub(crate) fn claim_numbers(&self, calls: usize) -> usize {
        self.claims.fetch_add(calls, Ordering::Relaxed)
    }

    /// A connection to the Redis, beside those of the services.
    pub(crate) fn redis(&self) -> redis::aio::MultiplexedConnection {
        self.watcher.clone()
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

    /// What this process and Redis have worked so far.
    pub(crate) fn worked(&self) -> Outcome<Worked> {
        Ok(Worked { ours: processor_ms("self")?, redis: processor_ms(&self.suite.redis.pid().to_string())? })
    }

    /// Where the Redis is.
    pub(crate) fn redis_url(&self) -> String {
        self.suite.redis.url()
    }

    /// The version of the Redis that serves.
    pub(crate) async fn redis_version(&self) -> Outcome<String> {
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut self.watcher.clone()).await?;
        Ok(info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or("unknown").to_owned())
    }
}

/// The processor time of a process so far, in its own code and in the kernel's.
fn processor_ms(process: &str) -> Outcome<f64> {
    /// Milliseconds in a tick: Linux counts 100 in a second, whatever its own clock does.
    const TICK_MS: f64 = 10.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in parentheses, may hold anything.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let [user, system] = fields.get(11..13).ok_or("a short stat")? else { return Err("a short stat".into()) };
    Ok((user.parse::<f64>()? + system.parse::<f64>()?) * TICK_MS)
}

async fn connect(addresses: impl Iterator<Item = &SocketAddr>) -> Outcome<Lanes> {
    let mut lanes = Vec::new();
    for address in addresses {
        lanes.push(leadhand_kit::client::connect(&format!("http://{address}"), &Default::default()).await?);
    }
    Ok(lanes)
}
