//! Malformed requests are refused field by field, and write nothing.

use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, Employment, GetAvailabilityRequest, Pause, Seen, StreamAvailabilityRequest, Synced, WorkingHours,
};
use leadhand_proto::status::told;
use leadhand_proto::time::timestamp;
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::common::{NOW, Served, busy, cancelled, stated};

fn named(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(told(status).reason, "INVALID_FIELDS");
    told(status).fields.into_iter().map(|field| field.field).collect()
}

fn with(change: impl FnOnce(&mut StreamAvailabilityRequest)) -> StreamAvailabilityRequest {
    let mut message = busy(2, "ana", "review", 1, (0, 10));
    change(&mut message);
    message
}

fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> StreamAvailabilityRequest {
    with(|message| message.change = Some(Change::Busy(BusyInterval { start, end, kind: 0 })))
}

fn busy_of(kind: i32) -> StreamAvailabilityRequest {
    with(|message| {
        let Some(Change::Busy(busy)) = &mut message.change else { panic!() };
        busy.kind = kind;
    })
}

fn said(change: Change) -> StreamAvailabilityRequest {
    stated(2, "hr", "ana", 1, change)
}

fn hours(hours: &str, time_zone: &str, holidays: &[&str]) -> WorkingHours {
    let holidays = holidays.iter().map(|day| (*day).to_owned()).collect();
    WorkingHours { hours: hours.into(), time_zone: time_zone.into(), holidays }
}

#[tokio::test]
async fn every_field_of_a_message_is_checked_and_named() {
    let served = Served::start().await;
    let at = |ms: i64| Some(timestamp(Millis(NOW + ms)));
    let never = Some(Timestamp { seconds: 0, nanos: -1 });
    let year = 366 * 86_400_000;
    let cases = [
        (with(|message| message.workspace.clear()), vec!["workspace"]),
        (with(|message| message.workspace = "a:b".into()), vec!["workspace"]),
        (with(|message| message.source.clear()), vec!["source"]),
        (with(|message| message.source = "Google".into()), vec!["source"]),
        (with(|message| message.rep_id.clear()), vec!["rep_id"]),
        (with(|message| message.rep_id = "x".repeat(65)), vec!["rep_id"]),
        (with(|message| message.event_id.clear()), vec!["event_id"]),
        (with(|message| message.event_id = "é".into()), vec!["event_id"]),
        (with(|message| message.event_id = "x".repeat(256)), vec!["event_id"]),
        (with(|message| message.change = None), vec!["change"]),
        (between(None, at(0)), vec!["busy.start"]),
        (between(at(0), None), vec!["busy.end"]),
        (between(None, None), vec!["busy.start", "busy.end"]),
        (between(never, at(0)), vec!["busy.start"]),
        (between(at(0), never), vec!["busy.end"]),
        (between(at(5), at(5)), vec!["busy.end"]),
        (between(at(5), at(4)), vec!["busy.end"]),
        (between(at(0), at(2 * year)), vec!["busy.end"]),
        (busy_of(9), vec!["busy.kind"]),
        (busy_of(-1), vec!["busy.kind"]),
        (
            said(Change::Hours(hours("mon 9-17", "Mars/Olympus", &["soon"]))),
            vec!["hours.time_zone", "hours.hours", "hours.holidays[0]"],
        ),
        (said(Change::Hours(hours("", "UTC", &[]))), vec!["hours.hours"]),
        (said(Change::Hours(hours("always", "", &["2026-12-25"; 401]))), vec!["hours.holidays"]),
        (
            said(Change::Employment(Employment { starts_at: at(5), ends_at: at(5), manager_id: "a b".into() })),
            vec!["employment.ends_at", "employment.manager_id"],
        ),
        (
            said(Change::Employment(Employment { starts_at: never, ends_at: never, ..Default::default() })),
            vec!["employment.starts_at", "employment.ends_at"],
        ),
        (
            said(Change::Pause(Pause { until: never, manager_id: String::new(), reason: "x".repeat(201) })),
            vec!["pause.until", "pause.manager_id", "pause.reason"],
        ),
        (said(Change::Seen(Seen { at: never })), vec!["seen.at"]),
        (with(|message| message.change = Some(Change::Synced(Synced {}))), vec!["event_id"]),
        (
            StreamAvailabilityRequest { sequence: 2, ..Default::default() },
            vec!["workspace", "source", "rep_id", "event_id", "change"],
        ),
    ];
    let count = cases.len();
    for (n, (malformed, fields)) in cases.into_iter().enumerate() {
        let earlier = busy(1, "ana", &format!("earlier-{n}"), 1, (0, 10));
        let later = busy(3, "ana", "later", 1, (0, 10));
        let (acknowledged, end) = served.send_all(vec![earlier, malformed, later]).await;
        assert_eq!(acknowledged, [(1, true)], "case {n}");
        assert_eq!(named(&end.unwrap_err()), fields, "case {n}");
    }
    let held = served.calendar("ana").await.unwrap().events;
    assert_eq!(held.len(), count);
    assert!(held.iter().all(|event| event.id.starts_with("earlier-")));
}

#[tokio::test]
async fn the_limits_themselves_are_fine() {
    let served = Served::start().await;
    let at = |ms: i64| Some(timestamp(Millis(NOW + ms)));
    let messages = vec![
        with(|message| message.event_id = "~ {odd}:id".repeat(25)),
        with(|message| (message.sequence, message.revision) = (0, 0)),
        between(at(0), at(400 * 86_400_000)),
        cancelled(u64::MAX, "ana", "max", u64::MAX),
    ];
    let (acknowledged, end) = served.send_all(messages).await;
    end.unwrap();
    assert_eq!(acknowledged, [(2, true), (0, true), (2, true), (u64::MAX, true)]);
}

#[tokio::test]
async fn every_field_of_a_question_is_checked_and_named() {
    let served = Served::start().await;
    let ask = async |workspace: &str, rep: &str, at| {
        let request = GetAvailabilityRequest { workspace: workspace.into(), rep_id: rep.into(), at };
        named(&served.client().get_availability(request).await.unwrap_err())
    };
    assert_eq!(ask("", "ana", None).await, ["workspace"]);
    assert_eq!(ask("acme", "a b", None).await, ["rep_id"]);
    assert_eq!(ask("acme", "ana", Some(Timestamp { seconds: i64::MAX, nanos: 0 })).await, ["at"]);
    assert_eq!(ask("{", "", Some(Timestamp { seconds: 0, nanos: 1_000_000_000 })).await, ["workspace", "rep_id", "at"]);
}
