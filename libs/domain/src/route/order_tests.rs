//! The routing order as a table: for every pair of steps, a lead that matches both goes by the earlier one; and where nobody
//! is there, to what its action says.

#![allow(clippy::needless_range_loop, reason = "a step is known by its number")]

use super::tests::{NOW, away, go};
use super::*;
use crate::answer::{Answer, Destination};
use crate::intake::{self, Raw};
use crate::lead::Lead;
use crate::lead::Place;

/// The steps in their order, each with the rep that it leads to.
const STEPS: [(&str, &str); 7] = [
    ("account_owner", "olga"),
    ("named_account", "nina"),
    ("territory:south", "theo"),
    ("specialisation:health", "sven"),
    ("segmented", "seb"),
    ("scored", "rick"),
    ("default", "dora"),
];

/// A policy with the steps of a set, each of which matches [`lead`]. `otherwise` is what every step says for when its rep is
/// not there.
fn policy(steps: &[usize], otherwise: &str) -> Policy {
    let on = |step: usize, text: &str| if steps.contains(&step) { text.to_owned() } else { String::new() };
    let other = if otherwise.is_empty() { String::new() } else { format!(", otherwise: {otherwise}") };
    let document = format!(
        "
manager: mia
reps: [{{id: mia}}, {{id: olga}}, {{id: nina}}, {{id: theo}}, {{id: sven}}, {{id: seb}}, {{id: rick}}, {{id: dora}}, {{id: bob}}]
teams: [{{id: backup, reps: [{{id: bob}}]}}]
pools: [{{id: open}}]
account_owner: {{{}}}
named_account: {{{}}}
accounts: [{}]
named_accounts: [{}]
territories: [{}]
specialisations: [{}]
segments: [{{id: big, when: lead.company.employees > 10}}]
routes:
{}
{}
  - {{name: unmatched, when: lead.source == 'nowhere', rep: bob}}
default: {{rep: dora{other}}}
",
        other.trim_start_matches(", "),
        other.trim_start_matches(", "),
        on(0, "{id: acme, owner: olga, domain: acme.example}"),
        on(1, "{id: target, owner: nina, name: Acme Inc}"),
        on(2, &format!("{{id: south, countries: [DE], rep: theo{other}}}")),
        on(3, &format!("{{id: health, industries: [hospitals], rep: sven{other}}}")),
        on(4, &format!("  - {{name: segmented, segment: big, rep: seb{other}}}")),
        on(5, &format!("  - {{name: scored, min_score: 40, rep: rick{other}}}")),
    );
    Policy::parse(&document).unwrap_or_else(|faults| panic!("{faults:?}\n{document}"))
}

fn lead() -> Command {
    let raw = Raw {
        company_name: "Acme, Inc.".into(),
        company_domain: "www.acme.example".into(),
        country: "DE".into(),
        industry: "Hospitals".into(),
        employees: Some(50),
        score: Some(50),
        source: "webinar".into(),
        ..Raw::default()
    };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    Command::new(LeadId::new(NOW, [1; 10]), facts, person)
}

/// The route that acted, and who got the lead; `None` for nobody.
fn outcome(policy: &Policy, gone: &[&str]) -> (String, Option<String>, Destination) {
    let mut snapshot = Snapshot::default();
    gone.iter().for_each(|rep| snapshot.put(away(rep)));
    let change = go(&mut snapshot, &lead(), policy, NOW);
    let Answer::Routed(routed) = change.answer else { panic!() };
    let rep = match &routed.to {
        Destination::Assigned { rep, .. } => Some(rep.to_string()),
        _ => None,
    };
    (routed.route, rep, routed.to)
}

#[test]
fn of_every_two_steps_that_match_the_earlier_acts() {
    for first in 0..STEPS.len() {
        for second in first + 1..STEPS.len() {
            let (route, rep, _) = outcome(&policy(&[first, second], ""), &[]);
            assert_eq!(
                (route.as_str(), rep.as_deref()),
                (STEPS[first].0, Some(STEPS[first].1)),
                "before {}",
                STEPS[second].0
            );
        }
    }
}

#[test]
fn where_the_earlier_has_nobody_the_lead_goes_to_what_its_action_says() {
    for first in 0..STEPS.len() - 1 {
        let gone = [STEPS[first].1];
        for second in first + 1..STEPS.len() {
            let both = [first, second];
            let next = outcome(&policy(&both, "{next: true}"), &gone);
            assert_eq!((next.0.as_str(), next.1.as_deref()), (STEPS[second].0, Some(STEPS[second].1)));
            assert_eq!(outcome(&policy(&both, ""), &gone), next, "the next route is the default");
            let at = |otherwise| outcome(&policy(&both, otherwise), &gone);
            let own = |rep: &str| (STEPS[first].0.to_owned(), Some(rep.to_owned()));
            let (route, rep, _) = at("{rep: bob}");
            assert_eq!((route, rep), own("bob"));
            let (route, rep, _) = at("{rotate: backup}");
            assert_eq!((route, rep), own("bob"));
            let (route, rep, _) = at("{manager: true}");
            assert_eq!((route, rep), own("mia"));
            let (route, _, to) = at("{pool: open}");
            assert_eq!((route.as_str(), to), (STEPS[first].0, Destination::Pooled(PoolId::parse("open").unwrap())));
        }
    }
}

#[test]
fn when_all_are_away_the_fallback_chain_ends_in_the_holding_pool() {
    let all: Vec<usize> = (0..STEPS.len()).collect();
    let mut gone: Vec<&str> = STEPS.iter().map(|(_, rep)| *rep).collect();
    let (route, rep, _) = outcome(&policy(&all, ""), &gone);
    assert_eq!((route.as_str(), rep.as_deref()), ("fallback", Some("mia")), "the manager");
    gone.push("mia");
    assert_eq!(outcome(&policy(&all, ""), &gone).2, Destination::Held);
    let mut snapshot = Snapshot::default();
    gone.iter().for_each(|rep| snapshot.put(away(rep)));
    let change = go(&mut snapshot, &lead(), &policy(&all, ""), NOW);
    let decision = change.events[0].decision.as_ref().unwrap();
    let passed: Vec<_> = decision.passed.iter().map(String::as_str).collect();
    let expected: Vec<_> = STEPS.iter().map(|(name, _)| *name).chain(["fallback"]).collect();
    assert_eq!(passed, expected);
    let skipped: Vec<_> = decision.skips.iter().map(|skip| skip.rep.as_str()).collect();
    assert_eq!(skipped, gone);
    let held: &Lead = change
        .puts
        .iter()
        .find_map(|put| if let crate::record::Record::Lead(lead) = put { Some(lead) } else { None })
        .unwrap();
    assert_eq!(held.place, Place::Held);
}

#[test]
fn who_has_left_leaves_accounts_to_the_manager() {
    let document = "
reps: [{id: olga, left: true, manager: mia}, {id: mia}, {id: dora}]
accounts: [{id: acme, owner: olga, domain: acme.example}]
default: {rep: dora}
";
    let policy = Policy::parse(document).unwrap();
    let (route, rep, _) = outcome(&policy, &[]);
    assert_eq!((route.as_str(), rep.as_deref()), ("account_owner", Some("mia")));
    let (route, rep, _) = outcome(&policy, &["mia"]);
    assert_eq!((route.as_str(), rep.as_deref()), ("default", Some("dora")));
}

#[test]
fn what_is_not_known_is_named_when_a_step_asks_for_it() {
    let policy = policy(&[2, 3, 4, 5, 6], "");
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    let (facts, person) = intake::normalise(raw, NOW).unwrap();
    let command = Command::new(LeadId::new(NOW, [1; 10]), facts, person);
    let change = go(&mut Snapshot::default(), &command, &policy, NOW);
    let decision = change.events[0].decision.as_ref().unwrap();
    assert_eq!(decision.route, "default");
    assert_eq!(decision.missing, ["company.country", "company.employees", "company.industry", "score"]);
}
