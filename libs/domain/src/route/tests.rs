use super::*;
use crate::answer::{Answer, Destination};
use crate::availability::status::Reason as Unavailable;
use crate::calendar::{Calendar, Event as CalendarEvent, Kind as Said};
use crate::event::SkipReason;
use crate::id::{CalendarSource, RepId};
use crate::intake::{self, Raw};
use crate::lead::Place;
use crate::presence::Presence;
use crate::record::Record;

mod again;
mod credit;
mod offboarded;

pub(super) const NOW: Millis = Millis(1_700_000_000_000);

fn policy() -> Policy {
    Policy::parse(
        "
teams:
  - id: inbound
    reps: [{id: ana, weight: 2}, {id: bo}]
pools: [{id: open}, {id: overflow}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: good, min_score: 50, rotate: inbound, otherwise: {pool: overflow}}
default: {pool: open}
",
    )
    .unwrap()
}

fn command(n: u8, source: &str, score: Option<i32>) -> Command {
    let raw = Raw { source: source.into(), score, ..Raw::default() };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    Command::new(LeadId::new(NOW, [n; 10]), facts, person)
}

pub(super) fn away(rep: &str) -> Record {
    let event = CalendarEvent {
        source: CalendarSource::parse("google").unwrap(),
        id: "e".into(),
        revision: 1,
        kind: Said::OutOfOffice,
        start: NOW,
        end: Millis(NOW.0 + 1),
    };
    Record::Calendar(Calendar { events: vec![event], ..Calendar::empty(RepId::parse(rep).unwrap()) })
}

fn seen(rep: &str, at: Millis) -> Record {
    Record::Presence(Presence { rep: RepId::parse(rep).unwrap(), seen_at: at })
}

/// Decides on everything there is.
pub(super) fn go(snapshot: &mut Snapshot, command: &Command, policy: &Policy, now: Millis) -> Change {
    settle(snapshot, command, policy, now).unwrap()
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
        let change = settle(&mut Snapshot::default(), &command(1, source, score), &policy, NOW).unwrap();
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
        let change = settle(&mut snapshot, &command(n, "webinar", Some(80)), &policy, NOW).unwrap();
        assert!(change.expects.contains(&Key::RotationHead(policy.teams[0].id.clone())));
        snapshot.apply(&change);
    }
    let open = |rep| snapshot.count(&Counter::Open(RepId::parse(rep).unwrap()));
    assert_eq!((open("ana"), open("bo")), (6, 3));
}

#[test]
fn who_is_away_is_skipped_and_the_decision_says_so() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    snapshot.put(away("ana"));
    let change = settle(&mut snapshot, &command(1, "webinar", Some(80)), &policy, NOW).unwrap();
    let Destination::Assigned { rep, .. } = destination(&change) else { panic!() };
    assert_eq!(rep.as_str(), "bo");
    let decision = change.events[0].decision.as_ref().unwrap();
    let skipped = Skip { rep: RepId::parse("ana").unwrap(), reason: SkipReason::Unavailable(Unavailable::OutOfOffice) };
    assert_eq!(decision.skips, [skipped]);
    assert!(change.expects.contains(&Key::Calendars(policy.teams[0].id.clone())), "a skip rests on the calendars");
}

/// Presence changes without a head that decisions expect: see `crate::presence`.
#[test]
fn who_is_skipped_as_not_seen_is_expected_to_stay_so_and_who_was_seen_is_not() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    let day = Span::hours(24);
    snapshot.put(seen("ana", Millis(NOW.0 - day.0)));
    snapshot.put(seen("bo", Millis(NOW.0 - day.0 + 1)));
    let change = go(&mut snapshot, &command(1, "webinar", Some(80)), &policy, NOW);
    let decision = change.events[0].decision.as_ref().unwrap();
    let ana = RepId::parse("ana").unwrap();
    assert_eq!(decision.skips, [Skip { rep: ana.clone(), reason: SkipReason::Unavailable(Unavailable::NotSeen) }]);
    let presences: Vec<_> = change.expects.iter().filter(|key| matches!(key, Key::Presence(_))).collect();
    assert_eq!(presences, [&Key::Presence(ana)]);
}

#[test]
fn with_nobody_free_the_lead_goes_to_the_backup_pool() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    snapshot.put(away("ana"));
    snapshot.put(away("bo"));
    let change = settle(&mut snapshot, &command(1, "webinar", Some(80)), &policy, NOW).unwrap();
    assert_eq!(destination(&change), &Destination::Pooled(PoolId::parse("overflow").unwrap()));
    assert!(change.expects.contains(&Key::Calendars(policy.teams[0].id.clone())));
    let later = settle(&mut snapshot, &command(1, "webinar", Some(80)), &policy, Millis(NOW.0 + 1)).unwrap();
    assert!(matches!(destination(&later), Destination::Assigned { .. }), "being away ends by the clock alone");
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
    let command = Command::new(LeadId::new(NOW, [1; 10]), facts, person);
    let change = settle(&mut Snapshot::default(), &command, &policy(), NOW).unwrap();
    for event in &change.events {
        assert!(!format!("{event:?}").contains("Jo"));
    }
    let with_names: Vec<_> = change.puts.iter().filter(|put| format!("{put:?}").contains("Jo")).collect();
    assert!(matches!(with_names[..], [Record::Person(..)]), "{with_names:?}");
}

#[test]
fn a_mix_pushes_exactly_its_share_at_every_moment() {
    for percent in [1, 33, 60, 70, 99] {
        let policy = Policy::parse(&format!(
            "teams: [{{id: in, capacity: 1000, reps: [{{id: ana}}]}}]\npools: [{{id: open}}]\n\
             default: {{rotate: in, push: {{percent: {percent}, rest: open}}}}"
        ))
        .unwrap();
        let mut snapshot = Snapshot::default();
        let mut pushed = 0;
        for n in 1..=200u16 {
            let raw = Raw { source: "webinar".into(), ..Raw::default() };
            let (facts, person) = intake::normalise(raw, NOW).unwrap();
            let id = LeadId::new(Millis(NOW.0 + i64::from(n)), [0; 10]);
            let change = go(&mut snapshot, &Command::new(id, facts, person), &policy, NOW);
            pushed += u32::from(matches!(destination(&change), Destination::Assigned { .. }));
            snapshot.apply(&change);
            assert_eq!(pushed, u32::from(n) * percent / 100, "of {n} at {percent} %");
        }
    }
}

#[test]
fn a_lead_that_comes_in_again_is_found_by_mail_phone_or_name() {
    let policy = policy();
    let lead = |n: u8, email: &str, phone: &str, name: &str| {
        let raw = Raw {
            source: "webinar".into(),
            score: Some(80),
            email: email.into(),
            phone: phone.into(),
            contact_name: name.into(),
            company_domain: "acme.com".into(),
            ..Raw::default()
        };
        let (facts, person) = intake::normalise(raw, NOW).unwrap();
        Command::new(LeadId::new(NOW, [n; 10]), facts, person)
    };
    let mut snapshot = Snapshot::default();
    let head = crate::record::PolicyHead { number: 0, pools: Vec::new(), secret: [7; 32], tiers_since: None };
    snapshot.put(Record::PolicyHead(head));
    let first = go(&mut snapshot, &lead(1, "jo@acme.com", "+49 30 901820", "Jo Doe"), &policy, NOW);
    snapshot.apply(&first);
    for (again, by) in [
        (lead(2, "JO@acme.com", "", ""), crate::event::Likeness::Email),
        (lead(3, "", "+4930901820", "Other"), crate::event::Likeness::Phone),
        (lead(4, "x@acme.com", "", "jo  doe"), crate::event::Likeness::CompanyAndName),
    ] {
        let change = go(&mut snapshot, &again, &policy, NOW);
        let Answer::Routed(routed) = &change.answer else { panic!() };
        assert!(routed.duplicate);
        assert_eq!((routed.lead, &routed.to), (LeadId::new(NOW, [1; 10]), destination(&first)));
        assert!(matches!(change.events[0].kind, crate::event::Kind::LeadRepeated { by: told, .. } if told == by));
        assert!(change.puts.is_empty(), "the lead stays as it is");
    }
    let other = go(&mut snapshot, &lead(5, "other@acme.com", "", "Other"), &policy, NOW);
    let Answer::Routed(routed) = &other.answer else { panic!() };
    assert!(!routed.duplicate);
}

proptest::proptest! {
    /// What a desk keeps at hand changes no decision: each is the same with a table as worked out from the records.
    #[test]
    fn a_table_at_hand_decides_as_an_empty_one(
        steps in proptest::collection::vec((0u8..6, 0i64..40, 0u8..4), 1..60), by in 0usize..4,
    ) {
        let by = ["weight", "equal", "load", "score"][by];
        let document = format!("
manager: mia
reps: [{{id: mia}}]
teams: [{{id: in, capacity: 4, rotation: {{by: {by}}}, reps: [{{id: ana, weight: 3}}, {{id: bo}}, {{id: cy, weight: 2}}, {{id: dee}}]}}]
default: {{rotate: in}}
contact_sla: 1m
");
        let policy = Policy::parse(&document).unwrap();
        let desk = Desk::Rotation(policy.teams[0].id.clone());
        let (mut snapshot, mut table) = (Snapshot::default(), Table::default());
        let mut now = NOW;
        for (n, (what, later, who)) in steps.into_iter().enumerate() {
            now = now.after(Span(later * 1_000));
            let lead = |n: usize| LeadId::new(NOW, [u8::try_from(n).unwrap(); 10]);
            let command = match what {
                // A lead decided a moment earlier than the one before it.
                0 => { now = Millis(now.0 - 500); command(u8::try_from(n).unwrap(), "webinar", Some(50)) }
                1 => {
                    // Somebody goes away for a while: another snapshot, so another table.
                    let rep = ["ana", "bo", "cy", "dee"][usize::from(who)];
                    let Record::Calendar(mut calendar) = away(rep) else { panic!() };
                    (calendar.events[0].start, calendar.events[0].end) = (now, now.after(Span(15_000)));
                    snapshot.put(Record::Calendar(calendar));
                    table = Table::default();
                    continue;
                }
                2 => {
                    let missed = (0..n).map(lead).find(|lead| snapshot.lead(*lead).is_some_and(|lead| {
                        matches!(lead.place, Place::Assigned { contact_due, .. } if contact_due <= now)
                    }));
                    let Some(lead) = missed else { continue };
                    let fence = snapshot.lead(lead).unwrap().fence;
                    Command::Again { lead, fence, because: Again::ContactMissed }
                }
                _ => command(u8::try_from(n).unwrap(), "webinar", Some(i32::from(who * 30))),
            };
            let mut decided = |table: &mut Table| loop {
                match decide(&snapshot, table, &command, &policy, &desk, &Findings::default(), now).unwrap() {
                    Decided::Needs(keys) => keys.into_iter().for_each(|key| snapshot.insert(key, None)),
                    Decided::Change(change) => return *change,
                    Decided::Elsewhere(..) => panic!("the only desk"),
                }
            };
            let anew = decided(&mut Table::default());
            let at_hand = decided(&mut table);
            proptest::prop_assert_eq!(&at_hand.answer, &anew.answer);
            proptest::prop_assert_eq!(&at_hand.events, &anew.events);
            proptest::prop_assert_eq!(&at_hand.expects, &anew.expects);
            snapshot.apply(&at_hand);
        }
    }
}
