use super::*;
use crate::intake::{self, Raw};
use crate::record::Claims;
use crate::time::Span;

const NOW: Millis = Millis(1_700_000_000_000);

fn policy(kind: &str, guardrails: &str) -> Policy {
    let policy = format!(
        "{{teams: [{{id: t, reps: [{{id: ana}}, {{id: bo}}]}}], pools: [{{id: open, kind: {kind}}}], default: {{pool: open}}, \
         guardrails: {guardrails}}}"
    );
    Policy::parse(&policy).unwrap()
}

fn decide(
    snapshot: &Snapshot,
    command: &Command,
    front: &[LeadId],
    policy: &Policy,
    now: Millis,
) -> Result<Change, Refusal> {
    super::decide(snapshot, command, &Looked { leads: front.to_vec(), debts: Vec::new() }, policy, now)
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

fn skipped(snapshot: &mut Snapshot, leads: u32) {
    snapshot.put(Record::Selection(Selection { skipped: leads, ..Selection::new(rep("ana")) }));
}

fn reasons(result: Result<Change, Refusal>) -> Vec<Reason> {
    result.unwrap_err().broken.into_iter().map(|broken| broken.reason).collect()
}

#[test]
fn a_claim_is_owed_after_as_many_skips_as_the_policy_says_and_not_before() {
    let (policy, mut snapshot) = (policy("pool", "{skips: 10}"), pool(2));
    let command = Command { rep: rep("ana"), lead: id(1) };
    let front = [id(0), id(1)];
    for (skips, may) in [(9, true), (10, false), (11, false)] {
        skipped(&mut snapshot, skips);
        assert_eq!(needs_front(&snapshot, &command, &policy, NOW).is_some(), !may);
        let seen = decide(&snapshot, &command, &front, &policy, NOW);
        match may {
            true => assert!(seen.is_ok(), "{seen:?}"),
            false => assert_eq!(reasons(seen), [Reason::ClaimOwed]),
        }
    }
}

#[test]
fn a_debt_that_nothing_would_pay_does_not_lock_out() {
    let (owing, mut snapshot) = (policy("pool", "{skips: 1}"), pool(2));
    skipped(&mut snapshot, 5);
    let command = Command { rep: rep("ana"), lead: id(1) };
    assert_eq!(reasons(decide(&snapshot, &command, &[id(0), id(1)], &owing, NOW)), [Reason::ClaimOwed]);
    // That claims wait for a moment after a hold was let lapse excuses nothing: it would be a way around.
    let waiting = Selection { skipped: 5, lapsed_at: Some(NOW), ..Selection::new(rep("ana")) };
    snapshot.put(Record::Selection(waiting));
    assert_eq!(reasons(decide(&snapshot, &command, &[id(0), id(1)], &owing, NOW)), [Reason::ClaimOwed]);
    // Neither can be claimed: the quota of the hour is used up.
    let claims = Claims { rep: rep("ana"), claimed_at: vec![NOW; 3], taken: Default::default() };
    snapshot.put(Record::Claims(claims));
    let change = decide(&snapshot, &command, &[id(0), id(1)], &owing, NOW).unwrap();
    for lead in [id(0), id(1)] {
        assert!(change.expects.contains(&Key::Lead(lead)), "what it rests on");
    }
}

#[test]
fn of_a_queue_only_the_first_that_the_rep_may_claim_is_seen() {
    let (policy, mut snapshot) = (policy("queue", "{}"), pool(3));
    let view = |snapshot: &Snapshot, lead: u8| {
        decide(snapshot, &Command { rep: rep("ana"), lead: id(lead) }, &[id(0), id(1), id(2)], &policy, NOW)
    };
    assert_eq!(reasons(view(&snapshot, 1)), [Reason::NotFirst]);
    assert!(view(&snapshot, 0).is_ok());
    let hold = Some(Box::new(Hold { rep: rep("bo"), until: NOW.after(Span(1)) }));
    snapshot.put(Record::from(Lead { hold, ..pooled(0) }));
    assert_eq!(reasons(view(&snapshot, 0)), [Reason::LeadOnHold, Reason::NotFirst]);
    assert_eq!(reasons(view(&snapshot, 2)), [Reason::NotFirst]);
    assert!(view(&snapshot, 1).is_ok());
}

#[test]
fn every_rule_that_forbids_it_is_told() {
    let (policy, mut snapshot) = (policy("pool", "{}"), pool(2));
    let until = NOW.after(Span(9));
    let held = Some(Held { lead: id(1), until });
    let lately = vec![selection::Ended { lead: id(0), at: NOW }];
    snapshot.put(Record::Selection(Selection { hold: held, lately, ..Selection::new(rep("ana")) }));
    snapshot.put(Record::from(Lead { hold: Some(Box::new(Hold { rep: rep("ana"), until })), ..pooled(1) }));
    snapshot.put(Record::from(Lead { hold: Some(Box::new(Hold { rep: rep("bo"), until })), ..pooled(0) }));
    let refusal = decide(&snapshot, &Command { rep: rep("ana"), lead: id(0) }, &[], &policy, NOW).unwrap_err();
    let told: Vec<_> = refusal.broken.iter().map(|broken| (broken.reason, broken.retry_at)).collect();
    let again = Some(NOW.after(Span::minutes(10)));
    let all = [(Reason::LeadOnHold, Some(until)), (Reason::HoldOpen, Some(until)), (Reason::HeldLately, again)];
    assert_eq!(told, all);
    assert_eq!(refusal.retry_at(), again);
    let stranger = Command { rep: rep("eve"), lead: id(0) };
    assert_eq!(reasons(decide(&snapshot, &stranger, &[], &policy, NOW)), [Reason::RepUnknown]);
    let unknown = Command { rep: rep("ana"), lead: id(9) };
    assert_eq!(reasons(decide(&snapshot, &unknown, &[], &policy, NOW)), [Reason::LeadUnknown]);
}

#[test]
fn a_grant_shows_nothing_that_its_rep_may_not_see_any_more() {
    let open = policy("pool", "{}");
    let until = NOW.after(Span(9));
    let granted = Viewed { lead: id(0), until: Some(until) };
    let see = |lead: &Lead, granted: &Viewed, policy: &Policy, now| shown(lead, &rep("ana"), granted, policy, now);
    let held = |who| Lead { hold: Some(Box::new(Hold { rep: rep(who), until })), ..pooled(0) };
    assert_eq!(see(&held("ana"), &granted, &open, NOW), Some(Transparency::Engagement));
    assert_eq!(see(&held("ana"), &granted, &open, until), Some(Transparency::Preview));
    assert_eq!(see(&held("bo"), &granted, &open, NOW), Some(Transparency::Preview));
    let assigned = |who| {
        let (owner, via) = (rep(who), Via::Claim(PoolId::parse("open").unwrap()));
        let place = Place::Assigned { owner, via, remind_at: NOW, contact_due: NOW, contacted_at: None };
        Lead { place, ..pooled(0) }
    };
    assert_eq!(see(&assigned("ana"), &granted, &open, NOW), Some(Transparency::Engagement));
    assert_eq!(see(&assigned("bo"), &granted, &open, NOW), None);
    let free = Viewed { until: None, ..granted };
    let cherries = |rest: &str| policy("cherry_pick", rest);
    let unlimited = cherries("{selection: {limited: false}}");
    assert_eq!(see(&pooled(0), &free, &unlimited, NOW), Some(Transparency::Full));
    assert_eq!(see(&pooled(0), &free, &cherries("{}"), NOW), Some(Transparency::Preview), "it takes a hold now");
}
