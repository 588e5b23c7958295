//! Calendar files that are streamed in.

use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::availability::v1::{
    CalendarFile, IntervalKind, SkippedLine, StreamAvailabilityResponse, UnavailableReason, WorkingHours,
};
use leadhand_proto::status::told;
use tonic::Code;

use crate::common::{Served, busy, stated};

/// A calendar of these events, each by its id and further lines.
pub(crate) fn file(events: &[(&str, &str)]) -> Vec<u8> {
    let event = |(id, lines): &(&str, &str)| {
        format!("BEGIN:VEVENT\r\nUID:{id}\r\nDTSTAMP:20260301T000000Z\r\n{lines}\r\nEND:VEVENT\r\n")
    };
    let events: String = events.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n").into_bytes()
}

fn calendar(content: Vec<u8>) -> CalendarFile {
    CalendarFile { content, ..CalendarFile::default() }
}

/// Sends a file; what is acknowledged.
async fn send(served: &Served, file: CalendarFile) -> Result<StreamAvailabilityResponse, tonic::Status> {
    let message = stated(1, "outlook", "ana", 0, Told::Calendar(file));
    let mut answers = served.client().stream_availability(tokio_stream::iter([message])).await?.into_inner();
    answers.message().await.map(|answer| answer.expect("an acknowledgement"))
}

#[tokio::test]
async fn a_file_says_all_and_what_is_not_in_it_any_more_is_gone() {
    let served = Served::start().await;
    served.send_all(vec![busy(1, "ana", "kept", 1, (600, 660))]).await.1.unwrap();
    // The service's clock says Monday, 2 March 2026, 10:00 UTC.
    let away = ("away", "DTSTART:20260302T110000Z\r\nDTEND:20260302T120000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF");
    let daily = ("day", "DTSTART;VALUE=DATE:20260303\r\nRRULE:FREQ=WEEKLY");
    assert!(send(&served, calendar(file(&[away, daily]))).await.unwrap().changed);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some(60)));
    assert_eq!(served.answer("acme", "ana", 60).await.unwrap().reason(), UnavailableReason::OutOfOffice);
    let next_week = served.answer("acme", "ana", (8 * 24) * 60).await.unwrap();
    assert_eq!(next_week.reason(), UnavailableReason::AllDay);
    let (events, held) = (served.events().await, served.held().await);
    assert!((50..=60).contains(&held), "for 400 days: {held}");

    assert!(!send(&served, calendar(file(&[daily, away]))).await.unwrap().changed, "it says the same");
    assert_eq!(served.events().await, events);
    assert!(send(&served, calendar(file(&[daily]))).await.unwrap().changed);
    assert!(served.free("acme", "ana", 60).await.unwrap().0, "taken out of the file");
    assert!(send(&served, calendar(file(&[]))).await.unwrap().changed);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some(600)), "of another source, and still there");
}

#[tokio::test]
async fn days_are_the_rep_s_and_a_kind_holds_for_every_event() {
    let served = Served::start().await;
    let hours = WorkingHours { hours: "always".into(), time_zone: "America/New_York".into(), ..Default::default() };
    served.send_all(vec![stated(1, "hr", "ana", 1, Told::Hours(hours))]).await.1.unwrap();
    let day = file(&[("leave", "DTSTART;VALUE=DATE:20260303")]);
    send(&served, CalendarFile { kind: IntervalKind::Pto.into(), ..calendar(day.clone()) }).await.unwrap();
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some((14 + 5) * 60)), "midnight in New York");
    assert_eq!(served.answer("acme", "ana", 19 * 60).await.unwrap().reason(), UnavailableReason::Pto);
    send(&served, CalendarFile { time_zone: "Asia/Tokyo".into(), ..calendar(day) }).await.unwrap();
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some((14 - 9) * 60)));
}

#[tokio::test]
async fn a_file_is_read_by_the_hours_that_were_stated_before_it() {
    let served = Served::start().await;
    let day = file(&[("leave", "DTSTART;VALUE=DATE:20260303")]);
    for (revision, zone, hours_west) in [(1, "America/New_York", 5), (2, "Asia/Tokyo", -9), (3, "UTC", 0)] {
        let hours = WorkingHours { hours: "always".into(), time_zone: zone.into(), ..Default::default() };
        let first = stated(1, "hr", "ana", revision, Told::Hours(hours));
        let then = stated(2, "outlook", "ana", 0, Told::Calendar(calendar(day.clone())));
        let (acknowledged, ended) = served.send_all(vec![first, then]).await;
        ended.unwrap();
        assert_eq!(acknowledged, [(1, true), (2, true)], "{zone}");
        let begins = served.free("acme", "ana", 0).await.unwrap();
        assert_eq!(begins, (true, Some((14 + hours_west) * 60)), "midnight in {zone}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_line() {
    let served = Served::start().await;
    let good = ("good", "DTSTART:20260302T110000Z\r\nDTEND:20260302T120000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF");
    let odd = file(&[good, ("odd", "DTSTART;TZID=Mars/Olympus:20260302T110000\r\nDURATION:PT1H")]);
    let login = b"<!DOCTYPE html><title>Sign in</title>".to_vec();
    let broken_off = file(&[good])[..100].to_vec();
    for (content, at) in
        [(odd.clone(), "line 13: "), (login, "line 1: "), (broken_off, "line "), (Vec::new(), "required")]
    {
        let refused = send(&served, calendar(content)).await.unwrap_err();
        let told = told(&refused);
        assert_eq!((refused.code(), told.fields[0].field.as_str()), (Code::InvalidArgument, "calendar.content"));
        assert!(told.fields[0].description.starts_with(at), "{:?}", told.fields);
    }
    assert!(served.calendar("ana").await.is_none());
    let taken = send(&served, CalendarFile { lenient: true, ..calendar(odd) }).await.unwrap();
    assert_eq!(taken.skipped, [SkippedLine { line: 13, reason: "unknown_zone".into() }]);
    assert_eq!((taken.changed, served.held().await), (true, 1));
}
