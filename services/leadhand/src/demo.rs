//! `leadhand demo`: the suite at work on a sample of leads, and what a sales manager would ask afterwards.
//!
//! The services run in this process as `up` runs them, on a port and a Redis of their own; everything below talks to them
//! over gRPC, as a form, a rep's tool, a calendar and a dashboard would.

mod arrivals;
mod book;
mod fairness;
mod report;
mod reps;
mod story;

use std::collections::HashMap;
use std::time::Duration;

use leadhand_kit::clock::Stopwatch;
use leadhand_kit::telemetry;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, IntervalKind, StreamAvailabilityRequest};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::notification::v1::Beginning;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::policy::v1::ApplyPolicyRequest;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cli::{Demo, Global};
use crate::client::Session;
use crate::command::{busy, policy, pool, up};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::outline::Outline;
use crate::subscription::{Item, Subscription};
use crate::suite::{self, Settings, Suite};
use book::{Book, Did};
use fairness::Busy;
use reps::{Mine, Rep};
use story::Story;

/// The sample; `demo/make_leads.py` makes it.
const LEADS: &str = include_str!("../demo/leads.csv");
/// The policy that the sample is routed by.
const POLICY: &str = include_str!("../demo/policy.yaml");
/// The demo's tenant.
const WORKSPACE: &str = "demo";
/// Room for what happened and is not yet taken down: more than the demo ever has.
const BACKLOG: usize = 4096;
/// How long the reps may take to call whom they were given, after the last arrival, and the events to be told.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) async fn run(global: &Global, args: Demo) -> Result<Exit, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("leadhand-demo-")
        .tempdir()
        .map_err(|error| Failure::local("a temporary folder", error))?;
    let redis = suite::private_redis(folder.path()).await?;
    let suite = Suite::start(Settings {
        feeds: Default::default(),
        server: leadhand_kit::server::Config { listen: ([127, 0, 0, 1], 0).into(), ..Default::default() },
        telemetry: telemetry::Config {
            log_format: telemetry::LogFormat::Text,
            log_filter: "warn".to_owned(),
            ..Default::default()
        },
        redis: leadhand_store::Config::at(redis.url()),
        enrichment: leadhand_router::Enrichment::default(),
    })
    .await?;
    let shutdown = suite.context.shutdown.clone();
    up::shutdown_on_signal(shutdown.clone())?;
    let global = Global { server: suite.url(), workspace: WORKSPACE.to_owned(), ..global.clone() };
    let shown = tokio::select! {
        shown = show(&suite, &global, &args) => shown,
        () = shutdown.cancelled() => Err(Failure::Local("interrupted".to_owned())),
    };
    if shown.is_ok() && args.keep {
        shutdown.cancelled().await;
    }
    shutdown.cancel();
    let ended = suite.ended().await;
    // The services have let go of it.
    drop(redis);
    shown.and_then(|exit| ended.map(|()| exit))
}

async fn show(suite: &Suite, global: &Global, args: &Demo) -> Result<Exit, Failure> {
    let session = Session::open(global).await?;
    suite.ready(&session).await?;
    let outline = Outline::parse(POLICY).map_err(Failure::Local)?;
    let total = crate::rows::Rows::count(LEADS.as_bytes());
    let story = Story::begin(&session, &outline, total);
    let mut book = Book::new(&outline);

    let request = ApplyPolicyRequest {
        workspace: session.workspace.clone(),
        request_id: "demo-policy".to_owned(),
        document: POLICY.to_owned(),
        author: "leadhand demo".to_owned(),
        comment: String::new(),
    };
    policy::apply(&session, request).await?;
    book.note(Did::Policy);

    let (did, mut happened) = mpsc::channel(BACKLOG);
    let (go_home, give_up) = (CancellationToken::new(), CancellationToken::new());
    let (mut reps, mut others) = (JoinSet::new(), JoinSet::new());
    let inboxes = reps_to_work(&mut reps, &session, &outline, args.pace, &did, &go_home).await?;
    others.spawn(watch(session.clone(), inboxes, did.clone()));
    others.spawn(away(session.clone(), outline.clone(), args.pace, did.clone()));
    let arriving = tokio::spawn(arrivals::arrive(session.clone(), LEADS, args.pace, did));

    let watch = Stopwatch::start();
    tokio::spawn({
        let (go_home, give_up) = (go_home.clone(), give_up.clone());
        async move {
            let _ = arriving.await;
            tokio::time::sleep(FINISH_WITHIN).await;
            go_home.cancel();
            tokio::time::sleep(FINISH_WITHIN).await;
            give_up.cancel();
        }
    });
    // Until every lead is routed, every owner has called, and every change has been told of; then the reps finish what they
    // have in hand, and the last events come in.
    loop {
        if book.complete(total) {
            go_home.cancel();
        }
        if reps.is_empty() && book.events >= book.changes {
            break;
        }
        tokio::select! {
            told = happened.recv() => {
                let Some(told) = told else { break };
                story.tell(&told);
                book.note(told);
                story.progress(&book);
            }
            Some(_) = reps.join_next() => {}
            () = give_up.cancelled() => break,
        }
    }
    let took = watch.elapsed();
    others.shutdown().await;
    story.end();
    report::report(&session, &outline, &book, took, args.keep).await
}

/// Puts every rep of the policy to work: where their leads are to be sent.
async fn reps_to_work(
    tasks: &mut JoinSet<()>,
    session: &Session,
    outline: &Outline,
    pace: Duration,
    did: &mpsc::Sender<Did>,
    go_home: &CancellationToken,
) -> Result<HashMap<String, mpsc::Sender<Mine>>, Failure> {
    let pools: Vec<String> = pool::pools(session).await?.into_iter().map(|pool| pool.pool_id).collect();
    let mut inboxes = HashMap::new();
    for (nth, (id, _)) in outline.reps().into_iter().enumerate() {
        let (inbox, mine) = mpsc::channel(BACKLOG);
        inboxes.insert(id.to_owned(), inbox);
        let rep = Rep {
            id: id.to_owned(),
            nth,
            pools: pools.clone(),
            // Some talk longer than others; all keep up with what they are given.
            call: pace / 200 + pace / 800 * u32::try_from(nth % 4).unwrap_or(0),
            shift: pace / 10,
        };
        tasks.spawn(rep.work(session.clone(), mine, did.clone(), go_home.clone()));
    }
    Ok(inboxes)
}

/// Follows the event stream, and hands every new owner the lead.
async fn watch(session: Session, inboxes: HashMap<String, mpsc::Sender<Mine>>, did: mpsc::Sender<Did>) {
    let mut events = Subscription::new(session, Start::Beginning(Beginning {}));
    loop {
        let told = match events.next().await {
            Ok(Item::Event(event)) => {
                let owned = match &event.kind {
                    Some(Kind::LeadAssigned(it)) => Some((&it.rep_id, &it.lead_id, it.fence)),
                    Some(Kind::LeadClaimed(it)) => Some((&it.rep_id, &it.lead_id, it.fence)),
                    _ => None,
                };
                if let Some((rep, lead, fence)) = owned
                    && let Some(inbox) = inboxes.get(rep)
                {
                    // A rep who has gone home takes no more leads.
                    let _ = inbox.send(Mine { lead: lead.clone(), fence }).await;
                }
                Did::Seen(event)
            }
            Ok(Item::CaughtUp) => continue,
            Ok(Item::Interrupted(_)) => Did::Resumed,
            Err(status) => Did::Failed { what: "the event stream", status },
        };
        let over = matches!(told, Did::Failed { .. });
        if did.send(told).await.is_err() || over {
            return;
        }
    }
}

/// A third of the way in, a rep of the last team is out of office for a quarter of the time.
async fn away(session: Session, outline: Outline, pace: Duration, did: mpsc::Sender<Did>) {
    let Some(rep) = outline.teams.last().and_then(|team| team.reps.get(1)).map(|rep| rep.id.clone()) else { return };
    tokio::time::sleep(pace / 3).await;
    // Said a moment ahead, as calendars do.
    let from = moment::now() + Duration::from_millis(500);
    let to = from + pace / 4;
    let away = Busy { rep: rep.clone(), from_ms: from.as_millisecond(), to_ms: to.as_millisecond() };
    if did.send(Did::Busy(away)).await.is_err() {
        return;
    }
    let change = StreamAvailabilityRequest {
        workspace: session.workspace.clone(),
        sequence: 1,
        source: "demo-calendar".to_owned(),
        rep_id: rep,
        event_id: "away".to_owned(),
        revision: 1,
        change: Some(Change::Busy(BusyInterval {
            start: Some(moment::to_wire(from)),
            end: Some(moment::to_wire(to)),
            kind: IntervalKind::OutOfOffice.into(),
        })),
    };
    let told = match busy::send(&session, &[change]).await {
        (_, Ok(())) => Did::Calendar,
        (_, Err(status)) => Did::Failed { what: "the calendar", status },
    };
    let _ = did.send(told).await;
}
