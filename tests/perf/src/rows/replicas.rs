//! The two RPCs through two replicas at once: what replicas cost each other.

use super::progress;
use super::throughput::{Bench, Series};
use crate::Outcome;
use crate::calls::{self, Leads};
use crate::load::Call;
use crate::options::Scale;
use crate::report::{Row, time};
use crate::stage::Stage;

/// Rates and Redis' counts of one kind of call over the rounds.
#[derive(Default)]
struct Shared {
    series: Series,
    calls: f64,
    commits: f64,
    held_off: f64,
}

impl Shared {
    async fn measure(&mut self, stage: &Stage, bench: &mut Bench<'_>, call: &Call, calls: usize) -> Outcome<()> {
        let before = stage.scripts().await?;
        bench.between(call, calls, &mut self.series).await?;
        let after = stage.scripts().await?;
        self.calls += calls as f64;
        // The floor's slice behind it ran its script once a call.
        self.commits += after.run - before.run - calls as f64;
        self.held_off += after.held_off - before.held_off;
        Ok(())
    }

    fn row(&self, what: &str) -> Row {
        let (commits, held_off) = (self.commits / self.calls, self.held_off / self.calls);
        let note = format!("p99 {}, {commits:.2} commits a call", time(self.series.p99_ms()));
        let note = if held_off > 0.0 { format!("{note}, {held_off:.2} held off") } else { note };
        self.series.row(what).note(note).value("commits_a_call", commits).value("held_off_a_call", held_off)
    }
}

/// One replica and two, in turn.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let mut benches = [Bench::new(stage, 1).await?, Bench::new(stage, 2).await?];
    let mut all: [[Shared; 2]; 2] = Default::default();
    for round in 0..=scale.rounds {
        progress("replicas", round, scale.rounds);
        if round == 1 {
            all = Default::default();
        }
        for (bench, [routes, claims]) in benches.iter_mut().zip(&mut all) {
            let leads = Leads::new(stage, scale.calls);
            super::throughput::slice(&calls::pool(&leads, &bench.lanes), scale.calls).await?;
            bench.floor(scale.calls).await?;
            let route = calls::rotate(stage, &bench.lanes, scale.calls);
            routes.measure(stage, bench, &route, scale.calls).await?;
            let claim = calls::claim(&leads, &bench.lanes);
            claims.measure(stage, bench, &claim, scale.calls).await?;
        }
    }
    let [[one_route, one_claim], [two_route, two_claim]] = &all;
    Ok(vec![
        one_route.row("RouteLead, one replica of the two"),
        two_route.row("RouteLead, both"),
        one_claim.row("ClaimLead, one replica of the two"),
        two_claim.row("ClaimLead, both"),
    ])
}
