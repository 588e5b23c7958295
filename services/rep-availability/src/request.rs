//! Requests of the rep-availability service, checked field by field.

use leadhand_domain::availability::{Command, Interval, Said, event_id};
use leadhand_domain::id::{CalendarSource, RepId, Workspace};
use leadhand_domain::invalid::{Fields, Invalid};
use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1 as wire;
use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::refusal;
use leadhand_proto::time::millis;
use prost_types::Timestamp;
use tonic::Status;

/// One calendar change on its way in.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) workspace: Workspace,
    /// The caller's number for it.
    pub(crate) sequence: u64,
    pub(crate) command: Command,
}

/// Checks a calendar change.
pub(crate) fn message(request: wire::StreamAvailabilityRequest) -> Result<Message, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let source = fields.take("source", CalendarSource::parse(&request.source));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let event = fields.take("event_id", event_id(&request.event_id));
    let said = match request.change {
        None => {
            fields.add("change", "required: busy or cancelled");
            None
        }
        Some(Told::Cancelled(wire::Cancelled {})) => Some(Said::Cancelled),
        Some(Told::Busy(busy)) => interval(busy, &mut fields).map(Said::Busy),
    };
    let parts = workspace.zip(source).zip(rep).zip(event).zip(said);
    let message = parts.map(|((((workspace, source), rep), event), said)| Message {
        workspace,
        sequence: request.sequence,
        command: Command { rep, source, event, revision: request.revision, said },
    });
    finish(fields, message)
}

fn interval(busy: wire::BusyInterval, fields: &mut Fields) -> Option<Interval> {
    let start = fields.take("busy.start", moment(busy.start.as_ref()));
    let end = fields.take("busy.end", moment(busy.end.as_ref()));
    fields.take("busy.end", Interval::parse(start?, end?))
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

fn finish<T>(fields: Fields, value: Option<T>) -> Result<T, Status> {
    fields.finish(value).map_err(|violations| refusal::invalid(&violations))
}
