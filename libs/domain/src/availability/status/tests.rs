use proptest::prelude::*;

use super::*;
use crate::availability::settings::{Meetings, Source, WhenStale};
use crate::calendar::{Employment, Event, Kind, Pause};
use crate::id::CalendarSource;
use crate::working::{Day, Zone};

/// Monday, 2 March 2026, midnight in London.
const MONDAY: Millis = Millis(1_772_409_600_000);

fn minute(n: i64) -> Millis {
    MONDAY.after(Span::minutes(n))
}

fn hour(n: i64) -> Millis {
    minute(60 * n)
}

fn ana() -> RepId {
    RepId::parse("ana").unwrap()
}

fn source(name: &str) -> CalendarSource {
    CalendarSource::parse(name).unwrap()
}

fn event(name: &str, kind: Kind, start: Millis, end: Millis) -> Event {
    Event { source: source(name), id: format!("{start:?} {end:?} {kind:?}"), revision: 1, kind, start, end }
}

/// Of an office worker, 9 to 5.
fn office(events: Vec<Event>) -> Calendar {
    let hours = Hours::parse("mon-fri 09:00-17:00", Zone::parse("Europe/London").unwrap()).unwrap();
    let hours = vec![Stated { source: source("hr"), revision: 1, what: Some(hours) }];
    Calendar { events, hours, ..Calendar::empty(ana()) }
}

fn at(calendar: &Calendar, settings: &Settings, at: Millis) -> Status {
    status(Known { calendar: Some(calendar), presence: None }, settings, at)
}

fn away(reason: Reason, until: Millis) -> Status {
    Status::Unavailable { reason, until: Some(until) }
}

fn here(until: Millis) -> Status {
    Status::Available { until: Some(until) }
}

#[test]
fn by_default_one_meeting_keeps_nobody_away() {
    let settings = Settings::default();
    let meeting = office(vec![event("google", Kind::Meeting, hour(10), hour(11))]);
    assert_eq!(at(&meeting, &settings, hour(10)), here(hour(17)));
    let any = Settings { meetings: Meetings::Any, ..Settings::default() };
    assert_eq!(at(&meeting, &any, hour(9)), here(hour(10)));
    assert_eq!(at(&meeting, &any, hour(10)), away(Reason::Meeting, hour(11)));
    let none = Settings { meetings: Meetings::Ignore, ..Settings::default() };
    assert_eq!(at(&meeting, &none, hour(10)), here(hour(17)));
}

#[test]
fn meetings_that_fill_the_working_day_do() {
    let settings = Settings::default();
    let to = |end| {
        vec![
            event("google", Kind::Meeting, hour(8), hour(12)),
            event("google", Kind::Meeting, hour(12), hour(15)),
            event("outlook", Kind::Meeting, hour(14), end),
        ]
    };
    let filled = office(to(hour(17)));
    assert_eq!(at(&filled, &settings, hour(8)), away(Reason::OutsideHours, hour(9)));
    assert_eq!(at(&filled, &settings, hour(9)), away(Reason::MeetingsAllDay, hour(17)));
    assert_eq!(at(&filled, &settings, hour(17)), away(Reason::OutsideHours, hour(33)));
    let a_minute_free = office(to(minute(17 * 60 - 1)));
    assert_eq!(at(&a_minute_free, &settings, hour(9)), here(hour(17)));
    // Without a word of hours, a day is all of it.
    let whole = Calendar { hours: Vec::new(), ..office(vec![event("google", Kind::Meeting, hour(24), hour(49))]) };
    assert_eq!(at(&whole, &settings, hour(9)), here(hour(24)));
    assert_eq!(at(&whole, &settings, hour(25)), away(Reason::MeetingsAllDay, hour(48)));
    // A tentative one does not count, unless set.
    let maybe = office(vec![event("google", Kind::Tentative, hour(9), hour(17))]);
    assert_eq!(at(&maybe, &settings, hour(9)), here(hour(17)));
    let counted = Settings { tentative: true, ..Settings::default() };
    assert_eq!(at(&maybe, &counted, hour(9)), away(Reason::MeetingsAllDay, hour(17)));
}

#[test]
fn what_hr_says_stands_above_calendars() {
    let settings = Settings::default();
    let said = |name, kind| {
        office(vec![event("google", Kind::AllDay, hour(0), hour(48)), event(name, kind, hour(9), hour(12))])
    };
    let works = said("hr", Kind::Working);
    assert_eq!(at(&works, &settings, hour(9)), here(hour(12)));
    assert_eq!(at(&works, &settings, hour(12)), away(Reason::AllDay, hour(48)));
    // Calendars do not overrule calendars, and being free is not working.
    for calendar in [said("outlook", Kind::Working), said("hr", Kind::Free)] {
        assert_eq!(at(&calendar, &settings, hour(9)), away(Reason::AllDay, hour(48)));
    }
    // Nor does HR overrule itself: who says that the rep is away is right.
    let both =
        office(vec![event("hr", Kind::Working, hour(9), hour(12)), event("hr-2", Kind::Leave, hour(9), hour(10))]);
    assert_eq!(at(&both, &settings, hour(9)), away(Reason::Leave, hour(10)));
    // An extra shift, outside the hours.
    let extra = office(vec![event("hr", Kind::Working, hour(18), hour(20))]);
    assert_eq!(at(&extra, &settings, hour(17)), away(Reason::OutsideHours, hour(18)));
    assert_eq!(at(&extra, &settings, hour(18)), here(hour(20)));
    assert_eq!(at(&extra, &settings, hour(20)), away(Reason::OutsideHours, hour(33)));
    // A calendar's word is not enough against hours that HR states.
    let hobby = office(vec![event("google", Kind::Working, hour(18), hour(20))]);
    assert_eq!(at(&hobby, &settings, hour(18)), away(Reason::OutsideHours, hour(33)));
}

#[test]
fn a_rep_whom_nobody_sees_for_a_day_is_away_and_one_never_seen_is_not_held_to_it() {
    let settings = Settings::default();
    let presence = Presence { rep: ana(), seen_at: hour(9) };
    let known = Known { calendar: None, presence: Some(&presence) };
    assert_eq!(status(known, &settings, hour(10)), here(hour(33)));
    let not_seen = Status::Unavailable { reason: Reason::NotSeen, until: None };
    assert_eq!(status(known, &settings, hour(33)), not_seen);
    assert_eq!(available_from(known, &settings, hour(33)), None);
    assert_eq!(status(Known::default(), &settings, hour(33)), Status::Available { until: None });
    let never = Settings { not_seen_after: None, ..Settings::default() };
    assert_eq!(status(known, &never, hour(33)), Status::Available { until: None });
    // Presence comes last: who is said to work is not held to being seen.
    let works = Calendar { hours: Vec::new(), ..office(vec![event("google", Kind::Working, hour(40), hour(44))]) };
    let known = Known { calendar: Some(&works), presence: Some(&presence) };
    assert_eq!(status(known, &settings, hour(33)), away(Reason::NotSeen, hour(40)));
    assert_eq!(status(known, &settings, hour(40)), here(hour(44)));
    assert_eq!(available_from(known, &settings, hour(33)), Some(hour(40)));
    assert_eq!(available_from(known, &settings, hour(44)), None);
}

#[test]
fn what_a_stale_source_means_is_a_setting() {
    let heard = vec![(source("google"), hour(9))];
    let calendar = Calendar { heard, ..office(vec![event("google", Kind::OutOfOffice, hour(9), hour(16))]) };
    let when = |when_stale| {
        let google = Source { stale_after: Some(Span::hours(4)), when_stale, ..Source::default() };
        Settings { sources: [(source("google"), google)].into(), ..Settings::default() }
    };
    let ignored = when(WhenStale::Ignore);
    assert_eq!(at(&calendar, &ignored, hour(10)), away(Reason::OutOfOffice, hour(16)));
    let dropped = when(WhenStale::Available);
    assert_eq!(at(&calendar, &dropped, hour(10)), away(Reason::OutOfOffice, hour(13)));
    assert_eq!(at(&calendar, &dropped, hour(13)), here(hour(17)));
    let away_then = when(WhenStale::Unavailable);
    assert_eq!(at(&calendar, &away_then, hour(10)), away(Reason::OutOfOffice, hour(16)));
    assert_eq!(at(&calendar, &away_then, hour(16)), away(Reason::Stale, hour(17)));
    assert_eq!(at(&calendar, &away_then, hour(17)), away(Reason::OutsideHours, hour(33)));
    let known = Known { calendar: Some(&calendar), presence: None };
    assert_eq!(available_from(known, &away_then, hour(10)), None);
    // Not heard of this rep: nothing to be stale.
    let unheard = Calendar { heard: Vec::new(), ..calendar.clone() };
    assert_eq!(at(&unheard, &away_then, hour(16)), here(hour(17)));
}

#[test]
fn when_a_rep_is_free_at_last_is_past_every_reason() {
    let holiday =
        office(vec![event("hr", Kind::Pto, hour(10), hour(24)), event("google", Kind::AllDay, hour(24), hour(48))]);
    let known = Known { calendar: Some(&holiday), presence: None };
    assert_eq!(at(&holiday, &Settings::default(), hour(10)), away(Reason::Pto, hour(24)));
    assert_eq!(available_from(known, &Settings::default(), hour(10)), Some(hour(57)));
    assert_eq!(available_from(known, &Settings::default(), hour(9)), Some(hour(9)));
}

#[test]
fn working_time_leaves_out_leave() {
    let calendar = office(vec![
        event("hr", Kind::Leave, hour(11), hour(36)),
        event("hr", Kind::Pto, hour(35), hour(37)),
        event("google", Kind::AllDay, hour(0), hour(48)),
    ]);
    let known = Known { calendar: Some(&calendar), presence: None };
    let due = |from, hours| due(known, &Settings::default(), from, Span::hours(hours));
    assert_eq!(due(hour(9), 2), hour(11));
    assert_eq!(due(hour(9), 3), hour(38), "from 13:00 on the next day");
    assert_eq!(due(hour(30), 1), hour(38));
    assert_eq!(due(hour(9), 0), hour(9));
}

/// Everything that can be known of a rep, on a grid of quarter hours over three days.
fn known() -> impl Strategy<Value = (Calendar, Option<Presence>)> {
    let name = prop::sample::select(vec!["google", "outlook", "hr", "hr-2"]);
    let event = (name, 0..8_usize, -20..280_i64, 0..120_i64).prop_map(|(name, kind, start, length)| {
        event(name, Kind::ALL[kind], minute(15 * start), minute(15 * (start + length)))
    });
    let moment = || prop::option::weighted(0.3, (-20..300_i64).prop_map(|n| minute(15 * n)));
    let hours = prop::option::of((
        prop::sample::select(vec!["hr", "google"]),
        prop::sample::select(vec![
            "mon-fri 09:00-17:00",
            "mon-sun 22:00-06:00",
            "mon-wed 00:00-24:00",
            "tue 03:00-04:00 05:00-23:00",
        ]),
        prop::bool::ANY,
    ));
    let stated = (moment(), moment(), moment(), moment(), moment());
    (prop::collection::vec(event, 0..9), hours, stated, moment(), moment()).prop_map(
        |(events, hours, (starts_at, ends_at, paused, resumed, heard), seen, heard_hr)| {
            let hours = hours.map(|(name, text, holiday)| {
                let hours = Hours::parse(text, Zone::parse("Europe/London").unwrap()).unwrap();
                let holidays = holiday.then(|| Day::parse("2026-03-03").unwrap()).into_iter().collect();
                Stated { source: source(name), revision: 1, what: Some(hours.without(holidays).unwrap()) }
            });
            let employment = Employment { starts_at, ends_at, manager: None };
            let pause = paused.map(|since| Pause { since, until: resumed, manager: ana(), reason: String::new() });
            let calendar = Calendar {
                rep: ana(),
                events,
                hours: hours.into_iter().collect(),
                employment: vec![Stated { source: source("hr"), revision: 1, what: Some(employment) }],
                pauses: vec![Stated { source: source("console"), revision: 1, what: pause }],
                heard: [("google", heard), ("hr", heard_hr)]
                    .into_iter()
                    .filter_map(|(name, at)| Some((source(name), at?)))
                    .collect(),
            };
            (calendar, seen.map(|seen_at| Presence { rep: ana(), seen_at }))
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    let when = || prop::sample::select(vec![WhenStale::Available, WhenStale::Unavailable, WhenStale::Ignore]);
    let meetings = prop::sample::select(vec![Meetings::Any, Meetings::FullDay, Meetings::FullDay, Meetings::Ignore]);
    let on = || prop::bool::weighted(0.8);
    let hours = prop::sample::select(vec!["always", "always", "mon-fri 08:00-16:00"]);
    let seen_and_hours = (prop::option::of(Just(Span::hours(24))), hours, prop::bool::weighted(0.3));
    (meetings, (on(), on(), on(), on(), on(), on()), seen_and_hours, when(), when()).prop_map(
        |(meetings, ons, (not_seen_after, hours, holiday), google, hr)| {
            let (leave, pto, out_of_office, all_day, outside_hours, tentative) = ons;
            let holidays: Vec<_> = holiday.then(|| Day::parse("2026-03-04").unwrap()).into_iter().collect();
            let hours = Hours::parse(hours, Zone::parse("Europe/London").unwrap()).unwrap().with_holidays(&holidays);
            let stale_after = Some(Span::hours(5));
            let google = Source { class: Class::Calendar, stale_after, when_stale: google };
            let hr = Source { class: Class::Hr, stale_after, when_stale: hr };
            let sources = [(source("google"), google), (source("hr"), hr)].into();
            Settings {
                leave,
                pto,
                out_of_office,
                all_day,
                outside_hours,
                meetings,
                tentative,
                not_seen_after,
                hours,
                holidays,
                sources,
            }
        },
    )
}

/// The plainest reading of the rules, at one moment by itself.
fn plain(calendar: &Calendar, presence: Option<&Presence>, settings: &Settings, at: Millis) -> Option<Reason> {
    let class = |source: &CalendarSource| if source.as_str().starts_with("hr") { 1 } else { 0 };
    let stale_at = |source: &CalendarSource, when| {
        let listed = settings.sources.get(source).filter(|listed| listed.when_stale == when)?;
        Some(calendar.heard(source)?.after(listed.stale_after?))
    };
    let said = |kind: Kind, of: i32, at: Millis| {
        calendar.events.iter().any(|event| {
            let counts = stale_at(&event.source, WhenStale::Available).is_none_or(|stale| at < stale);
            event.kind == kind && class(&event.source) == of && event.start <= at && at < event.end && counts
        })
    };
    let works = |least: i32| (least..2).any(|of| said(Kind::Working, of, at));
    let busy_at = |kind, at| said(kind, 1, at) || (said(kind, 0, at) && !said(Kind::Working, 1, at));
    let busy = |kind| busy_at(kind, at);
    let in_meeting_at = |at| busy_at(Kind::Meeting, at) || (settings.tentative && busy_at(Kind::Tentative, at));
    let stated = calendar.hours.first().map(|stated| (class(&stated.source), stated.what.clone().unwrap()));
    let (stated_by, hours) = stated.unwrap_or_else(|| (0, settings.hours.clone()));
    let hours = hours.with_holidays(&settings.holidays);
    let is_working = |at: Millis| hours.is_working(at);
    let is_filled = || {
        // From midnight to midnight; in London it is Greenwich's all winter.
        let midnight = at.0.div_euclid(86_400_000) * 86_400_000;
        let moments = (0..96).map(|n| Millis(midnight).after(Span::minutes(15 * n)));
        moments.filter(|moment| is_working(*moment)).all(in_meeting_at)
    };
    let employment = calendar.employment[0].what.as_ref().unwrap();
    let is_stale = || {
        calendar.heard.iter().any(|(source, _)| {
            stale_at(source, WhenStale::Unavailable)
                .is_some_and(|stale| stale <= at && (class(source) == 1 || !said(Kind::Working, 1, at)))
        })
    };
    let holds = |reason| match reason {
        Reason::Left => employment.ends_at.is_some_and(|end| end <= at),
        Reason::NotStarted => employment.starts_at.is_some_and(|start| at < start),
        Reason::Paused => calendar.pause(at).is_some(),
        Reason::Leave => settings.leave && busy(Kind::Leave),
        Reason::Pto => settings.pto && busy(Kind::Pto),
        Reason::OutOfOffice => settings.out_of_office && busy(Kind::OutOfOffice),
        Reason::AllDay => settings.all_day && busy(Kind::AllDay),
        Reason::OutsideHours => settings.outside_hours && !is_working(at) && !works(stated_by),
        Reason::MeetingsAllDay => {
            settings.meetings == Meetings::FullDay && in_meeting_at(at) && is_working(at) && is_filled()
        }
        Reason::Meeting => settings.meetings == Meetings::Any && in_meeting_at(at),
        Reason::Stale => is_stale(),
        Reason::NotSeen => {
            let limit = settings.not_seen_after;
            let gone = presence.zip(limit).is_some_and(|(presence, limit)| presence.seen_at.after(limit) <= at);
            gone && !works(0)
        }
    };
    Reason::ALL.into_iter().find(|reason| holds(*reason))
}

/// A calendar may hold as many meetings as fit, all on one day, and a decision looks at all of a team's: were each compared with
/// each, this would take seconds.
#[test]
fn a_day_full_of_short_meetings_with_gaps_is_not_a_day_away() {
    let short = |n: i64| {
        let start = hour(24).after(Span(45_000 * n));
        event("google", Kind::Meeting, start, start.after(Span(20_000)))
    };
    let whole = |events: Vec<Event>| Calendar { hours: Vec::new(), ..office(events) };
    let busy = whole((0..1_900).map(short).collect());
    assert_eq!(at(&busy, &Settings::default(), hour(10)), Status::Available { until: None });
    assert_eq!(at(&busy, &Settings::default(), hour(24)), Status::Available { until: None });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Against the plain reading of every quarter of an hour: the answer is right, stays until it says, and changes then.
    #[test]
    fn the_answer_is_right_and_stays_exactly_until_it_says((calendar, presence) in known(), settings in settings()) {
        let known = Known { calendar: Some(&calendar), presence: presence.as_ref() };
        // Past the last thing said, and a week and more: then only weeks repeat.
        let grid: Vec<_> = (-30..1_000).map(|n| minute(15 * n)).collect();
        let truth: Vec<_> = grid.iter().map(|at| plain(&calendar, presence.as_ref(), &settings, *at)).collect();
        for n in (0..grid.len()).step_by(5) {
            let told = status(known, &settings, grid[n]);
            prop_assert_eq!(told.reason(), truth[n], "at {}", grid[n]);
            prop_assert_eq!(reason(known, &settings, grid[n]), truth[n], "at {}, looking at it alone", grid[n]);
            let change = (n..grid.len()).find(|later| truth[*later] != truth[n]).map(|later| grid[later]);
            let until = told.until().filter(|until| until <= grid.last().unwrap());
            prop_assert_eq!(until, change, "at {}", grid[n]);
            prop_assert!(told.until().is_none_or(|until| reason(known, &settings, until) != told.reason()));
            let free = (n..grid.len()).find(|later| truth[*later].is_none()).map(|later| grid[later]);
            let from = available_from(known, &settings, grid[n]).filter(|from| from <= grid.last().unwrap());
            prop_assert_eq!(from, free, "at {}", grid[n]);
        }
    }

    /// At the ends of time, too, there is an answer.
    #[test]
    fn any_moment_has_an_answer((calendar, presence) in known(), settings in settings(), at in any::<i64>()) {
        let known = Known { calendar: Some(&calendar), presence: presence.as_ref() };
        for at in [at, i64::MIN, i64::MAX, i64::MAX - 1].map(Millis) {
            let told = status(known, &settings, at);
            prop_assert_eq!(told.reason(), reason(known, &settings, at));
            prop_assert!(told.until().is_none_or(|until| until > at));
            let _ = (available_from(known, &settings, at), due(known, &settings, at, Span(at.0)));
        }
    }
}
