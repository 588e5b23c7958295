//! What counts in a rotation beside the leads that it gives: account owners' leads, and those that are credited back.

use proptest::prelude::*;

use super::*;
use crate::answer::Credited;
use crate::event::{CreditReason, Kind};
use crate::id::RepId;
use crate::route::credit;

const REPS: [(&str, u64); 3] = [("ana", 3), ("bo", 2), ("cy", 1)];

fn policy(counts: bool, by: &str) -> Policy {
    let text = format!(
        "
manager: max
reps: [{{id: max}}]
teams:
  - {{id: in, capacity: 100000, rotation: {{by: {by}}}, reps: [{{id: ana, weight: 3}}, {{id: bo, weight: 2}}, {{id: cy}}]}}
accounts:
  - {{id: a, domain: ana.example, owner: ana}}
  - {{id: b, domain: bo.example, owner: bo}}
named_accounts: [{{id: c, domain: cy.example, owner: cy}}]
account_owner: {{counts: {counts}}}
named_account: {{counts: {counts}}}
default: {{rotate: in}}
"
    );
    Policy::parse(&text).unwrap()
}

fn id(n: usize) -> LeadId {
    let mut chance = [0; 10];
    chance[..8].copy_from_slice(&(n as u64).to_be_bytes());
    LeadId::new(NOW, chance)
}

/// The rotation's leads and the account owners', one of which each lead is.
struct Desks {
    policy: Policy,
    snapshot: Snapshot,
    routed: usize,
    /// How many each has.
    counts: [u64; 3],
}

impl Desks {
    fn new(policy: Policy) -> Self {
        Self { policy, snapshot: Snapshot::default(), routed: 0, counts: [0; 3] }
    }

    /// Routes a lead of this rep's account, or of nobody's; the place of whoever gets it, and the decision.
    fn route(&mut self, account_of: Option<usize>, score: Option<i32>) -> (usize, Decision) {
        let domain = account_of.map(|place| format!("{}.example", REPS[place].0)).unwrap_or_default();
        let raw = Raw { source: "webinar".into(), company_domain: domain, score, ..Raw::default() };
        let (facts, person) = intake::normalise(raw, NOW).unwrap();
        let command = Command::new(id(self.routed), facts, person);
        let change = go(&mut self.snapshot, &command, &self.policy, NOW);
        let Destination::Assigned { rep, .. } = destination(&change) else { panic!("{change:?}") };
        let place = REPS.iter().position(|(known, _)| *known == rep.as_str()).unwrap();
        let decision = change.events[0].decision.clone().unwrap();
        self.snapshot.apply(&change);
        self.counts[place] += 1;
        self.routed += 1;
        (place, decision)
    }

    fn credit(&mut self, command: &credit::Command) -> Result<Change, Refusal> {
        let mut desk = Desk::Rest;
        loop {
            match credit::decide(&self.snapshot, &mut Table::default(), command, &self.policy, &desk, NOW)? {
                Decided::Change(change) => {
                    self.snapshot.apply(&change);
                    return Ok(*change);
                }
                Decided::Elsewhere(next, _) => desk = next,
                Decided::Needs(keys) => keys.into_iter().for_each(|key| self.snapshot.insert(key, None)),
            }
        }
    }

    fn bad(&self, n: usize) -> credit::Command {
        let by = RepId::parse("max").unwrap();
        credit::Command { lead: id(n), fence: None, reason: CreditReason::Unreachable, by }
    }

    /// How far each is from the share of these leads, in sixths of a lead.
    fn off(&self, counts: [u64; 3]) -> [i64; 3] {
        let all: u64 = counts.iter().sum();
        std::array::from_fn(|place| 6 * counts[place] as i64 - (all * REPS[place].1) as i64)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever accounts' leads come in between: with the switch on everybody's leads of both kinds are level with the shares
    /// again as soon as the rotation's leads suffice for it; with it off the rotation's are at every moment.
    #[test]
    fn shares_follow_the_switch(leads in prop::collection::vec(prop::option::of(0..3_usize), 1..80)) {
        let mut on = Desks::new(policy(true, "weight"));
        let mut off = Desks::new(policy(false, "weight"));
        let mut rotated = [0; 3];
        // How often somebody may have been owed more than two leads with the next one, and handed one of them over.
        let mut handed = 0;
        for account_of in &leads {
            handed += i64::from(on.off(on.counts).iter().any(|sixths| *sixths < 3 - 12));
            let (got, decision) = on.route(*account_of, None);
            prop_assert_eq!(decision.charged.is_some(), account_of.is_some());
            prop_assert!(account_of.is_none_or(|owner| owner == got));
            let (got, decision) = off.route(*account_of, None);
            prop_assert_eq!(decision.charged, None);
            rotated[got] += u64::from(account_of.is_none());
            prop_assert!(off.off(rotated).iter().all(|sixths| sixths.abs() < 6), "{rotated:?}");
        }
        for _ in 0..6 * leads.len() + 18 {
            on.route(None, None);
        }
        // Two leads at most are owed or were had ahead, and less than one by the rotation itself.
        let bound = 18 + 6 * handed;
        prop_assert!(on.off(on.counts).iter().all(|sixths| sixths.abs() < bound), "{:?}, {handed} handed", on.counts);
        let head = on.snapshot.rotation_head(&on.policy.teams[0].id).unwrap();
        prop_assert_eq!(head.given, on.counts.iter().sum::<u64>(), "all of them count");
    }

    /// Leads that are credited are as if they had never been given: what is left follows the shares.
    #[test]
    fn shares_follow_credits(bad in prop::collection::vec(any::<bool>(), 1..120), counts in any::<bool>()) {
        let mut desks = Desks::new(policy(counts, "weight"));
        for (n, bad) in bad.iter().enumerate() {
            let (got, _) = desks.route(None, None);
            if *bad {
                desks.credit(&desks.bad(n)).unwrap();
                desks.counts[got] -= 1;
            }
        }
        for _ in 0..18 {
            desks.route(None, None);
        }
        prop_assert!(desks.off(desks.counts).iter().all(|sixths| sixths.abs() < 18), "{:?}", desks.counts);
    }
}

#[test]
fn a_turn_is_credited_once_and_told() {
    let mut desks = Desks::new(policy(false, "weight"));
    let (got, _) = desks.route(None, None);
    let change = desks.credit(&desks.bad(0)).unwrap();
    let rep = RepId::parse(REPS[got].0).unwrap();
    let team = desks.policy.teams[0].id.clone();
    let answer = Credited { rep: rep.clone(), team: team.clone(), before: false };
    assert_eq!(change.answer, Answer::Credited(answer.clone()));
    for expected in [Key::PolicyHead, Key::Lead(id(0)), Key::RotationHead(team.clone())] {
        assert!(change.expects.contains(&expected), "{expected:?}");
    }
    let by = RepId::parse("max").unwrap();
    let kind = Kind::LeadCredited { lead: id(0), rep, team: team.clone(), reason: CreditReason::Unreachable, by };
    assert_eq!(change.events.iter().map(|event| &event.kind).collect::<Vec<_>>(), [&kind]);
    assert_eq!(desks.snapshot.rotation_head(&team).unwrap().given, 0);
    // Once more, by whomever: an ordinary answer, and nothing changes.
    let again = desks.credit(&desks.bad(0)).unwrap();
    assert_eq!(again.answer, Answer::Credited(Credited { before: true, ..answer }));
    assert!(again.puts.is_empty() && again.events.is_empty());
    // The one who is owed it gets the next.
    assert_eq!(desks.route(None, None).0, got);
}

#[test]
fn a_credit_takes_back_the_score_that_was_counted() {
    let mut desks = Desks::new(policy(false, "score"));
    let (got, _) = desks.route(None, Some(80));
    let mut lead = desks.snapshot.lead(id(0)).unwrap().clone();
    lead.facts.score = Some(10);
    desks.snapshot.put(Record::from(lead));
    desks.credit(&desks.bad(0)).unwrap();
    let seat = desks.snapshot.seat(&desks.policy.teams[0].id, &RepId::parse(REPS[got].0).unwrap()).unwrap();
    assert_eq!((seat.given, seat.score_sum, seat.credited), (0, 0, 1));
}

#[test]
fn what_nobody_counted_or_counts_any_more_is_refused() {
    let reason = |refused: Result<Change, Refusal>| refused.unwrap_err().broken[0].reason;
    let mut desks = Desks::new(policy(false, "weight"));
    desks.route(Some(0), None);
    desks.route(None, None);
    assert_eq!(reason(desks.credit(&desks.bad(0))), Reason::NotCounted, "an owner's lead");
    assert_eq!(reason(desks.credit(&desks.bad(7))), Reason::LeadUnknown);
    let stale = credit::Command { fence: Some(Fence(2)), ..desks.bad(1) };
    assert_eq!(reason(desks.credit(&stale)), Reason::FenceStale);
    for nobody in ["ana", "eve"] {
        let by = RepId::parse(nobody).unwrap();
        assert_eq!(reason(desks.credit(&credit::Command { by, ..desks.bad(1) })), Reason::NotManager);
    }
    let other = |document: &str| Policy::parse(document).unwrap();
    desks.policy =
        other("{manager: max, reps: [{id: max}], teams: [{id: in, reps: [{id: eve}]}], default: {rotate: in}}");
    assert_eq!(reason(desks.credit(&desks.bad(1))), Reason::RotationUnknown, "the rep has gone");
    desks.policy =
        other("{manager: max, reps: [{id: max}], teams: [{id: out, reps: [{id: ana}]}], default: {rotate: out}}");
    assert_eq!(reason(desks.credit(&desks.bad(1))), Reason::RotationUnknown, "the team has gone");
    assert_eq!(credit::desk(&desks.policy, desks.snapshot.lead(id(1))), Desk::Rest);
    // With the switch on, the owner's lead is one that counts.
    let mut desks = Desks::new(policy(true, "weight"));
    desks.route(Some(2), None);
    assert_eq!(desks.snapshot.lead(id(0)).unwrap().turn.as_ref().map(|turn| turn.rep.as_str()), Some("cy"));
    desks.credit(&desks.bad(0)).unwrap();
    assert_eq!(desks.snapshot.seat(&desks.policy.teams[0].id, &RepId::parse("cy").unwrap()).unwrap().charged, 1);
}
