//! The page on the policy's format says what is so.
#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use leadhand_domain::policy::{self, Policy};

const PAGE: &str = include_str!("../../router/POLICY.md");

/// The page's fenced blocks, in order: language and content.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

/// What is wrong with a document, one fault a line.
fn faults(document: &str) -> String {
    Policy::parse(document).unwrap_err().iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn its_documents_are_accepted_or_refused_as_it_says() {
    let blocks = blocks();
    let mut refused = 0;
    for (place, (language, content)) in blocks.iter().enumerate() {
        match (*language, blocks.get(place + 1)) {
            ("yaml", Some(("text", told))) => {
                assert_eq!(faults(content), *told);
                refused += 1;
            }
            ("yaml", _) => drop(Policy::parse(content).unwrap()),
            _ => {}
        }
    }
    assert_eq!((blocks.len(), refused), (4, 1));
}

#[test]
fn its_shortest_document_shows_the_defaults() {
    let shortest = blocks().into_iter().find(|(_, content)| content.starts_with("pools")).unwrap().1;
    let policy = Policy::parse(shortest).unwrap();
    for (quota, key) in policy.quotas.iter().zip(["hour", "day", "week"]) {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `quotas.{key}`"))).unwrap();
        assert!(row.ends_with(&format!("| {} |", quota.limit)), "{row}");
    }
    let sla = PAGE.lines().find(|line| line.starts_with("| `contact_sla`")).unwrap();
    assert!(sla.ends_with(&format!("| `{}` |", policy.contact_sla.to_string().replace(' ', ""))), "{sla}");
}

#[test]
fn it_tells_how_large_a_team_may_be() {
    let row = PAGE.lines().find(|line| line.starts_with("| `teams[].reps` |")).unwrap();
    let told = row.split("its reps, 1 to ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    assert_eq!(told.replace(',', ""), policy::MAX_TEAM.to_string(), "{row}");
}

/// Keys that say what to do with a lead; the page has them once for all places.
const ACTION: [&str; 8] = ["rep", "rotate", "pool", "manager", "otherwise", "push", "offer", "push_first"];

/// The refusal of an unknown key names the known ones, wherever it stands.
#[test]
fn it_lists_every_key() {
    let places = [
        ("", "x: 1"),
        ("reps[].", "reps: [{x: 1}]"),
        ("teams[].", "teams: [{x: 1}]"),
        ("teams[].reps[].", "teams: [{id: a, reps: [{x: 1}]}]"),
        ("teams[].rotation.", "teams: [{id: a, reps: [], rotation: {x: 1}}]"),
        ("pools[].", "pools: [{x: 1}]"),
        ("accounts[].", "accounts: [{x: 1}]"),
        ("accounts[].", "named_accounts: [{x: 1}]"),
        ("account_owner.", "account_owner: {x: 1}"),
        ("named_account.", "named_account: {x: 1}"),
        ("groups[].", "groups: [{x: 1}]"),
        ("metros[].", "metros: [{x: 1}]"),
        ("metros[].cities[].", "metros: [{cities: [{x: 1}]}]"),
        ("territories[].", "territories: [{x: 1}]"),
        ("metros[].cities[].", "territories: [{cities: [{x: 1}]}]"),
        ("specialisations[].", "specialisations: [{x: 1}]"),
        ("segments[].", "segments: [{x: 1}]"),
        ("routes[].", "routes: [{x: 1}]"),
        ("default.", "default: {x: 1}"),
        ("otherwise.", "default: {otherwise: {x: 1}}"),
        ("push.", "default: {push: {x: 1}}"),
        ("push_first.", "default: {push_first: {x: 1}}"),
        ("offer.", "default: {offer: {x: 1}}"),
        ("backup.", "backup: {x: 1}"),
        ("quotas.", "quotas: {x: 1}"),
        ("priority.", "priority: {x: 1}"),
        ("guardrails.", "guardrails: {x: 1}"),
        ("guardrails.selection.", "guardrails: {selection: {x: 1}}"),
        ("guardrails.ratios.", "guardrails: {ratios: {x: 1}}"),
        ("guardrails.ratios.*.", "guardrails: {ratios: {leftover: {x: 1}}}"),
        ("guardrails.tiers.", "guardrails: {tiers: {x: 1}}"),
        ("guardrails.acceptance.", "guardrails: {acceptance: {x: 1}}"),
        ("guardrails.misses.", "guardrails: {misses: {x: 1}}"),
        ("availability.", "availability: {x: 1}"),
        ("availability.", "teams: [{id: a, reps: [], availability: {x: 1}}]"),
        ("availability.sources[].", "availability: {sources: [{x: 1}]}"),
    ];
    let mut keys = 0;
    for (place, document) in places {
        let told = faults(document);
        let known = told.trim_end().split_once("expected ").unwrap_or_else(|| panic!("{place}: {told}")).1;
        let known = known.trim_start_matches("one of ").split([',', ' ']).map(|key| key.trim_matches(['`', '\'', '"']));
        for key in known.filter(|key| !key.is_empty() && *key != "or") {
            let common = ACTION.contains(&key) && PAGE.contains(&format!("| `{key}` |"));
            let listed = common || PAGE.contains(&format!("| `{place}{key}` |"));
            assert!(listed, "{place}{key} is not on the page: {told}");
            keys += 1;
        }
    }
    assert_eq!(keys, 214, "each key was looked for");
}

/// The steps that every policy has, by the names that decisions give them.
#[test]
fn it_names_every_step() {
    let steps = PAGE.split("## The order of the steps").nth(1).unwrap();
    for step in [policy::ACCOUNT_OWNER, policy::NAMED_ACCOUNT, policy::DEFAULT_ROUTE, policy::FALLBACK] {
        assert!(steps.contains(&format!("| `{step}` |")), "{step}");
    }
}
