use std::sync::LazyLock;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

fn hours(text: &str, zone: &str) -> Hours {
    Hours::parse(text, Zone::parse(zone).unwrap()).unwrap()
}

fn days(days: &[&str]) -> Vec<Day> {
    days.iter().map(|day| Day::parse(day).unwrap()).collect()
}

/// The moment of a timestamp such as `2026-03-02T10:00Z`.
fn at(text: &str) -> Millis {
    Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

static RULES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What the wall clock of a zone shows, by jiff's own reckoning.
fn shown(zone: &str, at: Millis) -> DateTime {
    RULES.get(zone).unwrap().to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap())
}

#[test]
fn a_text_is_read_in_many_ways_and_spelled_in_one() {
    for (written, spelled) in [
        ("mon-fri 09:00-17:30, sat 10:00-13:00", "mon-fri 09:00-17:30, sat 10:00-13:00"),
        ("MON-FRI 9:00-17:30,Sat  10:00-13:00 ", "mon-fri 09:00-17:30, sat 10:00-13:00"),
        ("mon 13:00-17:00 09:00-12:00", "mon 09:00-12:00 13:00-17:00"),
        ("mon 09:00-12:00, mon 12:00-17:00", "mon 09:00-17:00"),
        ("fri wed mon 08:00-09:00", "mon wed fri 08:00-09:00"),
        ("sat-mon 22:00-06:00", "mon sat-sun 22:00-06:00"),
        ("tue 18:00-00:00", "tue 18:00-24:00"),
        ("fri-thu 00:00-24:00", "always"),
        ("always", "always"),
    ] {
        let read = hours(written, "Europe/Berlin");
        assert_eq!(read.text(), spelled, "{written}");
        assert_eq!(hours(spelled, "europe/berlin"), read, "{written}");
    }
    assert_eq!(Hours::always(), hours("always", "UTC"));
    assert_eq!(Hours::default(), Hours::always());
}

#[test]
fn what_is_wrong_with_a_text_is_said_and_the_text_is_not() {
    for (text, fault) in [
        ("", "required"),
        (" ", "required"),
        ("mon", "item 1: expected days, then times, such as mon-fri 09:00-17:30"),
        ("09:00-17:00", "item 1: expected days, then times, such as mon-fri 09:00-17:30"),
        ("mon 09:00-10:00,", "item 2: expected days, then times, such as mon-fri 09:00-17:30"),
        ("monday 09:00-17:00", "item 1: expected days such as mon or mon-fri"),
        ("mon-fri-sat 09:00-17:00", "item 1: expected days such as mon or mon-fri"),
        ("mon 09:00", "item 1: expected times such as 09:00-17:30"),
        ("mon 9-17", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-17:60", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-24:01", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-17:000", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-+1:00", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-10:00 sun", "item 1: expected times such as 09:00-17:30"),
        ("mon 09:00-09:00", "item 1: a stretch must last at least a minute and less than a day, or be 00:00-24:00"),
        ("mon 24:00-09:00", "item 1: a stretch must last at least a minute and less than a day, or be 00:00-24:00"),
        ("mon 09:00-11:00 10:00-12:00", "stretches must not overlap"),
        ("mon 22:00-06:00, tue 05:00-07:00", "stretches must not overlap"),
        ("sun 22:00-06:00, mon 05:00-07:00", "stretches must not overlap"),
        ("mon 00:00-12:00 12:00-11:00", "stretches that touch must together be shorter than a day"),
        ("mon 08:00-09:00 09:00-08:00", "stretches that touch must together be shorter than a day"),
    ] {
        let refused = Hours::parse(text, Zone::UTC).unwrap_err();
        assert_eq!(refused.0, fault, "{text:?}");
    }
    assert!(Hours::parse(&"x".repeat(MAX_TEXT + 1), Zone::UTC).is_err());
    for zone in ["", "Mars/Olympus", "Etc/Unknown", "+02:00", &"x".repeat(1_000)] {
        assert!(Zone::parse(zone).is_err(), "{zone}");
    }
    for day in ["", "2026-02-30", "2026-2-3", "20260203", "2026-12-25T10:00", "soon"] {
        assert!(Day::parse(day).is_err(), "{day}");
    }
    assert_eq!(Day::parse("1899-12-31").unwrap().to_string(), "1899-12-31");
    assert!(Hours::always().without(vec![Day::parse("2026-12-25").unwrap(); MAX_HOLIDAYS + 1]).is_err());
}

#[test]
fn the_week_of_an_office() {
    let office = hours("mon-fri 09:00-17:30", "Europe/Berlin");
    let friday = at("2026-03-06T16:00Z");
    assert!(office.is_working(friday));
    let close = at("2026-03-06T16:30Z");
    assert!(!office.is_working(close));
    assert_eq!(office.next_change(friday), Some(close));
    assert_eq!(office.next_change(close), Some(at("2026-03-09T08:00Z")));
    assert_eq!(office.add(friday, Span::hours(2)), at("2026-03-09T09:30Z"));
    assert_eq!(office.add(friday, Span::minutes(30)), close, "the end of the stretch, not the next one's beginning");
    assert_eq!(office.add(friday, Span(0)), friday);
    assert_eq!(office.between(friday, at("2026-03-09T09:30Z")), Span::hours(2));
    assert_eq!(office.between(close, friday), Span(0));
}

#[test]
fn an_hour_skipped_is_nobodys_and_one_shown_twice_counts_twice() {
    let night = hours("sun 01:00-05:00", "Europe/Berlin");
    let worked = |day: &str| {
        let noon = at(&format!("{day}T12:00Z"));
        night.between(Millis(noon.0 - Span::hours(24).0), noon)
    };
    assert_eq!(worked("2026-03-22"), Span::hours(4));
    assert_eq!(worked("2026-03-29"), Span::hours(3));
    assert_eq!(worked("2026-10-25"), Span::hours(5));
    // The stretch that is shown twice is worked twice.
    let short = hours("sun 02:00-02:30", "Europe/Berlin");
    let first = short.next_change(at("2026-10-24T12:00Z")).unwrap();
    let flips: Vec<_> = std::iter::successors(Some(first), |flip| short.next_change(*flip)).take(5).collect();
    let expected = ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z"].map(at);
    assert_eq!(flips[..4], expected);
    // Where it is skipped, the next is a week later.
    let skipped = short.next_change(at("2026-03-28T12:00Z"));
    assert_eq!(skipped, Some(at("2026-04-05T00:00Z")));
}

#[test]
fn a_day_that_a_zone_leaves_out_never_comes() {
    let apia = hours("fri 09:00-17:00", "Pacific/Apia");
    // 30 December 2011, a Friday, was left out.
    assert_eq!(apia.between(at("2011-12-28T00:00Z"), at("2012-01-03T00:00Z")), Span(0));
    let (start, end) = apia.day(at("2011-12-30T09:59Z"));
    assert_eq!((start, end), (at("2011-12-29T10:00Z"), at("2011-12-30T10:00Z")));
    assert_eq!(apia.day(end), (end, at("2011-12-31T10:00Z")));
}

#[test]
fn a_holiday_takes_its_date_and_what_would_begin_on_it() {
    let night = hours("mon-sun 22:00-06:00", "UTC").without(days(&["2026-12-26", "2026-12-25"])).unwrap();
    assert_eq!(night.holidays(), days(&["2026-12-25", "2026-12-26"]));
    let eve = at("2026-12-24T23:00Z");
    assert_eq!(night.next_change(eve), Some(at("2026-12-25T00:00Z")));
    assert_eq!(night.next_change(at("2026-12-25T00:00Z")), Some(at("2026-12-27T22:00Z")));
    let all = Hours::always().without(days(&["2026-12-25"])).unwrap();
    assert_eq!(all.next_change(Millis(0)), Some(at("2026-12-25T00:00Z")));
    assert_eq!(all.next_change(at("2026-12-25T00:00Z")), Some(at("2026-12-26T00:00Z")));
    assert_eq!(all.next_change(at("2026-12-26T00:00Z")), None);
}

#[test]
fn a_skipped_midnight_begins_its_day_when_it_is_over() {
    // In Toronto in 1919 the clock went from 23:30 to 00:30.
    let toronto = hours("always", "America/Toronto");
    let change = at("1919-03-31T04:30Z");
    assert_eq!(toronto.day(change).0, change);
    assert_eq!(toronto.day(Millis(change.0 - 1)).1, change);
}

#[test]
fn years_and_the_ends_of_time_take_no_time() {
    let office = hours("mon-fri 09:00-17:00", "America/New_York");
    let start = at("2026-01-05T14:00Z");
    let far = office.add(start, Span::hours(40 * 52 * 100));
    assert_eq!(office.between(start, far), Span::hours(40 * 52 * 100));
    for moment in [i64::MIN, -END - 1, -END, END - 1, END, END + 1, i64::MAX].map(Millis) {
        for hours in [&office, &Hours::always()] {
            let _ = (hours.is_working(moment), hours.day(moment), hours.between(start, moment));
            assert!(hours.next_change(moment).is_none_or(|next| next > moment));
            assert!(hours.add(moment, Span(i64::MAX)) >= moment);
            assert!(hours.add(moment, Span(1)) >= moment);
        }
    }
    assert_eq!(office.add(start, Span(i64::MAX)), Millis(END));
    assert_eq!(Hours::always().next_change(start), None);
}

/// The zones, and around which moment in each something odd happens.
const ODD: [(&str, &str); 10] = [
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Asia/Kathmandu", "1985-12-31T18:30Z"),
    // Half an hour of summer time.
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    // Changes at midnight, forth and back.
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    // Summer time is off during Ramadan.
    ("Africa/Casablanca", "2026-02-15T02:00Z"),
    // Back from 00:01 to 23:01: the date is yesterday's again.
    ("America/St_Johns", "2010-11-07T02:31Z"),
];

/// Stretches as they are read off the wall: from and to in minutes, by weekday.
type Plain = Vec<(usize, i64, i64)>;

fn write(plain: &Plain) -> String {
    let name = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let items = plain.iter().map(|(day, from, to)| format!("{} {}-{}", name[*day], time(*from), time(*to)));
    items.collect::<Vec<_>>().join(", ")
}

/// The plainest reading: look at the clock, then at the list.
fn looked_at(plain: &Plain, holidays: &[String], zone: &str, at: Millis) -> bool {
    let now = shown(zone, at);
    let eve = now.date().yesterday().unwrap();
    let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
    let is_holiday = |date: jiff::civil::Date| holidays.contains(&date.to_string());
    let on = |weekday: Weekday, day: usize| weekday.to_monday_zero_offset() as usize == day;
    let works = |(day, from, to): &(usize, i64, i64)| {
        let passes = to <= from;
        let today = on(now.weekday(), *day) && minute >= *from && (passes || minute < *to);
        today || (passes && on(eve.weekday(), *day) && minute < *to && !is_holiday(eve))
    };
    !is_holiday(now.date()) && plain.iter().any(works)
}

fn plain() -> impl Strategy<Value = Plain> {
    // Mostly around midnight and the small hours, where clocks change.
    let minute = prop_oneof![2 => (0..24_i64).prop_map(|n| n * 15), 1 => (0..96_i64).prop_map(|n| n * 15)];
    let stretch = (0..7_usize, minute.clone(), minute).prop_filter("has a length", |(_, from, to)| from != to);
    prop::collection::vec(stretch, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Against somebody who looks at the clock every minute.
    #[test]
    fn every_minute_is_as_the_wall_shows_it(
        plain in plain(), odd in 0..ODD.len(), before in 0..4_000_i64, minutes in 1..6_000_i64, off in 0..10_i64,
    ) {
        let (zone, change) = ODD[odd];
        // Those that overlap are refused; the rest stays.
        let mut kept: Plain = Vec::new();
        for stretch in plain {
            kept.push(stretch);
            if Hours::parse(&write(&kept), Zone::UTC).is_err() {
                kept.pop();
            }
        }
        let start = Millis(at(change).0 - before * MINUTE);
        let day = shown(zone, start).date();
        let holidays: Vec<_> = (0..2).map(|n| day.saturating_add(jiff::Span::new().days(off + n)).to_string()).collect();
        let named: Vec<_> = holidays.iter().map(String::as_str).collect();
        let hours = hours(&write(&kept), zone).without(days(&named)).unwrap();

        let minute = |n: i64| Millis(start.0 + n * MINUTE);
        let works: Vec<_> = (0..minutes).map(|n| looked_at(&kept, &holidays, zone, minute(n))).collect();
        let mut passed = 0;
        for (n, works_now) in (0..).zip(&works) {
            prop_assert_eq!(hours.is_working(minute(n)), *works_now, "{} in {}", minute(n), zone);
            passed += i64::from(*works_now);
        }
        prop_assert_eq!(hours.between(start, minute(minutes)), Span::minutes(passed));
        let flip = (0..).zip(&works).find(|(_, works_then)| **works_then != works[0]).map(|(n, _)| minute(n));
        let told = hours.next_change(start).filter(|next| *next < minute(minutes));
        prop_assert_eq!(told, flip);
        // By when half of it, and all of it, has passed.
        for part in [passed / 2, passed].into_iter().filter(|part| *part > 0) {
            let mut left = part;
            let by = (0..).zip(&works).find_map(|(n, works)| {
                left -= i64::from(*works);
                (left == 0).then(|| minute(n + 1))
            });
            prop_assert_eq!(hours.add(start, Span::minutes(part)), by.unwrap());
        }
        prop_assert_eq!(hours.add(minute(1), Span(1)) , {
            let first = if hours.is_working(minute(1)) { minute(1) } else { hours.next_change(minute(1)).unwrap() };
            Millis(first.0 + 1)
        });
        // Read back, it is the same.
        prop_assert_eq!(&Hours::parse(&hours.text(), hours.zone().clone()).unwrap().without(days(&named)).unwrap(), &hours);
    }

    /// Days cover all of time, one after another, and each is where the clock shows its date, changes over midnight aside.
    #[test]
    fn days_follow_each_other(odd in 0..ODD.len(), off in -5_000..5_000_i64) {
        let (zone, change) = ODD[odd];
        let hours = hours("always", zone);
        let now = Millis(at(change).0 + off * MINUTE);
        let (start, end) = hours.day(now);
        prop_assert!(start <= now && now < end);
        prop_assert_eq!(hours.day(start), (start, end));
        prop_assert_eq!(hours.day(Millis(end.0 - 1)), (start, end));
        prop_assert_eq!(hours.day(end).0, end);
        let dates = (shown(zone, start).date(), shown(zone, Millis(start.0 - 1)).date());
        prop_assert!(dates.0 > dates.1, "{:?}", dates);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9:, -]{0,60}|(mon|sat-tue|[0-9]{1,2}:[0-9]{2}|-|,| ){0,20}") {
        if let Ok(read) = Hours::parse(&text, Zone::UTC) {
            prop_assert_eq!(Hours::parse(&read.text(), Zone::UTC), Ok(read));
        }
    }
}
