use super::*;
use crate::change::Count;
use crate::id::PoolId;
use crate::intake::{self, Raw};
use crate::lead::Via;
use crate::record::Counter;
use crate::time::Span;

const NOW: Millis = Millis(1_700_000_000_000);
const DUE: Millis = Millis(NOW.0 + 7_200_000);

fn policy() -> Policy {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], default: {pool: open}}")
        .unwrap()
}

fn owned() -> Snapshot {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let rep = RepId::parse("ana").unwrap();
    let lead = Lead {
        place: Place::Assigned {
            owner: rep.clone(),
            via: Via::Claim(PoolId::parse("open").unwrap()),
            remind_at: DUE,
            contact_due: DUE,
            contacted_at: None,
        },
        fence: Fence(3),
        ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    };
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(lead));
    snapshot
}

fn contact(snapshot: &Snapshot, rep: &str, fence: u64, now: Millis) -> Result<Change, Reason> {
    let rep = RepId::parse(rep).unwrap();
    let command = Command { rep, lead: LeadId::new(NOW, [1; 10]), fence: Fence(fence) };
    decide(snapshot, &command, &policy(), now).map_err(|refusal| refusal.broken[0].reason)
}

fn answer(change: &Change) -> &Contacted {
    match &change.answer {
        Answer::Contacted(contacted) => contacted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_its_deadline_a_contact_is_late() {
    let before = contact(&owned(), "ana", 3, Millis(DUE.0 - 1)).unwrap();
    assert!(answer(&before).in_time);
    let at = contact(&owned(), "ana", 3, DUE).unwrap();
    assert!(!answer(&at).in_time);
    assert_eq!(answer(&at).contact_speed, Span::hours(2));
}

#[test]
fn a_second_contact_answers_with_the_first_and_changes_nothing() {
    let mut snapshot = owned();
    let first = contact(&snapshot, "ana", 3, Millis(NOW.0 + 5)).unwrap();
    snapshot.apply(&first);
    // It was claimed.
    let counters = [Counter::Uncontacted, Counter::Hoarded].map(|of| of(RepId::parse("ana").unwrap()));
    assert_eq!(first.counts[..2], counters.map(|counter| Count { counter, delta: -1, most: None }));
    assert!(first.counts[2..].iter().all(|count| matches!(count.counter, Counter::Figure(..))), "{first:?}");
    let second = contact(&snapshot, "ana", 3, Millis(NOW.0 + 9)).unwrap();
    assert_eq!(second.answer, first.answer);
    assert!(second.puts.is_empty() && second.events.is_empty() && second.counts.is_empty());
}

#[test]
fn only_the_owner_with_the_present_fence() {
    assert_eq!(contact(&owned(), "bo", 3, NOW).unwrap_err(), Reason::NotOwner);
    assert_eq!(contact(&owned(), "ana", 2, NOW).unwrap_err(), Reason::FenceStale);
    assert_eq!(contact(&owned(), "eve", 3, NOW).unwrap_err(), Reason::RepUnknown);
    let empty = contact(&Snapshot::default(), "ana", 3, NOW);
    assert_eq!(empty.unwrap_err(), Reason::LeadUnknown);
}
