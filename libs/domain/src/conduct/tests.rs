use super::*;
use crate::event::DeclineReason;
use crate::id::{Fence, PoolId};
use crate::intake::{self, Raw};
use crate::lead::Via;
use proptest::prelude::*;

const NOW: Millis = Millis(1_700_000_000_000);
const HOUR: Span = Span::hours(1);
const RULE: Misses =
    Misses { quota_less_for: Span::hours(24), most: Some(3), within: Span::days(7), suspension: Span::days(7) };
const ASKED: Acceptance = Acceptance { percent: 80, last: 20, at_least: 10, suspension: Span::days(7) };

fn ana() -> RepId {
    RepId::parse("ana").unwrap()
}

fn lead(n: u8) -> LeadId {
    LeadId::new(NOW, [n; 10])
}

fn policy(guardrails: &str) -> Policy {
    let document = format!(
        "{{manager: max, reps: [{{id: max}}, {{id: ana}}], pools: [{{id: open}}], default: {{pool: open}}, \
         guardrails: {guardrails}}}"
    );
    Policy::parse(&document).unwrap()
}

fn at(place: Place) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    Lead { place, fence: Fence(3), ..Lead::arrived(lead(1), intake::normalise(raw, NOW).unwrap().0, NOW) }
}

fn owned(via: Via) -> Place {
    Place::Assigned { owner: ana(), via, remind_at: NOW, contact_due: NOW, contacted_at: None }
}

fn offered(refusable: bool) -> Place {
    Place::Offered { to: ana(), via: Via::Named, expires: NOW, refusable }
}

/// Notes that the lead left ana at `now`, in the snapshot too.
fn leaves(snapshot: &mut Snapshot, place: Place, because: &Again, policy: &Policy, now: Millis) -> Change {
    let mut change = Change::answering(Answer::Done);
    left(&mut change, snapshot, &at(place), because, policy, now);
    snapshot.apply(&change);
    change
}

fn misses(conduct: &mut Conduct, moments: &[Millis]) -> Vec<Option<Why>> {
    moments.iter().map(|at| conduct.miss(lead(1), *at, &RULE)).collect()
}

#[test]
fn the_third_miss_within_seven_days_suspends_and_one_a_moment_later_does_not() {
    let within = |last: i64| {
        let mut conduct = Conduct::clean(ana());
        misses(&mut conduct, &[NOW, NOW.after(HOUR), Millis(NOW.0 + last)])
    };
    assert_eq!(within(RULE.within.0 - 1), [None, None, Some(Why::Misses(3))]);
    assert_eq!(within(RULE.within.0), [None, None, None], "the window is open at its far end");
}

#[test]
fn what_is_found_out_late_counts_from_its_deadline() {
    let mut conduct = Conduct::clean(ana());
    let first = Millis(NOW.0 - RULE.within.0 + 1);
    assert_eq!(misses(&mut conduct, &[NOW, NOW.after(RULE.within), first]), [None; 3]);
    let between = Millis(NOW.0 - 1);
    assert_eq!(misses(&mut conduct, &[between]), [Some(Why::Misses(3))]);
    assert!(conduct.misses.is_sorted_by_key(|miss| miss.at));
}

#[test]
fn a_miss_that_has_led_to_a_suspension_leads_to_no_other() {
    let mut conduct = Conduct::clean(ana());
    let moments: Vec<_> = (0..8).map(|n| NOW.after(Span(n))).collect();
    let told = misses(&mut conduct, &moments);
    let suspends = Some(Why::Misses(3));
    assert_eq!(told, [None, None, suspends, None, None, suspends, None, None]);
}

#[test]
fn one_that_was_lifted_counts_for_nothing() {
    let mut conduct = Conduct::clean(ana());
    misses(&mut conduct, &[NOW, NOW]);
    conduct.misses[0].lifted = true;
    assert_eq!(misses(&mut conduct, &[NOW, NOW]), [None, Some(Why::Misses(3))]);
    assert_eq!(conduct.misses[0].counts_until(&RULE), NOW);
    assert_eq!(conduct.misses[1].counts_until(&RULE), NOW.after(RULE.quota_less_for), "spent, and a claim less");
}

#[test]
fn eight_of_ten_offers_are_enough_and_seven_are_not() {
    let accepts = |accepted: usize, of: usize| {
        let mut conduct = Conduct::clean(ana());
        let answers: Vec<_> = (0..of).map(|n| conduct.answer(n >= of - accepted, &ASKED)).collect();
        (answers.last().copied().flatten(), answers.iter().flatten().count(), conduct.answers.len())
    };
    assert_eq!(accepts(8, 10), (None, 0, 10));
    assert_eq!(accepts(7, 10), (Some(Why::Acceptance { accepted: 7, of: 10 }), 1, 0));
    assert_eq!(accepts(0, 9), (None, 0, 9), "too few to tell");
    assert_eq!(accepts(0, 20).1, 2, "the list starts anew, so the next ten suspend again");
}

#[test]
fn of_the_last_twenty_offers_the_twenty_first_is_forgotten() {
    let mut conduct = Conduct::clean(ana());
    // 4 of 20 not accepted are allowed, a fifth is not; the first has left the list by then.
    let answers = [false].into_iter().chain([true; 16]).chain([false; 3]);
    assert!(answers.into_iter().all(|accepted| conduct.answer(accepted, &ASKED).is_none()));
    assert_eq!(conduct.answer(false, &ASKED), None, "the first one has left");
    assert_eq!(conduct.answer(false, &ASKED), Some(Why::Acceptance { accepted: 15, of: 20 }));
}

#[test]
fn pushed_and_claimed_leads_count_alike_and_nothing_else_does() {
    let policy = policy("{misses: {most: 2}}");
    let mut snapshot = Snapshot::default();
    let via = Via::Claim(PoolId::parse("open").unwrap());
    leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW);
    let second = leaves(&mut snapshot, owned(via), &Again::ContactMissed, &policy, NOW);
    let until = NOW.after(Span::days(7));
    let told = Suspended { rep: ana(), until, why: Why::Misses(2) };
    assert_eq!(second.events, [Event { at: NOW, kind: Kind::RepSuspended(told), decision: None }]);
    assert_eq!(second.timers, [Timer::Set(Due::Suspension(ana()), until)]);
    assert_eq!(second.expects, [Key::Conduct(ana())]);
    for (place, because) in [
        (owned(Via::Named), Again::Retried),
        (Place::Held, Again::Retried),
        // The policy does not ask how many are accepted.
        (offered(true), Again::OfferLapsed),
        (offered(true), Again::Declined(ana(), DeclineReason::Busy)),
    ] {
        assert_eq!(looks_at(&at(place.clone()), &because, &policy), None);
        assert_eq!(leaves(&mut snapshot, place, &because, &policy, NOW), Change::answering(Answer::Done));
    }
}

#[test]
fn an_offer_that_lapses_counts_also_where_it_cannot_be_declined() {
    let policy = policy("{acceptance: {last: 2, at_least: 2, percent: 50}}");
    let mut snapshot = Snapshot::default();
    for (place, because) in
        [(offered(true), Again::Declined(ana(), DeclineReason::Busy)), (offered(false), Again::OfferLapsed)]
    {
        assert_eq!(looks_at(&at(place.clone()), &because, &policy), Some(Key::Conduct(ana())));
        leaves(&mut snapshot, place, &because, &policy, NOW);
    }
    let held = snapshot.conduct(&ana()).unwrap();
    assert_eq!(held.suspensions[0].why, Why::Acceptance { accepted: 0, of: 2 });
}

#[test]
fn the_end_of_a_suspension_is_told_once_and_at_its_moment() {
    let policy = policy("{misses: {most: 1, suspension: 1h}}");
    let mut snapshot = Snapshot::default();
    leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW);
    let until = NOW.after(HOUR);
    let due = || Due::Suspension(ana());
    let early = end(&snapshot, &ana(), Millis(until.0 - 1)).unwrap();
    assert_eq!((early.events.len(), early.timers), (0, vec![Timer::Set(due(), until)]));
    assert_eq!(restore(&snapshot, &ana()).unwrap().timers, [Timer::Set(due(), until)]);
    let over = end(&snapshot, &ana(), until).unwrap();
    let told = Kind::SuspensionEnded(Ended { rep: ana(), from: NOW, lifted: false });
    assert_eq!((&over.events[0].kind, &over.timers), (&told, &vec![Timer::Cancel(due())]));
    snapshot.apply(&over);
    let again = end(&snapshot, &ana(), until).unwrap();
    assert_eq!((again.events.len(), again.puts.len()), (0, 0));
    assert!(restore(&snapshot, &ana()).is_err());
}

#[test]
fn a_second_suspension_runs_beside_the_first_and_the_last_end_is_told() {
    let policy = policy("{misses: {most: 1, suspension: 2h}}");
    let mut snapshot = Snapshot::default();
    leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW);
    let change = leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW.after(HOUR));
    let until = NOW.after(Span::hours(3));
    assert_eq!(change.timers, [Timer::Set(Due::Suspension(ana()), until)], "one hour more, not two");
    assert!(end(&snapshot, &ana(), NOW.after(Span::hours(2))).unwrap().events.is_empty());
    assert_eq!(end(&snapshot, &ana(), until).unwrap().events.len(), 1);
    // One that nobody has told the end of when the next begins.
    let late = leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, until);
    let kinds: Vec<_> = late.events.iter().map(|event| matches!(event.kind, Kind::SuspensionEnded(_))).collect();
    assert_eq!(kinds, [true, false], "that it is over, and that the next has begun");
}

#[test]
fn what_no_rule_looks_at_is_forgotten_and_no_more_is_kept_than_fits() {
    let policy = policy("{misses: {most: 0, quota_less_for: 1h}}");
    let mut snapshot = Snapshot::default();
    for _ in 0..MAX_MISSES + 5 {
        leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW);
    }
    assert_eq!(snapshot.conduct(&ana()).unwrap().misses.len(), MAX_MISSES);
    let later = NOW.after(HOUR).after(KEPT_LONGER);
    leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, later);
    assert!(snapshot.conduct(&ana()).unwrap().misses.is_empty(), "that one too was due so long ago");
}

#[test]
fn of_many_suspensions_those_are_kept_that_end_last() {
    let policy = policy("{misses: {most: 1, suspension: 24h}}");
    let mut snapshot = Snapshot::default();
    for n in 0..15 {
        leaves(&mut snapshot, owned(Via::Named), &Again::ContactMissed, &policy, NOW.after(Span(n)));
    }
    let held = snapshot.conduct(&ana()).unwrap();
    assert_eq!(held.suspensions.len(), MAX_SUSPENSIONS);
    assert_eq!(held.ends_at(), Some(NOW.after(Span::hours(24)).after(Span(14))));
}

/// What happens to a rep: after so long a time, a miss that is found out so late, an answer, or a look at the deadline.
#[derive(Debug, Clone)]
enum Step {
    Miss(i64),
    Answer(bool),
    Look,
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let late = prop_oneof![3 => Just(0i64), 1 => 0..Span::hours(23).0];
    let step = prop_oneof![late.prop_map(Step::Miss), any::<bool>().prop_map(Step::Answer), Just(Step::Look)];
    prop::collection::vec((0..Span::hours(60).0, step), 1..60)
}

proptest! {
    /// Against somebody who forgets nothing and counts each time anew: who is suspended when, and that each end is told once.
    #[test]
    fn it_is_as_if_nothing_were_ever_forgotten(steps in steps(), most in 1u32..4) {
        let guardrails = format!(
            "{{misses: {{most: {most}, within: 168h, suspension: 72h}}, acceptance: {{last: 6, at_least: 3, suspension: 48h}}}}"
        );
        let policy = policy(&guardrails);
        let (within, length) = (Span::days(7), Span::hours(72));
        let mut snapshot = Snapshot::default();
        let mut now = NOW;
        // Each miss with whether it is spent; the answers since the list began; every suspension; whether one runs untold.
        let (mut all, mut answers) = (Vec::<(Millis, bool)>::new(), Vec::<bool>::new());
        let (mut suspended, mut begun, mut ended, mut stretches) = (Millis(0), 0usize, 0usize, 0usize);
        let mut open = false;
        for (later, step) in steps {
            now = now.after(Span(later));
            let mut begins = None;
            let change = match step {
                Step::Miss(late) => {
                    let due = Millis(now.0 - late);
                    let place = Place::Assigned {
                        owner: ana(), via: Via::Named, remind_at: due, contact_due: due, contacted_at: None,
                    };
                    all.push((due, false));
                    let counting: Vec<Millis> = all.iter().filter(|(_, spent)| !spent).map(|(at, _)| *at).collect();
                    let reached = counting.iter().any(|end| {
                        let in_window = |at: Millis| at <= *end && end.since(at) < within;
                        in_window(due) && counting.iter().filter(|at| in_window(**at)).count() >= most as usize
                    });
                    if reached {
                        all.iter_mut().for_each(|(_, spent)| *spent = true);
                        begins = Some(length);
                    }
                    leaves(&mut snapshot, place, &Again::ContactMissed, &policy, now)
                }
                Step::Answer(accepted) => {
                    answers.push(accepted);
                    let last: Vec<bool> = answers.iter().rev().take(6).copied().collect();
                    let yes = last.iter().filter(|answer| **answer).count();
                    if last.len() >= 3 && yes * 10 < last.len() * 8 {
                        answers.clear();
                        begins = Some(Span::hours(48));
                    }
                    let mut change = Change::answering(Answer::Done);
                    answered(&mut change, &snapshot, &ana(), accepted, &policy, now);
                    snapshot.apply(&change);
                    change
                }
                Step::Look => {
                    let change = end(&snapshot, &ana(), now).unwrap();
                    snapshot.apply(&change);
                    change
                }
            };
            let told = |is: fn(&Kind) -> bool| change.events.iter().filter(|event| is(&event.kind)).count();
            let begins_now = told(|kind| matches!(kind, Kind::RepSuspended(_)));
            prop_assert_eq!(begins_now, usize::from(begins.is_some()));
            begun += begins_now;
            ended += told(|kind| matches!(kind, Kind::SuspensionEnded(_)));
            if let Some(length) = begins {
                if !open || now >= suspended {
                    stretches += 1;
                }
                open = true;
                suspended = suspended.max(now.after(length));
            }
            let held = snapshot.conduct(&ana());
            let until = held.and_then(|conduct| conduct.suspended_until(now));
            prop_assert_eq!(until, Some(suspended).filter(|until| *until > now));
            prop_assert!(held.is_none_or(|conduct| conduct.misses.len() <= MAX_MISSES && conduct.answers.len() <= 6));
        }
        let last = end(&snapshot, &ana(), now.after(Span::days(30))).unwrap();
        ended += last.events.len();
        prop_assert_eq!(ended, stretches, "each stretch of suspensions, {} of them, ends once", begun);
    }
}
