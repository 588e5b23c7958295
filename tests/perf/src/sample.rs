//! What is routed and by which policy: always the same.

use std::fmt::Write;

use leadhand_proto::lead::v1::{Company, Contact, Lead, Stage};

/// The workspace that everything but the floor happens in.
pub(crate) const WORKSPACE: &str = "acme";

/// The workspace in which every guardrail is on.
pub(crate) const GUARDED: &str = "guarded";

/// The source of leads that the last route rotates among [`ROTATING`] reps.
pub(crate) const ROTATED: &str = "demo_request";

/// The source of leads that the first route puts into the pool.
pub(crate) const POOLED: &str = "content_download";

/// How many reps the rotation has.
pub(crate) const ROTATING: usize = 20;

/// How many reps claim in turn: so many that none has more claims behind it than a rep's week allows by default.
pub(crate) const CLAIMING: usize = 4_000;

const ROUTES: usize = 50;
const TEAM: usize = 1_000;

/// 50 routes, a rotation of 20 reps, and 4,000 reps who claim; quotas that never refuse.
pub(crate) fn policy() -> String {
    policy_of(ROTATING, 0)
}

/// The same with so many reps in the rotation, and so many of the routes by an expression that looks at several attributes.
pub(crate) fn policy_of(rotating: usize, expressions: usize) -> String {
    let mut text = String::from("teams:\n");
    let mut team = |id: String, reps: &mut dyn Iterator<Item = String>| {
        let reps: Vec<_> = reps.map(|rep| format!("{{id: {rep}}}")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  - {{id: {id}, capacity: 1000000, reps: [{}]}}", reps.join(", "));
    };
    team("inbound".into(), &mut (0..rotating).map(|n| format!("r{n}")));
    for first in (0..CLAIMING).step_by(TEAM) {
        team(format!("claimers-{first}"), &mut (first..first + TEAM).map(claimer));
    }
    let _ = writeln!(text, "pools: [{{id: open}}]\nroutes:");
    let _ = writeln!(text, "  - {{name: content, sources: [{POOLED}], pool: open}}");
    for n in 1..=expressions {
        let when =
            format!("lead.company.employees > 500 + {n} && lead.company.country in ['FR', 'ES'] || lead.score < {n}");
        let _ = writeln!(text, "  - {{name: expression {n}, when: \"{when}\", pool: open}}");
    }
    for n in 1 + expressions..ROUTES - 1 {
        let _ = writeln!(text, "  - {{name: source {n}, sources: [source_{n}], min_score: 50, pool: open}}");
    }
    let rotate = "rotate: inbound, otherwise: {pool: open}";
    let _ = writeln!(text, "  - {{name: demo, sources: [{ROTATED}], {rotate}}}");
    let _ = writeln!(
        text,
        "default: {{pool: open}}\nquotas: {{hour: 1000, day: 1000, week: 1000}}\nguardrails: {{hoarding: 1000}}"
    );
    text
}

/// The same with every guardrail on. All leads are of low priority and come from one place, whose territory all who claim
/// share.
pub(crate) fn guarded_policy() -> String {
    let text = policy();
    let (plain, _) = text.split_once("default:").unwrap_or((&text, ""));
    let teams: Vec<_> = (0..CLAIMING).step_by(TEAM).map(|first| format!("claimers-{first}")).collect();
    let stages = "assign_after: 30m, assign_to: inbound, escalate_after: 60m";
    let plain = plain.replace("pools: [{id: open}]", &format!("pools: [{{id: open, {stages}}}]\nmanager: r0"));
    format!(
        "{plain}territories: [{{id: de, countries: [DE], pool: open, teams: [{}]}}]
default: {{pool: open}}
quotas: {{hour: 1000, day: 1000, week: 1000}}
priority: {{low: 'lead.source == \"{POOLED}\"'}}
guardrails:
  ratios: {{hot_to_warm: '2:1', leftover: {{least: 1, of: 5}}, low_score: {{least: 3, of: 10}}}}
  territory_only: true
  hoarding: 1000
  release: true
  action_within: 15m
  skips: 10
  acceptance: {{}}
",
        teams.join(", ")
    )
}

/// The score of the lead that is claimed as the `n`th: each rep has a hot, a warm and a cold one in turn, which owes nothing.
pub(crate) fn guarded_score(n: usize) -> i32 {
    [85, 60, 40][n / CLAIMING % 3]
}

/// One team of so many reps, to whom everything goes in turn.
pub(crate) fn policy_of_a_team(reps: usize) -> String {
    let reps: Vec<_> = (0..reps).map(|n| format!("{{id: r{n}}}")).collect();
    format!("teams: [{{id: inbound, capacity: 1000000, reps: [{}]}}]\ndefault: {{rotate: inbound}}\n", reps.join(", "))
}

/// The `n`th of the reps who claim in turn.
pub(crate) fn claimer(n: usize) -> String {
    format!("c{}", n % CLAIMING)
}

/// The domain of the `n`th account.
pub(crate) fn account_domain(n: usize) -> String {
    format!("account-{n}.example")
}

/// A lead as a form fills it in.
pub(crate) fn lead(source: &str, n: usize) -> Lead {
    // Nobody comes in twice: that would be a duplicate.
    let who = format!("{}-{n}", source.replace('_', "-"));
    let kind = source.bytes().map(usize::from).sum::<usize>() % 90;
    Lead {
        company: Some(Company {
            name: "Northwind Traders GmbH".into(),
            domain: format!("northwind-{who}.example"),
            employees: Some(180),
            industry: "Wholesale".into(),
            country: "DE".into(),
            region: "DE-BY".into(),
            city: "Munich".into(),
        }),
        contact: Some(Contact {
            name: "Maria Anders".into(),
            title: "Head of Purchasing".into(),
            email: format!("maria.anders@northwind-{who}.example"),
            phone: format!("+49 89 {:02}{:07}", 10 + kind, n % 10_000_000),
        }),
        source: source.into(),
        stage: Stage::Mql.into(),
        score: Some(70),
        grade: "B".into(),
        product_interest: "Route planning".into(),
        notes: "Asked for a demo for a team of twelve, wants to start next quarter.".into(),
        ..Lead::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_domain::policy::Policy;

    #[test]
    fn the_policy_has_what_its_rows_say() {
        let policy = Policy::parse(&policy()).unwrap();
        assert_eq!(policy.teams[0].reps.len(), ROTATING);
        assert!(policy.has_rep(&leadhand_domain::id::RepId::parse(&claimer(CLAIMING - 1)).unwrap()));
        let guarded = Policy::parse(&guarded_policy()).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(guarded.guardrails.territory_only && guarded.guardrails.selection.is_some());
    }
}
