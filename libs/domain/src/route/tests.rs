use super::*;
use crate::calendar::{Calendar, Event as CalendarEvent};
use crate::id::{CalendarSource, RepId};
use crate::intake::{self, Raw};

const NOW: Millis = Millis(1_700_000_000_000);

fn policy() -> Policy {
    Policy::parse(
        "
teams:
  - id: inbound
    reps: [{id: ana, weight: 2}, {id: bo}]
pools: [{id: open}, {id: overflow}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: good, min_score: 50, rotate: {team: inbound, otherwise: {pool: overflow}}}
default: {pool: open}
",
    )
    .unwrap()
}

fn command(n: u8, source: &str, score: Option<i32>) -> Command {
    let raw = Raw { source: source.into(), score, ..Raw::default() };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    Command { lead: LeadId::new(NOW, [n; 10]), facts, person }
}

fn busy(rep: &str) -> Record {
    Record::Calendar(Calendar {
        rep: RepId::parse(rep).unwrap(),
        events: vec![CalendarEvent {
            source: CalendarSource::parse("google").unwrap(),
            id: "e".into(),
            revision: 1,
            start: NOW,
            end: Millis(NOW.0 + 1),
        }],
    })
}

fn destination(change: &Change) -> &Destination {
    match &change.answer {
        Answer::Routed(routed) => &routed.to,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_route_that_matches_acts() {
    let policy = policy();
    let route = |source: &str, score| {
        let change = decide(&Snapshot::default(), command(1, source, score), &policy, NOW);
        let Answer::Routed(routed) = change.answer else { unreachable!() };
        routed.route
    };
    assert_eq!(route("content_download", Some(90)), "content");
    assert_eq!(route("webinar", Some(50)), "good");
    assert_eq!(route("webinar", Some(49)), "default");
    assert_eq!(route("webinar", None), "default", "an unknown score is at least nothing");
}

#[test]
fn a_rotation_gives_in_proportion_and_loads_the_reps() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    for n in 0..9 {
        let change = decide(&snapshot, command(n, "webinar", Some(80)), &policy, NOW);
        assert!(change.expects.contains(&Key::RotationHead(policy.teams[0].id.clone())));
        snapshot.apply(&change.puts);
    }
    let open = |rep| snapshot.load(&RepId::parse(rep).unwrap()).unwrap().open;
    assert_eq!((open("ana"), open("bo")), (6, 3));
}

#[test]
fn who_is_busy_is_skipped_and_the_decision_says_so() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    snapshot.apply(&[busy("ana")]);
    let change = decide(&snapshot, command(1, "webinar", Some(80)), &policy, NOW);
    let Destination::Assigned { rep, .. } = destination(&change) else { panic!() };
    assert_eq!(rep.as_str(), "bo");
    let decision = change.events[0].decision.as_ref().unwrap();
    let skipped = Skip { rep: RepId::parse("ana").unwrap(), reason: SkipReason::Busy };
    assert_eq!(decision.skips, [skipped]);
    assert!(change.expects.contains(&Key::Calendars(policy.teams[0].id.clone())), "a skip rests on the calendars");
}

#[test]
fn with_nobody_free_the_lead_goes_to_the_backup_pool() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    snapshot.apply(&[busy("ana"), busy("bo")]);
    let change = decide(&snapshot, command(1, "webinar", Some(80)), &policy, NOW);
    assert_eq!(destination(&change), &Destination::Pooled(PoolId::parse("overflow").unwrap()));
    assert!(change.expects.contains(&Key::Calendars(policy.teams[0].id.clone())));
    let later = decide(&snapshot, command(1, "webinar", Some(80)), &policy, Millis(NOW.0 + 1));
    assert!(matches!(destination(&later), Destination::Assigned { .. }), "busy ends by the clock alone");
}

#[test]
fn personal_data_stays_out_of_the_event_and_the_lead() {
    let raw = Raw {
        source: "webinar".into(),
        score: Some(80),
        contact_name: "Jo Doe".into(),
        email: "jo@acme.example".into(),
        ..Raw::default()
    };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    let command = Command { lead: LeadId::new(NOW, [1; 10]), facts, person };
    let change = decide(&Snapshot::default(), command, &policy(), NOW);
    for event in &change.events {
        assert!(!format!("{event:?}").contains("Jo"));
    }
    let with_names: Vec<_> = change.puts.iter().filter(|put| format!("{put:?}").contains("Jo")).collect();
    assert!(matches!(with_names[..], [Record::Person(..)]), "{with_names:?}");
}
