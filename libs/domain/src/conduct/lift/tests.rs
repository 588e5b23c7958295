use super::*;
use crate::conduct::{Conduct, Miss, Suspension};
use crate::record::Record;
use crate::time::Span;

const NOW: Millis = Millis(1_700_000_000_000);
const POLICY: &str = "
manager: max
reps: [{id: max}, {id: eve, manager: flo}, {id: flo}, {id: gus, left: true}]
teams: [{id: in, manager: kim, reps: [{id: ana}, {id: bo}]}, {id: out, manager: gus, reps: [{id: kim}]}]
pools: [{id: open}]
default: {pool: open}
";

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

fn lead(n: u8) -> LeadId {
    LeadId::new(NOW, [n; 10])
}

/// Two misses that count, one that counts no more, and a suspension that runs for an hour yet.
fn snapshot() -> Snapshot {
    let miss = |n, at, spent| Miss { lead: lead(n), at, spent, lifted: false };
    let (from, until) = (Millis(NOW.0 - 5), NOW.after(Span::hours(1)));
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::Conduct(Conduct {
        misses: vec![miss(3, Millis(NOW.0 - Span::days(7).0), false), miss(1, NOW, true), miss(2, NOW, false)],
        suspensions: vec![Suspension { from, until, why: super::super::Why::Misses(3), lifted: None }],
        ..Conduct::clean(rep("ana"))
    }));
    snapshot
}

fn lift(snapshot: &Snapshot, manager: &str, penalty: Penalty) -> Result<Change, Reason> {
    let policy = Policy::parse(POLICY).unwrap();
    let command = Command { manager: rep(manager), rep: rep("ana"), penalty, why: Why::SystemFault };
    decide(snapshot, &command, &policy, NOW).map_err(|refusal| refusal.broken[0].reason)
}

fn told(change: &Change) -> &Told {
    match &change.events.last().unwrap().kind {
        Kind::PenaltyLifted(told) => told,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_a_manager_of_the_rep_may_lift() {
    for manager in ["max", "kim"] {
        let change = lift(&snapshot(), manager, Penalty::All).unwrap();
        assert_eq!(told(&change).by, rep(manager));
    }
    for other in ["ana", "bo", "eve", "flo", "zoe", "gus"] {
        assert_eq!(lift(&snapshot(), other, Penalty::All), Err(Reason::NotManager), "{other}");
    }
    let policy = Policy::parse(POLICY).unwrap();
    let own = Command { manager: rep("kim"), rep: rep("kim"), penalty: Penalty::All, why: Why::Goodwill };
    assert_eq!(decide(&snapshot(), &own, &policy, NOW).unwrap_err().broken[0].reason, Reason::NotManager);
}

#[test]
fn a_miss_is_lifted_and_the_suspension_goes_on() {
    let mut held = snapshot();
    let change = lift(&held, "max", Penalty::Miss(lead(1))).unwrap();
    assert_eq!((&told(&change).misses, told(&change).suspended_until), (&vec![lead(1)], None));
    assert_eq!((change.events.len(), change.timers.len()), (1, 0));
    held.apply(&change);
    let conduct = held.conduct(&rep("ana")).unwrap();
    assert!(conduct.suspended_until(NOW).is_some());
    assert_eq!(conduct.misses.iter().filter(|miss| miss.lifted).count(), 1);
    for gone in [lead(1), lead(3), lead(9)] {
        assert_eq!(lift(&held, "max", Penalty::Miss(gone)), Err(Reason::NothingToLift), "{gone}");
    }
}

#[test]
fn a_suspension_is_lifted_once_and_its_misses_go_on_counting() {
    let mut held = snapshot();
    let change = lift(&held, "max", Penalty::Suspension).unwrap();
    assert_eq!((told(&change).misses.len(), told(&change).suspended_until), (0, Some(NOW.after(Span::hours(1)))));
    let ended = Kind::SuspensionEnded(Ended { rep: rep("ana"), from: Millis(NOW.0 - 5), lifted: true });
    assert_eq!((change.events.len(), &change.events[0].kind), (2, &ended));
    assert_eq!(change.timers, [Timer::Cancel(Due::Suspension(rep("ana")))]);
    held.apply(&change);
    let conduct = held.conduct(&rep("ana")).unwrap();
    let by = Lifted { by: rep("max"), reason: Why::SystemFault };
    assert_eq!((conduct.ends_at(), &conduct.suspensions[0].lifted), (None, &Some(by)), "and who did it is kept");
    assert_eq!(conduct.misses.iter().filter(|miss| miss.lifted).count(), 0);
    assert_eq!(lift(&held, "max", Penalty::Suspension), Err(Reason::NothingToLift));
}

#[test]
fn everything_is_what_still_counts() {
    let mut held = snapshot();
    let change = lift(&held, "max", Penalty::All).unwrap();
    assert_eq!(told(&change).misses, [lead(1), lead(2)]);
    for key in reads(&Command { manager: rep("max"), rep: rep("ana"), penalty: Penalty::All, why: Why::Other }) {
        assert!(change.expects.contains(&key), "{key:?}");
    }
    held.apply(&change);
    assert_eq!(lift(&held, "max", Penalty::All), Err(Reason::NothingToLift));
    assert_eq!(lift(&Snapshot::default(), "max", Penalty::All), Err(Reason::NothingToLift));
}
