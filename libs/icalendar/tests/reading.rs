//! What is made of an event, and of several of one name.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use jiff::tz::TimeZone;
use leadhand_domain::time::Millis;
use leadhand_icalendar::{Fault, Import, Kind, Reason, limit, read};

const BERLIN: &str = "Europe/Berlin";

fn millis(at: &str) -> Millis {
    Millis(at.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Reads what stands inside a calendar, for somebody in Berlin, from 2024 to 2026.
fn inside(text: &str) -> Result<Import, Fault> {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}\r\nEND:VCALENDAR\r\n");
    let window = millis("2024-01-01T00:00:00Z")..millis("2026-01-01T00:00:00Z");
    read(text.as_bytes(), &TimeZone::get(BERLIN).unwrap(), window)
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT\n")
}

fn show(import: Result<Import, Fault>) -> Vec<String> {
    let import = import.unwrap();
    assert_eq!(import.skipped, []);
    import.events.iter().map(|one| format!("{} {}", one.start, one.end).replace(":00Z", "Z")).collect()
}

/// When the events are, to the minute.
fn times(events: &[&str]) -> Vec<String> {
    show(inside(&events.iter().map(|lines| event(lines)).collect::<String>()))
}

fn skipped(lines: &str) -> Vec<(u64, Reason)> {
    let import = inside(&event(lines)).unwrap();
    import.skipped.iter().map(|fault| (fault.line, fault.reason)).collect()
}

#[test]
fn an_event_ends_as_it_says_or_as_its_kind_does() {
    let hour = ["2024-05-01T08:00Z 2024-05-01T09:00Z"];
    assert_eq!(times(&["DTSTART:20240501T080000Z\nDTEND:20240501T090000Z"]), hour);
    assert_eq!(times(&["DTSTART:20240501T100000\nDURATION:PT1H"]), hour);
    assert_eq!(times(&["DTSTART;TZID=America/New_York:20240501T040000\nDTEND;TZID=Asia/Tokyo:20240501T180000"]), hour);
    let day = ["2024-04-30T22:00Z 2024-05-01T22:00Z"];
    for lines in ["DTSTART;VALUE=DATE:20240501", "DTSTART:20240501\nDTEND:20240501", "DTSTART:20240501\nDTEND:20240502"]
    {
        assert_eq!(times(&[lines]), day, "{lines}");
        assert!(inside(&event(lines)).unwrap().events[0].all_day);
    }
    for nothing in [
        "DTSTART:20240501T080000Z",
        "DTSTART:20240501T080000Z\nDTEND:20240501T080000Z",
        "DTSTART:20240501T080000\nDURATION:PT0S",
    ] {
        assert_eq!(times(&[nothing]), [""; 0], "{nothing}");
    }
}

#[test]
fn what_only_touches_the_window_is_told_whole_and_what_does_not_is_not_told() {
    let found = times(&["DTSTART:20231231T230000Z\nDTEND:20240101T010000Z"]);
    assert_eq!(found, ["2023-12-31T23:00Z 2024-01-01T01:00Z"]);
    assert_eq!(times(&["DTSTART:20231231T230000Z\nDTEND:20240101T000000Z"]), [""; 0]);
    assert_eq!(times(&["DTSTART:20260101T000000Z\nDTEND:20260101T010000Z"]), [""; 0]);
    // A leave that began long ago, of a series.
    let found = times(&["DTSTART:20230101\nDURATION:P390D\nRRULE:FREQ=YEARLY;INTERVAL=3;UNTIL=20240101"]);
    assert_eq!(found, ["2022-12-31T23:00Z 2024-01-25T23:00Z"]);
}

#[test]
fn how_busy() {
    let lines = |more: &str| event(&format!("DTSTART:20240501T080000Z\nDURATION:PT1H\n{more}"));
    let kind = |more: &str| inside(&lines(more)).unwrap().events.first().map(|one| one.kind);
    for free in ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "transp:transparent"] {
        assert_eq!(kind(free), None, "{free}");
    }
    assert_eq!(kind("TRANSP:OPAQUE\nSTATUS:CONFIRMED"), Some(Kind::Busy));
    assert_eq!(kind("STATUS:TENTATIVE"), Some(Kind::Tentative));
    assert_eq!(kind("X-MICROSOFT-CDO-BUSYSTATUS:OOF\nSTATUS:TENTATIVE"), Some(Kind::OutOfOffice));
    assert!(inside(&lines("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")).unwrap().events[0].all_day);
    assert_eq!(show(inside(&format!("METHOD:CANCEL\n{}", lines("")))), [""; 0]);
}

#[test]
fn busy_periods_without_events() {
    let import = inside(
        "BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20240501T080000Z/PT1H,20240501T100000Z/20240501T110000Z\n\
         FREEBUSY;FBTYPE=FREE:20240501T120000Z/PT1H\nFREEBUSY:20240501T130000Z/PT0S,20240501T140000Z/PT1M,x\nEND:VFREEBUSY",
    )
    .unwrap();
    let kinds: Vec<_> = import.events.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::OutOfOffice, Kind::OutOfOffice, Kind::Busy]);
    assert_eq!(import.skipped, [Fault { line: 6, reason: Reason::Malformed }]);
}

/// RFC 5545 3.3.5: in a gap, the offset before it; in a fold, the first time.
#[test]
fn a_time_that_does_not_exist_is_after_the_gap_and_one_that_comes_twice_is_the_first() {
    let new_york = |at: &str| times(&[&format!("DTSTART;TZID=America/New_York:{at}\nDURATION:PT30M")]);
    assert_eq!(new_york("20240310T023000"), ["2024-03-10T07:30Z 2024-03-10T08:00Z"]);
    assert_eq!(new_york("20241103T013000"), ["2024-11-03T05:30Z 2024-11-03T06:00Z"]);
    // A day that begins in a gap, and one that has 25 hours.
    let cairo = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", event("DTSTART:20240426\nDTEND:20240427"));
    let window = millis("2024-01-01T00:00:00Z")..millis("2025-01-01T00:00:00Z");
    let found = read(cairo.as_bytes(), &TimeZone::get("Africa/Cairo").unwrap(), window);
    assert_eq!(show(found), ["2024-04-25T22:00Z 2024-04-26T21:00Z"]);
    assert_eq!(times(&["DTSTART:20241027"]), ["2024-10-26T22:00Z 2024-10-27T23:00Z"]);
}

#[test]
fn a_series_keeps_its_time_of_day_and_its_length() {
    // 22:00 to 06:00: eight hours by DTEND, also in the night that has nine; by DURATION in days, the same time of day.
    let rule = "RRULE:FREQ=DAILY;COUNT=2";
    let night = format!("DTSTART;TZID={BERLIN}:20241025T220000\nDTEND;TZID={BERLIN}:20241026T060000\n{rule}");
    assert_eq!(times(&[&night]), ["2024-10-25T20:00Z 2024-10-26T04:00Z", "2024-10-26T20:00Z 2024-10-27T04:00Z"]);
    let day = format!("DTSTART;TZID={BERLIN}:20241025T220000\nDURATION:P1D\n{rule}");
    assert_eq!(times(&[&day]), ["2024-10-25T20:00Z 2024-10-26T20:00Z", "2024-10-26T20:00Z 2024-10-27T21:00Z"]);
    // 02:30 every day, over the gap of the 31st.
    let early = format!("DTSTART;TZID={BERLIN}:20240330T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
    let expected = [
        "2024-03-30T01:30Z 2024-03-30T02:30Z",
        "2024-03-31T01:30Z 2024-03-31T02:30Z",
        "2024-04-01T00:30Z 2024-04-01T01:30Z",
    ];
    assert_eq!(times(&[&early]), expected);
}

#[test]
fn a_rule_ends_with_the_moment_that_it_names() {
    let starts = |until: &str| {
        let lines = format!("DTSTART;TZID=Asia/Tokyo:20240501T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL={until}");
        times(&[&lines]).len()
    };
    assert_eq!(starts("20240503T000000Z"), 3, "09:00 there is 00:00 here");
    assert_eq!(starts("20240502T235959Z"), 2);
    assert_eq!(starts("20240503T090000"), 3);
    assert_eq!(starts("20240503"), 3, "a day as the end is that whole day");
    assert_eq!(times(&["DTSTART:20240501\nRRULE:FREQ=DAILY;UNTIL=20240503T000000Z"]).len(), 3);
}

#[test]
fn exceptions_and_dates_more() {
    let series = format!("DTSTART;TZID={BERLIN}:20240501T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n");
    let left = |exceptions: &str| {
        let found = times(&[&format!("{series}{exceptions}")]);
        found.iter().map(|one| one[8..10].parse::<u8>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(left("EXDATE:20240502T070000Z,20240503T070000Z"), [1, 4]);
    assert_eq!(
        left("EXDATE:20240502T090000\nEXDATE;TZID=Asia/Tokyo:20240503T160000"),
        [1, 4],
        "in the zone of the start"
    );
    assert_eq!(left("EXDATE;VALUE=DATE:20240501,20240504"), [2, 3], "all of a day");
    assert_eq!(left("EXDATE:20240502T100000"), [1, 2, 3, 4], "of another time");
    assert_eq!(left("RDATE:20240510T090000,20240502T090000\nRDATE;VALUE=DATE:20240512"), [1, 2, 3, 4, 10, 12]);
    assert_eq!(left("RDATE:20240510T070000Z\nEXDATE:20240510T070000Z"), [1, 2, 3, 4]);
    let found = times(&[
        "DTSTART:20240501T080000Z\nRDATE;VALUE=PERIOD:20240501T080000Z/PT3H,20240502T080000Z/20240502T093000Z",
    ]);
    assert_eq!(found, ["2024-05-01T08:00Z 2024-05-01T11:00Z", "2024-05-02T08:00Z 2024-05-02T09:30Z"]);
    let days = times(&["DTSTART:20240501\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20240502T000000"]);
    assert_eq!(days.len(), 2);
}

#[test]
fn one_occurrence_moved_or_taken_out() {
    let series = "DTSTART:20240501T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nSEQUENCE:1";
    let moved = "RECURRENCE-ID:20240502T080000Z\nDTSTART:20240502T120000Z\nDURATION:PT30M\nSEQUENCE:2";
    let expected = [
        "2024-05-01T08:00Z 2024-05-01T09:00Z",
        "2024-05-02T12:00Z 2024-05-02T12:30Z",
        "2024-05-03T08:00Z 2024-05-03T09:00Z",
    ];
    for order in [[series, moved], [moved, series]] {
        assert_eq!(times(&order), expected);
    }
    let again = "RECURRENCE-ID:20240502T080000Z\nDTSTART:20240502T150000Z\nDURATION:PT30M\nSEQUENCE:3";
    assert_eq!(times(&[series, again, moved])[1], "2024-05-02T15:00Z 2024-05-02T15:30Z", "the newest holds");
    let cancelled = "RECURRENCE-ID:20240502T080000Z\nSTATUS:CANCELLED\nSEQUENCE:4";
    assert_eq!(times(&[series, cancelled]), [expected[0], expected[2]]);
    // The one meeting of a series that somebody is invited to.
    assert_eq!(times(&[moved]), [expected[1]]);
    // What cannot be read of a change leaves the series as it was.
    let wrong = event("RECURRENCE-ID:20240502T080000Z\nDTSTART:tomorrow");
    let import = inside(&format!("{}{wrong}", event(series))).unwrap();
    assert_eq!((import.events.len(), import.skipped.len()), (3, 1));
}

#[test]
fn all_later_ones_moved() {
    let series = "DTSTART;TZID=Europe/Berlin:20240329T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5";
    let later = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20240330T090000\n\
                 DTSTART;TZID=Europe/Berlin:20240330T110000\nDURATION:PT2H";
    let one = "RECURRENCE-ID:20240401T070000Z\nDTSTART:20240401T180000Z\nDURATION:PT1H";
    let last = "RECURRENCE-ID;RANGE=THISANDFUTURE:20240402T070000Z\nSTATUS:CANCELLED";
    // The clocks go forward on the 31st.
    assert_eq!(
        times(&[series, later, one, last]),
        [
            "2024-03-29T08:00Z 2024-03-29T09:00Z",
            "2024-03-30T10:00Z 2024-03-30T12:00Z",
            "2024-03-31T09:00Z 2024-03-31T11:00Z",
            "2024-04-01T18:00Z 2024-04-01T19:00Z",
        ]
    );
    assert_eq!(
        skipped("RECURRENCE-ID;RANGE=THISANDPRIOR:20240402T070000Z\nDTSTART:20240402T070000Z"),
        [(5, Reason::Unsupported)]
    );
}

#[test]
fn ids_stay_and_revisions_grow() {
    let ids = |events: &[&str]| {
        let import = inside(&events.iter().map(|lines| event(lines)).collect::<String>()).unwrap();
        import.events.iter().map(|one| (one.event_id().to_owned(), one.revision())).collect::<Vec<_>>()
    };
    let series = "DTSTART:20240501T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nDTSTAMP:20240101T000000Z";
    let moved = "RECURRENCE-ID:20240502T080000Z\nDTSTART:20240502T120000Z\nDURATION:PT30M\nSEQUENCE:1";
    let (before, after) = (ids(&[series]), ids(&[series, moved]));
    assert_eq!(before[0], after[0]);
    assert_eq!(before[1].0, after[1].0, "moved, it is still that one");
    assert!(before[1].1 < after[1].1);
    assert!(before[1].0.ends_with("/20240502T080000Z"));
    let revision = |lines: &str| ids(&[&format!("DTSTART:20240501T080000Z\nDURATION:PT1H\n{lines}")])[0].1;
    let grows = [
        "",
        "DTSTAMP:20240101T000000Z",
        "LAST-MODIFIED:20240101T000001Z\nDTSTAMP:20251231T000000Z",
        "LAST-MODIFIED:20240102T000000Z\nDTSTAMP:20240101T000000Z",
        "SEQUENCE:1",
        "SEQUENCE:1\nDTSTAMP:20240101T000000Z",
        "SEQUENCE:2",
        "SEQUENCE:999999999",
    ];
    assert!(grows.windows(2).all(|pair| revision(pair[0]) < revision(pair[1])));
    let long =
        format!("BEGIN:VEVENT\nUID:{}\nDTSTART:20240501\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT", "ü/".repeat(999));
    for one in inside(&long).unwrap().events {
        assert!(one.event_id().len() <= 255 && one.event_id().bytes().all(|b| b.is_ascii_graphic()));
    }
}

#[test]
fn zones_by_every_kind_of_name() {
    let berlin = |id: &str| times(&[&format!("DTSTART;TZID={id}:20240701T100000\nDURATION:PT1H")]);
    for id in [
        BERLIN,
        "europe/berlin",
        "\"W. Europe Standard Time\"",
        "/softwarestudio.org/Olson_20011030_5/Europe/Berlin",
        "/freeassociation.sourceforge.net/Europe/Berlin",
    ] {
        assert_eq!(berlin(id), ["2024-07-01T08:00Z 2024-07-01T09:00Z"], "{id}");
    }
    assert_eq!(skipped("DTSTART;TZID=Nowhere:20240701T100000"), [(5, Reason::UnknownZone)]);
    assert_eq!(skipped("DTSTART;TZID=../../etc/passwd:20240701T100000"), [(5, Reason::UnknownZone)]);
}

/// A zone that only the file knows is what the file says: against a zone of the tables, by its rules of today.
#[test]
fn zones_by_definition() {
    let own = "BEGIN:VTIMEZONE\nTZID:Ours\n\
        BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n\
        END:VTIMEZONE\n";
    let series = |zone: &str| {
        let rule = "RRULE:FREQ=MINUTELY;INTERVAL=30;COUNT=4800\nEXDATE;VALUE=DATE:20240930";
        event(&format!("DTSTART;TZID={zone}:20240901T000000\nDURATION:PT10M\n{rule}"))
    };
    let (ours, tables) = (inside(&format!("{own}{}", series("Ours"))), inside(&series(BERLIN)));
    assert_eq!(show(ours.clone()), show(tables));
    assert_eq!(ours.unwrap().events.len(), 4800 - 48);
    let gap = |zone: &str| {
        show(inside(&format!("{own}{}", event(&format!("DTSTART;TZID={zone}:20240331T023000\nDURATION:PT1H")))))
    };
    assert_eq!(gap("Ours"), gap(BERLIN));
    let broken = own.replace("+0200", "+02:00");
    let import = inside(&format!("{broken}{}", series("Ours"))).unwrap();
    assert_eq!(import.skipped[0].reason, Reason::UnknownZone);
}

#[test]
fn what_is_wrong_with_one_event_is_told_and_the_others_stay() {
    let good = event("DTSTART:20240501T080000Z\nDURATION:PT1H").replace("UID:one", "UID:two");
    for (lines, line, reason) in [
        ("SUMMARY:no start", 3, Reason::Malformed),
        ("DTSTART:20240230T000000", 5, Reason::Malformed),
        ("DTSTART:20240501\nDTSTART:20240502", 6, Reason::Malformed),
        ("DTSTART:20240502T000000Z\nDTEND:20240501T000000Z", 6, Reason::Malformed),
        ("DTSTART:20240502T000000Z\nDTEND:20240503", 6, Reason::Malformed),
        ("DTSTART;VALUE=DATE:20240502T000000Z", 5, Reason::Malformed),
        ("DTSTART:20240502T000000Z\nDURATION:-PT1H", 6, Reason::Malformed),
        ("DTSTART:20240502\nRRULE:FREQ=HOURLY", 6, Reason::Malformed),
        ("DTSTART:20240502\nRRULE;FREQ=DAILY", 6, Reason::Malformed),
        ("DTSTART:20240502\nRRULE:FREQ=DAILY;RSCALE=HEBREW", 6, Reason::Unsupported),
        ("DTSTART:20240502T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY", 3, Reason::Unbounded),
        ("DTSTART:99991231T235959\nDURATION:PT1S", 5, Reason::Malformed),
    ] {
        let import = inside(&format!("{}{good}", event(lines))).unwrap();
        assert_eq!(import.skipped, [Fault { line, reason }], "{lines}");
        assert_eq!(import.events.len(), 1, "{lines}");
    }
    // Left out of the event, which stays.
    for lines in ["EXDATE:20240601,tomorrow", "RDATE:tomorrow", "EXRULE:FREQ=DAILY", "ORGANIZER;CN=nobody", "no line"] {
        let import = inside(&event(&format!("DTSTART:20240501\n{lines}"))).unwrap();
        assert_eq!((import.events.len(), import.skipped.len(), import.skipped[0].line), (1, 1, 6), "{lines}");
    }
}

#[test]
fn files_that_are_refused() {
    let refused = |text: &[u8]| read(text, &TimeZone::UTC, Millis(0)..Millis(1)).unwrap_err();
    let calendar = |inside: &str| format!("BEGIN:VCALENDAR\n{inside}\nEND:VCALENDAR\n");
    let cases = [
        (String::new(), 1, Reason::NotCalendar),
        ("<!DOCTYPE html>\n<a href=\"https://x\">".into(), 1, Reason::NotCalendar),
        ("BEGIN:VCARD\nEND:VCARD".into(), 1, Reason::NotCalendar),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1".into(), 3, Reason::Truncated),
        (calendar("BEGIN:VEVENT\nEND:VTODO"), 3, Reason::Malformed),
        (calendar("nothing"), 2, Reason::Malformed),
        (calendar("BEGIN:VCALENDAR\nEND:VCALENDAR"), 2, Reason::Malformed),
        (calendar("") + "X-MORE:1", 4, Reason::Malformed),
        (calendar("VERSION:1.0"), 2, Reason::Unsupported),
        (calendar(&"BEGIN:X\n".repeat(limit::DEPTH)), 5, Reason::TooDeep),
        (calendar(&"BEGIN:X\nEND:X\n".repeat(limit::COMPONENTS)), 100_000, Reason::TooLarge),
    ];
    for (text, line, reason) in cases {
        assert_eq!(refused(text.as_bytes()), Fault { line, reason }, "{}", text.get(..80).unwrap_or(&text));
    }
    assert_eq!(refused(b"BEGIN:VCALENDAR\nX:\xff"), Fault { line: 2, reason: Reason::NotUtf8 });
    assert_eq!(refused(&vec![b'\n'; limit::BYTES + 1]), Fault { line: 1, reason: Reason::TooLarge });
}
