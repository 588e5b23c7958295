use super::*;
use crate::id::Fence;

const NOW: Millis = Millis(1_700_000_000_000);

fn known(place: Place) -> Snapshot {
    let raw = Raw {
        source: "webinar".into(),
        company_name: "Acme".into(),
        country: "US".into(),
        region: "US-CA".into(),
        score: Some(40),
        notes: "first".into(),
        attributes: [("campaign".to_owned(), "spring".to_owned())].into(),
        ..Raw::default()
    };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    let id = LeadId::new(NOW, [1; 10]);
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::Lead(crate::lead::Lead {
        id,
        facts,
        place,
        fence: Fence(0),
        routed_at: NOW,
        placed_at: NOW,
        left_out: Vec::new(),
        reroutes: 0,
        waits_for: None,
        turn: None,
        acts: Default::default(),
        position: String::new(),
    }));
    snapshot.put(Record::Person(id, person));
    snapshot
}

fn update(snapshot: &Snapshot, raw: Raw) -> Change {
    decide(snapshot, &Command::new(LeadId::new(NOW, [1; 10]), raw, NOW).unwrap(), NOW).unwrap()
}

fn fields(change: &Change) -> Vec<&str> {
    match &change.events[..] {
        [Event { kind: Kind::LeadUpdated { fields, .. }, .. }] => fields.iter().map(String::as_str).collect(),
        [] => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_given_changes_and_the_rest_stays() {
    let mut snapshot = known(Place::Held);
    let raw = Raw {
        company_domain: "https://www.Acme.example/".into(),
        company_name: "Acme".into(),
        score: Some(90),
        attributes: [("colour".to_owned(), "red".to_owned())].into(),
        ..Raw::default()
    };
    let change = update(&snapshot, raw.clone());
    assert_eq!(fields(&change), ["company.domain", "score", "attributes"], "the name was that before");
    let id = LeadId::new(NOW, [1; 10]);
    assert_eq!(change.timers, [Timer::Set(Due::Held(id), NOW)], "a held lead is tried by what is known now");
    snapshot.apply(&change);
    let (lead, person) = (snapshot.lead(id).unwrap(), snapshot.person(id).unwrap());
    assert_eq!((lead.facts.company.domain.as_str(), lead.facts.score), ("acme.example", Some(90)));
    assert_eq!((person.notes.as_str(), person.attributes.len()), ("first", 2));
    assert_eq!(lead.facts.source.as_str(), "webinar");
    assert!(update(&snapshot, raw).events.is_empty(), "the same again is no change");
}

#[test]
fn regions_and_countries_do_not_contradict_each_other() {
    let moved = update(&known(Place::Held), Raw { region: "DE-BY".into(), ..Raw::default() });
    assert_eq!(fields(&moved), ["company.country", "company.region"]);
    let mut snapshot = known(Place::Held);
    let change = update(&snapshot, Raw { country: "FR".into(), ..Raw::default() });
    snapshot.apply(&change);
    let company = &snapshot.lead(LeadId::new(NOW, [1; 10])).unwrap().facts.company;
    assert_eq!((company.country.as_str(), company.region.as_str()), ("FR", ""));
}

#[test]
fn notes_alone_leave_the_lead_as_it_is() {
    let change = update(&known(Place::Held), Raw { notes: "second".into(), ..Raw::default() });
    assert_eq!(fields(&change), ["notes"]);
    assert!(matches!(change.puts[..], [Record::Person(..)]));
}

#[test]
fn nothing_given_and_malformed_values_are_named() {
    let id = LeadId::new(NOW, [1; 10]);
    assert_eq!(Command::new(id, Raw::default(), NOW).unwrap_err()[0].field, "company");
    let raw = Raw { country: "XX".into(), score: Some(101), ..Raw::default() };
    let named: Vec<_> = Command::new(id, raw, NOW).unwrap_err().into_iter().map(|fault| fault.field).collect();
    assert_eq!(named, ["company.country", "score"]);
}

#[test]
fn a_lead_that_is_not_there_or_full_is_refused() {
    let id = LeadId::new(NOW, [1; 10]);
    let of = |n: usize| (0..n).map(|n| (format!("name_{n}"), "x".to_owned())).collect();
    let command = Command::new(id, Raw { attributes: of(50), ..Raw::default() }, NOW).unwrap();
    let reason = |snapshot: &Snapshot| decide(snapshot, &command, NOW).unwrap_err().broken[0].reason;
    assert_eq!(reason(&Snapshot::default()), Reason::LeadUnknown);
    assert_eq!(reason(&known(Place::Held)), Reason::AttributesFull);
}
