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
    let policy = compile(GOOD).unwrap();
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
            "9:12: never reached: route `all` matches every lead",
            "9:12: `sources` is empty, so the route matches nothing; leave it out to match any source",
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
