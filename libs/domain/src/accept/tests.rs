use super::*;
use crate::calendar::{Calendar, Pause, Stated};
use crate::change::Count;
use crate::id::{CalendarSource, TeamId};
use crate::intake::{self, Raw};
use crate::lead::Via;
use crate::record::Counter;

const NOW: Millis = Millis(1_700_000_000_000);
const EXPIRES: Millis = Millis(NOW.0 + 300_000);

fn policy() -> Policy {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], default: {rotate: t}}").unwrap()
}

fn offered() -> Snapshot {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(Lead {
        place: Place::Offered {
            to: RepId::parse("ana").unwrap(),
            via: Via::Rotation(TeamId::parse("t").unwrap()),
            expires: EXPIRES,
            refusable: true,
        },
        fence: Fence(3),
        position: "1-0".into(),
        ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    }));
    snapshot
}

fn accept(snapshot: &Snapshot, rep: &str, fence: u64, now: Millis) -> Result<Change, Reason> {
    let rep = RepId::parse(rep).unwrap();
    let command = Command { rep, lead: LeadId::new(NOW, [1; 10]), fence: Fence(fence) };
    decide(snapshot, &command, &policy(), now).map_err(|refusal| refusal.broken[0].reason)
}

#[test]
fn up_to_its_end_an_offer_makes_an_owner_with_all_the_time_for_contact() {
    let mut snapshot = offered();
    let now = Millis(EXPIRES.0 - 1);
    let change = accept(&snapshot, "ana", 3, now).unwrap();
    let Answer::Claimed(Claimed { fence, contact_due, .. }) = change.answer else { panic!("{change:?}") };
    assert_eq!((fence, contact_due), (Fence(3), now.after(policy().contact_sla)));
    let uncontacted = Counter::Uncontacted(RepId::parse("ana").unwrap());
    assert_eq!(change.counts, [Count { counter: uncontacted, delta: 1, most: None }], "it was open before");
    let id = LeadId::new(NOW, [1; 10]);
    assert!(change.timers.contains(&Timer::Cancel(Due::Offer(id))));
    snapshot.apply(&change);
    let lead = snapshot.lead(id).unwrap();
    assert_eq!((lead.owner().unwrap().as_str(), lead.placed_at, lead.position.as_str()), ("ana", now, "1-0"));
    assert_eq!(accept(&snapshot, "ana", 3, now).unwrap_err(), Reason::NotOffered);
}

#[test]
fn a_pause_stops_what_was_offered_before_it() {
    let mut snapshot = offered();
    let until = Millis(NOW.0 + 60_000);
    let source = CalendarSource::parse("console").unwrap();
    let (rep, manager) = (RepId::parse("ana").unwrap(), RepId::parse("mia").unwrap());
    let pause = Pause { since: NOW, until: Some(until), manager, reason: String::new() };
    let pauses = vec![Stated { source, revision: 1, what: Some(pause) }];
    snapshot.put(Record::Calendar(Calendar { pauses, ..Calendar::empty(rep) }));
    assert_eq!(accept(&snapshot, "ana", 3, NOW).unwrap_err(), Reason::RepPaused);
    assert!(accept(&snapshot, "ana", 3, until).is_ok(), "the pause is over");
}

#[test]
fn whoever_is_late_or_was_not_asked_is_refused() {
    assert_eq!(accept(&offered(), "ana", 3, EXPIRES).unwrap_err(), Reason::OfferExpired);
    assert_eq!(accept(&offered(), "ana", 2, NOW).unwrap_err(), Reason::FenceStale);
    assert_eq!(accept(&offered(), "bo", 3, NOW).unwrap_err(), Reason::NotOwner);
    assert_eq!(accept(&offered(), "eve", 3, NOW).unwrap_err(), Reason::RepUnknown);
    assert_eq!(accept(&Snapshot::default(), "ana", 3, NOW).unwrap_err(), Reason::LeadUnknown);
}
