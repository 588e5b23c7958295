//! The ways to mix push and pull, each as a policy.

use leadhand_domain::lead::{Facts, Stage};

/// How many reps there are.
pub(crate) const REPS: usize = 50;

/// How many strategic accounts there are.
pub(crate) const ACCOUNTS: usize = 100;

/// Who takes what nobody else can.
pub(crate) const MANAGER: &str = "boss";

/// A way to mix push and pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Into the pool; what nobody claims is given to a rep after 30 minutes and to the manager after an hour.
    PoolFirst,
    /// To a rep; what the rep does nothing about for 30 minutes goes into the pool, and to the manager after two hours.
    PushFirst,
    /// Of a hundred so many to reps in turn, the others into the pool.
    Share(u64),
    /// Hot leads to reps, the others into the pool.
    Hot,
    /// Leads of strategic accounts to reps, the others into the pool.
    Strategic,
    /// Each source its own way.
    Source,
}

/// The `n`th rep.
pub(crate) fn rep(n: usize) -> String {
    format!("r{n:02}")
}

/// The domain of the `n`th strategic account.
pub(crate) fn domain(n: usize) -> String {
    format!("account{n}.example")
}

impl Mode {
    /// What reports call it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::PoolFirst => "pool first".to_owned(),
            Self::PushFirst => "push first".to_owned(),
            Self::Share(percent) => format!("{percent} % pushed"),
            Self::Hot => "hot pushed".to_owned(),
            Self::Strategic => "strategic pushed".to_owned(),
            Self::Source => "by source".to_owned(),
        }
    }

    /// Whether a new lead is pushed, where its facts tell.
    pub(crate) fn pushes(self, facts: &Facts) -> Option<bool> {
        match self {
            Self::PoolFirst => Some(false),
            Self::PushFirst => Some(true),
            Self::Share(_) => None,
            Self::Hot => Some(facts.score.is_some_and(|score| score >= 80)),
            Self::Strategic => Some(facts.company.domain.starts_with("account")),
            Self::Source => {
                let pulled = ["demo_request", "referral"].contains(&facts.source.as_str());
                Some(!pulled && (facts.stage == Stage::Mql || facts.source.as_str() == "content_download"))
            }
        }
    }

    /// The policy.
    pub(crate) fn document(self) -> String {
        let all: Vec<_> = (0..REPS).map(rep).collect();
        let team = |from: usize, to: usize, weight: &dyn Fn(usize) -> usize| {
            let member = |n: usize| format!("{{id: {}, weight: {}}}", all[n], weight(n));
            (from..to).map(member).collect::<Vec<_>>().join(", ")
        };
        let tiers: Vec<_> = (0..REPS).filter(|n| n % 5 > 0).map(|n| (n, if n % 5 > 3 { 3 } else { 2 })).collect();
        let tiers = tiers.iter().map(|(n, tier)| format!("{{id: {}, tier: {tier}}}", all[*n]));
        let tiers = tiers.collect::<Vec<_>>().join(", ");
        let unclaimed = ", assign_after: 30m, assign_to: west, escalate_after: 60m";
        let late = ", escalate_after: 168h";
        let (pool, more, actions) = match self {
            Self::PoolFirst => (unclaimed, String::new(), "default: {pool: open}".to_owned()),
            Self::PushFirst => {
                let first = "default: {rotate: west, push_first: {pool: open}}".to_owned();
                (", escalate_after: 2h", String::new(), first)
            }
            Self::Share(percent) => {
                let push = format!("default: {{rotate: west, push: {{percent: {percent}, rest: open}}}}");
                (late, String::new(), push)
            }
            Self::Hot => {
                let hot = "routes: [{name: hot, min_score: 80, rotate: west}]\ndefault: {pool: open}";
                (late, String::new(), hot.to_owned())
            }
            Self::Strategic => {
                let account =
                    |n| format!("{{id: a{n}, domain: {}, owner: {}, strategic: true}}", domain(n), all[n % REPS]);
                let accounts = (0..ACCOUNTS).map(account).collect::<Vec<_>>().join(", ");
                let more = format!("accounts: [{accounts}]\n");
                (late, more, "default: {pool: open}".to_owned())
            }
            Self::Source => {
                let routes = "routes:
  - {name: asks, sources: [demo_request, referral], pool: cherry}
  - {name: mql, when: 'lead.stage == \"mql\"', rotate: east}
  - {name: download, sources: [content_download], rotate: west}
default: {pool: open}";
                (late, String::new(), routes.to_owned())
            }
        };
        let (west, east) = (team(0, REPS / 2, &|_| 1), team(REPS / 2, REPS, &|n| 1 + n % 3));
        format!(
            "
manager: {MANAGER}
reps: [{{id: {MANAGER}}}, {tiers}]
teams:
  - {{id: west, capacity: 1000, backup: east, rotation: {{by: equal}}, availability: {{{HOURS}}}, reps: [{west}]}}
  - {{id: east, capacity: 1000, availability: {{{HOURS}}}, reps: [{east}]}}
pools: [{{id: open{pool}}}, {{id: cherry, kind: cherry_pick{late}}}]
{more}{actions}
priority: {{low: 'lead.source == \"webinar\"'}}
contact_sla_in_working_time: true
guardrails:
  release: true
  action_within: 15m
  ratios: {{hot_to_warm: '2:1', leftover: {{least: 1, of: 5}}, low_score: {{least: 3, of: 10}}}}
  skips: 10
  acceptance: {{}}
"
        )
    }
}

/// When reps work.
const HOURS: &str = "hours: mon-fri 09:00-17:00, not_seen_after: never";
