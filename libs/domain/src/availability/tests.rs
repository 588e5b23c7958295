use std::collections::HashMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const NOW: Millis = Millis(1_700_000_000_000);

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}]}], pools: [{id: open}], default: {pool: open}}").unwrap()
});

fn rep() -> RepId {
    RepId::parse("ana").unwrap()
}

fn command(event: &str, revision: u64, said: Said) -> Command {
    let source = CalendarSource::parse("google").unwrap();
    Command { rep: rep(), source, event: event.into(), revision, said }
}

fn busy(start: i64, end: i64) -> Said {
    Said::Busy(Interval::parse(Millis(start), Millis(end), calendar::Kind::OutOfOffice).unwrap())
}

/// From so many minutes after now to so many.
fn soon(start: i64, end: i64) -> Said {
    busy(NOW.after(Span::minutes(start)).0, NOW.after(Span::minutes(end)).0)
}

/// Carries a command out on `snapshot`; whether it changed anything.
fn take(snapshot: &mut Snapshot, command: &Command, now: Millis) -> Result<bool, Reason> {
    let change = decide(snapshot, command, Some(&POLICY), now).map_err(|refusal| refusal.broken[0].reason)?;
    let read = reads(command);
    assert!(change.expects.iter().all(|key| read.contains(key)));
    assert_eq!(change.expects, [Key::PolicyHead, Key::Calendar(rep())]);
    let changed = change.answer == Answer::CalendarTaken(true);
    // All or nothing: the calendar, its head, and the word of it.
    assert_eq!(change.puts.len(), if changed { 2 } else { 0 });
    assert_eq!(change.puts.iter().any(|put| matches!(put, Record::Calendars(_, at) if *at == now)), changed);
    assert_eq!(change.events.len(), usize::from(changed));
    snapshot.apply(&change);
    Ok(changed)
}

fn look(snapshot: &Snapshot, moment: Millis) -> (bool, Option<Millis>) {
    let Answered { status, available_from } = at(Some(&POLICY), &rep(), Known::of(snapshot, &rep()), moment).unwrap();
    let is_available = status.reason().is_none();
    assert_eq!(available_from, if is_available { Some(moment) } else { status.until() });
    (is_available, status.until())
}

#[test]
fn an_interval_has_a_length_of_at_most_400_days() {
    let meeting = calendar::Kind::Meeting;
    let interval = |length: Span| Interval::parse(NOW, NOW.after(length), meeting);
    assert!(interval(Span(-1)).is_err() && interval(Span(0)).is_err());
    assert!(interval(Span(1)).is_ok() && interval(MAX_LENGTH).is_ok());
    assert_eq!(interval(Span(MAX_LENGTH.0 + 1)), Err(Invalid::new("at most 400 d after start")));
    assert!(Interval::parse(Millis(i64::MIN), Millis(i64::MAX), meeting).is_err());
}

#[test]
fn an_event_id_is_printable_and_bounded() {
    assert_eq!(event_id("a{b}:c d").as_deref(), Ok("a{b}:c d"));
    assert!(event_id(&"x".repeat(255)).is_ok());
    for bad in ["", "a\nb", "é", "\u{7f}", &"x".repeat(256)] {
        assert!(event_id(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn only_reps_of_the_policy_have_a_calendar() {
    let stranger = Command { rep: RepId::parse("eve").unwrap(), ..command("a", 1, soon(0, 5)) };
    assert_eq!(take(&mut Snapshot::default(), &stranger, NOW), Err(Reason::RepUnknown));
    let refusal = at(Some(&POLICY), &stranger.rep, Known::default(), NOW).unwrap_err();
    assert_eq!(refusal.broken[0].reason, Reason::RepUnknown);
    let refusal = decide(&Snapshot::default(), &command("a", 1, soon(0, 5)), None, NOW).unwrap_err();
    assert_eq!(refusal.broken[0].reason, Reason::PolicyMissing);
}

#[test]
fn a_rep_is_free_around_an_event_and_until_the_next() {
    let mut day = Snapshot::default();
    assert_eq!(look(&day, NOW), (true, None));
    assert_eq!(take(&mut day, &command("a", 0, soon(10, 20)), NOW), Ok(true));
    let minute = |n| NOW.after(Span::minutes(n));
    assert_eq!(look(&day, NOW), (true, Some(minute(10))));
    assert_eq!(look(&day, minute(10)), (false, Some(minute(20))));
    assert_eq!(look(&day, minute(20)), (true, None));
}

#[test]
fn held_leads_are_tried_again_when_somebody_comes_free_and_not_because_somebody_is() {
    let mut day = Snapshot::default();
    let mut drains = |said: Said, revision: u64, minute: i64| {
        let now = NOW.after(Span::minutes(minute));
        let change = decide(&day, &command("a", revision, said), Some(&POLICY), now).unwrap();
        day.apply(&change);
        change.timers == [Timer::Set(Due::Drain, now)]
    };
    assert!(!drains(soon(30, 40), 1, 0), "free as before");
    assert!(!drains(Said::Seen(NOW), 0, 1) && !drains(Said::Seen(NOW.after(Span::minutes(5))), 0, 5), "seen again");
    assert!(!drains(soon(5, 40), 2, 6), "busy");
    assert!(drains(Said::Cancelled, 3, 7), "free again");
}

#[test]
fn a_revision_that_is_not_newer_changes_nothing() {
    let mut day = Snapshot::default();
    assert_eq!(take(&mut day, &command("a", 2, soon(0, 5)), NOW), Ok(true));
    for revision in [0, 1, 2] {
        assert_eq!(take(&mut day, &command("a", revision, Said::Cancelled), NOW), Ok(false));
    }
    assert_eq!(take(&mut day, &command("a", 3, Said::Cancelled), NOW), Ok(true));
    assert_eq!(look(&day, NOW), (true, None));
    assert_eq!(take(&mut day, &command("a", 2, soon(0, 5)), NOW), Ok(false));
}

#[test]
fn a_cancellation_that_overtakes_its_event_holds() {
    let mut day = Snapshot::default();
    assert_eq!(take(&mut day, &command("a", 2, Said::Cancelled), NOW), Ok(true));
    assert_eq!(take(&mut day, &command("a", 1, soon(0, 5)), NOW), Ok(false));
    assert_eq!(look(&day, NOW), (true, None));
}

#[test]
fn what_is_long_over_is_passed_over_but_frees_a_rep_whose_event_moved_there() {
    let mut day = Snapshot::default();
    let over = busy(NOW.0 - KEEP_ENDED.0 - 1_000, NOW.0 - KEEP_ENDED.0);
    assert_eq!(take(&mut day, &command("a", 1, over.clone()), NOW), Ok(false));
    assert_eq!(take(&mut day, &command("a", 1, soon(0, 5)), NOW), Ok(true));
    assert_eq!(take(&mut day, &command("a", 2, over), NOW), Ok(true));
    assert_eq!(look(&day, NOW), (true, None));
    assert_eq!(take(&mut day, &command("a", 1, soon(0, 5)), NOW), Ok(false), "still remembered");
    let barely = busy(NOW.0 - KEEP_ENDED.0, NOW.0 - KEEP_ENDED.0 + 1);
    assert_eq!(take(&mut day, &command("b", 1, barely), NOW), Ok(true));
}

#[test]
fn a_full_calendar_takes_no_new_event_but_every_change_of_one_it_holds() {
    let source = CalendarSource::parse("google").unwrap();
    let entry = |n: usize| Entry {
        source: source.clone(),
        id: n.to_string(),
        revision: 1,
        kind: calendar::Kind::Meeting,
        start: NOW,
        end: Millis(NOW.0 + 1),
    };
    let mut full = Snapshot::default();
    let events = (0..MAX_EVENTS).map(entry).collect();
    full.put(Record::Calendar(Calendar { events, ..Calendar::empty(rep()) }));
    assert_eq!(take(&mut full, &command("new", 1, soon(0, 5)), NOW), Err(Reason::CalendarFull));
    assert_eq!(take(&mut full, &command("new", 1, Said::Cancelled), NOW), Ok(false));
    assert_eq!(take(&mut full, &command("7", 2, soon(0, 5)), NOW), Ok(true));
    assert_eq!(take(&mut full, &command("7", 3, Said::Cancelled), NOW), Ok(true));
}

fn said(source: &str, revision: u64, said: Said) -> Command {
    let source = CalendarSource::parse(source).unwrap();
    Command { rep: rep(), source, event: String::new(), revision, said }
}

/// Why the rep is unavailable at a moment.
fn why(snapshot: &Snapshot, moment: Millis) -> Option<status::Reason> {
    status::reason(Known::of(snapshot, &rep()), POLICY.availability(&rep()), moment)
}

#[test]
fn a_source_states_hours_and_takes_them_back() {
    let mut day = Snapshot::default();
    // The moment is a Tuesday at 22:13 UTC.
    let hours = |text: &str| Said::Hours(Some(Hours::parse(text, crate::working::Zone::UTC).unwrap()));
    assert_eq!(take(&mut day, &said("hr", 1, hours("tue 08:00-16:00")), NOW), Ok(true));
    assert_eq!(why(&day, NOW), Some(status::Reason::OutsideHours));
    assert_eq!(take(&mut day, &said("google", 9, hours("tue 20:00-24:00")), NOW), Ok(true));
    assert_eq!(why(&day, NOW), Some(status::Reason::OutsideHours), "what HR says counts");
    assert_eq!(take(&mut day, &said("hr", 1, Said::Hours(None)), NOW), Ok(false));
    assert_eq!(take(&mut day, &said("hr", 2, Said::Hours(None)), NOW), Ok(true));
    assert_eq!(why(&day, NOW), None);
    let calendar = day.calendar(&rep()).unwrap();
    assert_eq!(status::hours(Some(calendar), POLICY.availability(&rep())).text(), "tue 20:00-24:00");
}

#[test]
fn a_manager_pauses_and_a_leaver_stays_away() {
    let mut day = Snapshot::default();
    let manager = RepId::parse("max").unwrap();
    let until = NOW.after(Span::hours(1));
    let stop = Stop { until: Some(until), manager: manager.clone(), reason: "training".into() };
    assert_eq!(take(&mut day, &said("console", 1, Said::Pause(Some(stop))), NOW), Ok(true));
    assert_eq!(why(&day, Millis(NOW.0 - 1)), None, "a pause begins when it is ordered");
    assert_eq!((why(&day, NOW), why(&day, until)), (Some(status::Reason::Paused), None));
    assert_eq!(day.calendar(&rep()).unwrap().pause(NOW).unwrap().manager, manager);
    assert_eq!(take(&mut day, &said("console", 2, Said::Pause(None)), NOW), Ok(true));
    assert_eq!(why(&day, NOW), None);
    let employment = Employment { starts_at: None, ends_at: Some(NOW), manager: Some(manager) };
    assert_eq!(take(&mut day, &said("hr", 1, Said::Employment(Some(employment))), NOW), Ok(true));
    assert_eq!((why(&day, Millis(NOW.0 - 1)), why(&day, NOW)), (None, Some(status::Reason::Left)));
    let found = at(Some(&POLICY), &rep(), Known::of(&day, &rep()), NOW).unwrap();
    assert_eq!((found.status.until(), found.available_from), (None, None));
}

#[test]
fn statements_of_too_many_sources_are_refused() {
    let mut day = Snapshot::default();
    for n in 0..MAX_SOURCES {
        assert_eq!(take(&mut day, &said(&format!("s{n}"), 1, Said::Pause(None)), NOW), Ok(true));
    }
    assert_eq!(take(&mut day, &said("more", 1, Said::Pause(None)), NOW), Err(Reason::CalendarFull));
}

#[test]
fn a_source_with_nothing_new_is_heard_once_a_minute_and_tells_nobody() {
    let mut day = Snapshot::default();
    let mut heard = |now: Millis| {
        let change = decide(&day, &said("google", 0, Said::Synced), Some(&POLICY), now).unwrap();
        assert_eq!(change.events.len(), 0);
        assert!(!change.puts.iter().any(|put| matches!(put, Record::Calendars(..))), "no decision rests on it");
        day.apply(&change);
        change.answer == Answer::CalendarTaken(true)
    };
    assert!(heard(NOW) && !heard(Millis(NOW.0 + 59_999)) && heard(Millis(NOW.0 + 60_000)));
}

#[test]
fn a_heartbeat_is_a_record_of_its_own_and_told_when_it_brings_the_rep_back() {
    let mut day = Snapshot::default();
    let mut seen = |now: Millis| {
        let change = decide(&day, &said("chat", 0, Said::Seen(now)), Some(&POLICY), now).unwrap();
        assert_eq!(change.expects, [Key::PolicyHead, Key::Presence(rep())]);
        day.apply(&change);
        let mut puts: Vec<_> = change.puts.iter().map(Record::key).collect();
        puts.retain(|key| *key != Key::Presence(rep()));
        (change.answer == Answer::CalendarTaken(true), puts.len(), change.events.len())
    };
    let minute = |n| NOW.after(Span::minutes(n));
    assert_eq!(seen(minute(0)), (true, 1, 0), "from now on the rep is held to it, so decisions are stale");
    assert_eq!(seen(Millis(NOW.0 + 59_999)), (false, 0, 0));
    assert_eq!(seen(minute(1)), (true, 0, 0));
    assert_eq!(seen(minute(24 * 60)), (true, 0, 0), "within the day");
    assert_eq!(seen(minute(48 * 60)), (true, 0, 1), "back, after a day not seen");
}

proptest! {
    /// Against the plainest model: the newest revision of each event, and every minute looked at by itself.
    #[test]
    fn a_calendar_is_the_newest_revision_of_each_event(
        messages in prop::collection::vec((0..4_u8, 0..6_u64, prop::option::of((0..40_i64, 1..12_i64))), 0..40),
    ) {
        let minute = |n: i64| NOW.after(Span::minutes(n));
        let mut day = Snapshot::default();
        let mut model: HashMap<u8, (u64, Option<(i64, i64)>)> = HashMap::new();
        for (event, revision, said) in messages {
            let interval = said.map(|(start, length)| (start, start + length));
            let newer = model.get(&event).is_none_or(|(held, _)| *held < revision);
            let said = interval.map_or(Said::Cancelled, |(start, end)| soon(start, end));
            prop_assert_eq!(take(&mut day, &command(&event.to_string(), revision, said), NOW), Ok(newer));
            if newer {
                model.insert(event, (revision, interval));
            }
        }
        let is_busy = |n: i64| model.values().any(|(_, said)| said.is_some_and(|(start, end)| (start..end).contains(&n)));
        for n in 0..60 {
            let other = (n..60).find(|later| is_busy(*later) != is_busy(n));
            prop_assert_eq!(look(&day, minute(n)), (!is_busy(n), other.map(minute)));
        }
    }
}
