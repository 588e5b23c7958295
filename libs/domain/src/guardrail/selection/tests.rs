use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::claim::{self, Found, Undecided};
use crate::id::PoolId;
use crate::intake::{self, Raw};
use crate::refusal::Reason;
use crate::skip;
use crate::view;

const NOW: Millis = Millis(1_700_000_000_000);
const WINDOW: i64 = 60_000;
const HOLD: i64 = 180_000;
const WAIT: i64 = 30_000;
const AGAIN: i64 = 600_000;

fn policy(guardrails: &str) -> Policy {
    Policy::parse(&format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}]}}], pools: [{{id: open}}], default: {{pool: open}}, \
         quotas: {{hour: 1000, day: 1000, week: 1000}}, guardrails: {guardrails}}}"
    ))
    .unwrap()
}

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

fn id(n: u8) -> LeadId {
    LeadId::new(NOW, [n; 10])
}

fn pooled(n: u8) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let place = Place::Pooled { pool: PoolId::parse("open").unwrap() };
    Lead { place, ..Lead::arrived(id(n), intake::normalise(raw, NOW).unwrap().0, NOW) }
}

fn pool(leads: u8) -> Snapshot {
    let mut snapshot = Snapshot::default();
    (0..leads).for_each(|n| snapshot.put(Record::from(pooled(n))));
    snapshot
}

fn after(ms: i64) -> Millis {
    NOW.after(Span(ms))
}

/// What reps do, each carried out on the snapshot if it is allowed; why not, else.
struct World {
    snapshot: Snapshot,
    policy: Policy,
}

impl World {
    fn new(leads: u8) -> Self {
        Self { snapshot: pool(leads), policy: policy("{hoarding: 1000}") }
    }

    fn done(&mut self, change: Result<Change, Refusal>) -> Result<Change, Vec<Reason>> {
        let change =
            change.map_err(|refusal| refusal.broken.into_iter().map(|broken| broken.reason).collect::<Vec<_>>())?;
        self.snapshot.apply(&change);
        Ok(change)
    }

    fn list(&mut self, who: &str, now: Millis) {
        let change = open(&self.snapshot, &rep(who), &self.policy, now);
        self.done(change).unwrap();
    }

    fn view(&mut self, who: &str, lead: u8, now: Millis) -> Result<Change, Vec<Reason>> {
        let command = view::Command { rep: rep(who), lead: id(lead) };
        let change = view::decide(&self.snapshot, &command, &Default::default(), &self.policy, now);
        self.done(change)
    }

    fn skip(&mut self, who: &str, lead: u8, now: Millis) -> Result<Change, Vec<Reason>> {
        let command = skip::Command { rep: rep(who), lead: id(lead), reason: skip::Reason::PoorFit };
        let change = skip::decide(&self.snapshot, &command, &self.policy, now);
        self.done(change)
    }

    fn claim(&mut self, who: &str, lead: u8, now: Millis) -> Result<Change, Vec<Reason>> {
        let command = claim::Command { rep: rep(who), lead: id(lead) };
        let change = claim::decide(&self.snapshot, &command, &Found::default(), &self.policy, now);
        let change = change.map_err(|undecided| match undecided {
            Undecided::Refused(refusal) => refusal,
            Undecided::Seeks(sought) => panic!("{sought:?}"),
        });
        self.done(change)
    }

    /// Each hold that has passed is told of, as timers do.
    fn fire(&mut self, leads: u8, now: Millis) {
        for lead in (0..leads).map(id) {
            for who in ["ana", "bo"] {
                if let Ok(change) = lapse(&self.snapshot, lead, &rep(who), now) {
                    self.snapshot.apply(&change);
                }
            }
        }
    }

    fn stands(&self, who: &str, now: Millis) -> Standing {
        standing(&self.snapshot, &rep(who), &self.policy, now)
    }
}

#[test]
fn a_window_passes_at_its_end_and_claims_wait_until_the_end_of_the_wait() {
    let mut world = World::new(1);
    world.list("ana", after(0));
    world.list("ana", after(WINDOW - 1));
    assert_eq!(world.stands("ana", after(WINDOW - 1)).window_until, Some(after(WINDOW)), "it is not extended");
    let free = waits(world.snapshot.selection(&rep("ana")), &world.policy, after(WINDOW - 1));
    assert_eq!(free, None);
    for at in [WINDOW, WINDOW + WAIT - 1] {
        assert_eq!(world.claim("ana", 0, after(at)).unwrap_err(), [Reason::SelectionLapsed]);
        assert_eq!(world.stands("ana", after(at)).claims_wait_until, Some(after(WINDOW + WAIT)));
    }
    world.claim("bo", 0, after(WINDOW)).expect("whoever looked at nothing has no window");
}

#[test]
fn after_the_wait_claims_go_on_and_a_list_starts_another_window() {
    let mut world = World::new(2);
    world.list("ana", NOW);
    world.claim("ana", 0, after(WINDOW + WAIT)).expect("the wait is over");
    world.list("ana", after(WINDOW + WAIT + 5));
    assert_eq!(world.stands("ana", after(WINDOW + WAIT + 5)).window_until, Some(after(2 * WINDOW + WAIT + 5)));
    world.claim("ana", 1, after(2 * WINDOW + WAIT + 4)).expect("the last moment");
    assert_eq!(world.stands("ana", after(2 * WINDOW + WAIT + 4)), Standing::default());
}

/// Else who looks while claims wait could choose without an end.
#[test]
fn a_list_while_claims_wait_starts_a_window_at_the_end_of_the_wait() {
    let mut world = World::new(1);
    world.list("ana", NOW);
    world.list("ana", after(WINDOW + 1));
    let until = after(2 * WINDOW + WAIT);
    assert_eq!(world.stands("ana", after(WINDOW + 1)).window_until, Some(until));
    world.list("ana", after(WINDOW + WAIT + 1));
    assert_eq!(world.claim("ana", 0, until).unwrap_err(), [Reason::SelectionLapsed]);
}

#[test]
fn a_hold_is_free_again_at_its_end_for_everybody_but_its_rep() {
    let mut world = World::new(2);
    world.view("ana", 0, NOW).unwrap();
    for (what, told) in
        [(world.view("bo", 0, after(HOLD - 1)), "view"), (world.claim("bo", 0, after(HOLD - 1)), "claim")]
    {
        assert_eq!(what.unwrap_err(), [Reason::LeadOnHold], "{told}");
    }
    assert_eq!(world.claim("ana", 0, after(HOLD)).unwrap_err(), [Reason::SelectionLapsed]);
    for at in [HOLD, HOLD + AGAIN - 1] {
        assert_eq!(world.view("ana", 0, after(at)).unwrap_err(), [Reason::HeldLately]);
    }
    let taken = world.view("bo", 0, after(HOLD)).unwrap();
    let told: Vec<_> = taken.events.iter().map(|event| &event.kind).collect();
    assert!(matches!(told[..], [Kind::HoldLapsed { .. }, Kind::HoldBegan { .. }]), "{told:?}");
    world.skip("bo", 0, after(HOLD + 1)).unwrap();
    world.view("ana", 0, after(HOLD + AGAIN)).expect("ten minutes after the end");
}

#[test]
fn a_second_look_gives_no_more_time_and_a_second_hold_is_refused() {
    let mut world = World::new(2);
    world.view("ana", 0, NOW).unwrap();
    let again = world.view("ana", 0, after(HOLD - 1)).unwrap();
    assert_eq!((again.puts, again.events), (vec![], vec![]));
    assert_eq!(world.view("ana", 1, after(HOLD - 1)).unwrap_err(), [Reason::HoldOpen]);
    world.view("ana", 1, after(HOLD)).expect("the first one is over");
}

#[test]
fn a_claim_uses_hold_and_window_and_pays_what_is_owed() {
    let mut world = World::new(3);
    world.policy = policy("{skips: 2}");
    world.list("ana", NOW);
    world.view("ana", 0, after(1)).unwrap();
    assert_eq!(world.stands("ana", after(1)).window_until, None, "the detail has used it");
    world.skip("ana", 0, after(2)).unwrap();
    world.view("ana", 1, after(3)).unwrap();
    let claimed = world.claim("ana", 1, after(HOLD + 2)).expect("the last moment of the hold");
    assert!(claimed.timers.contains(&Timer::Cancel(Due::Hold(id(1)))));
    assert_eq!(world.stands("ana", after(HOLD + 2)), Standing { skips_left: Some(2), ..Standing::default() });
    assert_eq!(world.snapshot.lead(id(1)).unwrap().hold, None);
    assert_eq!(world.stands("ana", after(2 * HOLD)).claims_wait_until, None, "nothing has lapsed");
}

#[test]
fn a_claim_of_another_lead_leaves_the_hold_as_it_is() {
    let mut world = World::new(2);
    world.view("ana", 0, NOW).unwrap();
    world.claim("ana", 1, after(1)).unwrap();
    assert_eq!(world.stands("ana", after(2)).hold, Some(Held { lead: id(0), until: after(HOLD) }));
}

#[test]
fn without_a_limit_nothing_waits_and_nobody_holds() {
    let mut world = World::new(1);
    world.view("bo", 0, NOW).unwrap();
    world.policy = policy("{selection: {limited: false}}");
    world.list("ana", NOW);
    assert_eq!(world.snapshot.selection(&rep("ana")), None);
    let seen = world.view("ana", 0, after(1)).unwrap();
    assert_eq!((seen.puts, seen.events, seen.timers), (vec![], vec![], vec![]));
    world.claim("ana", 0, after(1)).expect("a hold of before the policy's change is none");
}

#[test]
fn the_end_of_a_hold_is_told_once() {
    let mut world = World::new(1);
    world.view("ana", 0, NOW).unwrap();
    assert!(lapse(&world.snapshot, id(0), &rep("ana"), after(HOLD - 1)).is_err());
    assert!(lapse(&world.snapshot, id(0), &rep("bo"), after(HOLD)).is_err());
    let change = lapse(&world.snapshot, id(0), &rep("ana"), after(HOLD)).unwrap();
    assert!(matches!(change.events[0].kind, Kind::HoldLapsed { .. }));
    world.snapshot.apply(&change);
    assert!(lapse(&world.snapshot, id(0), &rep("ana"), after(HOLD)).is_err());
    let kept = world.snapshot.selection(&rep("ana")).unwrap();
    assert_eq!((kept.skipped, kept.lapsed_at, kept.hold), (1, Some(after(HOLD)), None));
}

#[test]
fn a_lead_that_is_taken_away_is_no_fault_of_its_rep() {
    let mut world = World::new(2);
    world.view("ana", 0, NOW).unwrap();
    let before = world.snapshot.selection(&rep("ana")).unwrap().clone();
    let Some(Record::Selection(freed)) = taken_away(&before, id(0), after(5)) else { panic!() };
    assert_eq!((freed.hold, freed.skipped, freed.lapsed_at), (None, 0, None));
    assert_eq!(taken_away(&before, id(1), after(5)), None);
    // Whoever takes it away and does not say so: the lead tells.
    world.snapshot.put(Record::from(Lead { place: Place::Held, hold: None, ..pooled(0) }));
    world.view("ana", 1, after(5)).expect("nothing is held");
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut selection = Selection::new(rep("ana"));
    for n in 0..=MAX_LATELY {
        selection.skip(LeadId::new(after(n as i64), [1; 10]), NOW);
    }
    assert_eq!(selection.lately.len(), MAX_LATELY);
    selection.tidy(&policy("{}"), after(AGAIN));
    assert_eq!((selection.lately.len(), selection.skipped), (0, 201));
}

/// The same kept eagerly: what has passed is worked off before each step.
#[derive(Default)]
struct Oracle {
    window: Option<(i64, i64)>,
    hold: Option<(u8, i64)>,
    lapsed: Option<i64>,
    ended: BTreeMap<u8, i64>,
    skipped: u32,
}

impl Oracle {
    fn pass(&mut self, now: i64) {
        if let Some((_, until)) = self.window.filter(|(_, until)| *until <= now) {
            (self.window, self.lapsed) = (None, Some(until));
        }
        if let Some((lead, until)) = self.hold.filter(|(_, until)| *until <= now) {
            (self.hold, self.lapsed) = (None, Some(until));
            self.ended.insert(lead, until);
            self.skipped += 1;
        }
    }

    fn waits(&self, now: i64) -> Option<i64> {
        self.lapsed.map(|at| at + WAIT).filter(|until| now < *until)
    }

    fn banned(&self, lead: u8, now: i64) -> bool {
        self.ended.get(&lead).is_some_and(|at| now < at + AGAIN)
    }
}

proptest! {
    /// Whatever two reps do, and whether timers come at once or never: who may do what is the same, a lead has one holder, a rep
    /// one hold, and lead and record agree.
    #[test]
    fn nothing_waits_for_a_timer_and_no_lead_has_two(
        steps in prop::collection::vec((0u8..4, 0usize..2, 0u8..4, prop_oneof![
            Just(1i64), Just(1_000), Just(WAIT - 1), Just(WAIT), Just(WINDOW), Just(HOLD - 1), Just(HOLD), Just(AGAIN),
            0i64..200_000,
        ]), 1..60),
    ) {
        const REPS: [&str; 2] = ["ana", "bo"];
        let (mut timely, mut never) = (World::new(4), World::new(4));
        let mut oracles = [Oracle::default(), Oracle::default()];
        let mut gone = [false; 4];
        let mut now = 0;
        for (what, who, lead, step) in steps {
            now += step;
            let at = after(now);
            timely.fire(4, at);
            oracles.iter_mut().for_each(|oracle| oracle.pass(now));
            let others = oracles[1 - who].hold.is_some_and(|(held, _)| held == lead);
            let own = oracles[who].hold;
            let oracle = &mut oracles[who];
            let worlds = [&mut timely, &mut never];
            match what {
                0 => {
                    worlds.into_iter().for_each(|world| world.list(REPS[who], at));
                    if oracle.window.is_none() && oracle.hold.is_none() {
                        let from = oracle.waits(now).unwrap_or(now);
                        oracle.window = Some((from, from + WINDOW));
                    }
                }
                1 => {
                    let may = !gone[usize::from(lead)] && (own.is_some_and(|(held, _)| held == lead)
                        || (!others && own.is_none() && !oracle.banned(lead, now)));
                    for world in worlds {
                        let seen = world.view(REPS[who], lead, at);
                        prop_assert_eq!(seen.is_ok(), may, "{:?}", seen);
                    }
                    if may && own.is_none() {
                        (oracle.window, oracle.hold) = (None, Some((lead, now + HOLD)));
                    }
                }
                2 => {
                    for world in worlds {
                        prop_assert_eq!(world.skip(REPS[who], lead, at).is_ok(), !gone[usize::from(lead)]);
                    }
                    let mine = own.is_some_and(|(held, _)| held == lead);
                    if !gone[usize::from(lead)] && (mine || !oracle.banned(lead, now)) {
                        oracle.hold = oracle.hold.filter(|_| !mine);
                        oracle.ended.insert(lead, now);
                        oracle.skipped += 1;
                    }
                }
                _ => {
                    let may = !gone[usize::from(lead)] && !others && oracle.waits(now).is_none();
                    for world in worlds {
                        let claimed = world.claim(REPS[who], lead, at);
                        prop_assert_eq!(claimed.is_ok(), may, "{:?}", claimed);
                    }
                    if may {
                        (oracle.window, oracle.skipped) = (None, 0);
                        oracle.hold = oracle.hold.filter(|(held, _)| *held != lead);
                        gone[usize::from(lead)] = true;
                    }
                }
            }
            for world in [&timely, &never] {
                for (who, oracle) in REPS.iter().zip(&oracles) {
                    let stands = self::at(&world.snapshot, &rep(who), at);
                    prop_assert_eq!(stands.hold.map(|hold| (hold.lead, hold.until)),
                        oracle.hold.map(|(lead, until)| (id(lead), after(until))));
                    prop_assert_eq!(stands.skipped, oracle.skipped);
                    let held: Vec<_> = (0..4u8).filter(|lead| {
                        world.snapshot.lead(id(*lead)).unwrap().held_at(at).is_some_and(|hold| hold.rep == rep(who))
                    }).collect();
                    prop_assert_eq!(held, oracle.hold.map(|(lead, _)| lead).into_iter().collect::<Vec<_>>());
                }
            }
        }
    }
}
