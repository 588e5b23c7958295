use super::*;
use crate::id::{PoolId, RepId};
use crate::intake::{self, Raw};
use crate::lead::{Hold, Outcome, Via};
use crate::record::Record;

const NOW: Millis = Millis(1_700_000_000_000);
const AT: Millis = Millis(NOW.0 + 1_000);
/// When the owner is reminded.
const SOON: Millis = Millis(NOW.0 + 750);

fn lead(place: Place) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    Lead {
        place,
        fence: Fence(3),
        ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    }
}

fn ana() -> RepId {
    RepId::parse("ana").unwrap()
}

fn owned(contacted_at: Option<Millis>) -> Place {
    Place::Assigned { owner: ana(), via: Via::Named, remind_at: SOON, contact_due: AT, contacted_at }
}

fn offered() -> Place {
    Place::Offered { to: ana(), via: Via::Named, expires: AT, refusable: true }
}

#[test]
fn a_deadline_calls_for_what_the_lead_says() {
    let id = LeadId::new(NOW, [1; 10]);
    let (contact, offer, held) = (Due::Contact(id), Due::Offer(id), Due::Held(id));
    let before = Millis(AT.0 - 1);
    let route = |because| Step::Route(Fence(3), because);
    let pooled = Place::Pooled { pool: PoolId::parse("open").unwrap() };
    let closed = Place::Closed { owner: ana(), outcome: Outcome::Lost };
    for (due, place, now, expected) in [
        (&contact, owned(None), before, Step::Remind(Fence(3))),
        (&contact, owned(None), SOON, Step::Remind(Fence(3))),
        (&contact, owned(None), Millis(SOON.0 - 1), Step::Later(SOON)),
        (&contact, owned(None), NOW, Step::Later(SOON)),
        (&contact, owned(None), AT, route(Again::ContactMissed)),
        (&contact, owned(Some(NOW)), AT, Step::Drop),
        (&contact, offered(), AT, Step::Drop),
        (&offer, offered(), before, Step::Later(AT)),
        (&offer, offered(), AT, route(Again::OfferLapsed)),
        (&offer, owned(None), AT, Step::Drop),
        (&held, Place::Held, NOW, route(Again::Retried)),
        (&held, pooled, NOW, Step::Drop),
        (&contact, closed, AT, Step::Drop),
    ] {
        assert_eq!(step(Some(&lead(place.clone())), due, None, now), expected, "{due:?} {place:?}");
    }
    assert_eq!(step(None, &contact, None, NOW), Step::Drop);
}

#[test]
fn a_reminder_is_told_and_waits_for_the_deadline_itself() {
    let id = LeadId::new(NOW, [1; 10]);
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(lead(owned(None))));
    let change = remind(&snapshot, id, Fence(3), SOON).unwrap();
    assert!(remind(&snapshot, id, Fence(3), NOW).is_err(), "a deadline of the owner before");
    assert_eq!(change.expects, [Key::Lead(id)]);
    assert_eq!(change.timers, [Timer::Set(Due::Contact(id), AT)]);
    assert!(matches!(change.events[0].kind, Kind::ContactDueSoon { contact_due: AT, .. }));
    assert!(remind(&snapshot, id, Fence(2), SOON).is_err());
    assert!(remind(&snapshot, id, Fence(3), AT).is_err());
    assert!(settle(&snapshot, &Due::Contact(id), id, None, SOON).is_err(), "it has come");
    let change = settle(&snapshot, &Due::Offer(id), id, None, NOW).unwrap();
    assert_eq!(change.timers, [Timer::Cancel(Due::Offer(id))]);
}

#[test]
fn each_lead_that_waits_for_something_needs_its_deadline() {
    let id = lead(Place::Held).id;
    let rep = RepId::parse("ana").unwrap();
    let assigned = |contacted_at| Place::Assigned {
        owner: rep.clone(),
        via: Via::Named,
        remind_at: Millis(1_300),
        contact_due: Millis(1_400),
        contacted_at,
    };
    let at = |place: Place, now| needed(&lead(place), None, Millis(now)).pop();
    assert_eq!(at(assigned(None), 1_299), Some((Due::Contact(id), Millis(1_300))), "the reminder");
    assert_eq!(at(assigned(None), 1_300), Some((Due::Contact(id), Millis(1_400))));
    assert_eq!(at(assigned(Some(Millis(7))), 1_300), None);
    let offered = Place::Offered { to: rep.clone(), via: Via::Named, expires: Millis(9), refusable: true };
    assert_eq!(at(offered, 7), Some((Due::Offer(id), Millis(9))));
    assert_eq!(at(Place::Held, 7), Some((Due::Held(id), Millis(7))));
    let mut snapshot = Snapshot::default();
    assert!(restore(&snapshot, &Due::Contact(id), id, None, Millis(7)).is_err());
    snapshot.put(Record::from(lead(Place::Held)));
    assert!(restore(&snapshot, &Due::Contact(id), id, None, Millis(7)).is_err());
    let change = restore(&snapshot, &Due::Held(id), id, None, Millis(7)).unwrap();
    assert_eq!((change.expects, change.timers), (vec![Key::Lead(id)], vec![Timer::Set(Due::Held(id), Millis(7))]));
}

#[test]
fn a_hold_lapses_at_its_end_and_only_in_the_pool() {
    let pooled = Place::Pooled { pool: PoolId::parse("open").unwrap() };
    let rep = RepId::parse("ana").unwrap();
    let held = Lead { hold: Some(Box::new(Hold { rep: rep.clone(), until: NOW })), ..lead(pooled.clone()) };
    let due = Due::Hold(held.id);
    assert_eq!(needed(&held, None, NOW), [(due.clone(), NOW)]);
    assert_eq!(step(Some(&held), &due, None, Millis(NOW.0 - 1)), Step::Later(NOW));
    assert_eq!(step(Some(&held), &due, None, NOW), Step::Lapse(rep));
    assert_eq!(step(Some(&lead(pooled)), &due, None, NOW), Step::Drop);
    assert_eq!(step(Some(&Lead { place: Place::Held, ..held }), &due, None, NOW), Step::Drop);
}
