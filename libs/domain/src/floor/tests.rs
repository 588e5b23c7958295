use super::*;
use crate::calendar::{Calendar, Event as Busy, Kind as BusyKind, Pause, Stated};
use crate::conduct::{Suspension, Why};
use crate::id::CalendarSource;
use crate::record::{Claims, Record};
use crate::rounds::Rounds;

const HOUR: i64 = Span::hours(1).0;
const DAY: i64 = 24 * HOUR;

/// 2026-03-02, a Monday, 00:00 UTC.
const MONDAY: Millis = Millis(1_772_409_600_000);

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

fn policy(hours: &str, zone: &str) -> Policy {
    let text = format!(
        "
manager: max
reps: [{{id: max}}, {{id: old, left: true}}]
teams: [{{id: t, reps: [{{id: ana}}, {{id: old}}]}}]
pools: [{{id: open}}]
default: {{pool: open}}
guardrails: {{floor: 3}}
availability: {{hours: '{hours}', time_zone: '{zone}', holidays: [2026-03-05]}}
"
    );
    Policy::parse(&text).unwrap()
}

fn at_work() -> Policy {
    policy("mon-fri 09:00-17:00", "UTC")
}

fn at(day: i64, hour: i64) -> Millis {
    Millis(MONDAY.0 + day * DAY + hour * HOUR)
}

fn claimed(moments: &[Millis]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let claims = Claims { rep: rep("ana"), claimed_at: moments.to_vec(), taken: Default::default() };
    snapshot.put(Record::Claims(claims));
    snapshot
}

/// The days of ana's of which is told in a week from Monday on, with her claims.
fn told(snapshot: &Snapshot, policy: &Policy) -> Vec<(String, u32)> {
    let days = ended(snapshot, &rep("ana"), policy, (at(0, 0), at(7, 0)));
    let below = days.iter().filter_map(|day| below(snapshot, &rep("ana"), policy, day));
    below.map(|below| (below.day.to_string(), below.claims)).collect()
}

fn days(told: &[(&str, u32)]) -> Vec<(String, u32)> {
    told.iter().map(|(day, claims)| (format!("2026-03-{day}"), *claims)).collect()
}

/// Three claims on each of these days.
fn three_on(days: impl IntoIterator<Item = i64>) -> Vec<Millis> {
    days.into_iter().flat_map(|day| [9, 10, 11].map(|hour| at(day, hour))).collect()
}

#[test]
fn the_floor_is_looked_at_on_working_days() {
    let nothing = days(&[("02", 0), ("03", 0), ("04", 0), ("06", 0)]);
    assert_eq!(told(&Snapshot::default(), &at_work()), nothing, "neither on a holiday nor at the weekend");
    for (claims, is_told) in [(2, true), (3, false), (4, false)] {
        let mut moments = three_on([1, 2, 4]);
        moments.extend((0..claims).map(|n| at(0, 9 + n)));
        let expected = if is_told { days(&[("02", 2)]) } else { Vec::new() };
        assert_eq!(told(&claimed(&moments), &at_work()), expected, "{claims}");
    }
    let edges = [Millis(at(0, 0).0 - 1), at(0, 0), Millis(at(1, 0).0 - 1), at(1, 0)];
    let first: Vec<_> = told(&claimed(&edges), &at_work()).into_iter().take(2).collect();
    assert_eq!(first, days(&[("02", 2), ("03", 1)]), "a day begins at midnight");
}

fn with(change: impl FnOnce(&mut Calendar)) -> Snapshot {
    let mut calendar = Calendar::empty(rep("ana"));
    change(&mut calendar);
    let mut snapshot = claimed(&three_on([2, 4]));
    snapshot.put(Record::Calendar(calendar));
    snapshot
}

fn source() -> CalendarSource {
    CalendarSource::parse("hr").unwrap()
}

#[test]
fn leave_and_a_pause_of_the_whole_day_ask_for_no_claim() {
    let away = |kind, from: Millis, to: Millis| {
        let busy = Busy { source: source(), id: "e".into(), revision: 1, kind, start: from, end: to };
        told(&with(|calendar| calendar.events.push(busy)), &at_work())
    };
    let both = days(&[("02", 0), ("03", 0)]);
    let tuesday = days(&[("03", 0)]);
    assert_eq!(away(BusyKind::Leave, at(0, 9), at(0, 17)), tuesday);
    assert_eq!(away(BusyKind::Pto, at(0, 0), at(1, 0)), tuesday);
    assert_eq!(away(BusyKind::Leave, at(0, 9), Millis(at(0, 17).0 - 1)), both, "a millisecond was hers");
    assert_eq!(away(BusyKind::Meeting, at(0, 0), at(1, 0)), both, "who meets can claim");
    let paused = |since, until| {
        let pause = Pause { since, until, manager: rep("max"), reason: String::new() };
        let stated = Stated { source: source(), revision: 1, what: Some(pause) };
        told(&with(|calendar| calendar.pauses.push(stated)), &at_work())
    };
    assert_eq!(paused(at(-1, 0), Some(at(0, 17))), tuesday);
    assert_eq!(paused(at(0, 10), Some(at(0, 17))), both);
    assert_eq!(paused(at(0, 0), None), Vec::new());
}

#[test]
fn a_suspension_of_the_whole_day_asks_for_no_claim() {
    let suspended = |from, until, over: bool| {
        let mut conduct = Conduct::clean(rep("ana"));
        match over {
            true => conduct.suspended = Some((from, until)),
            false => conduct.suspensions.push(Suspension { from, until, why: Why::Misses(3), lifted: None }),
        }
        let mut snapshot = claimed(&three_on([2, 4]));
        snapshot.put(Record::Conduct(conduct));
        told(&snapshot, &at_work())
    };
    for over in [false, true] {
        assert_eq!(suspended(at(-3, 0), at(0, 17), over), days(&[("03", 0)]), "{over}");
        assert_eq!(suspended(at(0, 10), at(1, 17), over), days(&[("02", 0)]), "{over}");
    }
}

#[test]
fn days_are_the_reps_own() {
    let new_york = policy("mon-sun 09:00-17:00", "America/New_York");
    let (snapshot, ana) = (Snapshot::default(), rep("ana"));
    let ends = |since, until| -> Vec<(String, i64, i64)> {
        let days = ended(&snapshot, &ana, &new_york, (since, until));
        days.iter()
            .map(|it| (it.day.to_string(), it.to.since(MONDAY).0 / HOUR, it.to.since(it.from).0 / HOUR))
            .collect()
    };
    let sunday = ("2026-03-01".to_owned(), 5, 24);
    assert_eq!(ends(at(0, 4), at(0, 5)), std::slice::from_ref(&sunday));
    assert_eq!(ends(at(0, 3), at(0, 4)), []);
    assert_eq!(ends(at(0, 5), at(0, 6)), [], "once");
    // The clocks go forward on 8 March: that day has 23 hours, and days end an hour earlier by UTC from then on.
    assert_eq!(ends(at(6, 5), at(8, 0)), [("2026-03-08".to_owned(), 7 * 24 + 4, 23)]);
    let week = ends(at(0, 4), at(7, 4));
    assert_eq!((week.len(), &week[0]), (8, &sunday), "all that were slept through");
    let kathmandu = policy("mon-sun 09:00-17:00", "Asia/Kathmandu");
    let looked: Vec<_> =
        (0..24).flat_map(|hour| ended(&snapshot, &ana, &kathmandu, (at(0, hour), at(0, hour + 1)))).collect();
    assert_eq!(looked.len(), 1, "whatever the hour's quarters");
    assert_eq!(looked[0].to, Millis(at(0, 18).0 + HOUR / 4));
}

#[test]
fn a_late_look_goes_back_no_more_than_a_week() {
    assert_eq!(stretch(at(0, 1), at(0, 1)), (at(0, 0), at(0, 1)));
    assert_eq!(stretch(at(0, 1), Millis(at(0, 4).0 - 1)), (at(0, 0), at(0, 3)));
    assert_eq!(stretch(at(0, 1), at(20, 0)), (at(13, 0), at(20, 0)));
    let kept = looks_back(&at_work().guardrails);
    assert!(kept.0 >= 8 * DAY + HOUR);
    let claims = crate::quota::record(&[], kept, &[at(0, 0)], Millis(at(0, 0).0 + kept.0));
    assert_eq!(claims.len(), 2);
}

#[test]
fn it_is_told_what_is_below_and_of_whom() {
    let (snapshot, policy) = (claimed(&[at(0, 9)]), at_work());
    let day = ended(&snapshot, &rep("ana"), &policy, (at(0, 1), at(1, 0)))[0];
    let change = tell(&snapshot, &rep("ana"), &policy, &day, at(1, 0)).unwrap();
    let below = Below { rep: rep("ana"), day: Day::parse("2026-03-02").unwrap(), claims: 1, floor: 3 };
    assert_eq!(change.events, [Event { at: at(1, 0), kind: Kind::ActivityBelowFloor(below), decision: None }]);
    assert_eq!(change.expects, reads(&rep("ana")));
    for (id, held) in [("ana", true), ("max", false), ("old", false), ("nobody", false)] {
        assert_eq!(holds(&policy, &rep(id)), held, "{id}");
        assert_eq!(tell(&snapshot, &rep(id), &policy, &day, at(1, 0)).is_ok(), held, "{id}");
    }
    let mut due = snapshot.clone();
    due.put(Record::Rounds(Rounds { tiers: None, floor: Some(at(1, 0)) }));
    due.apply(&finish(&due, at(1, 0), &policy, at(1, 0)).unwrap());
    assert_eq!(due.rounds().unwrap().floor, Some(at(1, 1)));
    assert_eq!(finish(&due, at(1, 0), &policy, at(1, 0)).unwrap_err().broken[0].reason, Reason::NotDue);
}
