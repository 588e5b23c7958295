use super::*;
use crate::id::{PoolId, RepId};
use crate::intake::{self, Raw};
use crate::lead::{Outcome, Via};
use crate::record::Record;

const NOW: Millis = Millis(1_700_000_000_000);
const AT: Millis = Millis(NOW.0 + 1_000);

fn lead(place: Place) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    Lead {
        id: LeadId::new(NOW, [1; 10]),
        facts: intake::normalise(raw, NOW).unwrap().0,
        place,
        fence: Fence(3),
        routed_at: NOW,
        placed_at: NOW,
        left_out: Vec::new(),
        reroutes: 0,
        turn: None,
        position: String::new(),
    }
}

fn ana() -> RepId {
    RepId::parse("ana").unwrap()
}

fn owned(contacted_at: Option<Millis>) -> Place {
    Place::Assigned { owner: ana(), via: Via::Named, contact_due: AT, contacted_at }
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
        assert_eq!(step(Some(&lead(place.clone())), due, now), expected, "{due:?} {place:?}");
    }
    assert_eq!(step(None, &contact, NOW), Step::Drop);
}

#[test]
fn a_reminder_is_told_and_waits_for_the_deadline_itself() {
    let id = LeadId::new(NOW, [1; 10]);
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::Lead(lead(owned(None))));
    let change = remind(&snapshot, id, Fence(3), NOW).unwrap();
    assert_eq!(change.expects, [Key::Lead(id)]);
    assert_eq!(change.timers, [Timer::Set(Due::Contact(id), AT)]);
    assert!(matches!(change.events[0].kind, Kind::ContactDueSoon { contact_due: AT, .. }));
    assert!(remind(&snapshot, id, Fence(2), NOW).is_err());
    assert!(remind(&snapshot, id, Fence(3), AT).is_err());
    assert!(settle(&snapshot, &Due::Contact(id), id, NOW).is_err(), "it has come");
    let change = settle(&snapshot, &Due::Offer(id), id, NOW).unwrap();
    assert_eq!(change.timers, [Timer::Cancel(Due::Offer(id))]);
}
