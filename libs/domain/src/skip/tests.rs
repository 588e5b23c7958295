use super::*;
use crate::guardrail::selection::{Ended, Held, Selection};
use crate::id::PoolId;
use crate::intake::{self, Raw};
use crate::lead::Hold;
use crate::time::Span;

const NOW: Millis = Millis(1_700_000_000_000);

fn policy(kind: &str) -> Policy {
    let policy = format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}]}}], pools: [{{id: open, kind: {kind}}}], default: {{pool: open}}}}"
    );
    Policy::parse(&policy).unwrap()
}

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

fn pooled(hold: Option<Box<Hold>>) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let place = Place::Pooled { pool: PoolId::parse("open").unwrap() };
    Lead { place, hold, ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW) }
}

fn command() -> Command {
    Command { rep: rep("ana"), lead: pooled(None).id, reason: Reason::Language }
}

fn with(lead: Lead, selection: Option<Selection>) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(lead));
    selection.into_iter().for_each(|selection| snapshot.put(Record::Selection(selection)));
    snapshot
}

#[test]
fn a_skip_ends_the_hold_and_counts() {
    let until = NOW.after(Span(5));
    let held = Selection { hold: Some(Held { lead: command().lead, until }), ..Selection::new(rep("ana")) };
    let mut snapshot = with(pooled(Some(Box::new(Hold { rep: rep("ana"), until }))), Some(held));
    let change = decide(&snapshot, &command(), &policy("pool"), NOW).unwrap();
    assert_eq!(change.timers, [Timer::Cancel(Due::Hold(command().lead))]);
    let kind = &change.events[0].kind;
    assert!(matches!(kind, Kind::LeadSkipped { reason: Reason::Language, .. }), "{kind:?}");
    for key in reads(&command()) {
        assert!(change.expects.contains(&key), "{key:?}");
    }
    snapshot.apply(&change);
    assert_eq!(snapshot.lead(command().lead).unwrap().hold, None);
    let kept = snapshot.selection(&rep("ana")).unwrap();
    assert_eq!((kept.skipped, kept.hold, kept.lapsed_at), (1, None, None));
    let again = decide(&snapshot, &command(), &policy("pool"), NOW.after(Span(1))).unwrap();
    assert_eq!((again.puts, again.events), (vec![], vec![]), "another click does not count");
}

#[test]
fn a_skip_without_a_hold_counts_and_leaves_another_s_hold() {
    let hold = Box::new(Hold { rep: rep("bo"), until: NOW.after(Span(5)) });
    let mut snapshot = with(pooled(Some(hold.clone())), None);
    let change = decide(&snapshot, &command(), &policy("pool"), NOW).unwrap();
    snapshot.apply(&change);
    assert_eq!(snapshot.lead(command().lead).unwrap().hold, Some(hold));
    assert_eq!(snapshot.selection(&rep("ana")).unwrap().skipped, 1);
}

#[test]
fn a_lapse_and_a_late_skip_are_one() {
    let held = Selection { hold: Some(Held { lead: command().lead, until: NOW }), ..Selection::new(rep("ana")) };
    let snapshot = with(pooled(Some(Box::new(Hold { rep: rep("ana"), until: NOW }))), Some(held));
    let change = decide(&snapshot, &command(), &policy("pool"), NOW).unwrap();
    assert_eq!((change.puts, change.events), (vec![], vec![]));
}

#[test]
fn what_is_no_longer_remembered_counts_again() {
    let lead = command().lead;
    let counts = |ms: i64| {
        let known = Selection { lately: vec![Ended { lead, at: NOW }], ..Selection::new(rep("ana")) };
        let change = decide(&with(pooled(None), Some(known)), &command(), &policy("pool"), NOW.after(Span(ms)));
        change.unwrap().events.len()
    };
    assert_eq!([counts(599_999), counts(600_000)], [0, 1]);
}

#[test]
fn nothing_is_skipped_in_a_queue_and_nothing_that_is_not_there() {
    let reason = |lead: Lead, selection, kind| {
        decide(&with(lead, selection), &command(), &policy(kind), NOW).map_err(|refusal| refusal.broken[0].reason)
    };
    assert_eq!(reason(pooled(None), None, "queue").unwrap_err(), refusal::Reason::SkipNotAllowed);
    let elsewhere = Lead { place: Place::Held, ..pooled(None) };
    assert_eq!(reason(elsewhere.clone(), None, "pool").unwrap_err(), refusal::Reason::LeadAlreadyClaimed);
    // Somebody took it away from under the hold, which is over then.
    let until = NOW.after(Span(5));
    let held = Selection { hold: Some(Held { lead: elsewhere.id, until }), ..Selection::new(rep("ana")) };
    let change = reason(elsewhere, Some(held), "pool").unwrap();
    assert_eq!((change.puts, change.events), (vec![Record::Selection(Selection::new(rep("ana")))], vec![]));
}
