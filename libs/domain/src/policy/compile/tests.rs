use super::*;
use crate::time::Span;

const GOOD: &str = "
teams:
  - id: inbound
    reps: [{id: ana, weight: 3}, {id: bo}]
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: hot, min_score: 80, rotate: inbound, otherwise: {pool: open}}
default: {pool: open}
";

fn faults(document: &str) -> Vec<String> {
    compile(document).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn defaults_are_the_specification_s() {
    let (policy, _) = compile(GOOD).unwrap();
    let limits: Vec<_> = policy.quotas.iter().map(|quota| (quota.length, quota.limit)).collect();
    assert_eq!(limits, [(Span::hours(1), 3), (Span::days(1), 10), (Span::days(7), 40)]);
    assert_eq!(policy.contact_sla, Span::hours(2));
    assert_eq!(policy.teams[0].reps[1].1, 1);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let bad = "teams:
  - id: inbound
    reps: [{id: ana, weight: 0}, {id: ana}]
  - id: inbound
    reps: []
pools: [{id: Open}]
routes:
  - {name: all, pool: nowhere}
  - {name: all, sources: [], rotate: outbound, otherwise: {pool: nowhere}}
  - {name: default, min_score: 101}
default: {pool: open}
quotas: {hour: -1}
contact_sla: soon
";
    assert_eq!(
        faults(bad),
        [
            "3:30: weight must be 1 to 10000",
            "4:9: a team needs at least one rep",
            "4:9: team `inbound` is defined twice",
            "6:14: 1 to 64 characters of a-z 0-9 _ -",
            "8:23: no pool `nowhere`",
            "9:12: route `all` is defined twice",
            "9:12: `sources` is empty, so the route matches nothing; leave it out to match any source",
            "9:12: never reached: route `all` matches every lead",
            "9:38: no team `outbound`",
            "9:66: no pool `nowhere`",
            "10:12: `default` names a step that every policy has",
            "10:12: never reached: route `all` matches every lead",
            "10:12: needs exactly one of `rep`, `rotate`, `pool` and `manager`",
            "10:32: min_score must be 0 to 100",
            "11:17: no pool `open`",
            "12:16: hour must be 0 to 1000",
            "13:14: contact_sla must be 1m to 720h, such as `2h` or `90m`",
        ]
    );
}

#[test]
fn unknown_and_repeated_keys_are_refused_with_their_place() {
    let unknown = faults(&GOOD.replace("weight: 3", "wieght: 3"));
    assert!(unknown[0].starts_with("4:22: ") && unknown[0].contains("wieght"), "{unknown:?}");
    assert!(!unknown[0].contains("at line"), "the place is told once: {unknown:?}");
    let twice = faults(&format!("{GOOD}pools: []\n"));
    assert!(twice[0].starts_with("10:1: "), "{twice:?}");
}

/// Whether the second of two routes is never reached.
fn hides(first: &str, second: &str) -> bool {
    let document = format!(
        "teams: [{{id: t, reps: [{{id: ana}}]}}]\npools: [{{id: open}}]\n\
         segments: [{{id: big, when: lead.company.employees > 10}}, {{id: small, when: lead.company.employees < 5}}]\n\
         routes:\n  - {{name: one, {first}}}\n  - {{name: two, {second}, pool: open}}\ndefault: {{pool: open}}\n"
    );
    match compile(&document) {
        Ok(_) => false,
        Err(faults) => {
            let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
            assert_eq!(
                told,
                ["6:12: never reached: route `one` matches every lead that this one matches"],
                "{document}"
            );
            true
        }
    }
}

#[test]
fn a_route_whose_leads_an_earlier_one_keeps_is_never_reached() {
    for (first, second, hidden) in [
        ("sources: [a, b]", "sources: [b]", true),
        ("sources: [a, b]", "sources: [b], min_score: 90", true),
        ("sources: [a]", "sources: [a, b]", false),
        ("sources: [a]", "min_score: 90", false),
        ("min_score: 50", "min_score: 50", true),
        ("min_score: 50", "min_score: 80, sources: [a]", true),
        ("min_score: 50", "min_score: 49", false),
        // It asks for a score that is known.
        ("min_score: 0", "sources: [a]", false),
        ("strategic: true", "strategic: true, min_score: 1", true),
        ("strategic: true", "strategic: false", false),
        ("segment: big", "segment: big, sources: [a]", true),
        ("segment: big", "segment: small", false),
        ("segment: big", "sources: [a]", false),
        ("when: lead.score > 3", "when: lead.score > 3, sources: [a]", true),
        ("when: lead.score > 3", "when: lead.score > 4", false),
        ("sources: [a], segment: big", "sources: [a]", false),
    ] {
        assert_eq!(hides(&format!("{first}, pool: open"), second), hidden, "{first} before {second}");
        assert_eq!(hides(&format!("{first}, rotate: t, otherwise: {{manager: true}}"), second), hidden);
        // Who is not there leaves the lead to the next route.
        assert!(!hides(&format!("{first}, rotate: t"), second), "{first} goes on");
        assert!(!hides(&format!("{first}, rep: ana, otherwise: {{next: true}}"), second), "{first} goes on");
    }
}

#[test]
fn routes_may_hide_another_between_them() {
    let document = "
pools: [{id: open}]
routes:
  - {name: ab, sources: [a, b], pool: open}
  - {name: good, sources: [c], min_score: 50, pool: open}
  - {name: abc, sources: [a, b, c], min_score: 60, pool: open}
  - {name: abcd, sources: [a, b, c, d], min_score: 60, pool: open}
  - {name: worse, sources: [a, c], min_score: 40, pool: open}
default: {pool: open}
";
    let hidden = "6:12: never reached: between them, the routes `ab`, `good` match every lead that this one matches";
    assert_eq!(faults(document), [hidden]);
}

#[test]
fn nobody_is_in_the_end_their_own_manager() {
    let document = "
manager: dee
reps:
  - {id: ana, manager: bo}
  - {id: bo, manager: cy}
  - {id: cy, manager: bo}
  - {id: dee, manager: dee}
  - {id: eve, manager: fay}
  - {id: fay}
default: {manager: true}
";
    assert_eq!(
        faults(document),
        [
            "5:23: rep `bo` is, in the end, their own manager",
            "6:23: rep `cy` is, in the end, their own manager",
            "7:24: rep `dee` is, in the end, their own manager",
        ]
    );
}

#[test]
fn a_chain_of_ten_thousand_managers_is_followed_at_once() {
    let reps: String = (0..10_000).map(|n| format!("  - {{id: r{n}, manager: r{}}}\n", n + 1)).collect();
    compile(&format!("reps:\n{reps}  - {{id: r10000}}\ndefault: {{manager: true}}\n")).unwrap();
}

#[test]
fn what_nobody_refers_to_is_no_fault() {
    compile(
        "
reps: [{id: mia}, {id: idle, left: true}]
teams: [{id: unused, reps: [{id: ana}]}]
pools: [{id: open}, {id: empty}]
segments: [{id: big, when: lead.company.employees > 10}]
metros: [{name: bay, cities: [{in: US-CA, city: Oakland}]}]
groups: [{name: ours, members: [DE, AT]}]
account_owner: {otherwise: {manager: true}}
named_account: {offer: {within: 10m}}
default: {pool: open}
",
    )
    .unwrap();
}

#[test]
fn what_is_likely_a_slip_is_told_and_not_refused() {
    let document = "
reps: [{id: left, left: true}, {id: gone, left: true}]
teams:
  - {id: used, reps: [{id: ana}, {id: left}]}
  - {id: unused, reps: [{id: bo}]}
  - {id: asked, backup: second, reps: [{id: cy}]}
  - {id: second, reps: [{id: gone}]}
pools: [{id: open}, {id: empty}, {id: rest}]
segments: [{id: big, when: lead.company.employees > 10}, {id: small, when: lead.company.employees < 5}]
metros: [{name: bay, cities: [{in: US-CA, city: Oakland}]}]
groups: [{name: ours, members: [DE]}, {name: theirs, members: [FR]}, {name: all-of-them, members: [theirs, ours]}]
territories: [{id: all, groups: [all-of-them], rotate: used, otherwise: {rotate: asked}}]
routes: [{name: big, segment: big, rep: ana, push: {percent: 50, rest: rest}}]
default: {pool: open}
";
    let (_, warnings) = Policy::check(document).unwrap();
    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "no `manager`: what nobody can take is held until somebody comes back",
            "4:39: rep `left` has left and gets nothing: take the rep out of the team",
            "5:10: no lead goes to team `unused`: its reps only claim",
            "7:10: everybody of team `second` has left",
            "7:30: rep `gone` has left and gets nothing: take the rep out of the team",
            "8:26: no lead goes into pool `empty`",
            "9:63: no route asks for segment `small`",
            "10:17: no territory names metro `bay`",
        ]
    );
    assert!(
        Policy::check("pools: [{id: open}]\nmanager: mia\nreps: [{id: mia}]\ndefault: {pool: open}")
            .unwrap()
            .1
            .is_empty()
    );
}

#[test]
fn what_cannot_be_read_is_told_in_words_and_once() {
    let faults = |document: &str| -> Vec<String> {
        Policy::parse(document).unwrap_err().iter().map(ToString::to_string).collect()
    };
    let team = "teams: [{id: west, reps: [wes]}]\ndefault: {rotate: west}";
    assert_eq!(faults(team), ["1:27: expected keys with values, such as `{id: west}`"]);
    let sources = "pools: [{id: open}]\nroutes: [{name: r, sources: web, pool: open}]\ndefault: {pool: open}";
    assert_eq!(faults(sources), ["2:29: expected a list, such as `[west, east]`"]);
    // Neither is compared with the other as if it asked for no place, or no industry.
    let areas = "pools: [{id: open}]
territories: [{id: usa, countries: [USA], pool: open}, {id: ca, regions: [CA], pool: open}]
specialisations: [{id: a, industries: ['naics:x'], pool: open}, {id: b, industries: ['naics:y'], pool: open}]
default: {pool: open}";
    let told = faults(areas);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().all(|fault| !fault.contains("equally specific")), "{told:?}");
}
