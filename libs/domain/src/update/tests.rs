use super::*;
use crate::id::Fence;
use crate::lead::Lead;

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
    snapshot.put(Record::from(Lead { place, fence: Fence(0), ..Lead::arrived(id, facts, NOW) }));
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

#[test]
fn what_a_prospect_did_and_answered_is_added_to() {
    let pooled = Place::Pooled { pool: crate::id::PoolId::parse("open").unwrap() };
    let mut snapshot = known(pooled);
    let lead = LeadId::new(NOW, [1; 10]);
    let better = |opens, counter: &str, response: &str| {
        let engagement = intake::engagement::Raw { opens, visits: None, counters: [(counter.to_owned(), 1)].into() };
        let form_responses = [("q".to_owned(), response.to_owned())].into();
        Command::new(lead, Raw { engagement, form_responses, ..Raw::default() }, NOW).unwrap()
    };
    let first = decide(&snapshot, &better(Some(0), "a", "x"), NOW).unwrap();
    assert_eq!(first.puts.len(), 1, "no decision looks at it: the lead's record stays");
    snapshot.apply(&first);
    let second = decide(&snapshot, &better(None, "b", "y"), NOW).unwrap();
    let Kind::LeadUpdated { fields, .. } = &second.events[0].kind else { panic!() };
    assert_eq!(fields, &["engagement.counters", "form_responses"]);
    snapshot.apply(&second);
    let person = snapshot.person(lead).unwrap();
    assert_eq!(person.engagement.opens, Some(0), "what is not told stays");
    assert_eq!((person.engagement.counters.len(), person.form_responses["q"].as_str()), (2, "y"));
    assert!(decide(&snapshot, &better(None, "b", "y"), NOW).unwrap().events.is_empty());
    for n in 0..MAX_COUNTERS - 2 {
        let change = decide(&snapshot, &better(None, &format!("c{n}"), "y"), NOW).unwrap();
        snapshot.apply(&change);
    }
    let refusal = decide(&snapshot, &better(None, "one_more", "y"), NOW).unwrap_err();
    assert_eq!(refusal.broken[0].reason, Reason::AttributesFull);
}
