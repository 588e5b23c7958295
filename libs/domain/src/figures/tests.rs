use super::*;
use crate::contact;
use crate::event::ReleaseReason;
use crate::id::Fence;
use crate::lead::fixture::{NOW, assigned, lead, policy, rep, snapshot};
use crate::outcome::{self, Step};
use crate::policy::Policy;
use crate::route::{self, Again};

/// A Monday, 00:00 UTC: 2026-03-02.
const MONDAY: Millis = Millis(1_772_409_600_000);

#[test]
fn a_week_begins_on_monday_at_midnight_utc() {
    let week = Week::of(MONDAY);
    assert_eq!(week.start(), MONDAY);
    assert_eq!(Week::of(Millis(MONDAY.0 - 1)).next(), week);
    assert_eq!(Week::of(Millis(MONDAY.0 + Span::days(7).0 - 1)), week);
    assert_eq!(Week::of(Millis(MONDAY.0 + Span::days(7).0)), week.next());
    assert_eq!(Week(0).start(), Millis(-Span::days(3).0), "before 1970 too");
    assert_eq!(Week::of(Millis(-1)), Week(0));
    // 28 days: from their first millisecond to the last before the calculation's Monday.
    let looked_at: Vec<_> = week.looked_at().collect();
    let (first, last) = (MONDAY.0 - Span::days(28).0, MONDAY.0 - 1);
    assert_eq!((looked_at.len(), looked_at[0].start()), (4, Millis(first)));
    let is_in = |at: i64| looked_at.contains(&Week::of(Millis(at)));
    assert_eq!([first - 1, first, last, last + 1].map(is_in), [false, true, true, false]);
}

/// Ana's figures after this change, of the week of `at`.
fn after(change: &Change, at: Millis) -> Figures {
    let mut sums = Snapshot::default();
    sums.apply(change);
    Figures::of(&sums, &rep("ana"), std::iter::once(Week::of(at)))
}

/// Ana's lead.
fn hers() -> Lead {
    Lead { place: assigned("ana"), placed_at: NOW, ..lead() }
}

/// How long she has to make contact.
fn time_she_has() -> u64 {
    let Place::Assigned { contact_due, .. } = hers().place else { panic!("assigned") };
    contact_due.since(NOW).0 as u64
}

fn contact_made(lead: &Lead, at: Millis) -> Figures {
    let command = contact::Command { rep: rep("ana"), lead: lead.id, fence: Fence(4) };
    after(&contact::decide(&snapshot(lead), &command, &policy(), at).unwrap(), at)
}

fn told(lead: &Lead, step: Step, at: Millis) -> Figures {
    let command = outcome::Command { rep: rep("ana"), lead: lead.id, fence: Fence(4), step };
    after(&outcome::decide(&snapshot(lead), &command, &policy(), at).unwrap(), at)
}

#[test]
fn a_contact_counts_its_time_once() {
    let at = NOW.after(Span(70));
    let once = Figures { leads: 1, contacted: 1, contact_ms: 70, ..Figures::default() };
    assert_eq!(contact_made(&hers(), at), once);
    let mut lead = hers();
    if let Place::Assigned { contacted_at, .. } = &mut lead.place {
        *contacted_at = Some(NOW);
    }
    assert_eq!(contact_made(&lead, at), Figures::default(), "a second one");
    assert_eq!(contact_made(&hers(), Millis(NOW.0 - 5)).contact_ms, 0, "a clock that is behind");
}

#[test]
fn an_opportunity_and_a_win_are_one_conversion_of_one_owner() {
    let at = NOW.after(Span(70));
    let one = Figures { leads: 1, contacted: 1, contact_ms: 70, converted: 1, amount: 0 };
    assert_eq!(told(&hers(), Step::Opportunity, at), one, "it is the contact, too");
    let won = Step::End(Outcome::Won { amount: 9 });
    assert_eq!(told(&hers(), won, at), Figures { amount: 9, ..one }, "so is a win");
    let hers_before = Lead { opportunity_at: Some(NOW), ..hers() };
    assert_eq!(told(&hers_before, won, at).converted, 0);
    let anothers = Lead { opportunity_at: Some(Millis(NOW.0 - 1)), ..hers() };
    assert_eq!(told(&anothers, won, at).converted, 1, "she won what another owner had begun");
    assert_eq!(told(&anothers, Step::Opportunity, at).converted, 0, "a lead becomes one once");
    assert_eq!(told(&hers(), Step::End(Outcome::Won { amount: u64::MAX }), at).amount, MOST);
}

#[test]
fn who_makes_no_contact_took_all_the_time_there_was() {
    let whole = Figures { leads: 1, contact_ms: time_she_has(), ..Figures::default() };
    let at = NOW.after(Span(70));
    assert_eq!(told(&hers(), Step::End(Outcome::Disqualified), at), whole);
    let text = "{reps: [{id: max}], manager: max, teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], \
                default: {rotate: t}, guardrails: {release: true}}";
    let policy = Policy::parse(text).unwrap();
    let routed_again = |lead: &Lead, because: &Again| {
        let command = route::Command::Again { lead: lead.id, fence: Fence(4), because: because.clone() };
        let late = NOW.after(Span::days(1));
        after(&route::settle(&mut snapshot(lead), &command, &policy, late).unwrap(), late)
    };
    let (released, manager) = (Again::Released(rep("ana"), ReleaseReason::Other), rep("max"));
    let lead = Lead { act_by: Some(at), ..hers() };
    for because in [Again::ContactMissed, Again::NotActedOn, released.clone()] {
        assert_eq!(routed_again(&lead, &because), whole, "{because:?}");
    }
    let offboarded = Again::Offboarded { rep: rep("ana"), manager };
    assert_eq!(routed_again(&lead, &offboarded), Figures::default(), "a manager's doing");
    let Place::Assigned { owner, via, remind_at, contact_due, .. } = assigned("ana") else { panic!("assigned") };
    let place = Place::Assigned { owner, via, remind_at, contact_due, contacted_at: Some(at) };
    assert_eq!(routed_again(&Lead { place, ..lead }, &released), Figures::default(), "it was counted with the contact");
}
