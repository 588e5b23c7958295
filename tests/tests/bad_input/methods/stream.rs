//! The methods of the rep-availability and notification services.

use super::*;

/// Makes the message one of working hours that are good.
fn hours(message: &mut StreamAvailabilityRequest) -> &mut WorkingHours {
    message.event_id.clear();
    let hours = WorkingHours { hours: "always".into(), ..WorkingHours::default() };
    match message.change.insert(Change::Hours(hours)) {
        Change::Hours(hours) => hours,
        other => panic!("{other:?}"),
    }
}

/// Makes the message one of an employment that is good.
fn employment(message: &mut StreamAvailabilityRequest) -> &mut Employment {
    message.event_id.clear();
    let employment = Employment { starts_at: Some(moment(START)), ..Employment::default() };
    match message.change.insert(Change::Employment(employment)) {
        Change::Employment(employment) => employment,
        other => panic!("{other:?}"),
    }
}

/// Makes the message one of a pause that is good.
fn pause(message: &mut StreamAvailabilityRequest) -> &mut Pause {
    message.event_id.clear();
    let pause = Pause { manager_id: "max".into(), reason: "training".into(), ..Pause::default() };
    match message.change.insert(Change::Pause(pause)) {
        Change::Pause(pause) => pause,
        other => panic!("{other:?}"),
    }
}

/// Makes the message one of a calendar file that is good.
fn calendar(message: &mut StreamAvailabilityRequest) -> &mut CalendarFile {
    message.event_id.clear();
    let content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_vec();
    match message.change.insert(Change::Calendar(CalendarFile { content, ..CalendarFile::default() })) {
        Change::Calendar(file) => file,
        other => panic!("{other:?}"),
    }
}

/// What is no calendar, or one with an event that cannot be read.
fn files() -> impl Iterator<Item = Vec<u8>> {
    let odd = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n";
    let bad = ["", "\0", "<!DOCTYPE html>", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nEND:VEVENT\n", odd];
    let endless = "BEGIN:VEVENT\n".repeat(1 << 16);
    bad.map(|text| text.as_bytes().to_vec()).into_iter().chain([vec![0xff; 64], endless.into_bytes()])
}

/// Texts that are no week.
fn weeks() -> Vec<String> {
    let bad = ["mon", "09:00-17:00", "mon 9-17", "mon 09:00-09:00", "mon 09:00-11:00 10:00-12:00", ",", "é", "a\0"];
    bad.map(str::to_owned).into_iter().chain(["mon 09:00-10:00,".repeat(1 << 16)]).collect()
}

/// Names of no time zone.
fn zones() -> Vec<String> {
    let bad = ["Mars/Olympus", "+02:00", "Etc/Unknown", "../etc/passwd", "é", "a\0"];
    bad.map(str::to_owned).into_iter().chain(["x".repeat(1 << 20)]).collect()
}

/// Those that are not empty: of a field that need not be there.
fn some(texts: Vec<String>) -> impl Iterator<Item = String> {
    texts.into_iter().filter(|text| !text.is_empty())
}

pub(super) fn stream_methods(workspace: &str) -> Vec<Method> {
    let hour = 3_600_000;
    let busy = |start, end| Some(Change::Busy(BusyInterval { start, end, kind: 0 }));
    let good = StreamAvailabilityRequest {
        workspace: workspace.into(),
        sequence: 1,
        source: "google".into(),
        rep_id: "ana".into(),
        event_id: "e1".into(),
        revision: 1,
        change: busy(Some(moment(START + hour)), Some(moment(START + 2 * hour))),
    };
    let starts = moments().into_iter().map(Some).chain([None]);
    let ends = moments().into_iter().map(Some).chain([None, Some(moment(START + hour)), Some(moment(START))]);
    let never = Some(moment(253_402_300_799_000));
    let event_ids =
        ["", "é", "a\0", "a\n"].map(str::to_owned).into_iter().chain(["x".repeat(256), "x".repeat(1 << 20)]);
    let positions: Vec<_> = ["", "x", "-", "1", "1-", "-1", "1-x", "1-0-0", "$", "+", "(1-0", "18446744073709551616-0"]
        .map(str::to_owned)
        .into_iter()
        .chain(["1".repeat(1 << 20)])
        .collect();
    vec![
        Spoil::new(good)
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("source", names(), |m, v| m.source = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("event_id", event_ids, |m, v| m.event_id = v)
            .named(&["cancelled"], "change", |m| m.change = None)
            .field("busy.start", starts, |m, v| m.change = busy(v, Some(moment(START + 2 * hour))))
            .field("busy.end", ends, |m, v| m.change = busy(Some(moment(START + hour)), v))
            .named(&["busy.end"], "busy.end", |m| m.change = busy(Some(moment(START)), never))
            .field("busy.kind", [-1, 9, i32::MAX], |m, v| {
                if let Some(Change::Busy(busy)) = &mut m.change {
                    busy.kind = v;
                }
            })
            .field("hours.hours", weeks(), |m, v| hours(m).hours = v)
            .field("hours.time_zone", zones(), |m, v| hours(m).time_zone = v)
            .named(&["hours.holidays"], "hours.holidays", |m| hours(m).holidays = vec!["2026-12-25".into(); 401])
            .named(&["hours.holidays"], "hours.holidays[0]", |m| hours(m).holidays = vec!["2026-02-30".into()])
            .field("employment.starts_at", moments(), |m, v| employment(m).starts_at = Some(v))
            .field("employment.ends_at", moments(), |m, v| employment(m).ends_at = Some(v))
            .named(&["employment.ends_at"], "employment.ends_at", |m| employment(m).ends_at = Some(moment(START)))
            .field("employment.manager_id", some(names()), |m, v| employment(m).manager_id = v)
            .field("pause.until", moments(), |m, v| pause(m).until = Some(v))
            .field("pause.manager_id", names(), |m, v| pause(m).manager_id = v)
            .field("pause.reason", texts(200), |m, v| pause(m).reason = v)
            .field("calendar.content", files(), |m, v| calendar(m).content = v)
            .field("calendar.time_zone", zones(), |m, v| calendar(m).time_zone = v)
            .field("calendar.kind", [-1, 9, i32::MAX], |m, v| calendar(m).kind = v)
            .named(&["calendar"], "event_id", |m| {
                calendar(m);
                m.event_id = "e1".into();
            })
            .named(&["synced"], "event_id", |m| m.change = Some(Change::Synced(Synced {})))
            .field("seen.at", moments(), |m, v| {
                m.event_id.clear();
                m.change = Some(Change::Seen(Seen { at: Some(v) }));
            })
            .of("/leadhand.availability.v1.AvailabilityService/StreamAvailability"),
        Spoil::new(GetAvailabilityRequest {
            workspace: workspace.into(),
            rep_id: "ana".into(),
            at: Some(moment(START)),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("at", moments(), |m, v| m.at = Some(v))
        .of("/leadhand.availability.v1.AvailabilityService/GetAvailability"),
        Spoil::new(WatchAvailabilityRequest {
            workspace: workspace.into(),
            rep_ids: vec!["ana".into()],
            after: format!("1-0@{START}"),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .named(&["rep_ids"], "rep_ids", |m| m.rep_ids = vec!["ana".into(); 1_001])
        .named(&["rep_ids"], "rep_ids[1]", |m| m.rep_ids.push("Ana".into()))
        .field("after", some(positions.clone()).chain(["1-0".into(), "1-0@".into(), "1-0@x".into()]), |m, v| {
            m.after = v
        })
        .of("/leadhand.availability.v1.AvailabilityService/WatchAvailability"),
        Spoil::new(SubscribeRequest { workspace: workspace.into(), start: Some(Start::Beginning(Beginning {})) })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("after", positions, |m, v| m.start = Some(Start::After(v)))
            .named(&["beginning", "now"], "start", |m| m.start = None)
            .of("/leadhand.notification.v1.NotificationService/Subscribe"),
    ]
}
