//! Policies: everything that guards a claim, in many settings.

use leadhand_tests::ready::Dice;

/// How many reps there are, in two teams.
pub(crate) const REPS: usize = 50;

/// The pools: one of each kind.
pub(crate) const POOLS: [&str; 3] = ["line", "open", "cherry"];

/// The routes that push a part only.
pub(crate) const MIXES: [&str; 1] = ["trial"];

/// The `n`th rep.
pub(crate) fn rep(n: usize) -> String {
    format!("r{n:02}")
}

/// A policy made of the dice.
pub(crate) fn document(dice: &mut Dice) -> String {
    let team =
        |from: usize, to: usize| (from..to).map(|n| format!("{{id: {}}}", rep(n))).collect::<Vec<_>>().join(", ");
    let tiers = (0..REPS).filter(|n| n % 3 > 0).map(|n| format!("{{id: {}, tier: {}}}", rep(n), n % 3 + 1));
    let tiers = tiers.collect::<Vec<_>>().join(", ");
    let (capacity, by) = (dice.of(&[2, 4, 50]), dice.of(&["equal", "load", "score"]));
    let manager = dice.of(&["manager: boss", "manager: boss", ""]);
    let (half, all) = (REPS / 2, REPS);
    format!(
        "
{manager}
reps: [{{id: boss}}, {tiers}]
teams:
  - {{id: west, capacity: {capacity}, rotation: {{by: {by}}}, reps: [{}]}}
  - {{id: east, capacity: 3, reps: [{}]}}
{}
{}
routes:
  - {{name: demo, sources: [demo_request], rotate: {}}}
  - {{name: trial, sources: [trial], rotate: west, push: {{percent: 60, rest: open}}}}
  - {{name: download, sources: [content_download], pool: line}}
  - {{name: referral, sources: [referral], pool: cherry}}
default: {{pool: open}}
priority: {{low: 'lead.source == \"webinar\"'}}
quotas: {{hour: {}, day: {}, week: {}}}
contact_sla: {}
guardrails: {{{}}}
",
        team(0, half),
        team(half, all),
        pools(dice, !manager.is_empty()),
        dice.of(&["", TERRITORIES]),
        dice.of(&[
            "west",
            "west, offer: {within: 5m}",
            "east, offer: {within: 10m}, otherwise: {pool: open}",
            "west, push_first: {within: 10m, pool: open}"
        ]),
        dice.of(&[2, 1_000, 1_000]),
        dice.of(&[4, 10, 1_000, 1_000]),
        dice.of(&[8, 40, 1_000]),
        dice.of(&["2h", "2h", "20m"]),
        guardrails(dice),
    )
}

/// Whose is where: with `territory_only` the others claim nothing of it.
const TERRITORIES: &str = "territories: [{id: us, countries: [US], pool: open, teams: [west]}, \
                           {id: de, countries: [DE], pool: line, teams: [east]}]";

fn pools(dice: &mut Dice, escalates: bool) -> String {
    let line = dice.of(&["", "", ", assign_after: 20m, assign_to: east"]);
    let open = match escalates {
        true => dice.of(&["", ", assign_after: 30m, assign_to: west, escalate_after: 60m", ", escalate_after: 45m"]),
        false => dice.of(&["", ", assign_after: 30m, assign_to: west"]),
    };
    let cherry = dice.of(&["", ", recycle_after: 40m, recycle_to: open"]);
    let transparency = dice.of(&["preview", "engagement", "full"]);
    format!(
        "pools:
  - {{id: line, kind: queue{line}}}
  - {{id: open, transparency: {transparency}{open}}}
  - {{id: cherry, kind: cherry_pick, transparency: full{cherry}}}"
    )
}

fn guardrails(dice: &mut Dice) -> String {
    let on = [
        dice.of(&[
            "selection: {limited: false}",
            "",
            "",
            "selection: {window: 30s, hold: 2m}",
            "selection: {wait: 0s}",
        ]),
        dice.of(&["release: true", "release: true", ""]),
        dice.of(&["", "action_within: 15m"]),
        dice.of(&["hoarding: 2", "hoarding: 4", ""]),
        dice.of(&["", "", "", "territory_only: true"]),
        dice.of(&["", "skips: 2", "skips: 4"]),
        dice.of(&["memory: 0h", "memory: 1h", ""]),
        dice.of(&[
            "tiers: {second_after: 10s, third_after: 2m, at_least: 1}",
            "tiers: {second_after: 0s, third_after: never}",
            "tiers: {second_after: 0s, third_after: 0s, at_least: 2}",
            "",
        ]),
        dice.of(&["acceptance: {last: 4, at_least: 2, suspension: 1h}", ""]),
        dice.of(&["misses: {most: 2, suspension: 2h}", "misses: {most: 0}", ""]),
    ];
    let ratios = [
        dice.of(&["hot_to_warm: '2:1'", "hot_to_warm: '1:1'", "hot_to_warm: '1:2'"]),
        dice.of(&["leftover: {least: 1, of: 3}", "leftover: {least: 1, of: 2}", ""]),
        dice.of(&["low_score: {least: 1, of: 3}", "low_score: {least: 3, of: 10}", ""]),
    ];
    let some = |of: &[&str]| of.iter().filter(|it| !it.is_empty()).copied().collect::<Vec<_>>().join(", ");
    let ratios = format!("ratios: {{{}}}", some(&ratios));
    some(&[&on[..], &[&ratios]].concat())
}
