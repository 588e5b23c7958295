use super::*;
use crate::availability::Interval;
use crate::calendar::Kind;

const NOW: Millis = Millis(1_700_000_000_000);
const EVERY: Span = Span::minutes(5);
const WITHIN: Span = Span::minutes(1);

fn policy() -> Policy {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}]}], default: {rotate: t}}").unwrap()
}

fn order() -> Order {
    let (rep, source) = (RepId::parse("ana").unwrap(), CalendarSource::parse("google").unwrap());
    Order { rep, source, shape: [1; 16], every: EVERY }
}

fn events(id: &str) -> Fetched {
    let interval = Interval::parse(NOW, NOW.after(Span::days(9)), Kind::OutOfOffice).unwrap();
    let reading = Reading { event: id.into(), revision: 0, interval };
    Fetched::Events(vec![reading], format!("tag-{id}"), String::new())
}

/// The change takes place.
fn apply(snapshot: &mut Snapshot, change: &Change) -> Feed {
    assert!(change.expects.contains(&order().key()), "whoever is late changes nothing");
    snapshot.apply(change);
    order().known(snapshot).unwrap().clone()
}

/// A fetch at a moment, and what it came to; how the feed stands then.
fn fetch(snapshot: &mut Snapshot, fetched: &Fetched, at: Millis) -> Feed {
    let begun = begin(snapshot, &order(), WITHIN, at).unwrap();
    let begun = apply(snapshot, &begun);
    let done = finish(snapshot, &order(), &begun, fetched, Some(&policy()), 0, at).unwrap();
    apply(snapshot, &done)
}

fn held(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.calendar(&order().rep).map_or(Vec::new(), |it| it.events.iter().map(|event| event.id.as_str()).collect())
}

#[test]
fn it_is_fetched_by_one_at_a_time_and_not_before_it_is_due() {
    let mut snapshot = Snapshot::default();
    let begun = begin(&snapshot, &order(), WITHIN, NOW).unwrap();
    let begun = apply(&mut snapshot, &begun);
    let at = |minutes| begin(&snapshot, &order(), WITHIN, NOW.after(Span(minutes)));
    assert!(at(WITHIN.0 - 1).is_err() && at(WITHIN.0).is_ok(), "who began it is gone");
    let done = finish(&snapshot, &order(), &begun, &events("a"), Some(&policy()), 0, NOW).unwrap();
    let feed = apply(&mut snapshot, &done);
    assert_eq!((feed.next_at, feed.good_at, feed.failures), (NOW.after(EVERY), Some(NOW), 0));
    // One who was given up comes back with something older.
    let late = finish(&snapshot, &order(), &begun, &events("old"), Some(&policy()), 0, NOW);
    assert_eq!(late.unwrap_err().broken[0].reason, Reason::NotDue);
    assert_eq!(held(&snapshot), ["a"]);
}

#[test]
fn what_was_read_stands_while_it_fails_and_the_tries_thin_out() {
    let mut snapshot = Snapshot::default();
    fetch(&mut snapshot, &events("a"), NOW);
    let mut at = NOW.after(EVERY);
    for (failures, minutes) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320), (7, 360), (8, 360)] {
        let feed = fetch(&mut snapshot, &Fetched::Failed, at);
        assert_eq!((feed.failures, feed.next_at.since(at)), (failures, Span::minutes(minutes)));
        assert_eq!((feed.etag.as_str(), feed.good_at), ("tag-a", Some(NOW)));
        at = feed.next_at;
        assert_eq!(held(&snapshot), ["a"]);
        if failures == 8 {
            break;
        }
        // Longer than half a day after the last reading the version is not asked for.
        snapshot.put(Record::Feed(Feed { read_at: Some(at), ..feed }));
    }
    assert_eq!(fetch(&mut snapshot, &events("b"), at).failures, 0);
    assert_eq!(held(&snapshot), ["b"]);
    assert_eq!(pause(EVERY, 1, u32::MAX), Span::minutes(5), "less a half at most");
    assert_eq!(pause(Span::days(1), u32::MAX, 0), Span::days(1), "not sooner than it would be without failing");
}

#[test]
fn it_is_read_anew_twice_a_day_and_when_it_is_fetched_from_elsewhere() {
    let mut snapshot = Snapshot::default();
    fetch(&mut snapshot, &events("a"), NOW);
    let version = |snapshot: &Snapshot, order: &Order, at: Millis| {
        let change = begin(snapshot, order, WITHIN, at).unwrap();
        let Some(Record::Feed(feed)) = change.puts.into_iter().next() else { panic!() };
        feed.etag
    };
    let (soon, later) = (NOW.after(EVERY), NOW.after(READ_ANEW));
    assert_eq!(version(&snapshot, &order(), soon), "tag-a");
    assert_eq!(version(&snapshot, &order(), later), "");
    let moved = Order { shape: [2; 16], ..order() };
    assert_eq!(version(&snapshot, &moved, NOW), "", "at once");
    // That nothing has changed is no reading.
    fetch(&mut snapshot, &Fetched::Unchanged, soon);
    assert_eq!(version(&snapshot, &order(), later), "");
    assert_eq!(held(&snapshot), ["a"]);
}
