//! The groups of rows, each measured by itself.

use std::time::Instant;

use leadhand_store::local::Durability;

use crate::Outcome;
use crate::options::{Group, Options};
use crate::report::Report;
use crate::stage::Stage;

mod accounts;
mod decision;
mod events;
mod growth;
mod hot_lead;
mod latency;
mod listing;
mod memory;
mod replicas;
mod throughput;
mod timers;

/// Measures every group that is wanted.
pub(crate) async fn measure(options: &Options) -> Outcome<Report> {
    let begun = Instant::now();
    let scale = options.scale();
    let mut groups = Vec::new();
    let stage = Stage::start(Durability::EverySecond, 1).await?;
    let redis = stage.redis_version().await?;
    if options.wants(Group::Throughput) {
        let rows = throughput::everything(&stage, scale.rounds, scale.calls).await?;
        groups.push(("calls per second, AOF everysec", rows));
    }
    if options.wants(Group::Single) {
        groups.push(("one call in flight, median", latency::single(&stage, scale).await?));
    }
    if options.wants(Group::OpenLoop) {
        groups.push(("open loop at half the peak rate, p99", latency::open_loop(&stage, scale).await?));
    }
    if options.wants(Group::HotLead) {
        groups.push(("hot lead", hot_lead::rows(&stage, scale).await?));
    }
    if options.wants(Group::Events) {
        groups.push(("event from commit to subscriber, p99", events::rows(&stage, scale).await?));
    }
    stage.end().await;
    if options.wants(Group::Replicas) {
        let stage = Stage::start(Durability::EverySecond, 2).await?;
        groups.push(("through two replicas at once", replicas::rows(&stage, scale).await?));
        stage.end().await;
    }
    if options.wants(Group::Decision) {
        groups.push(("a policy decision alone", decision::rows(scale)?));
    }
    if options.wants(Group::Accounts) {
        let stage = Stage::start(Durability::EverySecond, 1).await?;
        groups.push(("beside very many accounts", accounts::rows(&stage, scale).await?));
        stage.end().await;
    }
    if options.wants(Group::Listing) {
        let stage = Stage::start(Durability::EverySecond, 1).await?;
        groups.push(("lists of a large pool", listing::rows(&stage, scale).await?));
        stage.end().await;
    }
    if options.wants(Group::Timers) {
        let stage = Stage::with_timers(Durability::EverySecond).await?;
        groups.push(("deadlines", timers::rows(&stage, scale).await?));
        stage.end().await;
    }
    if options.wants(Group::Growth) {
        let stage = Stage::start(Durability::EverySecond, 1).await?;
        groups.push(("one route where there is much, one call in flight, median", growth::rows(&stage, scale).await?));
        stage.end().await;
    }
    if options.wants(Group::Memory) {
        groups.push(("memory, idle", memory::rows(scale)?));
    }
    for (group, heading, durability, calls) in [
        (Group::Always, "calls per second, AOF always", Durability::Always, scale.durable_calls),
        (Group::None, "calls per second, no AOF", Durability::None, scale.calls),
    ] {
        if options.wants(group) {
            let stage = Stage::start(durability, 1).await?;
            groups.push((heading, throughput::essentials(&stage, scale.rounds.min(3), calls).await?));
            stage.end().await;
        }
    }
    Ok(Report { groups, took: begun.elapsed(), redis })
}

/// Tells how far it is.
fn progress(group: &str, round: usize, rounds: usize) {
    if round == 0 {
        eprintln!("{group}: warming up");
    } else {
        eprintln!("{group}: round {round} of {rounds}");
    }
}
