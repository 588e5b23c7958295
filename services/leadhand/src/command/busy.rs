//! `leadhand busy`: when reps are busy, one interval or a file of them.

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, Cancelled, IntervalKind, StreamAvailabilityRequest, StreamAvailabilityResponse,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tonic::{Status, Streaming};

use crate::cli::{Busy, BusyKind};
use crate::client::{Session, Tries};
use crate::failure::{Exit, Failure};
use crate::{moment, output};

/// Runs the command.
pub(super) async fn run(session: &Session, args: Busy) -> Result<Exit, Failure> {
    let now = moment::now();
    let changes = match &args.csv {
        Some(path) => of_csv(&super::read(path)?, &session.workspace, &args, now).map_err(Failure::Input)?,
        None => vec![of_flags(&args, &session.workspace, now).map_err(Failure::Input)?],
    };
    let mut done = 0;
    let mut refused = Vec::new();
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        let (acknowledged, end) = send(session, rest).await;
        for (change, changed) in rest.iter().zip(&acknowledged) {
            done += 1;
            show(session, change, changed.changed)?;
        }
        rest = &rest[acknowledged.len()..];
        let Err(status) = end else { break };
        let Some((faulty, after)) = rest.split_first() else { break };
        let failure = Failure::from(status);
        // A single one is told as it is; of several, the faulty ones are left out.
        if changes.len() == 1 || failure.exit() == Exit::Unavailable {
            return Err(failure);
        }
        eprintln!("row {}: {}", faulty.sequence + 1, failure.text());
        refused.push(failure.exit());
        rest = after;
    }
    Ok(match (refused.first(), done) {
        (None, _) => Exit::Done,
        (Some(exit), 0) => *exit,
        (Some(_), _) => Exit::Partly,
    })
}

/// Sends changes until all are acknowledged or one is refused: what was acknowledged, in order, and how it ended. What a lost
/// connection left without acknowledgement is sent again.
pub(crate) async fn send(
    session: &Session,
    changes: &[StreamAvailabilityRequest],
) -> (Vec<StreamAvailabilityResponse>, Result<(), Status>) {
    let mut acknowledged = Vec::new();
    let mut tries = Tries::new();
    loop {
        let before = acknowledged.len();
        let Err(status) = send_once(session, &changes[before..], &mut acknowledged).await else {
            return (acknowledged, Ok(()));
        };
        if let Err(status) = tries.pause(session, status, acknowledged.len() > before).await {
            return (acknowledged, Err(status));
        }
    }
}

async fn send_once(
    session: &Session,
    changes: &[StreamAvailabilityRequest],
    acknowledged: &mut Vec<StreamAvailabilityResponse>,
) -> Result<(), Status> {
    let open = async {
        let requests = futures_util::stream::iter(changes.to_vec());
        Ok::<_, Status>(session.availability().stream_availability(requests).await?.into_inner())
    };
    let mut answers = in_time(session, open).await?;
    for _ in changes {
        let answer = in_time(session, next(&mut answers)).await?;
        acknowledged.push(answer);
    }
    Ok(())
}

async fn next(answers: &mut Streaming<StreamAvailabilityResponse>) -> Result<StreamAvailabilityResponse, Status> {
    answers.message().await?.ok_or_else(|| Status::unavailable("the server ended the stream"))
}

/// A stream has no deadline; each step of it has.
pub(super) async fn in_time<T>(session: &Session, step: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let late = || Status::deadline_exceeded(format!("no answer within {}", output::length(session.timeout)));
    tokio::time::timeout(session.timeout, step).await.map_err(|_| late())?
}

fn of_flags(args: &Busy, workspace: &str, now: Timestamp) -> Result<StreamAvailabilityRequest, String> {
    let rep = args.rep.clone().unwrap_or_default();
    // Whoever changes an event later has the later clock.
    let revision = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let change = if args.cancel {
        Change::Cancelled(Cancelled {})
    } else {
        let from = args.from.as_deref().unwrap_or_default();
        let to = args.to.as_deref().unwrap_or_default();
        Change::Busy(interval(from, to, args.kind, now).map_err(|wrong| format!("--{wrong}"))?)
    };
    let event_id = args.event_id.clone().unwrap_or_else(|| made_id(&rep, &change));
    Ok(StreamAvailabilityRequest {
        workspace: workspace.to_owned(),
        sequence: 1,
        source: args.source.clone(),
        rep_id: rep,
        event_id,
        revision,
        change: Some(change),
    })
}

pub(super) fn kind(kind: BusyKind) -> IntervalKind {
    match kind {
        BusyKind::Meeting => IntervalKind::Meeting,
        BusyKind::AllDay => IntervalKind::AllDay,
        BusyKind::OutOfOffice => IntervalKind::OutOfOffice,
        BusyKind::Pto => IntervalKind::Pto,
        BusyKind::Leave => IntervalKind::Leave,
        BusyKind::Tentative => IntervalKind::Tentative,
        BusyKind::Free => IntervalKind::Free,
        BusyKind::Working => IntervalKind::Working,
    }
}

fn interval(from: &str, to: &str, of: BusyKind, now: Timestamp) -> Result<BusyInterval, String> {
    let zone = TimeZone::system();
    let start = moment::parse(from, now, &zone).map_err(|expected| format!("from: expected {expected}"))?;
    let end = moment::parse(to, now, &zone).map_err(|expected| format!("to: expected {expected}"))?;
    if end <= start {
        return Err("to: must be after --from".to_owned());
    }
    Ok(BusyInterval { start: Some(moment::to_wire(start)), end: Some(moment::to_wire(end)), kind: kind(of).into() })
}

/// An id for an event that has none of its own: the same for the same rep and interval.
fn made_id(rep: &str, change: &Change) -> String {
    let hash = Sha256::digest(format!("{rep} {change:?}"));
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("busy-{hex}")
}

fn of_csv(
    content: &[u8],
    workspace: &str,
    args: &Busy,
    now: Timestamp,
) -> Result<Vec<StreamAvailabilityRequest>, String> {
    let delimiter = crate::columns::delimiter(content);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(content);
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let required =
        |name: &str| column(name).ok_or_else(|| format!("the file has no column `{name}`; it needs rep, from and to"));
    let (rep, from, to) = (required("rep")?, required("from")?, required("to")?);
    let (event_id, revision, of) = (column("event_id"), column("revision"), column("kind"));
    let mut changes = Vec::new();
    for (record, sequence) in reader.records().zip(1_u64..) {
        let row = sequence + 1;
        let record = record.map_err(|error| format!("row {row}: {error}"))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let of = match of.map(cell) {
            None | Some("") => args.kind,
            Some(text) => {
                BusyKind::from_str(text, true).map_err(|_| format!("row {row}: kind: expected {}", kinds()))?
            }
        };
        let change = interval(cell(from), cell(to), of, now).map_err(|wrong| format!("row {row}: {wrong}"))?;
        let change = Change::Busy(change);
        changes.push(StreamAvailabilityRequest {
            workspace: workspace.to_owned(),
            sequence,
            source: args.source.clone(),
            rep_id: cell(rep).to_owned(),
            event_id: event_id
                .map(|at| cell(at).to_owned())
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| made_id(cell(rep), &change)),
            revision: match revision.map(cell) {
                None | Some("") => 1,
                Some(text) => text.parse().map_err(|_| format!("row {row}: revision: expected a whole number"))?,
            },
            change: Some(change),
        });
    }
    Ok(changes)
}

fn kinds() -> String {
    let names = BusyKind::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    names.map(|name| name.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

fn show(session: &Session, change: &StreamAvailabilityRequest, changed: bool) -> Result<(), Failure> {
    if session.json {
        output::json(&json!({
            "rep_id": change.rep_id,
            "source": change.source,
            "event_id": change.event_id,
            "revision": change.revision,
            "busy": match &change.change {
                Some(Change::Busy(busy)) => {
                    json!({
                        "start": output::rfc3339(busy.start.as_ref()),
                        "end": output::rfc3339(busy.end.as_ref()),
                        "kind": name(busy.kind()),
                    })
                }
                _ => Value::Null,
            },
            "changed": changed,
        }))?;
        return Ok(());
    }
    let what = match &change.change {
        Some(Change::Busy(busy)) => {
            format!(
                "is busy from {} to {} ({})",
                output::local(busy.start.as_ref()),
                output::local(busy.end.as_ref()),
                name(busy.kind()).replace('_', " ")
            )
        }
        // Other events may keep the rep busy all the same.
        _ => "is not busy by this event any more".to_owned(),
    };
    let known = if changed { "" } else { ", as was known" };
    output::line(format_args!("{} {what} (event {}){known}", change.rep_id, change.event_id))?;
    Ok(())
}

/// The kind as programs know it.
fn name(kind: IntervalKind) -> String {
    kind.as_str_name().trim_start_matches("INTERVAL_KIND_").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn args() -> Busy {
        let cli = Cli::parse_from(["leadhand", "busy", "--csv", "-", "--source", "hr"]);
        let Command::Busy(args) = cli.command else { panic!() };
        args
    }

    #[test]
    fn a_file_of_intervals_can_be_sent_again() {
        let content = b"Rep;From;To;revision;kind\nana;2026-11-22T15:00Z;2026-11-22T16:00Z;;\nbo;now;+1h;7;PTO\n";
        let read = || of_csv(content, "w", &args(), Timestamp::UNIX_EPOCH).unwrap();
        let changes = read();
        assert_eq!(changes, read());
        assert_eq!((changes[0].sequence, changes[0].revision), (1, 1));
        assert_eq!((changes[1].rep_id.as_str(), changes[1].revision), ("bo", 7));
        assert_ne!(changes[0].event_id, changes[1].event_id);
        let kinds = changes.iter().map(|change| match &change.change {
            Some(Change::Busy(busy)) => busy.kind(),
            other => panic!("{other:?}"),
        });
        assert_eq!(kinds.collect::<Vec<_>>(), [IntervalKind::OutOfOffice, IntervalKind::Pto]);
    }

    #[test]
    fn a_faulty_file_is_refused_with_the_row() {
        let refused = |content: &[u8]| of_csv(content, "w", &args(), Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(refused(b"rep,from\n").contains("no column `to`"));
        assert!(refused(b"rep,from,to\nana,now,soon\n").starts_with("row 2: to: expected a moment"));
        assert!(refused(b"rep,from,to\nana,now,-1h\n").contains("after --from"));
        assert!(
            refused(b"rep,from,to,kind\nana,now,+1h,nap\n").starts_with("row 2: kind: expected meeting, all-day, ")
        );
    }
}
