use std::num::NonZeroU32;

use leadhand_domain::account::{self, At, By, Entry, Kind as AccountKind};
use leadhand_domain::calendar::{Calendar, Employment, Event, Kind, Pause, Stated};
use leadhand_domain::feed::Feed;
use leadhand_domain::guardrail::ratio::{Recent, Taken};
use leadhand_domain::guardrail::selection::{Ended, Held, Selection, Window};
use leadhand_domain::id::{AccountId, CalendarSource, Fence, LeadId, PoolId, RepId, Source, TeamId};
use leadhand_domain::lead::{
    Acts, Barred, Company, Engagement, Facts, Hold, Lead, Outcome, Person, Place, Pushed, Qualification, Stage, Turn,
    Via,
};
use leadhand_domain::likeness::Mark;
use leadhand_domain::presence::Presence;
use leadhand_domain::record::Claims;
use leadhand_domain::rotation::{Balance, Course, Head, ONE, RANGE, Seat};
use leadhand_domain::working::{Day, Hours, Zone};

use super::*;

fn round_trip(record: Record) {
    let version = Version::random();
    let key = record.key();
    let bytes = encode(version, &record);
    assert_eq!(decode(&key, &bytes).unwrap(), (Some(version), record));
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
            qualification: Qualification {
                budget: "20 k".into(),
                timeline: "this quarter".into(),
                authority: "signs".into(),
            },
            captured_at: Millis(5),
        },
        place,
        fence: Fence(3),
        routed_at: Millis(6),
        placed_at: Millis(9),
        left_out: vec![RepId::parse("bo").unwrap()],
        reroutes: 2,
        barred: vec![Barred { rep: RepId::parse("cy").unwrap(), since: Millis(8) }],
        act_by: Some(Millis(10)),
        pushed: Some(Box::new(Pushed { pool: PoolId::parse("late").unwrap(), at: Millis(11) })),
        hold: None,
        opportunity_at: None,
        waits_for: NonZeroU32::new(7),
        turn: Some(Box::new(Turn {
            team: TeamId::parse("inbound").unwrap(),
            rep: RepId::parse("ana").unwrap(),
            score: Some(0),
            credited: true,
        })),
        acts: Acts { last_activity_at: Some(Millis(12)), erased_at: Some(Millis(13)) },
        position: "1-0".into(),
    }
}

/// A calendar with everything that one can hold, and with everything taken back.
fn calendar(rep: RepId) -> Calendar {
    let source = |name: &str| CalendarSource::parse(name).unwrap();
    let event = |kind: &Kind| Event {
        source: source("google"),
        id: format!("e/{}", kind.number()),
        revision: 2,
        kind: *kind,
        start: Millis(1),
        end: Millis(2),
    };
    let days = ["2026-12-25", "1969-12-31"].map(|day| Day::parse(day).unwrap());
    let hours = Hours::parse("mon-fri 09:00-12:00 13:00-17:30", Zone::parse("Asia/Kathmandu").unwrap()).unwrap();
    let hours = [Some(hours.without(days.into()).unwrap()), Some(Hours::always()), None];
    let manager = Some(RepId::parse("max").unwrap());
    let employed = Employment { starts_at: Some(Millis(0)), ends_at: Some(Millis(-1)), manager: manager.clone() };
    let employment = [Some(employed), Some(Employment::default()), None];
    let pause = |until| Pause { since: Millis(5), until, manager: manager.clone().unwrap(), reason: "r".into() };
    let pauses = [Some(pause(Some(Millis(0)))), Some(pause(None)), None];
    fn stated<T>((what, n): (Option<T>, u64)) -> Stated<T> {
        Stated { source: CalendarSource::parse(&format!("s{n}")).unwrap(), revision: n, what }
    }
    Calendar {
        rep,
        events: Kind::ALL.iter().map(event).collect(),
        hours: hours.into_iter().zip(0..).map(stated).collect(),
        employment: employment.into_iter().zip(0..).map(stated).collect(),
        pauses: pauses.into_iter().zip(0..).map(stated).collect(),
        heard: vec![(source("hr"), Millis(7))],
    }
}

#[test]
fn a_calendar_stored_before_there_were_kinds_holds_meetings() {
    let old = stored::CalendarEvent { source: "google".into(), event_id: "e".into(), ..Default::default() };
    let old = stored::Calendar { rep: "ana".into(), events: vec![old], ..Default::default() };
    let mut bytes = Version::random().0.to_vec();
    old.encode(&mut bytes).unwrap();
    let (_, read) = decode(&Key::Calendar(RepId::parse("ana").unwrap()), &bytes).unwrap();
    let Record::Calendar(read) = read else { panic!() };
    assert_eq!(read.events[0].kind, Kind::Meeting);
}

#[test]
fn every_record_reads_back_as_it_was() {
    let rep = RepId::parse("ana").unwrap();
    let pool = PoolId::parse("open").unwrap();
    let team = TeamId::parse("in").unwrap();
    round_trip(Record::from(lead(Place::Pooled { pool: pool.clone() })));
    let hold = Some(Box::new(Hold { rep: rep.clone(), until: Millis(12) }));
    let on_hold = Lead { hold, ..lead(Place::Pooled { pool: pool.clone() }) };
    round_trip(Record::from(on_hold.clone()));
    let taken = Record::from(Lead { place: Place::Held, ..on_hold });
    let (_, kept) = decode(&taken.key(), &encode(Version::random(), &taken)).unwrap();
    assert_eq!(kept, Record::from(lead(Place::Held)), "a hold ends with the lead's place in the pool");
    let id = LeadId::new(Millis(7), [7; 10]);
    round_trip(Record::Selection(Selection::new(rep.clone())));
    round_trip(Record::Selection(Selection {
        rep: rep.clone(),
        window: Some(Window { from: Millis(0), until: Millis(1) }),
        hold: Some(Held { lead: id, until: Millis(2) }),
        lapsed_at: Some(Millis(0)),
        lately: vec![Ended { lead: id, at: Millis(3) }],
        skipped: 4,
    }));
    round_trip(Record::from(lead(Place::Held)));
    round_trip(Record::from(Lead { opportunity_at: Some(Millis(9)), ..lead(Place::Held) }));
    for outcome in [Outcome::Won { amount: u64::MAX }, Outcome::Lost, Outcome::Disqualified, Outcome::Duplicate] {
        round_trip(Record::from(lead(Place::Closed { owner: rep.clone(), outcome })));
    }
    let account = AccountId::parse("acme").unwrap();
    let manual = Via::Manual(RepId::parse("mia").unwrap());
    let ways =
        [Via::Claim(pool), Via::Rotation(team.clone()), Via::Account(account), Via::Named, Via::Escalation, manual];
    for via in ways {
        let to = rep.clone();
        let offered = Place::Offered { to, via: via.clone(), expires: Millis(11), refusable: true };
        round_trip(Record::from(lead(offered)));
        for contacted_at in [None, Some(Millis(8))] {
            let owner = rep.clone();
            let contact_due = Millis(10);
            let place = Place::Assigned { owner, via: via.clone(), remind_at: Millis(7), contact_due, contacted_at };
            round_trip(Record::from(lead(place)));
        }
    }
    let attributes = [("a".to_owned(), "b".to_owned())].into();
    let act_notes = [(Fence(5), "knows her".to_owned())].into();
    let person = Person { name: "Jo".into(), attributes, act_notes, ..Person::default() };
    let engagement = Engagement { opens: Some(0), visits: None, counters: [("c".to_owned(), u32::MAX)].into() };
    let form_responses = [("q".to_owned(), "r".to_owned())].into();
    round_trip(Record::Person(id, Person { engagement, form_responses, ..person.clone() }));
    round_trip(Record::Person(LeadId::new(Millis(7), [7; 10]), person));
    let entry = |by, kind| Entry {
        account: AccountId::parse("acme").unwrap(),
        by,
        kind,
        owner: rep.clone(),
        strategic: kind == AccountKind::Named,
        since: Millis(-5),
    };
    let entries = vec![
        entry(By::Domain, AccountKind::Customer),
        entry(By::Alias, AccountKind::Named),
        entry(By::Parent, AccountKind::Named),
        entry(By::Name, AccountKind::Customer),
    ];
    let left_out = [entries[2].rank(), entries[3].rank()].map(Some).into();
    round_trip(Record::Accounts(At { likeness: account::Likeness::Name("acme".into()), entries, left_out }));
    let left_out = [None, Some(entry(By::Alias, AccountKind::Named).rank())].into();
    round_trip(Record::Accounts(At { left_out, ..At::empty(account::Likeness::Domain("acme.example".into())) }));
    let details = account::Details {
        name: "Acme".into(),
        domain: "acme.example".into(),
        aliases: vec!["a.example".into()],
        subsidiaries: vec!["s.example".into(), "t.example".into()],
        owner: rep.clone(),
        kind: AccountKind::Named,
        strategic: true,
        since: Millis(-5),
    };
    for details in [Some(details), None] {
        let id = AccountId::parse("acme").unwrap();
        round_trip(Record::Account(account::Account { id, revision: u64::MAX, details }));
    }
    round_trip(Record::Mix(record::Mix { route: "Hot leads".into(), decided: 9 }));
    // For how long it is kept is Redis' to know.
    let likeness = Likeness { mark: Mark([3; 16]), lead: LeadId::new(Millis(7), [7; 10]), kept: Span(0) };
    round_trip(Record::Likeness(likeness));
    let recent = [(true, false), (false, true)].map(|(leftover, low_score)| Recent { leftover, low_score }).to_vec();
    let taken = Taken { hot: 2, warm: 1, recent };
    round_trip(Record::Claims(Claims { rep: rep.clone(), claimed_at: vec![Millis(1), Millis(-4)], taken }));
    round_trip(Record::RotationHead(Head::new(team.clone(), 0)));
    round_trip(Record::RotationHead(Head {
        given: 12,
        turns: 15,
        leads: Course { clock: -(1 << 70) - 5, middle: 1 },
        scores: Course { clock: RANGE, middle: -RANGE },
        room: 130,
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
    round_trip(Record::Calendar(calendar(rep.clone())));
    round_trip(Record::Presence(Presence { rep: rep.clone(), seen_at: Millis(-3) }));
    let feed = Feed {
        rep,
        source: CalendarSource::parse("google").unwrap(),
        shape: [7; 16],
        next_at: Millis(1),
        good_at: Some(Millis(0)),
        read_at: None,
        failures: 3,
        etag: "\"v1\"".into(),
        last_modified: "Mon, 02 Mar 2026 10:00:00 GMT".into(),
    };
    round_trip(Record::Feed(feed));
    round_trip(Record::Calendars(TeamId::parse("in").unwrap(), Millis(4)));
    round_trip(Record::PolicyHead(record::PolicyHead {
        number: 3,
        pools: vec![PoolId::parse("open").unwrap()],
        secret: [9; 32],
        tiers_since: None,
    }));
    round_trip(Record::PolicyHead(record::PolicyHead {
        number: 3,
        pools: Vec::new(),
        secret: [9; 32],
        tiers_since: Some(Millis(7)),
    }));
    for (tiers, floor) in [(None, None), (Some(Millis(5)), None), (Some(Millis(5)), Some(Millis(6)))] {
        round_trip(Record::Rounds(Rounds { tiers, floor }));
    }
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
    use leadhand_domain::answer::{Answer, Claimed, Contacted, Destination, Routed, Viewed};
    let lead = LeadId::new(Millis(7), [7; 10]);
    let (rep, team, pool) = (RepId::parse("ana"), TeamId::parse("in"), PoolId::parse("open"));
    let (fence, contact_due) = (Fence(2), Millis(9));
    let (rep, team) = (rep.unwrap(), team.ok());
    let assigned = Destination::Assigned { rep: rep.clone(), team: team.clone(), fence, contact_due };
    let offered = Destination::Offered { rep: rep.clone(), team, fence, expires: Millis(12) };
    let named = Destination::Assigned { rep, team: None, fence, contact_due };
    let routed = |to| Answer::Routed(Routed { lead, to, route: "r".into(), policy_version: 3, duplicate: true });
    let version = record::PolicyVersion {
        number: 3,
        document: String::new(),
        author: "ops".into(),
        comment: "c".into(),
        applied_at: Millis(4),
    };
    for first in [
        routed(assigned),
        routed(offered),
        routed(named),
        routed(Destination::Held),
        routed(Destination::Closed),
        routed(Destination::Pooled(pool.unwrap())),
        Answer::Claimed(Claimed { lead, fence, contact_due }),
        Answer::Contacted(Contacted { contact_speed: Span(5), in_time: true, at: Millis(6) }),
        Answer::PolicyApplied(version),
        Answer::CalendarTaken(true),
        Answer::AccountTaken(true),
        Answer::Viewed(Viewed { lead, until: Some(Millis(0)) }),
        Answer::Viewed(Viewed { lead, until: None }),
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
fn a_count_is_a_number_without_a_version() {
    let counter = record::Counter::Open(RepId::parse("ana").unwrap());
    let key = Key::Count(counter.clone());
    assert_eq!(decode(&key, b"17").unwrap(), (None, Record::Count(counter.clone(), 17)));
    assert_eq!(decode(&key, b"-1").unwrap(), (None, Record::Count(counter, 0)));
    assert!(decode(&key, b"many").is_err());
}

#[test]
fn an_appended_event_wins_over_the_one_before() {
    let record = Record::from(lead(Place::Pooled { pool: PoolId::parse("open").unwrap() }));
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
            Key::Presence(rep.clone()),
            Key::Feed(rep.clone(), CalendarSource::parse("google").unwrap()),
            Key::PolicyHead,
            Key::RotationHead(team.clone()),
            Key::Seat(team, rep),
        ] {
            let _ = decode(&key, &bytes);
        }
        let _ = answer::decode(&bytes);
    }
}
