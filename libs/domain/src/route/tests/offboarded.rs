//! Leads of who is leaving, routed again; and leads whose person was erased, which nothing recognises.

use super::*;
use crate::change::{Due, Index, Timer};
use crate::event::act::Act;
use crate::event::{Cause, Kind};
use crate::id::RepId;
use crate::lead::Lead;
use crate::lead::Place;
use crate::lead::{Acts, Outcome};

fn leaving() -> Policy {
    Policy::parse(
        "
manager: mia
reps: [{id: mia}, {id: out, left: true}]
teams: [{id: in, reps: [{id: ana}, {id: bo}, {id: out}]}]
default: {rotate: in}
",
    )
    .unwrap()
}

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

const LEAD: [u8; 10] = [1; 10];

/// A lead that was pushed, as it is changed to be.
fn held(change: impl Fn(Lead) -> Lead) -> (Snapshot, Lead) {
    let mut snapshot = Snapshot::default();
    let first = go(&mut snapshot, &command(1, "webinar", Some(80)), &leaving(), NOW);
    snapshot.apply(&first);
    let lead = change(snapshot.lead(LeadId::new(NOW, LEAD)).unwrap().clone());
    snapshot.put(Record::from(lead.clone()));
    (snapshot, lead)
}

fn because(who: &str, manager: &str) -> Again {
    Again::Offboarded { rep: rep(who), manager: rep(manager) }
}

fn again(snapshot: &mut Snapshot, lead: &Lead, because: Again) -> Result<Change, Refusal> {
    let command = Command::Again { lead: lead.id, fence: lead.fence, because };
    settle(snapshot, &command, &leaving(), NOW.after(Span(9)))
}

#[test]
fn a_lead_goes_to_another_whether_contact_was_made_or_not_and_it_is_no_strike() {
    for contacted in [None, Some(NOW)] {
        let (mut snapshot, lead) = held(|mut lead| {
            if let Place::Assigned { owner, contacted_at, .. } = &mut lead.place {
                (*owner, *contacted_at) = (rep("out"), contacted);
            }
            Lead { reroutes: 2, ..lead }
        });
        let change = again(&mut snapshot, &lead, because("out", "mia")).unwrap();
        let Destination::Assigned { rep: to, fence, .. } = destination(&change) else { panic!("{change:?}") };
        assert!([rep("ana"), rep("bo")].contains(to), "{to}");
        assert_eq!(*fence, Fence(2));
        let counted = |counter: Counter| -> i64 {
            change.counts.iter().filter(|count| count.counter == counter).map(|count| count.delta).sum()
        };
        assert_eq!(counted(Counter::Open(rep("out"))), -1);
        assert_eq!(counted(Counter::Uncontacted(rep("out"))), -i64::from(contacted.is_none()));
        assert!(change.index.contains(&Index::Disown { rep: rep("out"), lead: lead.id }));
        assert!(change.timers.contains(&Timer::Cancel(Due::Contact(lead.id))));
        let [told, assigned] = &change.events[..] else { panic!("{change:?}") };
        let fence = Fence(1);
        let act = Act::OwnerOffboarded { lead: lead.id, rep: rep("out"), fence, manager: rep("mia") };
        assert_eq!(told.kind, Kind::Act(act));
        assert!(matches!(assigned.kind, Kind::LeadAssigned { cause: Cause::Offboarded, .. }));
        snapshot.apply(&change);
        let after = snapshot.lead(lead.id).unwrap();
        assert_eq!((after.reroutes, &after.left_out[..]), (2, &[rep("out")][..]), "no strike against the lead");
    }
}

#[test]
fn an_offer_is_taken_back_and_an_escalated_lead_goes_to_the_manager() {
    let (mut snapshot, lead) = held(|lead| {
        let (to, via, expires) = (rep("out"), crate::lead::Via::Named, NOW.after(Span::minutes(5)));
        Lead { place: Place::Offered { to, via, expires, refusable: false }, ..lead }
    });
    let change = again(&mut snapshot, &lead, because("out", "mia")).unwrap();
    assert!(matches!(destination(&change), Destination::Assigned { .. }), "{change:?}");
    assert!(change.timers.contains(&Timer::Cancel(Due::Offer(lead.id))));
    let (mut snapshot, lead) = held(|mut lead| {
        if let Place::Assigned { owner, .. } = &mut lead.place {
            *owner = rep("out");
        }
        Lead { reroutes: 3, ..lead }
    });
    let change = again(&mut snapshot, &lead, because("out", "mia")).unwrap();
    assert!(matches!(destination(&change), Destination::Assigned { rep: to, .. } if *to == rep("mia")), "{change:?}");
}

#[test]
fn what_the_rep_does_not_have_is_left_alone() {
    let refused = |place: Place, because: Again| {
        let (mut snapshot, lead) = held(|lead| Lead { place: place.clone(), ..lead });
        again(&mut snapshot, &lead, because).unwrap_err().broken[0].reason
    };
    let owner = held(|lead| lead).1.place;
    assert_eq!(refused(owner.clone(), because("out", "mia")), Reason::NotOwner);
    assert_eq!(refused(owner, because("out", "bo")), Reason::NotManager);
    let closed = Place::Closed { owner: rep("out"), outcome: Outcome::Lost };
    for place in [Place::Held, Place::Pooled { pool: PoolId::parse("open").unwrap() }, closed] {
        assert_eq!(refused(place, because("out", "mia")), Reason::NotDue);
    }
    let (mut snapshot, lead) = held(|lead| lead);
    let stale = Lead { fence: Fence(9), ..lead };
    assert_eq!(again(&mut snapshot, &stale, because("out", "mia")).unwrap_err().broken[0].reason, Reason::FenceStale);
}

#[test]
fn who_was_erased_comes_in_as_a_new_lead() {
    let policy = leaving();
    let raw = Raw { source: "webinar".into(), email: "jo@acme.com".into(), ..Raw::default() };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    let mut snapshot = Snapshot::default();
    let head = crate::record::PolicyHead { number: 0, pools: Vec::new(), secret: [7; 32], tiers_since: None };
    snapshot.put(Record::PolicyHead(head));
    let id = |n: u8| LeadId::new(NOW, [n; 10]);
    let come = |n: u8, snapshot: &mut Snapshot| {
        let change = go(snapshot, &Command::new(id(n), facts.clone(), person.clone()), &policy, NOW);
        snapshot.apply(&change);
        match change.answer {
            Answer::Routed(routed) => (routed.lead, routed.duplicate),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(come(1, &mut snapshot), (id(1), false));
    assert_eq!(come(2, &mut snapshot), (id(1), true));
    let lead = snapshot.lead(id(1)).unwrap().clone();
    snapshot.put(Record::from(Lead { acts: Acts { erased_at: Some(NOW), ..lead.acts }, ..lead }));
    assert_eq!(come(3, &mut snapshot), (id(3), false));
    assert_eq!(come(4, &mut snapshot), (id(3), true), "its mark is the new one's");
}
