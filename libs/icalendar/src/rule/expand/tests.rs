//! Against the `rrule` crate, which goes another way (that of dateutil: masks over a year), and against looking at every
//! second of a short stretch.

use jiff::civil::datetime;
use proptest::prelude::*;

use super::*;

fn all(rule: &str, start: DateTime, window: Range<DateTime>) -> Vec<DateTime> {
    expand(&Rule::parse(rule).unwrap(), start, &window, &mut Budget::new()).unwrap()
}

/// The first `most` occurrences by the `rrule` crate.
fn oracle(rule: &str, start: DateTime, end: DateTime, most: u16) -> Vec<DateTime> {
    let text = format!("DTSTART:{}\nRRULE:{rule}", start.strftime("%Y%m%dT%H%M%SZ"));
    let set: rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let utc = |at: DateTime| {
        let at = chrono::DateTime::from_timestamp(seconds(at), 0).unwrap();
        at.with_timezone(&rrule::Tz::UTC)
    };
    let found = set.before(utc(end)).all(most).dates;
    found.iter().map(|at| from_seconds(at.timestamp()).unwrap()).filter(|at| *at < end).collect()
}

fn some<T: std::fmt::Debug + Clone + 'static>(
    of: impl Strategy<Value = T>,
    most: usize,
) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(of, 1..=most)
}

fn list(name: &str, of: impl Strategy<Value = i32> + 'static) -> BoxedStrategy<String> {
    let name = name.to_owned();
    let list = some(of, 3).prop_map(move |list| {
        let list: Vec<_> = list.iter().map(i32::to_string).collect();
        format!(";{name}={}", list.join(","))
    });
    list.boxed()
}

/// Sometimes, as is given by `often` in ten.
fn perhaps(often: u32, part: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    prop_oneof![10 - often => Just(String::new()), often => part].boxed()
}

fn either(n: i32) -> impl Strategy<Value = i32> {
    prop_oneof![1..=n, -n..=-1]
}

const FREQUENCIES: [&str; 7] = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn weekdays(nth: bool) -> impl Strategy<Value = String> {
    let numbers = if nth { prop_oneof![Just(true), Just(false)].boxed() } else { Just(false).boxed() };
    let days = some((either(4), prop::sample::select(WEEKDAYS.as_slice())), 3);
    // With and without a number together, dateutil forgets those without. The crate refuses -5 in a month.
    (numbers, days).prop_map(|(numbered, days)| {
        let text = |(nth, day): &(i32, &str)| if numbered { format!("{nth}{day}") } else { (*day).to_owned() };
        format!(";BYDAY={}", days.iter().map(text).collect::<Vec<_>>().join(","))
    })
}

/// A rule that RFC 5545 allows and that dateutil reads as RFC 5545 does: its weeks without a weekday are whole weeks.
fn rule(frequencies: &'static [&'static str]) -> impl Strategy<Value = String> {
    let frequency = prop::sample::select(frequencies);
    let parts = frequency.prop_flat_map(|name| {
        let (yearly, monthly, weekly, daily) = (name == "YEARLY", name == "MONTHLY", name == "WEEKLY", name == "DAILY");
        let if_so = |so: bool, often, part: BoxedStrategy<String>| perhaps(if so { often } else { 0 }, part);
        let days = prop_oneof![
            3 => Just(String::new()),
            3 => weekdays(yearly || monthly),
            1 => if_so(yearly, 10, (list("BYWEEKNO", either(51)), weekdays(false)).prop_map(|(a, b)| a + &b).boxed()),
        ];
        (
            Just(format!("FREQ={name}")),
            perhaps(3, (1..5_u32).prop_map(|n| format!(";INTERVAL={n}"))),
            perhaps(4, (1..40_u32).prop_map(|n| format!(";COUNT={n}"))),
            perhaps(3, prop::sample::select(WEEKDAYS.as_slice()).prop_map(|day| format!(";WKST={day}"))),
            perhaps(3, list("BYMONTH", 1..=12)),
            if_so(!weekly, 3, list("BYMONTHDAY", either(31)).boxed()),
            if_so(!(monthly || weekly || daily), 1, list("BYYEARDAY", either(366)).boxed()),
            days,
            perhaps(2, list("BYHOUR", 0..24)),
            (perhaps(2, list("BYMINUTE", 0..60)), perhaps(1, list("BYSECOND", 0..60))),
        )
    });
    parts.prop_map(|(name, interval, count, week, months, days, year_days, weekdays, hours, (minutes, seconds))| {
        [name, interval, count, week, months, days, year_days, weekdays, hours, minutes, seconds].concat()
    })
}

fn start() -> impl Strategy<Value = DateTime> {
    (0..20 * 365 * DAY).prop_map(|n| from_seconds(1_000_000_000 + n).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_days_of_the_count_are_those_of_the_calendar(day in -700_000..2_900_000_i64) {
        if let Some(date) = date(day) {
            prop_assert_eq!(day_number(date), day);
            prop_assert_eq!(Date::new(1970, 1, 1).unwrap().until(date).unwrap().get_days(), i32::try_from(day).unwrap());
        }
    }

    /// The crate loses days of the first and last weeks that are in the other year; these are those of ISO 8601.
    #[test]
    fn weeks_from_monday_are_those_of_iso_8601(day in -10_000..30_000_i64, week in 1..=53_i16) {
        let date = date(day).unwrap();
        let iso = date.iso_week_date();
        let is_in = |week: i16| Rule { weeks: vec![week], ..Rule::every(Frequency::Yearly) }.takes_week(date);
        prop_assert_eq!(is_in(week), i16::from(iso.week()) == week);
        prop_assert_eq!(is_in(-week), i16::from(iso.week()) == i16::from(iso.weeks_in_year()) + 1 - week);
    }

    #[test]
    fn as_the_rrule_crate_has_it(rule in rule(&FREQUENCIES[..5]), start in start(), positions in prop::option::weighted(0.2, either(4))) {
        let hourly = rule.contains("HOURLY");
        // Of the week of the start, dateutil counts positions from the start.
        let partial = hourly || rule.contains("WEEKLY");
        let with = |text: &str| match positions {
            Some(n) if !partial && text.contains(";BY") => format!("{text};BYSETPOS={n}"),
            _ => text.to_owned(),
        };
        let end = from_seconds(seconds(start) + if hourly { 60 } else { 6 * 365 } * DAY).unwrap();
        let mut expected = oracle(&with(&rule), start, end, 60);
        // Here the start always is one of the occurrences, and counted.
        if expected.first() != Some(&start) {
            expected.insert(0, start);
            let count = Rule::parse(&rule).unwrap().count.map_or(usize::MAX, |count| count as usize);
            expected.truncate(count);
        }
        let end = if expected.len() >= 60 { expected[expected.len() - 1] } else { end };
        expected.retain(|at| *at < end);
        let spent = expand(&Rule::parse(&with(&rule)).unwrap(), start, &(start..end), &mut Budget::new());
        match spent {
            Ok(found) => prop_assert_eq!(found, expected, "{}", with(&rule)),
            Err(spent) => prop_assert_eq!(spent, Spent::Event),
        }
    }

    /// Going straight to the window finds what going through everything before it finds.
    #[test]
    fn a_window_is_a_part_of_the_whole(
        rule in rule(&FREQUENCIES),
        start in start(),
        skip in 0..300_i64,
        length in 1..60_i64,
    ) {
        let rule = Rule::parse(&rule).unwrap();
        let from = from_seconds(seconds(start) + skip * DAY - 7 * 3600).unwrap();
        let window = from..from_seconds(seconds(from) + length * DAY).unwrap();
        let whole = expand(&rule, start, &(start..window.end), &mut Budget::of(5_000));
        let part = expand(&rule, start, &window, &mut Budget::of(5_000));
        if let (Ok(mut whole), Ok(part)) = (whole, part) {
            whole.retain(|at| window.contains(at));
            prop_assert_eq!(part, whole);
        }
    }

    #[test]
    fn plain_rules_are_every_so_many_units(
        unit in prop::sample::select(&[("SECONDLY", 1), ("MINUTELY", 60), ("HOURLY", 3600), ("DAILY", DAY), ("WEEKLY", 7 * DAY)][..]),
        start in start(),
        interval in 1..50_i64,
        count in 1..5_000_i64,
        skip in 0..5_000_i64,
    ) {
        let rule = format!("FREQ={};INTERVAL={interval};COUNT={count}", unit.0);
        let nth = |n: i64| from_seconds(seconds(start) + n * interval * unit.1).unwrap();
        let found = all(&rule, start, nth(skip)..nth(skip + 100));
        prop_assert_eq!(found, (skip..count.min(skip + 100)).map(nth).collect::<Vec<_>>());
    }
}

/// Hours, minutes and seconds that are limited, looked at one by one.
#[test]
fn every_second_of_three_days() {
    let start = datetime(2024, 2, 28, 22, 58, 30, 0);
    let end = datetime(2024, 3, 2, 0, 0, 0, 0);
    type IsOne = fn(i64, DateTime) -> bool;
    let rules: [(&str, IsOne); 5] = [
        ("FREQ=SECONDLY;INTERVAL=7;BYMINUTE=58,3;BYHOUR=22,1", |n, at| {
            n % 7 == 0 && [58, 3].contains(&at.minute()) && [22, 1].contains(&at.hour())
        }),
        ("FREQ=MINUTELY;INTERVAL=7;BYSECOND=30,0;BYMONTHDAY=29,-1", |n, at| {
            (n + 30).div_euclid(60) % 7 == 0 && at.second() % 30 == 0 && at.day() == 29
        }),
        ("FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,30;BYDAY=TH,FR", |n, at| {
            let thursday_or_friday = [29, 1].contains(&at.day());
            ((n + 58 * 60 + 30).div_euclid(3600) % 5 == 0 && at.minute() % 30 == 0 && at.second() == 30)
                && thursday_or_friday
        }),
        ("FREQ=SECONDLY;BYSECOND=5;BYMONTH=3", |_, at| at.second() == 5 && at.month() == 3),
        ("FREQ=MINUTELY;BYHOUR=0;BYMINUTE=0;BYSECOND=0", |_, at| at.time() == Time::midnight()),
    ];
    for (rule, is_one) in rules {
        let expected: Vec<_> = (0..seconds(end) - seconds(start))
            .filter_map(|n| from_seconds(seconds(start) + n).filter(|at| n == 0 || is_one(n, *at)))
            .collect();
        assert_eq!(all(rule, start, start..end), expected, "{rule}");
        assert!(expected.len() > 1, "{rule}");
    }
}

#[test]
fn what_never_comes_is_found_out_and_what_is_too_much_is_not_worked_out() {
    let start = datetime(2024, 1, 1, 0, 0, 0, 0);
    let far = start..datetime(9998, 1, 1, 0, 0, 0, 0);
    for never in [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4;BYYEARDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=6",
    ] {
        let near = start..datetime(2124, 1, 1, 0, 0, 0, 0);
        assert_eq!(all(never, start, near), [start], "{never}");
    }
    for much in [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=MO;BYHOUR=1,2,3,4,5,6,7,8,9;BYMINUTE=1,2,3,4,5,6,7,8,9;BYSECOND=1,2,3,4,5,6,7,8,9;BYSETPOS=5",
        "FREQ=MINUTELY;COUNT=999999999;BYSECOND=1,2",
        "FREQ=DAILY;INTERVAL=1;BYDAY=MO;COUNT=999999999",
    ] {
        let found = expand(&Rule::parse(much).unwrap(), start, &far, &mut Budget::new());
        assert_eq!(found, Err(Spent::Event), "{much}");
    }
    assert_eq!(all("FREQ=SECONDLY;INTERVAL=999999999;COUNT=999999999", start, far.clone()).len(), 252);
}

#[test]
fn weekdays_with_and_without_a_number_go_together() {
    let start = datetime(2024, 1, 1, 9, 0, 0, 0);
    let found = all("FREQ=MONTHLY;BYDAY=MO,-1FR", start, start..datetime(2024, 2, 1, 0, 0, 0, 0));
    assert_eq!(found.iter().map(|at| at.day()).collect::<Vec<_>>(), [1, 8, 15, 22, 26, 29]);
}

#[test]
fn positions_count_from_the_ends_of_the_whole_period() {
    let found = |rule: &str, start: DateTime, end: DateTime| {
        all(rule, start, start..end).iter().map(|at| at.date().to_string()).collect::<Vec<_>>()
    };
    // A Tuesday: the first of Monday and Sunday was the day before.
    let (tuesday, end) = (datetime(2002, 1, 15, 9, 0, 0, 0), datetime(2002, 1, 30, 0, 0, 0, 0));
    assert_eq!(found("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1", tuesday, end), ["2002-01-15", "2002-01-21", "2002-01-28"]);
    let (january, end) = (datetime(2024, 1, 31, 9, 0, 0, 0), datetime(2024, 5, 1, 0, 0, 0, 0));
    let last_working_day = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1";
    assert_eq!(found(last_working_day, january, end), ["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30"]);
    // The window ends inside a year whose last position is told.
    let (january, end) = (datetime(2024, 1, 1, 9, 0, 0, 0), datetime(2024, 7, 1, 0, 0, 0, 0));
    assert_eq!(found("FREQ=YEARLY;BYMONTH=6,12;BYDAY=1MO;BYSETPOS=-2", january, end), ["2024-01-01", "2024-06-03"]);
}

/// What the crate refuses, or is not asked here.
#[test]
fn the_fifth_from_the_end_and_positions_in_an_hour() {
    let start = datetime(2024, 1, 1, 9, 0, 0, 0);
    let fifth = all("FREQ=MONTHLY;BYDAY=-5MO", start, start..datetime(2024, 8, 1, 0, 0, 0, 0));
    assert_eq!(fifth.iter().map(|at| at.month()).collect::<Vec<_>>(), [1, 4, 7], "the months with five Mondays");
    assert!(fifth.iter().all(|at| at.day() == 1));
    let last = all("FREQ=HOURLY;BYMINUTE=5,50;BYSETPOS=-1", start, start..datetime(2024, 1, 1, 12, 0, 0, 0));
    assert_eq!(
        last.iter().map(|at| (at.hour(), at.minute())).collect::<Vec<_>>(),
        [(9, 0), (9, 50), (10, 50), (11, 50)]
    );
}

/// Weeks without a weekday are the start's weekday: where dateutil takes all seven days.
#[test]
fn weeks_have_the_weekday_of_the_start() {
    let start = datetime(2024, 5, 15, 9, 0, 0, 0);
    let found = all("FREQ=YEARLY;BYWEEKNO=20,-1", start, start..datetime(2026, 1, 1, 0, 0, 0, 0));
    let days: Vec<_> = found.iter().map(|at| at.date().to_string()).collect();
    assert_eq!(days, ["2024-05-15", "2024-12-25", "2025-05-14", "2025-12-24"]);
}
