//! The table of reasons lists each one that there is, once, with the status that callers see.

use std::collections::BTreeMap;

use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::time::Millis;
use leadhand_proto::refusal;
use leadhand_proto::status::told;

/// Each row's reason and status, of one section.
fn rows(section: &str) -> BTreeMap<String, String> {
    let page = include_str!("../REASONS.md");
    let text = page.split("\n## ").find(|text| text.starts_with(section)).expect("the section");
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let before = rows.insert(cells[1].trim_matches('`').to_owned(), cells[2].to_owned());
        assert_eq!(before, None, "{} stands twice", cells[1]);
    }
    rows
}

#[test]
fn every_reason_is_in_the_table_with_its_status() {
    let listed = rows("Decided by a rule");
    let mut there = BTreeMap::new();
    for reason in Reason::ALL {
        let status = refusal::status(&Refusal::of(*reason, "x"), Millis(0));
        assert_eq!(told(&status).reason, reason.as_str());
        there.insert(reason.as_str().to_owned(), spelled(status.code()));
    }
    assert_eq!(listed, there);
}

#[test]
fn what_is_said_beside_the_rules_has_the_status_that_the_table_tells() {
    let listed = rows("Said of a call");
    for status in [refusal::contention(), refusal::unavailable(), refusal::router_unavailable(), refusal::internal()] {
        assert_eq!(listed.get(&told(&status).reason), Some(&spelled(status.code())));
    }
}

/// A code as the protocol spells it.
fn spelled(code: tonic::Code) -> String {
    let words = format!("{code:?}");
    let mut spelled = String::new();
    for letter in words.chars() {
        if letter.is_uppercase() && !spelled.is_empty() {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_uppercase());
    }
    spelled
}
