use super::*;
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
    snapshot.put(Record::Lead(Lead {
        id: LeadId::new(NOW, [1; 10]),
        facts: intake::normalise(raw, NOW).unwrap().0,
        place: Place::Assigned {
            owner: RepId::parse("ana").unwrap(),
            via: Via::Claim(PoolId::parse("open").unwrap()),
            remind_at: Millis(NOW.0 + 5_400_000),
            contact_due: Millis(NOW.0 + 7_200_000),
            contacted_at,
        },
        fence: Fence(3),
        routed_at: NOW,
        placed_at: NOW,
        left_out: Vec::new(),
        reroutes: 0,
        waits_for: None,
        turn: None,
        acts: Default::default(),
        position: String::new(),
    }));
    snapshot
}

fn end(snapshot: &Snapshot, rep: &str, fence: u64) -> Result<Change, Reason> {
    let (rep, lead) = (RepId::parse(rep).unwrap(), LeadId::new(NOW, [1; 10]));
    let command = Command { rep, lead, fence: Fence(fence), outcome: Outcome::Won { amount: 7 } };
    decide(snapshot, &command, &policy(), NOW.after(Span::hours(1))).map_err(|refusal| refusal.broken[0].reason)
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
    assert_eq!(end(&owned(None), "bo", 3).unwrap_err(), Reason::NotOwner);
    assert_eq!(end(&owned(None), "ana", 2).unwrap_err(), Reason::FenceStale);
    assert_eq!(end(&owned(None), "eve", 3).unwrap_err(), Reason::RepUnknown);
    assert_eq!(end(&Snapshot::default(), "ana", 3).unwrap_err(), Reason::LeadUnknown);
}
