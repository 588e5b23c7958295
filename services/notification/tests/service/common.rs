//! The service, its Redis, who writes events and who reads them.

use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::event::{Event, Kind};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_kit::server::{self, Server};
use leadhand_kit::{Clock, Context, client};
use leadhand_notification::{Config, bind};
use leadhand_proto::event::v1 as wire;
use leadhand_proto::event::v1::event::Kind as Told;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_proto::notification::v1::{Beginning, Now, SubscribeRequest, SubscribeResponse};
use leadhand_proto::status::told;
use leadhand_store::Store;
use leadhand_testkit::{PATIENCE, Redis};
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

pub(crate) const WORKSPACE: &str = "acme";

pub(crate) struct Served {
    pub(crate) redis: Redis,
    pub(crate) ctx: Context,
    pub(crate) ended: JoinHandle<Result<(), server::Error>>,
    uri: String,
}

/// An event as the tests tell them apart: its position, who wrote it, and the writer's number for it.
pub(crate) type Seen = (String, String, u64);

impl Served {
    pub(crate) async fn start() -> Self {
        Self::with(Redis::start(), Config::default()).await
    }

    /// The service over this Redis.
    pub(crate) async fn with(redis: Redis, config: Config) -> Self {
        let url = redis.url();
        Self::at(url, redis, config).await
    }

    /// The service over the Redis at this address.
    pub(crate) async fn at(url: String, redis: Redis, config: Config) -> Self {
        let ctx = Context::for_test(Clock::system());
        let at = leadhand_store::Config { response_timeout_ms: 500, ..leadhand_store::Config::at(url) };
        let service = bind(&ctx, Config { redis: at, ..config }).await.unwrap();
        let config = server::Config { listen: ([127, 0, 0, 1], 0).into(), ..server::Config::default() };
        let server = Server::bind(&ctx, &config, vec![service]).await.unwrap();
        let uri = format!("http://{}", server.local_addr());
        Self { redis, ctx, ended: tokio::spawn(server.run()), uri }
    }

    /// Subscribes, on a connection of its own.
    pub(crate) async fn subscribe(&self, start: Start) -> Result<Subscriber, Status> {
        self.subscribe_to(WORKSPACE, Some(start)).await
    }

    pub(crate) async fn subscribe_to(&self, workspace: &str, start: Option<Start>) -> Result<Subscriber, Status> {
        subscribe(self.channel().await, workspace, start).await
    }

    pub(crate) async fn channel(&self) -> Channel {
        client::connect(&self.uri, &client::Config::default()).await.unwrap()
    }

    /// A writer's connection, that no earlier fault has broken.
    pub(crate) fn store(&self) -> Store {
        let config = leadhand_store::Config::at(self.redis.url());
        Store::new(leadhand_store::Config { response_timeout_ms: 10_000, ..config }).unwrap()
    }

    /// Writes events number `numbers` of a writer; answers where the last one stands.
    pub(crate) async fn write(&self, writer: &str, numbers: std::ops::Range<u64>) -> String {
        let store = self.store();
        let mut position = String::new();
        for number in numbers {
            position = write(&store, WORKSPACE, writer, number).await.unwrap();
        }
        position
    }

    /// Everything in the stream, in order.
    pub(crate) async fn stream(&self) -> Vec<Seen> {
        let mut connection = self.redis.connection().await;
        let mut range = redis::cmd("XRANGE");
        range.arg(format!("{{{WORKSPACE}}}:events")).arg("-").arg("+");
        let range: redis::streams::StreamRangeReply = range.query_async(&mut connection).await.unwrap();
        let entry = |entry: redis::streams::StreamId| {
            let event: Vec<u8> = entry.get("e").unwrap();
            let event = prost::Message::decode(event.as_slice()).unwrap();
            seen(wire::Event { position: entry.id, ..event })
        };
        range.ids.into_iter().map(entry).collect()
    }

    /// Keeps the newest so many events.
    pub(crate) async fn trim(&self, keep: usize) {
        let mut connection = self.redis.connection().await;
        let mut trim = redis::cmd("XTRIM");
        trim.arg(format!("{{{WORKSPACE}}}:events")).arg("MAXLEN").arg(keep);
        let _: u64 = trim.query_async(&mut connection).await.unwrap();
    }
}

pub(crate) async fn subscribe(channel: Channel, workspace: &str, start: Option<Start>) -> Result<Subscriber, Status> {
    let request = SubscribeRequest { workspace: workspace.into(), start };
    Ok(Subscriber(NotificationServiceClient::new(channel).subscribe(request).await?.into_inner()))
}

/// Commits one event; answers where it stands.
pub(crate) async fn write(
    store: &Store,
    workspace: &str,
    writer: &str,
    number: u64,
) -> Result<String, leadhand_store::Error> {
    let mut change = Change::answering(Answer::CalendarTaken(true));
    let kind = Kind::PolicyActivated { version: number, author: writer.into() };
    change.events.push(Event { at: Millis(1_000), kind, decision: None });
    let workspace = Workspace::parse(workspace).unwrap();
    Ok(store.transact(&workspace, None, &[], |_, _| Ok(change.clone())).await?.position)
}

pub(crate) fn beginning() -> Start {
    Start::Beginning(Beginning {})
}

pub(crate) fn now() -> Start {
    Start::Now(Now {})
}

pub(crate) fn after(position: &str) -> Start {
    Start::After(position.into())
}

fn seen(event: wire::Event) -> Seen {
    assert_eq!(event.occurred_at.unwrap().seconds, 1);
    match event.kind {
        Some(Told::PolicyActivated(activated)) => (event.position, activated.author, activated.version),
        other => panic!("{other:?}"),
    }
}

/// What a subscriber is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Event(Seen),
    CaughtUp(String),
}

pub(crate) struct Subscriber(Streaming<SubscribeResponse>);

impl Subscriber {
    pub(crate) async fn next(&mut self) -> Result<Sent, Status> {
        let told = tokio::time::timeout(PATIENCE, self.0.message()).await.expect("something, in time");
        match told?.expect("it ends with an error or not at all").item.unwrap() {
            Item::Event(event) => Ok(Sent::Event(seen(event))),
            Item::CaughtUp(caught_up) => Ok(Sent::CaughtUp(caught_up.position)),
        }
    }

    /// The next so many events, whatever word comes in between.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<Seen> {
        let mut events = Vec::new();
        while events.len() < count {
            if let Sent::Event(event) = self.next().await.unwrap() {
                events.push(event);
            }
        }
        events
    }

    /// The error that ends it, and how many events come before.
    pub(crate) async fn end(&mut self) -> (usize, Status) {
        let mut events = 0;
        loop {
            match self.next().await {
                Ok(Sent::Event(_)) => events += 1,
                Ok(Sent::CaughtUp(_)) => {}
                Err(status) => return (events, status),
            }
        }
    }
}

pub(crate) fn reason(status: &Status) -> (Code, String) {
    (status.code(), told(status).reason)
}
