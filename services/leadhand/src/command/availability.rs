//! `leadhand availability`: who can be given leads, calendars in, pauses.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::tz::TimeZone;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::watch_availability_response::Item;
use leadhand_proto::availability::v1::{
    CalendarFile, GetAvailabilityRequest, Pause as Stop, RepStatus, SkippedLine, Status as Stands,
    StreamAvailabilityRequest, StreamAvailabilityResponse, WatchAvailabilityRequest, WatchAvailabilityResponse,
};
use serde_json::{Value, json};
use tonic::{Status, Streaming};

use super::busy;
use crate::cli::{Availability, AvailabilityStatus, AvailabilityWatch, Clear, Import, Pause, Resume};
use crate::client::{FIRST_WAIT, Session, interrupted};
use crate::event::{status_json, unavailable};
use crate::failure::{Exit, Failure};
use crate::{moment, output};

/// What says of pauses that are ordered here.
const SOURCE: &str = "leadhand-cli";

/// A calendar without an event.
const EMPTY: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

/// Runs the command.
pub(super) async fn run(session: &Session, command: Availability) -> Result<Exit, Failure> {
    match command {
        Availability::Status(args) => status(session, args).await,
        Availability::Watch(args) => watch(session, args).await,
        Availability::Import(args) => import(session, args).await,
        Availability::Clear(Clear { rep, source }) => {
            let change = Change::Calendar(CalendarFile { content: EMPTY.to_vec(), ..CalendarFile::default() });
            let taken = say(session, &rep, &source, change).await?;
            tell(session, &rep, &source, &taken, "is taken back")
        }
        Availability::Pause(args) => pause(session, args).await,
        Availability::Resume(Resume { rep, source }) => {
            let source = source.as_deref().unwrap_or(SOURCE);
            let taken = say(session, &rep, source, Change::Pause(Stop::default())).await?;
            let exit = tell(session, &rep, source, &taken, "is not paused from here any more")?;
            if !session.json {
                // Somebody else's pause, a calendar or the hour may keep the rep away all the same.
                status(session, AvailabilityStatus { rep: Some(rep), at: None }).await?;
            }
            Ok(exit)
        }
    }
}

async fn import(session: &Session, args: Import) -> Result<Exit, Failure> {
    let Import { file, rep, source, kind, time_zone, lenient } = args;
    let change = Change::Calendar(CalendarFile {
        content: super::read(&file)?,
        time_zone: time_zone.unwrap_or_default(),
        kind: kind.map_or(0, |kind| busy::kind(kind).into()),
        lenient,
    });
    let taken = say(session, &rep, &source, change).await?;
    for skipped in &taken.skipped {
        eprintln!("line {}: {}: left out, and counts as free", skipped.line, skipped.reason.replace('_', " "));
    }
    let exit = tell(session, &rep, &source, &taken, "is taken in")?;
    Ok(if taken.skipped.is_empty() { exit } else { Exit::Partly })
}

async fn pause(session: &Session, args: Pause) -> Result<Exit, Failure> {
    let Pause { rep, manager, until, reason } = args;
    let parse = |text: String| moment::parse(&text, moment::now(), &TimeZone::system());
    let until = until.map(parse).transpose();
    let until = until.map_err(|expected| Failure::input(format!("--until: expected {expected}")))?;
    let stop = Stop { until: until.map(moment::to_wire), manager_id: manager, reason };
    let taken = say(session, &rep, SOURCE, Change::Pause(stop)).await?;
    tell(session, &rep, SOURCE, &taken, "is paused")
}

/// Says one thing of a rep.
async fn say(
    session: &Session,
    rep: &str,
    source: &str,
    change: Change,
) -> Result<StreamAvailabilityResponse, Failure> {
    let message = StreamAvailabilityRequest {
        workspace: session.workspace.clone(),
        sequence: 1,
        source: source.to_owned(),
        rep_id: rep.to_owned(),
        event_id: String::new(),
        // Whoever says otherwise later has the later clock.
        revision: u64::try_from(moment::now().as_millisecond()).unwrap_or(0),
        change: Some(change),
    };
    let (mut acknowledged, end) = busy::send(session, &[message]).await;
    end?;
    acknowledged.pop().ok_or_else(|| Status::unavailable("the server ended the stream").into())
}

fn tell(
    session: &Session,
    rep: &str,
    source: &str,
    taken: &StreamAvailabilityResponse,
    what: &str,
) -> Result<Exit, Failure> {
    if session.json {
        let line = |skipped: &SkippedLine| json!({ "line": skipped.line, "reason": skipped.reason });
        let skipped: Vec<_> = taken.skipped.iter().map(line).collect();
        output::json(&json!({ "rep_id": rep, "source": source, "changed": taken.changed, "skipped": skipped }))?;
    } else {
        let known = if taken.changed { "" } else { ", as was known" };
        let whose = if source == SOURCE { String::new() } else { format!("{source} of ") };
        output::line(format_args!("{whose}{rep} {what}{known}"))?;
    }
    Ok(Exit::Done)
}

async fn status(session: &Session, args: AvailabilityStatus) -> Result<Exit, Failure> {
    let Some(rep) = args.rep else { return everybody(session).await };
    let parse = |text: String| moment::parse(&text, moment::now(), &TimeZone::system());
    let at = args.at.map(parse).transpose();
    let at = at.map_err(|expected| Failure::input(format!("--at: expected {expected}")))?.map(moment::to_wire);
    let request = GetAvailabilityRequest { workspace: session.workspace.clone(), rep_id: rep.clone(), at };
    let send = |request| async move { session.availability().get_availability(request).await };
    let told = session.call(request, send).await?;
    let stands = Stands { available: told.available, until: told.until, reason: told.reason };
    if session.json {
        let mut document = document(&rep, &stands);
        document["available_from"] = output::rfc3339(told.available_from.as_ref());
        output::json(&document)?;
        return Ok(Exit::Done);
    }
    output::line(line(&rep, &stands))?;
    match told.available_from {
        Some(from) if !told.available => output::line(format_args!("available from {}", output::local(Some(&from))))?,
        None if !told.available => output::line("not available again, as far as is known")?,
        _ => {}
    }
    Ok(Exit::Done)
}

async fn everybody(session: &Session) -> Result<Exit, Failure> {
    let mut all = Following::new(session, Vec::new());
    let mut reps = Vec::new();
    let told = async {
        while let Some(rep) = all.before_caught_up().await? {
            reps.push(rep);
        }
        Ok::<_, Failure>(())
    };
    busy::in_time(session, async { Ok(told.await) }).await??;
    if session.json {
        for rep in reps {
            output::json(&document(&rep.rep_id, &rep.status.unwrap_or_default()))?;
        }
        return Ok(Exit::Done);
    }
    let rows = reps.into_iter().map(|rep| {
        let stands = rep.status.unwrap_or_default();
        let reason = unavailable(stands.reason).replace('_', " ");
        let is = if stands.available { "available".to_owned() } else { reason };
        vec![rep.rep_id, is, output::local(stands.until.as_ref())]
    });
    output::print_table(&output::table(&["rep", "is", "until"], &[], rows))?;
    Ok(Exit::Done)
}

async fn watch(session: &Session, args: AvailabilityWatch) -> Result<Exit, Failure> {
    let mut all = Following::new(session, args.reps);
    let mut shown = 0;
    while args.limit.is_none_or(|limit| shown < limit) {
        let rep = all.next().await?;
        let stands = rep.status.unwrap_or_default();
        shown += 1;
        if session.json {
            let mut document = document(&rep.rep_id, &stands);
            document["at"] = output::rfc3339(rep.at.as_ref());
            output::json(&document)?;
        } else {
            output::line(format_args!("{}  {}", output::local(rep.at.as_ref()), line(&rep.rep_id, &stands)))?;
        }
    }
    Ok(Exit::Done)
}

fn document(rep: &str, stands: &Stands) -> Value {
    let mut document = status_json(stands);
    document["rep_id"] = rep.into();
    document
}

fn line(rep: &str, stands: &Stands) -> String {
    let is = match unavailable(stands.reason) {
        reason if reason.is_empty() => "available".to_owned(),
        reason => format!("unavailable, {}", reason.replace('_', " ")),
    };
    let until = stands.until.as_ref().map(|until| format!(", until {}", output::local(Some(until))));
    format!("{rep}: {is}{}", until.unwrap_or_default())
}

/// A watch that survives the connection.
struct Following<'a> {
    session: &'a Session,
    reps: Vec<String>,
    stream: Option<Streaming<WatchAvailabilityResponse>>,
    /// Where to resume.
    after: String,
    ready: VecDeque<Item>,
    wait: Duration,
}

impl<'a> Following<'a> {
    fn new(session: &'a Session, reps: Vec<String>) -> Self {
        Self { session, reps, stream: None, after: String::new(), ready: VecDeque::new(), wait: FIRST_WAIT }
    }

    /// How the next rep stands.
    async fn next(&mut self) -> Result<RepStatus, Failure> {
        loop {
            match self.item().await? {
                Item::Rep(rep) => return Ok(rep),
                Item::CaughtUp(all) => self.after = all.position,
            }
        }
    }

    /// The same, until everything has been told.
    async fn before_caught_up(&mut self) -> Result<Option<RepStatus>, Failure> {
        match self.item().await? {
            Item::Rep(rep) => Ok(Some(rep)),
            Item::CaughtUp(_) => Ok(None),
        }
    }

    async fn item(&mut self) -> Result<Item, Failure> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(item);
            }
            if let Err(status) = self.read().await {
                self.stream = None;
                interrupted(status, &mut self.wait).await?;
            }
        }
    }

    async fn read(&mut self) -> Result<(), Status> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let (workspace, rep_ids) = (self.session.workspace.clone(), self.reps.clone());
                let request = WatchAvailabilityRequest { workspace, rep_ids, after: self.after.clone() };
                self.stream.insert(self.session.availability().watch_availability(request).await?.into_inner())
            }
        };
        let message = stream.message().await?.ok_or_else(|| Status::unavailable("the server ended the stream"))?;
        self.wait = FIRST_WAIT;
        // A kind of message that this version does not know is passed over.
        self.ready.extend(message.item);
        Ok(())
    }
}
