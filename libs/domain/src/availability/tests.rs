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
    Said::Busy(Interval::parse(Millis(start), Millis(end)).unwrap())
}

/// From so many minutes after now to so many.
fn soon(start: i64, end: i64) -> Said {
    busy(NOW.after(Span::minutes(start)).0, NOW.after(Span::minutes(end)).0)
}

/// Carries a command out on `snapshot`; whether it changed anything.
fn take(snapshot: &mut Snapshot, command: &Command, now: Millis) -> Result<bool, Reason> {
    let change = decide(snapshot, command, Some(&POLICY), now).map_err(|refusal| refusal.broken[0].reason)?;
    assert_eq!(change.expects, reads(command));
    let changed = change.answer == Answer::CalendarTaken(true);
    // All or nothing: the calendar, its head, and the word of it.
    assert_eq!(change.puts.len(), if changed { 2 } else { 0 });
    assert_eq!(change.puts.iter().any(|put| matches!(put, Record::Calendars(_, at) if *at == now)), changed);
    assert_eq!(change.events.len(), usize::from(changed));
    snapshot.apply(&change);
    Ok(changed)
}

fn look(snapshot: &Snapshot, moment: Millis) -> (bool, Option<Millis>) {
    let found = at(Some(&POLICY), &rep(), snapshot.calendar(&rep()), moment).unwrap();
    (found.available, found.until)
}

#[test]
fn an_interval_has_a_length_of_at_most_400_days() {
    let interval = |length: Span| Interval::parse(NOW, NOW.after(length));
    assert!(interval(Span(-1)).is_err() && interval(Span(0)).is_err());
    assert!(interval(Span(1)).is_ok() && interval(MAX_LENGTH).is_ok());
    assert_eq!(interval(Span(MAX_LENGTH.0 + 1)), Err(Invalid::new("at most 400 d after start")));
    assert!(Interval::parse(Millis(i64::MIN), Millis(i64::MAX)).is_err());
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
    let refusal = at(Some(&POLICY), &stranger.rep, None, NOW).unwrap_err();
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
    assert_eq!(take(&mut day, &command("a", 1, over), NOW), Ok(false));
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
    let entry =
        |n: usize| Entry { source: source.clone(), id: n.to_string(), revision: 1, start: NOW, end: Millis(NOW.0 + 1) };
    let mut full = Snapshot::default();
    full.put(Record::Calendar(Calendar { rep: rep(), events: (0..MAX_EVENTS).map(entry).collect() }));
    assert_eq!(take(&mut full, &command("new", 1, soon(0, 5)), NOW), Err(Reason::CalendarFull));
    assert_eq!(take(&mut full, &command("new", 1, Said::Cancelled), NOW), Ok(false));
    assert_eq!(take(&mut full, &command("7", 2, soon(0, 5)), NOW), Ok(true));
    assert_eq!(take(&mut full, &command("7", 3, Said::Cancelled), NOW), Ok(true));
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
