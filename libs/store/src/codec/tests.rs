use leadhand_domain::calendar::{Calendar, Event};
use leadhand_domain::id::{CalendarSource, Fence, LeadId, PoolId, Source, TeamId};
use leadhand_domain::lead::{Company, Facts, Lead, Person, Place, Stage, Via};
use leadhand_domain::rotation::{Balance, Course, Head, ONE, RANGE, Seat};

use super::*;

fn round_trip(record: Record) {
    let version = Version::random();
    let key = record.key();
    let bytes = encode(version, &record);
    assert_eq!(decode(&key, &bytes).unwrap(), (version, record));
}

fn lead(place: Place) -> Lead {
    Lead {
        id: LeadId::new(Millis(7), [7; 10]),
        facts: Facts {
            company: Company { name: "Acme".into(), employees: Some(50), ..Company::default() },
            source: Source::parse("webinar").unwrap(),
            stage: Stage::Mql,
            score: Some(0),
            grade: "A".into(),
            product_interest: "x".into(),
            captured_at: Millis(5),
        },
        place,
        fence: Fence(3),
        routed_at: Millis(6),
        placed_at: Millis(9),
        position: "1-0".into(),
    }
}

#[test]
fn every_record_reads_back_as_it_was() {
    let rep = RepId::parse("ana").unwrap();
    let pool = PoolId::parse("open").unwrap();
    let team = TeamId::parse("in").unwrap();
    round_trip(Record::Lead(lead(Place::Pooled { pool: pool.clone() })));
    for via in [Via::Claim(pool), Via::Rotation(team.clone())] {
        for contacted_at in [None, Some(Millis(8))] {
            let owner = rep.clone();
            let contact_due = Millis(10);
            let place = Place::Assigned { owner, via: via.clone(), contact_due, contacted_at };
            round_trip(Record::Lead(lead(place)));
        }
    }
    let person =
        Person { name: "Jo".into(), attributes: [("a".to_owned(), "b".to_owned())].into(), ..Person::default() };
    round_trip(Record::Person(LeadId::new(Millis(7), [7; 10]), person));
    round_trip(Record::Load(Load { rep: rep.clone(), open: 3, uncontacted: 2 }));
    round_trip(Record::Claims(Claims { rep: rep.clone(), claimed_at: vec![Millis(1), Millis(-4)] }));
    round_trip(Record::RotationHead(Head::new(team.clone(), 0)));
    round_trip(Record::RotationHead(Head {
        given: 12,
        turns: 15,
        leads: Course { clock: -(1 << 70) - 5, middle: 1 },
        scores: Course { clock: RANGE, middle: -RANGE },
        room: 130,
        changed: 77,
        recent: [rep.clone(), RepId::parse("bo").unwrap()].into(),
        ..Head::new(team.clone(), u64::MAX)
    }));
    round_trip(Record::Seat(Seat::new(team.clone(), rep.clone())));
    for (leads, scores) in [
        (Balance::Present { level: -1, until: None }, Balance::Away { owed: RANGE, from: None }),
        (Balance::Present { level: RANGE, until: Some(ONE) }, Balance::Away { owed: 0, from: Some(-RANGE) }),
    ] {
        round_trip(Record::Seat(Seat {
            weight: 3,
            given: 9,
            credited: 1,
            charged: 2,
            score_sum: 500,
            last_turn: 8,
            waiting: -4,
            leads: Some(leads),
            scores: Some(scores),
            ..Seat::new(team.clone(), rep.clone())
        }));
    }
    let event = Event {
        source: CalendarSource::parse("google").unwrap(),
        id: "e/1".into(),
        revision: 2,
        start: Millis(1),
        end: Millis(2),
    };
    round_trip(Record::Calendar(Calendar { rep, events: vec![event] }));
    round_trip(Record::Calendars(TeamId::parse("in").unwrap(), Millis(4)));
    round_trip(Record::PolicyHead(record::PolicyHead { number: 3, pools: vec![PoolId::parse("open").unwrap()] }));
    round_trip(Record::PolicyVersion(record::PolicyVersion {
        number: 3,
        document: "d".into(),
        author: "ops".into(),
        comment: "c".into(),
        applied_at: Millis(4),
    }));
}

#[test]
fn every_answer_reads_back_with_its_body_and_event() {
    use leadhand_domain::answer::{Answer, Claimed, Contacted, Destination, Routed};
    use leadhand_domain::time::Span;
    let lead = LeadId::new(Millis(7), [7; 10]);
    let (rep, team, pool) = (RepId::parse("ana"), TeamId::parse("in"), PoolId::parse("open"));
    let (fence, contact_due) = (Fence(2), Millis(9));
    let assigned = Destination::Assigned { rep: rep.unwrap(), team: team.unwrap(), fence, contact_due };
    let routed = |to| Answer::Routed(Routed { lead, to, route: "r".into(), policy_version: 3 });
    let version = record::PolicyVersion {
        number: 3,
        document: String::new(),
        author: "ops".into(),
        comment: "c".into(),
        applied_at: Millis(4),
    };
    for first in [
        routed(assigned),
        routed(Destination::Pooled(pool.unwrap())),
        Answer::Claimed(Claimed { lead, fence, contact_due }),
        Answer::Contacted(Contacted { contact_speed: Span(5), in_time: true, at: Millis(6) }),
        Answer::PolicyApplied(version),
        Answer::CalendarTaken(true),
    ] {
        let mut bytes = answer::encode([7; answer::HASH], &first);
        bytes.extend_from_slice(b"\x7a\x05123-4");
        let held = answer::decode(&bytes).unwrap();
        assert_eq!((held.body, held.answer, held.position.as_str()), ([7; answer::HASH], first, "123-4"));
    }
}

/// The largest numbers that two halves can spell are not numbers of a rotation.
#[test]
fn a_rotation_out_of_range_is_an_error() {
    let team = TeamId::parse("in").unwrap();
    for clock in [i128::MIN, -RANGE - 1, RANGE + 1, i128::MAX] {
        let head = Head { leads: Course { clock, middle: 0 }, ..Head::new(team.clone(), 0) };
        let bytes = encode(Version::random(), &Record::RotationHead(head));
        assert!(matches!(decode(&Key::RotationHead(team.clone()), &bytes), Err(Error::Damaged(_))), "{clock}");
    }
}

#[test]
fn an_appended_event_wins_over_the_one_before() {
    let record = Record::Lead(lead(Place::Pooled { pool: PoolId::parse("open").unwrap() }));
    let mut bytes = encode(Version::random(), &record);
    bytes.extend_from_slice(b"\x7a\x05123-4");
    let (_, read) = decode(&record.key(), &bytes).unwrap();
    let Record::Lead(read) = read else { panic!() };
    assert_eq!(read.position, "123-4");
}

proptest::proptest! {
    #[test]
    fn damaged_bytes_are_an_error_not_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
        let rep = RepId::parse("ana").unwrap();
        let team = TeamId::parse("in").unwrap();
        for key in [
            Key::Lead(LeadId::new(Millis(7), [7; 10])),
            Key::Claims(rep.clone()),
            Key::Calendar(rep.clone()),
            Key::PolicyHead,
            Key::RotationHead(team.clone()),
            Key::Seat(team, rep),
        ] {
            let _ = decode(&key, &bytes);
        }
        let _ = answer::decode(&bytes);
    }
}
