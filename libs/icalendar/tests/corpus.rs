//! Every file of the corpus is expanded, or refused with a reason; beside what another library makes of it.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use leadhand_domain::time::{Millis, Span};
use leadhand_icalendar::{Fault, Import, Reason, read};

/// The folder of the calendars; `None`, with the reason printed, where it is not there.
fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("LEADHAND_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = data.join("calendars");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there; set LEADHAND_DATA to the folder that has it", folder.display());
    None
}

/// A part of a calendar, as some of the files are, made a whole one.
fn whole(text: &[u8]) -> Vec<u8> {
    if text.starts_with(b"BEGIN:VCALENDAR") {
        return text.to_vec();
    }
    [b"BEGIN:VCALENDAR\r\n", text, b"\r\nEND:VCALENDAR\r\n"].concat()
}

/// The first day that a property of that name says, outside time zones.
fn first(name: &str, text: &[u8]) -> Option<Millis> {
    let text = String::from_utf8_lossy(text);
    let mut in_zone = false;
    for line in text.lines() {
        in_zone = (in_zone || line.starts_with("BEGIN:VTIMEZONE")) && !line.starts_with("END:VTIMEZONE");
        if let Some((_, value)) = line.rsplit_once(':').filter(|_| line.starts_with(name) && !in_zone) {
            let day = value.get(..8)?.parse::<jiff::civil::Date>().ok()?;
            return Some(Millis(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()));
        }
    }
    None
}

fn import(text: &[u8]) -> Result<Import, Fault> {
    // A day before, for the zones that are ahead.
    let start = first("DTSTART", text).or_else(|| first("DTSTAMP", text)).unwrap_or(Millis(0)).after(Span::days(-1));
    read(text, &TimeZone::get("Europe/Berlin").unwrap(), start..start.after(Span::days(401)))
}

/// Where the count is another than the one in INDEX.csv, which is that of python-icalendar with recurring-ical-events; that
/// counts instances, also such as keep nobody busy.
const OTHERWISE: &[(&str, usize, &str)] = &[
    ("icalendar/example.ics", 0, "all three are transparent"),
    ("icalendar/issue_1050_forward_timezone_reference.ics", 0, "takes no time"),
    ("icalendar/issue_1081_empty_rdate.ics", 0, "takes no time"),
    ("icalendar/issue_1081_event_with_rrule.ics", 0, "take no time"),
    ("icalendar/issue_1081_list_of_properties.ics", 0, "takes no time"),
    ("icalendar/issue_1081_tzid_param.ics", 0, "takes no time"),
    ("icalendar/issue_156_RDATE_with_PERIOD_TZID_khal.ics", 19, "a changed series whose first form is not in the file"),
    (
        "icalendar/issue_156_RDATE_with_PERIOD_TZID_khal_2.ics",
        4,
        "a changed series whose first form is not in the file",
    ),
    ("icalendar/issue_1633_rdate_with_dates.ics", 1, "the start takes no time"),
    ("icalendar/issue_1633_rdate_with_dates_and_tzid.ics", 1, "the start takes no time"),
    ("icalendar/issue_348_exception_parsing_value.ics", 0, "transparent"),
    ("icalendar/issue_526_calendar_with_different_events.ics", 0, "of a zone that nobody knows"),
    ("icalendar/issue_526_calendar_with_events.ics", 0, "of a zone that nobody knows"),
    ("icalendar/issue_722_missing_VTIMEZONE_custom.ics", 0, "of a zone that nobody knows"),
    ("icalendar/issue_722_timezone_transition_ambiguity.ics", 0, "take no time"),
    ("icalendar/multiple_calendar_components.ics", 2, "one is before the first start that stands on one line"),
    ("icalendar/timezone_same_start_and_offset.ics", 0, "ends with END:VCALENDARD"),
    ("icalendar/event_with_recurrence.ics", 100, "its exceptions are in UTC, and the start is not: they match nothing"),
    ("icalendar/issue_157_removes_trailing_semicolon.ics", 0, "take no time"),
    ("vobject/UntilRespectsTimezoneTest.ics", 9, "its UNTIL is a local time, so that the ninth is not after it"),
    ("calcard/290.ics", 0, "transparent"),
    ("calcard/296.ics", 0, "transparent"),
    ("calcard/298.ics", 28, "in a gap, 01:00 is 02:00 and 01:30 is 02:30, where others are already"),
];

#[test]
fn every_file_is_expanded_or_refused_with_a_reason() {
    let Some(folder) = folder() else { return };
    let mut index = csv::Reader::from_path(folder.join("INDEX.csv")).unwrap();
    let column = |name: &str, headers: &csv::StringRecord| headers.iter().position(|header| header == name).unwrap();
    let headers = index.headers().unwrap().clone();
    let (file, counted) = (column("file", &headers), column("instances_first_400_days", &headers));
    let (mut files, mut wrong, mut reasons) = (0, Vec::new(), BTreeMap::<String, usize>::new());
    println!("{:70} {:>6} {:>6}  skipped or refused", "file", "busy", "index");
    for row in index.records().map(Result::unwrap) {
        let (name, counted) = (&row[file], row[counted].parse::<usize>().ok());
        let text = whole(&std::fs::read(folder.join(name)).unwrap());
        files += 1;
        let (busy, faults) = match import(&text) {
            Ok(import) => (Some(import.events.len()), import.skipped),
            Err(fault) => (None, vec![fault]),
        };
        let told: Vec<_> = faults.iter().map(|fault| format!("{}:{}", fault.line, fault.reason.code())).collect();
        for fault in &faults {
            let how = if busy.is_some() { "skipped" } else { "refused" };
            *reasons.entry(format!("{how} {}", fault.reason.code())).or_default() += 1;
        }
        let show = |n: Option<usize>| n.map_or("-".into(), |n| n.to_string());
        println!("{name:70} {:>6} {:>6}  {}", show(busy), show(counted), told.join(" "));
        let otherwise = OTHERWISE.iter().find(|(of, ..)| *of == name);
        let expected = otherwise.map(|(_, count, _)| *count).or(counted);
        if expected.is_some_and(|expected| busy.unwrap_or(0) != expected) {
            wrong.push(format!("{name}: {busy:?} instead of {expected:?}"));
        }
    }
    println!("{files} files; {reasons:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files >= 84, "{files}");
}

#[test]
fn a_part_of_a_calendar_is_none() {
    let Some(folder) = folder() else { return };
    let part = std::fs::read(folder.join("icalendar/event_with_recurrence.ics")).unwrap();
    assert_eq!(import(&part), Err(Fault { line: 1, reason: Reason::NotCalendar }));
}
