//! Requests of the rep-availability service, checked field by field.

use std::collections::BTreeSet;

use leadhand_domain::availability::{Command, Interval, MAX_LENGTH, Said, Stop, event_id};
use leadhand_domain::calendar::{Employment, Kind};
use leadhand_domain::id::{CalendarSource, RepId, Workspace};
use leadhand_domain::invalid::{Fields, Invalid, text};
use leadhand_domain::time::{Millis, Span};
use leadhand_domain::working::{Day, Hours, MAX_HOLIDAYS, Zone};
use leadhand_icalendar::Fault;
use leadhand_proto::availability::v1 as wire;
use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::time::millis;
use leadhand_proto::{availability_wire, refusal};
use leadhand_store::Store;
use prost_types::Timestamp;
use tokio::sync::Semaphore;
use tonic::Status;

use crate::file::{self, Failed};
use crate::watch::Token;

/// The longest reason of a pause, in characters.
const MAX_PAUSE_REASON: usize = 200;

/// What a system says of a rep, on its way in.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) workspace: Workspace,
    /// The caller's number for it.
    pub(crate) sequence: u64,
    pub(crate) command: Command,
    /// What of a file was left out.
    pub(crate) skipped: Vec<Fault>,
}

/// A calendar file that is still to be read, and what becomes a message with it.
#[derive(Debug)]
pub(crate) struct File {
    content: Vec<u8>,
    zone: Option<Zone>,
    kind: Option<Kind>,
    lenient: bool,
}

/// How far ahead a file is read: for as long as a calendar event may last.
const FILE_HORIZON: Span = MAX_LENGTH;

/// The most lines that a refusal or an acknowledgement tells of.
const MAX_LINES: usize = 100;

impl Message {
    /// What the file says is what the message says.
    pub(crate) async fn with(
        mut self,
        file: File,
        store: &Store,
        turns: &Semaphore,
        now: Millis,
    ) -> Result<Self, Status> {
        let zone = match file.zone {
            Some(zone) => zone,
            None => file::zone_of(store, &self.workspace, &self.command.rep)
                .await
                .map_err(|error| refusal::failed(&error.failure(), now))?,
        };
        let terms = file::Terms { zone, kind: file.kind, horizon: FILE_HORIZON };
        let mut fields = Fields::new();
        let content = match file::read_in_turn(turns, file.content, terms, now).await {
            Ok(content) => Some(content),
            Err(Failed::File(fault)) => {
                fields.add("calendar.content", fault.to_string());
                None
            }
            Err(Failed::Panicked) => return Err(refusal::internal()),
        };
        let mut content = finish(fields, content)?;
        content.skipped.truncate(MAX_LINES);
        if !file.lenient && !content.skipped.is_empty() {
            let mut fields = Fields::new();
            content.skipped.iter().for_each(|fault| fields.add("calendar.content", fault.to_string()));
            return finish(fields, None);
        }
        self.skipped = content.skipped;
        self.command.said = Said::All(content.events);
        Ok(self)
    }
}

/// Checks what a system says of a rep, said at `now`; with the file that says it, if one does.
pub(crate) fn message(
    request: wire::StreamAvailabilityRequest,
    now: Millis,
) -> Result<(Message, Option<File>), Status> {
    let mut fields = Fields::new();
    let mut read = None;
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let source = fields.take("source", CalendarSource::parse(&request.source));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let event = match request.change {
        None | Some(Told::Busy(_) | Told::Cancelled(_)) => event_id(&request.event_id),
        Some(_) if request.event_id.is_empty() => Ok(String::new()),
        Some(_) => Err(Invalid::new("only busy and cancelled are of an event")),
    };
    let event = fields.take("event_id", event);
    let said = match request.change {
        None => {
            fields.add("change", "required: busy, cancelled, hours, employment, pause, synced, seen or calendar");
            None
        }
        Some(Told::Cancelled(wire::Cancelled {})) => Some(Said::Cancelled),
        Some(Told::Busy(busy)) => interval(busy, &mut fields).map(Said::Busy),
        Some(Told::Hours(told)) if told == wire::WorkingHours::default() => Some(Said::Hours(None)),
        Some(Told::Hours(told)) => hours(&told, &mut fields).map(|hours| Said::Hours(Some(hours))),
        Some(Told::Employment(told)) if told == wire::Employment::default() => Some(Said::Employment(None)),
        Some(Told::Employment(told)) => employment(&told, &mut fields).map(|it| Said::Employment(Some(it))),
        Some(Told::Pause(told)) if told == wire::Pause::default() => Some(Said::Pause(None)),
        Some(Told::Pause(told)) => pause(&told, &mut fields).map(|stop| Said::Pause(Some(stop))),
        Some(Told::Synced(wire::Synced {})) => Some(Said::Synced),
        Some(Told::Calendar(told)) => calendar(told, &mut fields).map(|file| {
            read = Some(file);
            Said::All(Vec::new())
        }),
        Some(Told::Seen(seen)) => fields.take("seen.at", seen.at.as_ref().map_or(Ok(now), millis)).map(Said::Seen),
    };
    let parts = workspace.zip(source).zip(rep).zip(event).zip(said);
    let message = parts.map(|((((workspace, source), rep), event), said)| Message {
        workspace,
        sequence: request.sequence,
        command: Command { rep, source, event, revision: request.revision, said },
        skipped: Vec::new(),
    });
    Ok((finish(fields, message)?, read))
}

fn interval(busy: wire::BusyInterval, fields: &mut Fields) -> Option<Interval> {
    let start = fields.take("busy.start", moment(busy.start.as_ref()));
    let end = fields.take("busy.end", moment(busy.end.as_ref()));
    let kind = fields.take("busy.kind", availability_wire::kind(busy.kind));
    // With a kind that is unknown the times are still checked.
    let interval = fields.take("busy.end", Interval::parse(start?, end?, kind.unwrap_or_default()));
    interval.filter(|_| kind.is_some())
}

fn hours(told: &wire::WorkingHours, fields: &mut Fields) -> Option<Hours> {
    let zone = match told.time_zone.as_str() {
        "" => Ok(Zone::UTC),
        name => Zone::parse(name),
    };
    let zone = fields.take("hours.time_zone", zone);
    // With a zone that is unknown the week is still checked.
    let week = fields.take("hours.hours", Hours::parse(&told.hours, zone.clone().unwrap_or(Zone::UTC)));
    let mut holidays = Vec::new();
    if told.holidays.len() > MAX_HOLIDAYS {
        fields.add("hours.holidays", format!("at most {MAX_HOLIDAYS}"));
    } else {
        for (n, day) in told.holidays.iter().enumerate() {
            holidays.extend(fields.take(&format!("hours.holidays[{n}]"), Day::parse(day)));
        }
    }
    zone?;
    fields.take("hours.holidays", week?.without(holidays))
}

fn employment(told: &wire::Employment, fields: &mut Fields) -> Option<Employment> {
    let mut optional = |field: &str, at: Option<&Timestamp>| match at {
        None => Some(None),
        Some(at) => fields.take(field, millis(at)).map(Some),
    };
    let starts_at = optional("employment.starts_at", told.starts_at.as_ref());
    let ends_at = optional("employment.ends_at", told.ends_at.as_ref());
    if let (Some(Some(start)), Some(Some(end))) = (starts_at, ends_at)
        && end <= start
    {
        fields.add("employment.ends_at", "must be after starts_at");
    }
    let manager = match told.manager_id.as_str() {
        "" => Some(None),
        manager => fields.take("employment.manager_id", RepId::parse(manager)).map(Some),
    };
    Some(Employment { starts_at: starts_at?, ends_at: ends_at?, manager: manager? })
}

fn pause(told: &wire::Pause, fields: &mut Fields) -> Option<Stop> {
    let until = match &told.until {
        None => Some(None),
        Some(until) => fields.take("pause.until", millis(until)).map(Some),
    };
    let manager = fields.take("pause.manager_id", RepId::parse(&told.manager_id));
    let reason = fields.take("pause.reason", text(&told.reason, MAX_PAUSE_REASON));
    Some(Stop { until: until?, manager: manager?, reason: reason? })
}

fn calendar(told: wire::CalendarFile, fields: &mut Fields) -> Option<File> {
    if told.content.is_empty() {
        fields.add("calendar.content", "required");
    }
    let zone = match told.time_zone.as_str() {
        "" => Some(None),
        name => fields.take("calendar.time_zone", Zone::parse(name)).map(Some),
    };
    let kind = match told.kind {
        0 => Some(None),
        number => fields.take("calendar.kind", availability_wire::kind(number)).map(Some),
    };
    Some(File { content: told.content, zone: zone?, kind: kind?, lenient: told.lenient })
}

fn moment(at: Option<&Timestamp>) -> Result<Millis, Invalid> {
    millis(at.ok_or_else(|| Invalid::new("required"))?)
}

/// Whom a question is about, and which moment.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) workspace: Workspace,
    pub(crate) rep: RepId,
    pub(crate) at: Millis,
}

/// Checks a question asked at `now`.
pub(crate) fn question(request: &wire::GetAvailabilityRequest, now: Millis) -> Result<Question, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let at = fields.take("at", request.at.as_ref().map_or(Ok(now), millis));
    let question = workspace.zip(rep).zip(at).map(|((workspace, rep), at)| Question { workspace, rep, at });
    finish(fields, question)
}

/// Whom to watch, and from where on.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) workspace: Workspace,
    /// Nobody: everybody.
    pub(crate) reps: BTreeSet<RepId>,
    pub(crate) after: Option<Token>,
}

/// The most reps that are named to be watched.
const MAX_WATCHED: usize = 1_000;

/// Checks whom to watch.
pub(crate) fn watched(request: &wire::WatchAvailabilityRequest) -> Result<Watched, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let mut reps = BTreeSet::new();
    if request.rep_ids.len() > MAX_WATCHED {
        fields.add("rep_ids", format!("at most {MAX_WATCHED}"));
    } else {
        for (n, rep) in request.rep_ids.iter().enumerate() {
            reps.extend(fields.take(&format!("rep_ids[{n}]"), RepId::parse(rep)));
        }
    }
    let after = match request.after.as_str() {
        "" => Some(None),
        after => fields.take("after", Token::parse(after)).map(Some),
    };
    finish(fields, workspace.zip(after).map(|(workspace, after)| Watched { workspace, reps, after }))
}

fn finish<T>(fields: Fields, value: Option<T>) -> Result<T, Status> {
    fields.finish(value).map_err(|violations| refusal::invalid(&violations))
}
