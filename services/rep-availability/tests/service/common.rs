//! The service, its Redis, and what to send it.

use leadhand_domain::answer::Answer;
use leadhand_domain::calendar::{Calendar, Event, Kind, MAX_EVENTS};
use leadhand_domain::change::Change;
use leadhand_domain::id::{CalendarSource, RepId, Workspace};
use leadhand_domain::policy::apply;
use leadhand_domain::record::{Key, Record};
use leadhand_domain::time::Millis;
use leadhand_kit::server::{self, Server};
use leadhand_kit::{Clock, Context, client};
use leadhand_proto::availability::v1::availability_service_client::AvailabilityServiceClient;
use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::availability::v1::{
    BusyInterval, Cancelled, GetAvailabilityRequest, GetAvailabilityResponse, IntervalKind, StreamAvailabilityRequest,
    StreamAvailabilityResponse,
};
use leadhand_proto::time::{millis, timestamp};
use leadhand_rep_availability::{Config, bind};
use leadhand_store::Store;
use leadhand_testkit::{PATIENCE, Redis};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

/// What the service's clock says: 2026-03-02 10:00 UTC.
pub(crate) const NOW: i64 = 1_772_445_600_000;
pub(crate) const WORKSPACE: &str = "acme";
pub(crate) const REPS: [&str; 4] = ["ana", "bo", "cy", "di"];

pub(crate) struct Served {
    pub(crate) redis: Redis,
    pub(crate) ctx: Context,
    pub(crate) ended: JoinHandle<Result<(), server::Error>>,
    channel: Channel,
}

impl Served {
    /// The service over this Redis, with the policy in [`WORKSPACE`].
    pub(crate) async fn over(redis: Redis) -> Self {
        Self::with(redis, Config::default()).await
    }

    /// The same by these settings.
    pub(crate) async fn with(redis: Redis, config: Config) -> Self {
        let (ctx, channel, ended) = serve(&redis, Clock::manual(NOW), config).await;
        let served = Self { redis, ctx, ended, channel };
        served.apply_policy(WORKSPACE).await;
        served
    }

    /// A client of one replica more.
    pub(crate) async fn another(&self) -> AvailabilityServiceClient<Channel> {
        self.another_with(Config::default()).await
    }

    /// The same by these settings, and by the same clock.
    pub(crate) async fn another_with(&self, config: Config) -> AvailabilityServiceClient<Channel> {
        AvailabilityServiceClient::new(serve(&self.redis, self.ctx.clock.clone(), config).await.1)
    }

    pub(crate) async fn start() -> Self {
        Self::over(Redis::start()).await
    }

    /// The records, by a connection that no earlier fault has broken.
    fn store(&self) -> Store {
        Store::new(leadhand_store::Config::at(self.redis.url())).unwrap()
    }

    pub(crate) async fn apply_policy(&self, workspace: &str) {
        let reps: Vec<_> = REPS.iter().map(|rep| format!("{{id: {rep}}}")).collect();
        let document =
            format!("{{teams: [{{id: t, reps: [{}]}}], pools: [{{id: p}}], default: {{pool: p}}}}", reps.join(", "));
        let command = apply::Command {
            document,
            pools: Vec::new(),
            asked: Default::default(),
            author: "test".into(),
            comment: String::new(),
            secret: [7; 32],
        };
        let decide = |snapshot: &_, _: Option<&_>| Ok(apply::decide(snapshot, &command, Millis(NOW)));
        let workspace = Workspace::parse(workspace).unwrap();
        self.store().transact(&workspace, None, &apply::READS, decide).await.unwrap();
    }

    pub(crate) fn client(&self) -> AvailabilityServiceClient<Channel> {
        AvailabilityServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn open(&self) -> Sending {
        let (send, requests) = mpsc::channel(1_024);
        let answers = self.client().stream_availability(ReceiverStream::new(requests)).await.unwrap().into_inner();
        Sending { send: Some(send), answers }
    }

    /// See [`send_all`].
    pub(crate) async fn send_all(&self, messages: Vec<StreamAvailabilityRequest>) -> Sent {
        send_all(self.client(), messages).await
    }

    pub(crate) async fn calendar(&self, rep: &str) -> Option<Calendar> {
        let rep = RepId::parse(rep).unwrap();
        let workspace = Workspace::parse(WORKSPACE).unwrap();
        self.store().read(&workspace, &[Key::Calendar(rep.clone())]).await.unwrap().calendar(&rep).cloned()
    }

    /// How many calendar events all reps have together.
    pub(crate) async fn held(&self) -> usize {
        let mut held = 0;
        for rep in REPS {
            held += self.calendar(rep).await.map_or(0, |calendar| calendar.events.len());
        }
        held
    }

    /// Gives the rep as many calendar events as there is room for, none of them over; their ids are numbers.
    pub(crate) async fn fill(&self, rep: &str) {
        let event = |n: usize| Event {
            source: CalendarSource::parse("google").unwrap(),
            id: n.to_string(),
            revision: 1,
            kind: Kind::Meeting,
            start: Millis(NOW),
            end: Millis(NOW + 1),
        };
        let events = (0..MAX_EVENTS).map(event).collect();
        let mut change = Change::answering(Answer::CalendarTaken(true));
        change.puts.push(Record::Calendar(Calendar { events, ..Calendar::empty(RepId::parse(rep).unwrap()) }));
        let workspace = Workspace::parse(WORKSPACE).unwrap();
        self.store().transact(&workspace, None, &[], |_, _| Ok(change.clone())).await.unwrap();
    }

    /// Whether the rep is free so many minutes after now, and until how many minutes after now.
    pub(crate) async fn free(&self, workspace: &str, rep: &str, minute: i64) -> Result<(bool, Option<i64>), Status> {
        let answer = self.answer(workspace, rep, minute).await?;
        let until = answer.until.map(|until| (millis(&until).unwrap().0 - NOW) / 60_000);
        Ok((answer.available, until))
    }

    /// The whole answer about so many minutes after now.
    pub(crate) async fn answer(
        &self,
        workspace: &str,
        rep: &str,
        minute: i64,
    ) -> Result<GetAvailabilityResponse, Status> {
        let at = Some(timestamp(Millis(NOW + minute * 60_000)));
        let request = GetAvailabilityRequest { workspace: workspace.into(), rep_id: rep.into(), at };
        Ok(self.client().get_availability(request).await?.into_inner())
    }

    /// How many events there are of the workspace's.
    pub(crate) async fn events(&self) -> u64 {
        let mut connection = self.redis.connection().await;
        redis::cmd("XLEN").arg(format!("{{{WORKSPACE}}}:events")).query_async(&mut connection).await.unwrap()
    }
}

/// A stream that the test sends on step by step.
pub(crate) struct Sending {
    /// Dropped, it ends the caller's half.
    pub(crate) send: Option<mpsc::Sender<StreamAvailabilityRequest>>,
    pub(crate) answers: Streaming<StreamAvailabilityResponse>,
}

impl Sending {
    pub(crate) async fn send(&mut self, message: StreamAvailabilityRequest) {
        self.send.as_ref().unwrap().send(message).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Result<Option<(u64, bool)>, Status> {
        let told = tokio::time::timeout(PATIENCE, self.answers.message()).await.expect("an answer, in time");
        Ok(told?.map(|told| (told.sequence, told.changed)))
    }
}

fn message(sequence: u64, rep: &str, event: &str, revision: u64, change: Told) -> StreamAvailabilityRequest {
    StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence,
        source: "google".into(),
        rep_id: rep.into(),
        event_id: event.into(),
        revision,
        change: Some(change),
    }
}

/// Something said of the rep as a whole.
pub(crate) fn stated(sequence: u64, source: &str, rep: &str, revision: u64, change: Told) -> StreamAvailabilityRequest {
    StreamAvailabilityRequest { source: source.into(), ..message(sequence, rep, "", revision, change) }
}

/// Out of office from so many minutes after now to so many.
pub(crate) fn busy(
    sequence: u64,
    rep: &str,
    event: &str,
    revision: u64,
    (start, end): (i64, i64),
) -> StreamAvailabilityRequest {
    let minute = |n: i64| Some(timestamp(Millis(NOW + n * 60_000)));
    message(
        sequence,
        rep,
        event,
        revision,
        Told::Busy(BusyInterval { start: minute(start), end: minute(end), kind: IntervalKind::OutOfOffice.into() }),
    )
}

pub(crate) fn cancelled(sequence: u64, rep: &str, event: &str, revision: u64) -> StreamAvailabilityRequest {
    message(sequence, rep, event, revision, Told::Cancelled(Cancelled {}))
}

async fn serve(
    redis: &Redis,
    clock: Clock,
    config: Config,
) -> (Context, Channel, JoinHandle<Result<(), server::Error>>) {
    let ctx = Context::for_test(clock);
    let config = Config { redis: leadhand_store::Config::at(redis.url()), ..config };
    let service = bind(&ctx, config).await.unwrap();
    let config = server::Config { listen: ([127, 0, 0, 1], 0).into(), ..server::Config::default() };
    let server = Server::bind(&ctx, &config, vec![service]).await.unwrap();
    let uri = format!("http://{}", server.local_addr());
    let ended = tokio::spawn(server.run());
    (ctx, client::connect(&uri, &client::Config::default()).await.unwrap(), ended)
}

/// What was acknowledged, and how the stream ended.
pub(crate) type Sent = (Vec<(u64, bool)>, Result<(), Status>);

/// Sends messages on a stream of their own, to its end.
pub(crate) async fn send_all(
    mut client: AvailabilityServiceClient<Channel>,
    messages: Vec<StreamAvailabilityRequest>,
) -> Sent {
    let mut answers = match client.stream_availability(tokio_stream::iter(messages)).await {
        Ok(answers) => answers.into_inner(),
        Err(status) => return (Vec::new(), Err(status)),
    };
    let mut acknowledged = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(StreamAvailabilityResponse { sequence, changed, .. })) => acknowledged.push((sequence, changed)),
            Ok(None) => return (acknowledged, Ok(())),
            Err(status) => return (acknowledged, Err(status)),
        }
    }
}
