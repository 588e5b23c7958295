//! What one route costs where there is very much more of something: reps, accounts, workspaces.
//!
//! One call is in flight, so that no commit is shared: that many calls of one rotation share theirs is another matter. Slices
//! where there is little and where there is much take turns, so drift hits both.

use std::time::Instant;

use super::accounts;
use crate::load::{closed, median};
use crate::options::Scale;
use crate::report::{Row, Target, grouped, time};
use crate::stage::Stage;
use crate::{Outcome, calls, rows, sample};

/// How many times as much a route may cost.
const GROWTH: f64 = 1.3;

const FEW_REPS: usize = 10;
const FEW_ACCOUNTS: usize = 100;

/// Where leads are routed.
struct Place {
    workspaces: Vec<String>,
    /// How many accounts there are, when leads go to their owners.
    accounts: Option<usize>,
}

/// Each with little and with much.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let many = scale.many;
    let mut all = Vec::new();
    let (few, most) = (reps(stage, FEW_REPS).await?, reps(stage, many.reps).await?);
    all.push(compared(stage, scale, "reps in the rotation", (FEW_REPS, &few), (many.reps, &most)).await?);
    let (few, most) = (with_accounts(stage, FEW_ACCOUNTS).await?, with_accounts(stage, many.accounts).await?);
    let what = "accounts, to an account's owner";
    all.push(compared(stage, scale, what, (FEW_ACCOUNTS, &few), (many.accounts, &most)).await?);
    let (few, most) = (workspaces(stage, 1).await?, workspaces(stage, many.workspaces).await?);
    all.push(compared(stage, scale, "workspaces, in turn", (1, &few), (many.workspaces, &most)).await?);
    Ok(all)
}

/// A workspace whose leads so many reps get in turn.
async fn reps(stage: &Stage, reps: usize) -> Outcome<Place> {
    let workspace = format!("reps-{reps}");
    stage.apply_policy(&workspace, sample::policy_of_a_team(reps)).await?;
    Ok(Place { workspaces: vec![workspace], accounts: None })
}

/// A workspace with so many accounts, loaded as a customer loads them.
async fn with_accounts(stage: &Stage, accounts: usize) -> Outcome<Place> {
    let workspace = format!("accounts-{accounts}");
    stage.apply_policy(&workspace, sample::policy()).await?;
    let begun = Instant::now();
    accounts::load(stage, &workspace, accounts).await?;
    eprintln!("growth: {accounts} accounts loaded in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(Place { workspaces: vec![workspace], accounts: Some(accounts) })
}

/// So many workspaces, each with a team of its own.
async fn workspaces(stage: &Stage, workspaces: usize) -> Outcome<Place> {
    let names: Vec<_> = (0..workspaces).map(|n| format!("one-of-{workspaces}-{n}")).collect();
    for name in &names {
        stage.apply_policy(name, sample::policy_of_a_team(sample::ROTATING)).await?;
    }
    Ok(Place { workspaces: names, accounts: None })
}

/// What a route costs in one place and in the other: medians of the rounds.
async fn compared(
    stage: &Stage,
    scale: Scale,
    what: &str,
    few: (usize, &Place),
    many: (usize, &Place),
) -> Outcome<Row> {
    let lanes = stage.lanes(1, 1).await?;
    let mut times = [Vec::new(), Vec::new()];
    // Whoever comes first must find nothing colder: each workspace has had its leads before the first round counts.
    let calls = scale.single_calls.max(many.1.workspaces.len());
    for round in 0..=scale.rounds {
        rows::progress(what, round, scale.rounds);
        for (place, times) in [few.1, many.1].into_iter().zip(&mut times) {
            let call = calls::in_turn(stage, &lanes, calls, &place.workspaces, place.accounts);
            let slice = closed(&call, 1, 1, calls).await?;
            if round > 0 {
                times.push(slice.latency.percentile_ms(50.0));
            }
        }
    }
    let [few_ms, many_ms] = times.map(|times| median(&times));
    let [few, many] = [few.0, many.0].map(|count| grouped(count as f64));
    let growth = many_ms / few_ms;
    Ok(Row::new(format!("RouteLead where there are {many} {what}"), time(many_ms))
        .note(format!("{growth:.2} × that with {few}, {}", time(few_ms)))
        .value("many_ms", many_ms)
        .value("few_ms", few_ms)
        .value("growth", growth)
        .target(Some(Target::at_most("1.3 ×", growth, GROWTH))))
}
