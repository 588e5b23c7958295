use super::*;
use crate::guardrail::selection::{Held, Selection};
use crate::lead::fixture::{NOW, assigned, lead, offered, policy, rep, snapshot};
use crate::lead::{Acts, Hold, Outcome};
use crate::time::Span;

fn order(manager: &str, to: &str, from: From) -> Command {
    let reason = AssignReason::Workload;
    Command { lead: lead().id, manager: rep(manager), to: rep(to), from, reason, note: String::new() }
}

fn refused(place: Place, command: &Command) -> Reason {
    let read = snapshot(&Lead { place, ..lead() });
    decide(&read, command, &policy(), NOW).unwrap_err().broken[0].reason
}

/// Everything that a rep is counted for, as the change leaves it.
fn counted(change: &Change, counter: Counter) -> i64 {
    change.counts.iter().filter(|count| count.counter == counter).map(|count| count.delta).sum()
}

#[test]
fn from_wherever_it_is_a_lead_comes_to_the_rep_and_leaves_nothing_behind() {
    let at = NOW.after(Span(5));
    let contacted = |owner: &str| match assigned(owner) {
        Place::Assigned { owner, via, remind_at, contact_due, .. } => {
            Place::Assigned { owner, via, remind_at, contact_due, contacted_at: Some(NOW) }
        }
        other => other,
    };
    let cases = [
        (lead().place, From::Nobody, None, 0),
        (Place::Held, From::Nobody, None, 0),
        (offered("bo"), From::Nobody, Some("bo"), 0),
        (assigned("bo"), From::Owner(Fence(4)), Some("bo"), -1),
        (contacted("bo"), From::Owner(Fence(4)), Some("bo"), 0),
    ];
    for (place, from, holder, uncontacted) in cases {
        let before = Lead { place: place.clone(), ..lead() };
        let change = decide(&snapshot(&before), &order("mia", "ana", from), &policy(), at).unwrap();
        let mut after = snapshot(&before);
        after.apply(&change);
        let now = after.lead(before.id).unwrap();
        assert_eq!((now.owner(), now.fence, now.placed_at), (Some(&rep("ana")), Fence(5), at), "{place:?}");
        assert!(
            matches!(&now.place, Place::Assigned { via: Via::Manual(by), contacted_at: None, .. } if *by == rep("mia"))
        );
        assert_eq!(now.left_out, holder.map(rep).into_iter().collect::<Vec<_>>());
        assert_eq!(now.position, "", "the commit fills it in");
        for (who, open) in [("ana", 1), ("bo", -i64::from(holder.is_some()))] {
            assert_eq!(counted(&change, Counter::Open(rep(who))), open, "{who} {place:?}");
        }
        assert_eq!(counted(&change, Counter::Uncontacted(rep("ana"))), 1);
        assert_eq!(counted(&change, Counter::Uncontacted(rep("bo"))), uncontacted, "{place:?}");
        let left = match &place {
            Place::Pooled { pool } => Some(Index::Leave { pool: pool.clone(), lead: before.id }),
            Place::Held => Some(Index::Free { lead: before.id }),
            _ => holder.map(|bo| Index::Disown { rep: rep(bo), lead: before.id }),
        };
        let own = Index::Own { rep: rep("ana"), lead: before.id, at };
        assert_eq!(change.index, left.into_iter().chain([own]).collect::<Vec<_>>(), "{place:?}");
        let gone = match &place {
            Place::Held => Some(Timer::Cancel(Due::Held(before.id))),
            Place::Offered { .. } => Some(Timer::Cancel(Due::Offer(before.id))),
            _ => None,
        };
        assert!(gone.is_none_or(|gone| change.timers.contains(&gone)), "{place:?}");
        assert_eq!(change.timers.contains(&Timer::Set(Due::Drain, at)), holder.is_some(), "{place:?}");
        // The last of what is said of a deadline holds.
        let contact = change.timers.iter().rfind(|timer| matches!(timer, Timer::Set(Due::Contact(_), _)));
        assert_eq!(contact, Some(&Timer::Set(Due::Contact(before.id), at.after(Span::minutes(90)))));
        let fences: Vec<_> = change.events.iter().map(|event| (&event.kind, event.decision.is_some())).collect();
        let [(Kind::Act(act), false), (Kind::LeadAssigned { rep: to, cause: Cause::Ordered, fence, .. }, true)] =
            &fences[..]
        else {
            panic!("{fences:?}")
        };
        assert_eq!((to, *fence), (&rep("ana"), Fence(5)));
        let ordered = Act::AssignmentOrdered {
            lead: before.id,
            manager: rep("mia"),
            rep: rep("ana"),
            from: holder.map(rep),
            fence: Fence(4),
            reason: AssignReason::Workload,
        };
        assert_eq!(*act, ordered);
        assert_eq!(change.expects, reads(&order("mia", "ana", from), None));
    }
}

#[test]
fn who_is_asked_can_be_given_it() {
    let before = Lead { place: offered("ana"), ..lead() };
    let change = decide(&snapshot(&before), &order("mia", "ana", From::Nobody), &policy(), NOW).unwrap();
    assert_eq!(counted(&change, Counter::Open(rep("ana"))), 0);
    assert!(matches!(change.index.last(), Some(Index::Own { .. })), "what is said last of a member holds");
}

#[test]
fn an_order_that_does_not_fit_the_lead_is_refused() {
    let closed = Place::Closed { owner: rep("bo"), outcome: Outcome::Lost };
    let (nobody, owner) = (order("mia", "ana", From::Nobody), order("mia", "ana", From::Owner(Fence(4))));
    assert_eq!(refused(assigned("bo"), &nobody), Reason::LeadAlreadyClaimed);
    assert_eq!(refused(closed.clone(), &nobody), Reason::LeadClosed);
    assert_eq!(refused(closed, &owner), Reason::LeadClosed);
    for place in [lead().place, Place::Held, offered("bo")] {
        assert_eq!(refused(place, &owner), Reason::NotOwner);
    }
    assert_eq!(refused(assigned("bo"), &order("mia", "ana", From::Owner(Fence(3)))), Reason::FenceStale);
    assert_eq!(refused(assigned("ana"), &owner), Reason::AlreadyOwner);
    let nothing = decide(&Snapshot::default(), &nobody, &policy(), NOW).unwrap_err();
    assert_eq!(nothing.broken[0].reason, Reason::LeadUnknown);
}

#[test]
fn the_manager_is_one_of_those_concerned() {
    let of = |manager: &str, to: &str, from| order(manager, to, from);
    let owner = From::Owner(Fence(4));
    for (manager, to) in [("bo", "ana"), ("max", "ana"), ("eve", "ana"), ("ana", "ana")] {
        assert_eq!(refused(lead().place, &of(manager, to, From::Nobody)), Reason::NotManager, "{manager}");
    }
    for to in ["eve", "old"] {
        assert_eq!(refused(lead().place, &of("mia", to, From::Nobody)), Reason::RepUnknown, "{to}");
    }
    // From one team to another: either manager, and whoever is above them; and to themselves.
    let read = snapshot(&Lead { place: assigned("ana"), ..lead() });
    for (manager, to) in [("mia", "cy"), ("max", "cy"), ("top", "cy"), ("mia", "mia"), ("max", "max")] {
        assert!(decide(&read, &of(manager, to, owner), &policy(), NOW).is_ok(), "{manager} to {to}");
    }
    assert_eq!(refused(assigned("ana"), &of("bo", "cy", owner)), Reason::NotManager);
}

#[test]
fn notes_are_kept_with_the_personal_data_and_go_with_it() {
    let noting = |note: &str| Command { note: note.into(), ..order("mia", "ana", From::Nobody) };
    let mut read = snapshot(&lead());
    let mut person = Person { email: "jo@example.com".into(), ..Person::default() };
    person.act_notes = (0..20).map(|fence| (Fence(fence), format!("{fence}"))).collect();
    read.put(Record::Person(lead().id, person));
    let change = decide(&read, &noting("knows her"), &policy(), NOW).unwrap();
    read.apply(&change);
    let kept = read.person(lead().id).unwrap();
    assert_eq!((kept.email.as_str(), kept.act_notes.len()), ("jo@example.com", MAX_NOTES));
    // The lead was at fence 4 before: of that act there was a note already.
    assert_eq!(kept.act_notes[&Fence(5)], "knows her");
    let told = format!("{:?}", change.events);
    assert!(!told.contains("knows her"), "{told}");
    let erased = Lead { acts: Acts { erased_at: Some(NOW), ..Acts::default() }, ..lead() };
    let refusal = decide(&snapshot(&erased), &noting("x"), &policy(), NOW).unwrap_err();
    assert_eq!(refusal.broken[0].reason, Reason::LeadErased);
    assert!(decide(&snapshot(&erased), &noting(""), &policy(), NOW).is_ok());
}

#[test]
fn a_hold_that_ends_by_an_order_is_no_fault_of_its_rep() {
    let until = NOW.after(Span(60_000));
    let held = Lead { hold: Some(Box::new(Hold { rep: rep("bo"), until })), ..lead() };
    let mut before = snapshot(&held);
    let hold = Some(Held { lead: held.id, until });
    before.put(Record::Selection(Selection { hold, ..Selection::new(rep("bo")) }));
    let change = decide(&before, &order("mia", "ana", From::Nobody), &policy(), NOW).unwrap();
    assert!(change.expects.contains(&Key::Selection(rep("bo"))));
    before.apply(&change);
    let chooses = before.selection(&rep("bo")).unwrap();
    assert_eq!((chooses.hold, chooses.lapsed_at, chooses.skipped), (None, None, 0));
    assert_eq!(before.lead(held.id).unwrap().hold, None);
}
