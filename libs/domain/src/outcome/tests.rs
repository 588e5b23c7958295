use super::*;
use crate::figures::Figure;
use crate::id::PoolId;
use crate::intake::{self, Raw};
use crate::lead::Via;
use crate::time::Span;

const NOW: Millis = Millis(1_700_000_000_000);

fn policy() -> Policy {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], default: {pool: open}}")
        .unwrap()
}

fn owned(contacted_at: Option<Millis>) -> Snapshot {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(Lead {
        place: Place::Assigned {
            owner: RepId::parse("ana").unwrap(),
            via: Via::Claim(PoolId::parse("open").unwrap()),
            remind_at: Millis(NOW.0 + 5_400_000),
            contact_due: Millis(NOW.0 + 7_200_000),
            contacted_at,
        },
        fence: Fence(3),
        ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    }));
    snapshot
}

fn told(snapshot: &Snapshot, rep: &str, fence: u64, step: Step, after: Span) -> Result<Change, Reason> {
    let (rep, lead) = (RepId::parse(rep).unwrap(), LeadId::new(NOW, [1; 10]));
    let command = Command { rep, lead, fence: Fence(fence), step };
    decide(snapshot, &command, &policy(), NOW.after(after)).map_err(|refusal| refusal.broken[0].reason)
}

fn end(snapshot: &Snapshot, rep: &str, fence: u64) -> Result<Change, Reason> {
    told(snapshot, rep, fence, Step::End(Outcome::Won { amount: 7 }), Span::hours(1))
}

fn lead(snapshot: &Snapshot) -> &Lead {
    snapshot.lead(LeadId::new(NOW, [1; 10])).unwrap()
}

/// The names of the events, in order.
fn events(change: &Change) -> Vec<&'static str> {
    let name = |event: &Event| match event.kind {
        Kind::LeadContacted { .. } => "contacted",
        Kind::OpportunityRecorded { .. } => "opportunity",
        Kind::LeadClosed { .. } => "closed",
        _ => "another",
    };
    change.events.iter().map(name).collect()
}

#[test]
fn an_opportunity_leaves_the_lead_open_and_may_still_end_in_each_way() {
    let ends = [Outcome::Won { amount: 7 }, Outcome::Lost, Outcome::Disqualified, Outcome::Duplicate];
    for outcome in ends {
        let mut snapshot = owned(Some(NOW));
        let first = told(&snapshot, "ana", 3, Step::Opportunity, Span::hours(1)).unwrap();
        let at = NOW.after(Span::hours(1));
        assert_eq!(first.answer, Answer::Opportunity(Opportunity { at, owned: Span::hours(1) }));
        assert_eq!(events(&first), ["opportunity"]);
        let [converted] = &first.counts[..] else { panic!("{first:?}") };
        assert!(matches!(converted.counter, Counter::Figure(_, _, Figure::Converted)), "{converted:?}");
        assert!(first.timers.is_empty() && first.index.is_empty(), "{first:?}");
        let before = lead(&snapshot).clone();
        snapshot.apply(&first);
        assert_eq!(lead(&snapshot), &Lead { opportunity_at: Some(at), ..before }, "and nothing else of it changes");
        // A second one changes nothing and answers with the first.
        let second = told(&snapshot, "ana", 3, Step::Opportunity, Span::hours(2)).unwrap();
        assert_eq!(second, Change { answer: first.answer.clone(), expects: first.expects.clone(), ..second.clone() });
        assert!(second.puts.is_empty() && second.events.is_empty() && second.counts.is_empty(), "{second:?}");
        snapshot.apply(&told(&snapshot, "ana", 3, Step::End(outcome), Span::hours(3)).unwrap());
        assert_eq!(lead(&snapshot).opportunity_at, Some(at), "a lead that ended stays a conversion");
        let late = told(&snapshot, "ana", 3, Step::Opportunity, Span::hours(4));
        assert_eq!(late.unwrap_err(), Reason::LeadClosed);
    }
}

#[test]
fn an_opportunity_is_the_first_contact_where_none_was_told() {
    for (after, in_time) in [(Span::minutes(119), true), (Span::hours(2), false)] {
        let mut snapshot = owned(None);
        let change = told(&snapshot, "ana", 3, Step::Opportunity, after).unwrap();
        assert_eq!(events(&change), ["contacted", "opportunity"], "the answer's position is the opportunity's");
        let told_contact = &change.events[0].kind;
        assert!(
            matches!(told_contact, Kind::LeadContacted { contact_speed, in_time: it, .. }
                if *contact_speed == after && *it == in_time),
            "{told_contact:?}"
        );
        assert_eq!(change.timers, [Timer::Cancel(Due::Contact(LeadId::new(NOW, [1; 10])))]);
        // It was claimed.
        let [count, claimed, figures @ ..] = &change.counts[..] else { panic!("{change:?}") };
        assert!(figures.iter().all(|count| matches!(count.counter, Counter::Figure(..))), "{figures:?}");
        assert!(matches!(count.counter, Counter::Uncontacted(_)) && count.delta == -1);
        assert!(matches!(claimed.counter, Counter::Hoarded(_)) && claimed.delta == -1);
        snapshot.apply(&change);
        let contacted = matches!(lead(&snapshot).place, Place::Assigned { contacted_at: Some(at), .. }
            if at == NOW.after(after));
        assert!(contacted && lead(&snapshot).opportunity_at == Some(NOW.after(after)), "{:?}", lead(&snapshot));
    }
}

#[test]
fn another_owner_s_opportunity_was_told_and_the_contact_is_this_owner_s_own() {
    let mut snapshot = owned(None);
    let long_ago = Millis(NOW.0 - 5);
    snapshot.put(Record::from(Lead { opportunity_at: Some(long_ago), ..lead(&snapshot).clone() }));
    let change = told(&snapshot, "ana", 3, Step::Opportunity, Span::hours(1)).unwrap();
    assert_eq!(change.answer, Answer::Opportunity(Opportunity { at: long_ago, owned: Span(0) }));
    assert_eq!(events(&change), ["contacted"]);
    snapshot.apply(&change);
    assert_eq!(lead(&snapshot).opportunity_at, Some(long_ago));
}

#[test]
fn what_ended_is_nobodys_load_and_makes_room() {
    for contacted_at in [None, Some(NOW)] {
        let mut snapshot = owned(contacted_at);
        let change = end(&snapshot, "ana", 3).unwrap();
        assert_eq!(change.answer, Answer::Closed(Closed { at: NOW.after(Span::hours(1)), owned: Span::hours(1) }));
        let open = change.counts.iter().any(|count| matches!(count.counter, Counter::Open(_)) && count.delta == -1);
        let uncontacted = change.counts.iter().any(|count| matches!(count.counter, Counter::Uncontacted(_)));
        assert!(open && uncontacted == contacted_at.is_none(), "{change:?}");
        assert!(change.timers.contains(&Timer::Set(Due::Drain, NOW.after(Span::hours(1)))));
        snapshot.apply(&change);
        assert_eq!(end(&snapshot, "ana", 3).unwrap_err(), Reason::LeadClosed);
        assert_eq!(end(&snapshot, "bo", 3).unwrap_err(), Reason::NotOwner);
    }
}

#[test]
fn only_the_owner_with_the_present_fence() {
    for step in [Step::Opportunity, Step::End(Outcome::Lost)] {
        let refused = |snapshot, rep, fence| told(&snapshot, rep, fence, step, Span::hours(1)).unwrap_err();
        assert_eq!(refused(owned(None), "bo", 3), Reason::NotOwner);
        assert_eq!(refused(owned(None), "ana", 2), Reason::FenceStale);
        assert_eq!(refused(owned(None), "eve", 3), Reason::RepUnknown);
        assert_eq!(refused(Snapshot::default(), "ana", 3), Reason::LeadUnknown);
    }
}
