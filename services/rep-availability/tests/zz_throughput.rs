//! Temporary measurement.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::disallowed_methods)]
#[path = "service/common.rs"]
mod common;
use common::{REPS, Served, busy, send_all};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::{Policy, apply};
use leadhand_domain::time::Millis;
use leadhand_store::Store;
use std::time::Instant;

async fn policy(served: &Served, reps: usize) {
    let reps: Vec<_> = (0..reps).map(|n| format!("{{id: r{n}}}")).collect();
    let document =
        format!("{{teams: [{{id: t, reps: [{}]}}], pools: [{{id: p}}], default: {{pool: p}}}}", reps.join(", "));
    let command = apply::Command { document, pools: Vec::new(), author: "test".into(), comment: String::new() };
    let decide = |snapshot: &_, _: Option<&Policy>| Ok(apply::decide(snapshot, &command, Millis(common::NOW)));
    let store = Store::new(leadhand_store::Config::at(served.redis.url())).unwrap();
    store.transact(&Workspace::parse("acme").unwrap(), None, &apply::READS, decide).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throughput() {
    let served = Served::start().await;
    policy(&served, 100).await;
    for (name, reps, count, streams) in [
        ("1 stream, 100 reps", 100u64, 8000u64, 1u64),
        ("1 stream, 10 reps", 10, 4000, 1),
        ("1 stream, 1 rep", 1, 2000, 1),
        ("1 stream, runs of 20 a rep", 1_000, 8000, 1),
        ("6 streams, 1 rep", 1, 300, 6),
        ("16 streams, 1 rep", 1, 100, 16),
        ("8 streams, 100 reps", 100, 2000, 8),
    ] {
        let begun = Instant::now();
        let all = (0..streams).map(|s| {
            let messages = (0..count)
                .map(|n| {
                    let rep = if reps == 1_000 { (n / 20) % 100 } else { (n + 13 * s) % reps };
                    let mut m = busy(
                        n,
                        &format!("r{rep}"),
                        &(n / reps % 8).to_string(),
                        begun.elapsed().as_nanos() as u64 + n,
                        (5, 10),
                    );
                    m.source = format!("s{s}-{}", name.len());
                    m
                })
                .collect();
            send_all(served.client(), messages)
        });
        let ends = futures_util::future::join_all(all).await;
        let acked: usize = ends.iter().map(|(a, _)| a.len()).sum();
        let failed: Vec<_> =
            ends.iter().filter_map(|(_, e)| e.as_ref().err().map(|s| s.message().to_owned())).collect();
        let took = begun.elapsed().as_secs_f64();
        println!(
            "MEASURE {name}: {acked}/{} in {took:.2} s = {:.0}/s failed {failed:?}",
            count * streams,
            acked as f64 / took
        );
    }
}
