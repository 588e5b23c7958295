//! The pure core against the services: random sequences of what fifty reps do, each step through gRPC on a real Redis and in the
//! model ([`leadhand_tests::model`]), which must answer the same, tell the same and keep the same.
//!
//! Each sequence has a policy and steps made of its seed, one replica, and the manual clock, which stops at every deadline. Where a
//! few deadlines fall together, any order in which workers may carry them out will do; where many do, the sequence ends.
//! `LEADHAND_MODEL_CASES` runs so many sequences, `LEADHAND_MODEL_SEED` begins with another than the first.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

mod calls;
mod policies;
mod sequence;
mod steps;

use sequence::Tally;

/// How many sequences there are by default.
const CASES: u64 = 12;

/// How many of them run at once: they wait for each other's workers little.
const AT_ONCE: usize = 4;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_answer_tell_and_keep_what_the_pure_core_does() {
    let cases = number("LEADHAND_MODEL_CASES").unwrap_or(CASES);
    let first = number("LEADHAND_MODEL_SEED").unwrap_or(1);
    let runs = (first..first + cases).map(|seed| async move { tokio::spawn(sequence::run(seed)).await });
    let mut runs = stream::iter(runs).buffer_unordered(AT_ONCE);
    let mut all = Tally::default();
    while let Some(run) = runs.next().await {
        all.add(run.expect("no panic but a difference, which is told above"));
    }
    println!(
        "{cases} sequences, {} ended where many deadlines fell together; {} times a few did",
        all.tied, all.together
    );
    println!("{} steps, {} comparisons of everything, {} events", all.steps, all.comparisons, all.events);
    let all_of = |counts: &BTreeMap<String, u64>| {
        counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
    };
    println!("done: {}", all_of(&all.done));
    println!("refused: {}", all_of(&all.refused));
    println!("told: {}", all_of(&all.told));
    if cases >= CASES && first == 1 {
        all.assert_varied();
    }
}
