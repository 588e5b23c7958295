//! Each real binary, told to end while it is busy: it ends by itself, with 0, and nothing is done by halves.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use leadhand_kit::Clock;
use leadhand_kit::client;
use leadhand_proto::availability::v1::availability_service_client::AvailabilityServiceClient;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, GetAvailabilityRequest, IntervalKind, StreamAvailabilityRequest, StreamAvailabilityResponse,
};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::policy::v1::GetPolicyRequest;
use leadhand_proto::policy::v1::policy_service_client::PolicyServiceClient;
use leadhand_store::local::Durability;
use leadhand_testkit::{PATIENCE, Process, Redis, eventually};
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::follow::Follower;
use leadhand_tests::load::{Answer, Load, POLICY, Request, Target, repeat};
use leadhand_tests::{Suite, audit, held};
use prost_types::Timestamp;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic::transport::Channel;
use tonic::{Code, Status};

/// What each binary is given to end in.
const GRACE_MS: &str = "3000";

/// A test for each signal.
macro_rules! ends_on_each_signal {
    ($($binary:ident)*) => {
        mod sigterm {
            $(#[tokio::test(flavor = "multi_thread")] async fn $binary() { super::$binary("TERM").await; })*
        }
        mod sigint {
            $(#[tokio::test(flavor = "multi_thread")] async fn $binary() { super::$binary("INT").await; })*
        }
    };
}

ends_on_each_signal! { router pool rep_availability notification all_in_one }

async fn router(signal: &str) {
    let suite = busy_suite().await;
    let (process, channel) = start("leadhand-router", &suite).await;
    let target = Target { router: channel, pool: suite.replica(0).channel.clone() };
    let done = end_under_load(process, signal, &target, &suite).await;
    audit::agree(&done, &suite.redis).await;
}

async fn pool(signal: &str) {
    let suite = busy_suite().await;
    let (process, channel) = start("leadhand-pool", &suite).await;
    let target = Target { router: suite.replica(0).channel.clone(), pool: channel };
    let done = end_under_load(process, signal, &target, &suite).await;
    audit::agree(&done, &suite.redis).await;
}

async fn rep_availability(signal: &str) {
    let suite = busy_suite().await;
    let (process, channel) = start("leadhand-rep-availability", &suite).await;
    let mut acknowledged = Acknowledged::of(channel).await;
    for _ in 0..50 {
        acknowledged.next().await.expect("going on");
    }
    let silent = TcpStream::connect(process.address()).await.expect("connected");
    process.signal(signal);
    let end = loop {
        match acknowledged.next().await {
            Ok(_) => {}
            Err(end) => break end,
        }
    };
    assert_eq!(end.code(), Code::Unavailable, "{end:?}");
    assert_ended(process, silent).await;
    let first = acknowledged.count;
    let messages: Vec<_> = (0..first as u64 + AHEAD).map(busy).collect();

    // From the first that was not acknowledged, as the caller of a broken stream does.
    let rest = messages[first..].to_vec();
    let mut again = Acknowledged::of_these(suite.replica(0).channel.clone(), stream::iter(rest.clone())).await;
    for message in rest {
        let response = again.next().await.expect("acknowledged");
        assert_eq!(response.sequence, message.sequence);
    }
    let changes = held::events(&suite.redis).await.into_iter().filter_map(|event| event.kind);
    let changes = changes.filter(|kind| matches!(kind, Kind::AvailabilityChanged(_))).count();
    assert_eq!(changes, messages.len(), "one change for each message");
    let checks = stream::iter(&messages).map(async |message: &StreamAvailabilityRequest| {
        let Some(Change::Busy(busy)) = &message.change else { panic!("{message:?}") };
        let (rep_id, at) = (message.rep_id.clone(), busy.start);
        let request = GetAvailabilityRequest { workspace: WORKSPACE.into(), rep_id, at };
        suite.replica(0).availability().get_availability(request).await.expect("an answer").into_inner().available
    });
    let free: BTreeSet<_> = checks.buffer_unordered(32).collect().await;
    assert_eq!(free, [false].into(), "every acknowledged interval is kept");
}

async fn notification(signal: &str) {
    let suite = busy_suite().await;
    let (process, channel) = start("leadhand-notification", &suite).await;
    let local = suite.replica(0).channel.clone();
    let followers: Vec<_> = (0..8).map(|_| Follower::start(vec![channel.clone(), local.clone()])).collect();
    let load = Load::start(&[Target { router: local.clone(), pool: local.clone() }]);
    load.answered(100).await;
    for follower in &followers {
        eventually!(follower.count() > 50);
    }
    let silent = TcpStream::connect(process.address()).await.expect("connected");
    process.signal(signal);
    assert_ended(process, silent).await;
    load.answered(100).await;
    let calls = load.stop().await;
    let done = repeat(calls, &Target { router: local.clone(), pool: local }).await;
    let events = audit::agree(&done, &suite.redis).await;
    for follower in followers {
        eventually!(follower.count() >= events.len(), "{} of {}", follower.count(), events.len());
        assert_eq!(follower.events(), events, "resumed without a gap, each once");
        let ends = follower.ends();
        assert_eq!(ends.iter().map(Status::code).collect::<Vec<_>>(), [Code::Unavailable], "{ends:?}");
    }
}

async fn all_in_one(signal: &str) {
    let folder = tempfile::Builder::new().prefix("leadhand-").tempdir().expect("a temporary folder");
    let (data, policy) = (folder.path().join("data"), folder.path().join("policy.yaml"));
    std::fs::write(&policy, POLICY).expect("a file");
    let path = |path: &std::path::Path| path.to_str().expect("a path in UTF-8").to_owned();
    let arguments = ["up", "--listen", "127.0.0.1:0", "--data", &path(&data), "--policy", &path(&policy)];
    let workspace = ["--workspace", WORKSPACE];
    let settings = [("LEADHAND__SERVER__SHUTDOWN_GRACE_MS", GRACE_MS)];
    let process = Process::start("leadhand", &[&arguments[..], &workspace].concat(), &settings);
    let channel = connect(process.address()).await;
    let policies = PolicyServiceClient::new(channel.clone());
    let active = GetPolicyRequest { workspace: WORKSPACE.into(), version: None };
    eventually!(policies.clone().get_policy(active.clone()).await.is_ok(), "the policy is applied");

    let follower = Follower::start(vec![channel.clone()]);
    let target = Target { router: channel.clone(), pool: channel };
    let (load, silent) = begin(&process, &target).await;
    process.signal(signal);
    assert_ended(process, silent).await;
    load.refused(20).await;
    let calls = load.stop().await;
    assert!(UnixStream::connect(data.join("redis.sock")).is_err(), "its own redis has ended with it");

    let suite = Suite::with(Redis::on(&data, Durability::Always), Clock::system(), 1).await;
    let received = follower.events();
    let done = repeat_refused(calls, &suite).await;
    let events = audit::agree(&done, &suite.redis).await;
    assert!(!received.is_empty() && events.starts_with(&received), "nothing was told that is not kept");
    assert_eq!(follower.ends().first().map(Status::code), Some(Code::Unavailable));
}

/// A replica of everything in this process, over a Redis that loses nothing, with the load's policy.
async fn busy_suite() -> Suite {
    let suite = Suite::durable(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    suite
}

/// A real binary on the suite's Redis.
async fn start(name: &str, suite: &Suite) -> (Process, Channel) {
    let url = suite.redis.url();
    let settings = [("LEADHAND__REDIS__URL", url.as_str()), ("LEADHAND__SERVER__SHUTDOWN_GRACE_MS", GRACE_MS)];
    let process = Process::start(name, &[], &settings);
    let channel = connect(process.address()).await;
    (process, channel)
}

async fn connect(address: SocketAddr) -> Channel {
    client::connect(&format!("http://{address}"), &Default::default()).await.expect("it listens")
}

/// A load at work, and a connection that never says a word.
async fn begin(process: &Process, target: &Target) -> (Load, TcpStream) {
    let silent = TcpStream::connect(process.address()).await.expect("connected");
    let load = Load::start(std::slice::from_ref(target));
    load.answered(150).await;
    (load, silent)
}

async fn end_under_load(process: Process, signal: &str, target: &Target, suite: &Suite) -> Vec<(Request, Answer)> {
    let (load, silent) = begin(&process, target).await;
    process.signal(signal);
    assert_ended(process, silent).await;
    load.refused(20).await;
    repeat_refused(load.stop().await, suite).await
}

/// It ended by itself and well, and let go of the connection that said nothing, which would have stayed for ever.
async fn assert_ended(mut process: Process, mut silent: TcpStream) {
    let status = process.ended(PATIENCE).await;
    let status = status.unwrap_or_else(|| panic!("not ended by itself: {}", process.log()));
    assert_eq!(status.code(), Some(0), "{}", process.log());
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap_or(0), 0, "closed");
}

/// Every call is repeated at a replica that lives. Those refused may be: the replica was going away, the callers were in
/// each other's way, or the connection was lost, for which the client library has several codes but always a cause.
async fn repeat_refused(calls: Vec<leadhand_tests::load::Call>, suite: &Suite) -> Vec<(Request, Answer)> {
    for call in &calls {
        if let Err(status) = &call.outcome {
            let lost = status.source().is_some_and(|cause| cause.is::<tonic::transport::Error>());
            assert!(lost || matches!(status.code(), Code::Unavailable | Code::Aborted), "{call:?}");
        }
    }
    let channel = suite.replica(0).channel.clone();
    repeat(calls, &Target { router: channel.clone(), pool: channel }).await
}

/// The `n`th message of a calendar: an hour of its own.
fn busy(n: u64) -> StreamAvailabilityRequest {
    let at = |hour: u64| {
        let seconds = 4_000_000_000 + i64::try_from(hour * 3_600).expect("a few hours");
        Some(Timestamp { seconds, nanos: 0 })
    };
    StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: n + 1,
        source: "calendar".into(),
        rep_id: format!("c{}", n % 8),
        event_id: format!("event {n}"),
        revision: 1,
        change: Some(Change::Busy(BusyInterval {
            start: at(n),
            end: at(n + 1),
            kind: IntervalKind::OutOfOffice.into(),
        })),
    }
}

/// How many messages a calendar is ahead of what is acknowledged: it never has nothing under way.
const AHEAD: u64 = 200;

/// What a stream of calendar changes is answered with.
struct Acknowledged {
    stream: tonic::Streaming<StreamAvailabilityResponse>,
    /// How many messages are acknowledged.
    count: usize,
    /// Grows with each of them.
    ahead: Arc<Semaphore>,
}

impl Acknowledged {
    /// A stream without an end, of which [`AHEAD`] messages are always sent and not acknowledged.
    async fn of(channel: Channel) -> Self {
        let ahead = Arc::new(Semaphore::new(AHEAD as usize));
        let messages = stream::unfold((0, ahead.clone()), async |(n, ahead)| {
            ahead.acquire().await.expect("open").forget();
            Some((busy(n), (n + 1, ahead)))
        });
        Self { ahead, ..Self::of_these(channel, messages).await }
    }

    async fn of_these<S>(channel: Channel, messages: S) -> Self
    where
        S: Stream<Item = StreamAvailabilityRequest> + Send + 'static,
    {
        // It stays open after the last message: the service ends it, not the caller.
        let messages = messages.chain(stream::pending());
        let stream = AvailabilityServiceClient::new(channel).stream_availability(messages).await.expect("a stream");
        Self { stream: stream.into_inner(), count: 0, ahead: Arc::new(Semaphore::new(0)) }
    }

    async fn next(&mut self) -> Result<StreamAvailabilityResponse, Status> {
        let message = tokio::time::timeout(PATIENCE, self.stream.message()).await.expect("a word in time");
        let response = message?.ok_or_else(|| Status::ok("ended without a status"))?;
        self.count += 1;
        self.ahead.add_permits(1);
        Ok(response)
    }
}
