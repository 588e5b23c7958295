//! Calls per second, each slice between two slices of the floor.

use crate::calls::{self, Leads};
use crate::load::{Call, Closed, closed, median};
use crate::report::{Row, Target, rate};
use crate::stage::{CONNECTIONS, IN_FLIGHT, Lanes, Stage, Worked};
use crate::{Outcome, rows};

/// The share of the floor that the two RPCs should reach.
pub(super) const TARGET: f64 = 0.7;

/// Figures of one kind of call over the rounds.
#[derive(Default)]
pub(super) struct Series {
    per_second: Vec<f64>,
    shares: Vec<f64>,
    p99_ms: Vec<f64>,
    calls: f64,
    ours_ms: f64,
    redis_ms: f64,
}

impl Series {
    /// Takes in a slice that lay between two of the floor, at these rates.
    pub(super) fn add(&mut self, slice: &Closed, before: f64, after: f64) {
        self.per_second.push(slice.per_second);
        self.shares.push(slice.per_second / ((before + after) / 2.0));
        self.p99_ms.push(slice.latency.percentile_ms(99.0));
    }

    /// Takes in what so many calls cost.
    fn add_cost(&mut self, calls: usize, before: Worked, after: Worked) {
        self.calls += calls as f64;
        self.ours_ms += after.ours - before.ours;
        self.redis_ms += after.redis - before.redis;
    }

    /// The row of their medians.
    pub(super) fn row(&self, what: &str) -> Row {
        let per_second = median(&self.per_second);
        let (least, most) =
            (self.shares.iter().copied().reduce(f64::min), self.shares.iter().copied().reduce(f64::max));
        let (ours_us, redis_us) = (self.ours_ms / self.calls * 1e3, self.redis_ms / self.calls * 1e3);
        Row::new(what, rate(per_second))
            .note(format!("cpu {ours_us:.0} + redis {redis_us:.0} µs a call"))
            .value("cpu_us_a_call", ours_us)
            .value("redis_cpu_us_a_call", redis_us)
            .value("per_second", per_second)
            .value("least_of_floor", least.unwrap_or(f64::NAN))
            .value("most_of_floor", most.unwrap_or(f64::NAN))
            .value("p99_ms", self.p99_ms())
            .of_floor(self.share())
    }

    pub(super) fn share(&self) -> f64 {
        median(&self.shares)
    }

    pub(super) fn p99_ms(&self) -> f64 {
        median(&self.p99_ms)
    }
}

/// The floor and what may be compared with it.
pub(super) struct Bench<'a> {
    stage: &'a Stage,
    pub(super) lanes: Lanes,
    floor_lanes: Lanes,
    /// The rate last measured.
    latest: Option<f64>,
    floor: Series,
}

impl<'a> Bench<'a> {
    pub(super) async fn new(stage: &'a Stage, replicas: usize) -> Outcome<Self> {
        let lanes = stage.lanes(replicas, CONNECTIONS).await?;
        Ok(Self {
            stage,
            lanes,
            floor_lanes: stage.floor_lanes(CONNECTIONS).await?,
            latest: None,
            floor: Series::default(),
        })
    }

    /// The floor's rate now.
    pub(super) async fn floor(&mut self, calls: usize) -> Outcome<f64> {
        let call = calls::floor(self.stage, &self.floor_lanes, calls).await?;
        let before = self.stage.worked()?;
        let slice = slice(&call, calls).await?;
        self.floor.add_cost(calls, before, self.stage.worked()?);
        self.floor.add(&slice, slice.per_second, slice.per_second);
        self.latest = Some(slice.per_second);
        Ok(slice.per_second)
    }

    /// One slice, between the floor as last measured and as measured after it.
    pub(super) async fn between(&mut self, call: &Call, calls: usize, series: &mut Series) -> Outcome<()> {
        let before = match self.latest {
            Some(before) => before,
            None => self.floor(calls).await?,
        };
        let worked = self.stage.worked()?;
        let slice = slice(call, calls).await?;
        series.add_cost(calls, worked, self.stage.worked()?);
        let after = self.floor(calls).await?;
        series.add(&slice, before, after);
        Ok(())
    }

    /// Forgets what the floor was: it was only warming up.
    pub(super) fn forget(&mut self) {
        self.floor = Series::default();
    }

    pub(super) fn floor_row(&self) -> Row {
        self.floor.row("the floor")
    }
}

/// One slice in the usual shape.
pub(super) async fn slice(call: &Call, calls: usize) -> Outcome<Closed> {
    closed(call, CONNECTIONS, IN_FLIGHT, calls).await
}

/// Every row.
pub(super) async fn everything(stage: &Stage, rounds: usize, calls: usize) -> Outcome<Vec<Row>> {
    let mut bench = Bench::new(stage, 1).await?;
    let mut all: [Series; 7] = Default::default();
    for round in 0..=rounds {
        rows::progress("throughput", round, rounds);
        if round == 1 {
            bench.forget();
            all = Default::default();
        }
        let [echo, script, rotate, pool, claim, guarded, contact] = &mut all;
        let leads = Leads::new(stage, calls);
        let echoed = calls::echo(&bench.floor_lanes);
        bench.between(&echoed, calls, echo).await?;
        let scripted = calls::script(stage, calls).await?;
        bench.between(&scripted, calls, script).await?;
        let routed = calls::rotate(stage, &bench.lanes, calls);
        bench.between(&routed, calls, rotate).await?;
        let pooled = calls::pool(&leads, &bench.lanes);
        bench.between(&pooled, calls, pool).await?;
        let claimed = calls::claim(&leads, &bench.lanes);
        bench.between(&claimed, calls, claim).await?;
        let careful = Leads::guarded(stage, calls);
        slice(&calls::pool(&careful, &bench.lanes), calls).await?;
        bench.floor(calls).await?;
        let claimed = calls::claim(&careful, &bench.lanes);
        bench.between(&claimed, calls, guarded).await?;
        let contacted = calls::contact(&leads, &bench.lanes);
        bench.between(&contacted, calls, contact).await?;
    }
    let [echo, script, rotate, pool, claim, guarded, contact] = all;
    Ok(vec![
        echo.row("tonic echo, no Redis"),
        script.row("the floor's script alone, no RPC"),
        bench.floor_row(),
        with_target("RouteLead, rotation of 20 reps, 50 routes", &rotate),
        pool.row("RouteLead into a pool, 50 routes"),
        claim.row("ClaimLead, the guardrails that are on by default"),
        with_target("ClaimLead, every guardrail on", &guarded),
        contact.row("RecordContact"),
    ])
}

/// The rows that have a target.
pub(super) async fn essentials(stage: &Stage, rounds: usize, calls: usize) -> Outcome<Vec<Row>> {
    let mut bench = Bench::new(stage, 1).await?;
    let mut all: [Series; 2] = Default::default();
    for round in 0..=rounds {
        rows::progress("throughput", round, rounds);
        if round == 1 {
            bench.forget();
            all = Default::default();
        }
        let [rotate, claim] = &mut all;
        let leads = Leads::new(stage, calls);
        slice(&calls::pool(&leads, &bench.lanes), calls).await?;
        bench.floor(calls).await?;
        let routed = calls::rotate(stage, &bench.lanes, calls);
        bench.between(&routed, calls, rotate).await?;
        let claimed = calls::claim(&leads, &bench.lanes);
        bench.between(&claimed, calls, claim).await?;
    }
    let [rotate, claim] = all;
    Ok(vec![bench.floor_row(), rotate.row("RouteLead, rotation of 20 reps, 50 routes"), claim.row("ClaimLead")])
}

fn with_target(what: &str, series: &Series) -> Row {
    series.row(what).target(Some(Target::share(TARGET, series.share())))
}
