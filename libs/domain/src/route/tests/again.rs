//! Leads that are routed again: offers, contact missed, the holding pool.

use super::*;
use crate::answer::REMEMBERED;
use crate::event::DeclineReason;
use crate::event::{HeldReason, Kind};
use crate::id::RepId;
use crate::lead::Lead;
use crate::lead::Place;

fn offering() -> Policy {
    Policy::parse(
        "
manager: mia
reps: [{id: mia}]
teams: [{id: in, reps: [{id: ana}, {id: bo}, {id: cy}, {id: dee}]}]
default: {rotate: in, offer: {within: 5m}}
",
    )
    .unwrap()
}

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

/// Routes a lead and what comes of it again and again, each time for the reason that stands.
fn again(snapshot: &mut Snapshot, policy: &Policy, because: impl Fn(&RepId) -> Again, now: Millis) -> Change {
    let lead = LeadId::new(NOW, [1; 10]);
    let held = snapshot.lead(lead).unwrap();
    let who = match &held.place {
        Place::Offered { to, .. } => to.clone(),
        Place::Assigned { owner, .. } => owner.clone(),
        _ => rep("nobody"),
    };
    let command = Command::Again { lead, fence: held.fence, because: because(&who) };
    let change = go(snapshot, &command, policy, now);
    snapshot.apply(&change);
    change
}

#[test]
fn an_offer_goes_from_rep_to_rep_and_the_third_time_to_the_manager() {
    let policy = offering();
    let mut snapshot = Snapshot::default();
    let first = go(&mut snapshot, &command(1, "webinar", None), &policy, NOW);
    let Destination::Offered { fence, expires, .. } = destination(&first) else { panic!() };
    assert_eq!((*fence, *expires), (Fence(1), NOW.after(Span::minutes(5))));
    snapshot.apply(&first);
    let mut asked = vec![];
    let declined = |who: &RepId| Again::Declined(who.clone(), DeclineReason::Busy);
    for _ in 0..2 {
        let change = again(&mut snapshot, &policy, declined, NOW);
        assert_eq!(change.events.len(), 2, "declined, then offered to another");
        let Destination::Offered { rep, .. } = destination(&change) else { panic!() };
        assert!(!asked.contains(rep), "{rep} was asked before");
        asked.push(rep.clone());
    }
    let last = again(&mut snapshot, &policy, declined, NOW);
    let Destination::Assigned { rep: manager, fence, .. } = destination(&last) else { panic!() };
    assert_eq!((manager, *fence), (&rep("mia"), Fence(4)));
    // Whoever was asked has nothing any more.
    for asked in ["ana", "bo", "cy", "dee"] {
        assert_eq!(snapshot.count(&Counter::Open(rep(asked))), 0);
    }
    assert_eq!(snapshot.count(&Counter::Uncontacted(rep("mia"))), 1);
}

#[test]
fn a_lead_is_routed_again_only_for_a_reason_that_stands() {
    let policy = offering();
    let mut snapshot = Snapshot::default();
    let change = go(&mut snapshot, &command(1, "webinar", None), &policy, NOW);
    snapshot.apply(&change);
    let lead = LeadId::new(NOW, [1; 10]);
    let mut refused = |fence, because: Again, now| {
        let command = Command::Again { lead, fence: Fence(fence), because };
        settle(&mut snapshot, &command, &policy, now).unwrap_err().broken[0].reason
    };
    let due = NOW.after(Span::minutes(5));
    assert_eq!(refused(1, Again::OfferLapsed, Millis(due.0 - 1)), Reason::NotDue);
    assert_eq!(refused(2, Again::OfferLapsed, due), Reason::FenceStale);
    assert_eq!(refused(1, Again::ContactMissed, due), Reason::NotDue);
    assert_eq!(refused(1, Again::Retried, due), Reason::NotDue);
    assert_eq!(refused(1, Again::Declined(rep("zoe"), DeclineReason::Other), NOW), Reason::NotOwner);
    let change = again(&mut snapshot, &policy, |_| Again::OfferLapsed, due);
    assert!(matches!(change.events[0].kind, crate::event::Kind::OfferLapsed { .. }));
}

#[test]
fn who_made_no_contact_loses_the_lead_to_another() {
    let policy = policy();
    let mut snapshot = Snapshot::default();
    let first = go(&mut snapshot, &command(1, "webinar", Some(80)), &policy, NOW);
    let Destination::Assigned { rep: owner, contact_due, .. } = destination(&first).clone() else { panic!() };
    snapshot.apply(&first);
    let second = again(&mut snapshot, &policy, |_| Again::ContactMissed, contact_due);
    let Destination::Assigned { rep: next, fence, .. } = destination(&second) else { panic!() };
    assert_ne!(*next, owner);
    assert_eq!(*fence, Fence(2));
    let held = snapshot.lead(LeadId::new(NOW, [1; 10])).unwrap();
    assert_eq!((&held.left_out[..], held.reroutes), (&[owner.clone()][..], 1));
    assert_eq!(snapshot.count(&Counter::Open(owner.clone())), 0);
    assert_eq!(snapshot.count(&Counter::Uncontacted(owner)), 0);
}

#[test]
fn a_manager_who_is_all_there_is_gets_the_lead_again_and_it_is_not_stuck() {
    let document = "manager: mia\nreps: [{id: mia}]\nteams: [{id: in, reps: [{id: ana}]}]\ndefault: {rotate: in}";
    let policy = Policy::parse(document).unwrap();
    let mut snapshot = Snapshot::default();
    let first = go(&mut snapshot, &command(1, "webinar", None), &policy, NOW);
    snapshot.apply(&first);
    let mut now = NOW;
    for round in 2..6 {
        now = now.after(policy.contact_sla);
        let change = again(&mut snapshot, &policy, |_| Again::ContactMissed, now);
        let Destination::Assigned { rep: owner, fence, .. } = destination(&change) else { panic!("{change:?}") };
        assert_eq!((owner, *fence), (&rep("mia"), Fence(round)));
        let drain = crate::change::Timer::Set(crate::change::Due::Drain, now);
        assert!(change.timers.contains(&drain), "whoever had it has room for a held one");
    }
}

#[test]
fn a_held_lead_waits_until_somebody_is_there() {
    let policy = Policy::parse("teams: [{id: in, reps: [{id: ana}]}]\ndefault: {rotate: in}").unwrap();
    let mut snapshot = Snapshot::default();
    snapshot.put(away("ana"));
    let first = go(&mut snapshot, &command(1, "webinar", None), &policy, NOW);
    assert_eq!(destination(&first), &Destination::Held);
    assert_eq!(
        first.timers,
        [crate::change::Timer::Set(crate::change::Due::Held(LeadId::new(NOW, [1; 10])), Millis(NOW.0 + 1))]
    );
    snapshot.apply(&first);
    let still = again(&mut snapshot, &policy, |_| Again::Retried, NOW);
    assert!(still.events.is_empty(), "it waits on, which is nothing new");
    assert_eq!((first.remembered, still.remembered), (REMEMBERED, STAYS_HELD_REMEMBERED), "it is tried often");
    let free = again(&mut snapshot, &policy, |_| Again::Retried, Millis(NOW.0 + 1));
    assert!(matches!(destination(&free), Destination::Assigned { .. }));
    assert_eq!(snapshot.lead(LeadId::new(NOW, [1; 10])).unwrap().reroutes, 0);
}

/// Declines until the lead is held; who did.
fn declined_by_all(snapshot: &mut Snapshot, policy: &Policy) -> Vec<RepId> {
    let first = go(snapshot, &command(1, "webinar", None), policy, NOW);
    snapshot.apply(&first);
    let mut declined = vec![];
    while let Some(who) = snapshot.lead(LeadId::new(NOW, [1; 10])).unwrap().holder().cloned() {
        again(snapshot, policy, |who| Again::Declined(who.clone(), DeclineReason::Busy), NOW);
        declined.push(who);
        assert!(declined.len() < 20, "{declined:?}");
    }
    declined
}

#[test]
fn without_a_manager_a_lead_goes_on_to_everybody_and_then_to_those_who_had_it() {
    let policy = "teams: [{id: in, reps: [{id: ana}, {id: bo}, {id: cy}, {id: dee}]}]\n\
                  default: {rotate: in, offer: {within: 5m}}";
    let policy = Policy::parse(policy).unwrap();
    let mut snapshot = Snapshot::default();
    let mut declined = declined_by_all(&mut snapshot, &policy);
    declined.sort();
    assert_eq!(declined, ["ana", "bo", "cy", "dee"].map(rep), "each once, the third time and after it too");
    let lead = LeadId::new(NOW, [1; 10]);
    let held = snapshot.lead(lead).unwrap();
    assert_eq!((&held.place, held.reroutes), (&Place::Held, 4));

    let ends = NOW.after(LEFT_OUT_FOR);
    let early = again(&mut snapshot, &policy, |_| Again::Retried, Millis(ends.0 - 60_000));
    assert_eq!(destination(&early), &Destination::Held, "they have just had it");
    let due = crate::change::Timer::Set(crate::change::Due::Held(lead), ends);
    assert_eq!(early.timers, [due], "no later than they come up again");
    let after_all = again(&mut snapshot, &policy, |_| Again::Retried, ends);
    let Destination::Offered { rep: asked, .. } = destination(&after_all).clone() else { panic!("{after_all:?}") };
    assert!(declined.contains(&asked));
    let offered = snapshot.lead(lead).unwrap();
    assert_eq!((offered.left_out.len(), offered.waits_for), (4, None), "it is remembered who had it");

    // Who declines again is left out as before, and the others are free to be asked only after another while.
    let again_held = again(&mut snapshot, &policy, |who| Again::Declined(who.clone(), DeclineReason::Busy), ends);
    let Kind::LeadHeld { reason, retry_at, .. } = &again_held.events.last().unwrap().kind else { panic!() };
    assert_eq!((*reason, *retry_at), (HeldReason::LeftOut, ends.after(LEFT_OUT_FOR)));
}

#[test]
fn of_leads_that_wait_for_the_same_one_tells_of_the_others() {
    let policy = Policy::parse(
        "teams: [{id: in, reps: [{id: ana}, {id: bo}]}, {id: out, reps: [{id: cy}]}]\n\
         routes: [{name: far, sources: [referral], rotate: out}]\n\
         default: {rotate: in}",
    )
    .unwrap();
    let mut snapshot = Snapshot::default();
    ["ana", "bo", "cy"].into_iter().for_each(|rep| snapshot.put(away(rep)));
    let mut held = |n, source| {
        let change = go(&mut snapshot, &command(n, source, None), &policy, NOW);
        assert_eq!(destination(&change), &Destination::Held);
        snapshot.apply(&change);
        snapshot.lead(LeadId::new(NOW, [n; 10])).unwrap().clone()
    };
    let (one, other, far) = (held(1, "webinar"), held(2, "webinar"), held(3, "referral"));
    let without =
        |lead: &Lead, reps: &[&str]| Lead { left_out: reps.iter().map(|id| rep(id)).collect(), ..lead.clone() };
    let mut nobody = Nobody::default();
    assert!(!nobody.is_for(&other, NOW));
    nobody.note(&without(&one, &["ana"]), NOW);
    assert!(nobody.is_for(&without(&other, &["bo", "ana"]), NOW), "fewer may take it");
    assert!(!nobody.is_for(&other, NOW) && !nobody.is_for(&without(&other, &["bo"]), NOW), "ana may");
    let later = NOW.after(LEFT_OUT_FOR);
    assert!(!nobody.is_for(&without(&other, &["ana"]), later), "she comes up again");
    nobody.note(&one, NOW);
    assert!(nobody.is_for(&other, NOW) && nobody.is_for(&without(&other, &["bo"]), NOW));
    assert!(!nobody.is_for(&far, NOW), "it waits for another team");
    let mut newer = policy;
    newer.version += 1;
    let change = go(&mut snapshot, &command(4, "webinar", None), &newer, NOW);
    snapshot.apply(&change);
    assert!(!nobody.is_for(snapshot.lead(LeadId::new(NOW, [4; 10])).unwrap(), NOW), "under another version");
}
