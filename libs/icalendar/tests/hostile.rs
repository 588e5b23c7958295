//! No input makes it panic, or work for long.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use std::path::Path;

use jiff::tz::TimeZone;
use leadhand_domain::time::Millis;
use leadhand_icalendar::{Reason, limit, read};
use proptest::prelude::*;

const WINDOW: std::ops::Range<Millis> = Millis(1_700_000_000_000)..Millis(1_735_000_000_000);

/// What the corpus is made of, so that a mutation gets far; a few lines where it is not there.
fn corpus() -> Vec<Vec<u8>> {
    let data = std::env::var_os("LEADHAND_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), Into::into);
    let mut files = vec![
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20240101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\n\
          EXDATE:20240102T000000Z\nEND:VEVENT\nEND:VCALENDAR\n"
            .to_vec(),
    ];
    for folder in ["icalendar", "calcard", "vobject"] {
        let Ok(entries) = std::fs::read_dir(data.join("calendars").join(folder)) else { continue };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        files.extend(paths.iter().map(|path| std::fs::read(path).unwrap()));
    }
    println!("{} files", files.len());
    files
}

fn ends(text: &[u8], window: std::ops::Range<Millis>) {
    if let Ok(import) = read(text, &TimeZone::get("Europe/Berlin").unwrap(), window.clone()) {
        assert!(import.events.len() <= limit::OCCURRENCES);
        for one in &import.events {
            assert!(one.start < one.end && one.end > window.start && one.start < window.end);
            assert!((1..=255).contains(&one.event_id().len()) && one.event_id().is_ascii());
        }
    }
}

/// Parts of lines that are right by themselves.
const PARTS: [&str; 28] = [
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VTIMEZONE",
    "RRULE:FREQ=SECONDLY;COUNT=999999999",
    "RRULE:FREQ=YEARLY;INTERVAL=999999999;BYWEEKNO=-53;BYDAY=MO",
    "RRULE:FREQ=WEEKLY;BYHOUR=1,2,3;BYSETPOS=-366;UNTIL=99991231T235959Z",
    "DTSTART:00000101T000000",
    "DTSTART:99991231T235959Z",
    "DTSTART;VALUE=DATE:20240229",
    "DTEND:99991231",
    "DURATION:P3660D",
    "EXDATE:20240101,20240101T000000Z",
    "RDATE;VALUE=PERIOD:00000101/99991231",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20240101T000000Z",
    "TZOFFSETFROM:-235959",
    "TZOFFSETTO:+235959",
    "FREEBUSY:00000101T000000Z/P3660D",
    "SEQUENCE:999999999",
    "20240331T020000",
    "TZID=",
    "\u{130}\u{2028}",
    "\"",
    ";",
    ":",
    ",",
    "-",
    "\r\n ",
    "\n",
];

#[derive(Debug, Clone)]
enum Change {
    Byte(u8),
    Part(&'static str),
    Cut(usize),
    Repeat(usize),
}

fn change() -> impl Strategy<Value = (prop::sample::Index, Change)> {
    let what = prop_oneof![
        any::<u8>().prop_map(Change::Byte),
        prop::sample::select(PARTS.as_slice()).prop_map(Change::Part),
        (1..40_usize).prop_map(Change::Cut),
        (1..200_usize).prop_map(Change::Repeat),
    ];
    (any::<prop::sample::Index>(), what)
}

#[test]
fn changed_files_end() {
    let files = corpus();
    let run = (any::<prop::sample::Index>(), prop::collection::vec(change(), 1..12));
    proptest!(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() }, |((file, changes) in run)| {
        let mut text = file.get(&files).clone();
        for (at, change) in changes {
            let at = at.index(text.len() + 1);
            let until = |n: usize| (at + n).min(text.len());
            match change {
                Change::Byte(byte) => text.insert(at, byte),
                Change::Part(part) => drop(text.splice(at..at, part.bytes())),
                Change::Cut(n) => drop(text.drain(at..until(n))),
                Change::Repeat(n) => {
                    let again = text[at..until(n)].to_vec();
                    drop(text.splice(at..at, again));
                }
            }
        }
        ends(&text, WINDOW);
    });
}

#[test]
fn lines_of_all_kinds_end() {
    let line = prop_oneof![prop::sample::select(PARTS.as_slice()).prop_map(str::to_owned), "[A-Z;:=\"0-9TZ,-]{0,20}"];
    proptest!(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() },
        |(lines in prop::collection::vec(line, 0..20), from: i64, to: i64)| {
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{}\nEND:VEVENT\nEND:VCALENDAR", lines.join("\n"));
        ends(text.as_bytes(), WINDOW);
        ends(text.as_bytes(), Millis(from)..Millis(to));
    });
}

fn calendar(events: &[&str]) -> Vec<u8> {
    let event = |lines: &&str| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n");
    format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", events.iter().map(event).collect::<String>()).into_bytes()
}

#[test]
fn a_rule_with_too_much_to_it_is_left_out() {
    let endless = "DTSTART:19000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=999999999;BYSECOND=1,2";
    let often = "DTSTART:20231201T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=5001";
    let import = read(&calendar(&[endless, often, "DTSTART:20240101"]), &TimeZone::UTC, WINDOW).unwrap();
    assert_eq!(import.events.len(), 1);
    let told: Vec<_> = import.skipped.iter().map(|fault| (fault.line, fault.reason.code())).collect();
    assert_eq!(told, [(2, "unbounded"), (7, "unbounded")]);
}

#[test]
fn a_file_with_too_many_occurrences_is_refused() {
    let often = "DTSTART:20231201T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=5000";
    let fits = read(&calendar(&[often; 4]), &TimeZone::UTC, WINDOW).unwrap();
    assert_eq!((fits.events.len(), fits.skipped.len()), (5_000, 0), "each id once");
    let fault = read(&calendar(&[often; 5]), &TimeZone::UTC, WINDOW).unwrap_err();
    assert_eq!((fault.line, fault.reason.code()), (22, "too_large"));
}

/// What is long or many in a line costs no more for every day or value that is looked at: such a file comes to its end, each in
/// its way. Were it otherwise, each would take minutes.
#[test]
fn long_lists_and_many_changes_do_not_multiply() {
    let busy = "DTSTART:20240101T000000Z\nDURATION:PT1H";
    let every = |rule: &str| format!("UID:a\nDTSTART:20231115T000000Z\nDURATION:PT0S\nRRULE:{rule}");
    let dates = vec!["20240101T000000"; 20_000].join(",");
    let later = "UID:a\nDTSTART:20991231T000000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:2099";
    let changes = |n: usize| {
        (0..n).map(move |n| {
            let (month, day, hour) = (1 + n / 24 / 28 % 12, 1 + n / 24 % 28, n % 24);
            format!("{later}{month:02}{day:02}T{hour:02}0000Z")
        })
    };
    // With how many occurrences and lines left out; or it is too large.
    type Expected = Option<(usize, usize)>;
    let bombs: [(&str, Vec<String>, Expected); 5] = [
        (
            "weekdays",
            vec![
                "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;COUNT=999999999;BYDAY=".to_owned()
                    + &vec!["53MO"; 5_000].join(","),
            ],
            Some((0, 1)),
        ),
        ("parameters", vec![format!("{busy}\nEXDATE{}:{dates}", ";A=".repeat(100_000))], Some((0, 0))),
        ("zone", vec![format!("{busy}\nEXDATE;TZID={}:{dates}", "x".repeat(500_000))], Some((1, 1))),
        ("later changes", changes(8_000).chain([every("FREQ=SECONDLY;COUNT=100000")]).collect(), Some((0, 0))),
        (
            "of one name",
            {
                let free = |n: usize| format!("UID:a\nTRANSP:TRANSPARENT\nDTSTART:20240101T{:06}Z", n % 60);
                changes(6_000).map(|change| change + "\nTRANSP:TRANSPARENT").chain((0..6_000).map(free)).collect()
            },
            None,
        ),
    ];
    for (name, events, expected) in bombs {
        let text = calendar(&events.iter().map(String::as_str).collect::<Vec<_>>());
        let import = read(&text, &TimeZone::UTC, WINDOW);
        let found = import.map(|import| (import.events.len(), import.skipped.len())).map_err(|fault| fault.reason);
        assert_eq!(found, expected.ok_or(Reason::TooLarge), "{name}");
    }
}
