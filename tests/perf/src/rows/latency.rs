//! How long a call takes: alone, and while others arrive at half the rate that the services can take.

use super::progress;
use super::throughput::slice;
use crate::Outcome;
use crate::calls::{self, Leads};
use crate::load::{Call, closed, median, open};
use crate::options::Scale;
use crate::report::{Row, Target, rate as per_second, time};
use crate::stage::{CONNECTIONS, Stage};

/// How many times the floor's time a call may take alone.
const TIMES: f64 = 2.0;
/// What 99 of 100 calls may take under load.
const P99_MS: f64 = 5.0;

/// One call in flight on one connection.
pub(super) async fn single(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let calls = scale.single_calls;
    let (lanes, floor_lanes) = (stage.lanes(1, 1).await?, stage.floor_lanes(1).await?);
    let names = ["tonic echo", "the floor", "RouteLead, rotation of 20 reps", "ClaimLead"];
    let mut medians: [Vec<f64>; 4] = Default::default();
    for round in 0..=scale.rounds {
        progress("one in flight", round, scale.rounds);
        let leads = Leads::new(stage, calls);
        slice_of_one_connection(&calls::pool(&leads, &lanes), calls).await?;
        let round_calls = [
            calls::echo(&floor_lanes),
            calls::floor(stage, &floor_lanes, calls).await?,
            calls::rotate(stage, &lanes, calls),
            calls::claim(&leads, &lanes),
        ];
        for (call, medians) in round_calls.iter().zip(&mut medians) {
            let p50 = closed(call, 1, 1, calls).await?.latency.percentile_ms(50.0);
            if round > 0 {
                medians.push(p50);
            }
        }
    }
    let floor = median(&medians[1]);
    let mut rows = Vec::new();
    for (place, (name, medians)) in names.into_iter().zip(&medians).enumerate() {
        let p50 = median(medians);
        let times = p50 / floor;
        let target = (place > 1).then(|| Target::at_most("2 × the floor's", times, TIMES));
        let note = if place == 1 { String::new() } else { format!("{times:.2} × the floor's") };
        let row = Row::new(name, time(p50)).note(note);
        rows.push(row.value("p50_ms", p50).value("times_the_floor", times).target(target));
    }
    Ok(rows)
}

async fn slice_of_one_connection(call: &Call, calls: usize) -> Outcome<()> {
    closed(call, 1, 8, calls).await.map(drop)
}

/// Calls that arrive at random moments, at half the rate that a closed loop has just reached.
pub(super) async fn open_loop(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let (lanes, floor_lanes) = (stage.lanes(1, CONNECTIONS).await?, stage.floor_lanes(CONNECTIONS).await?);
    let peak_calls = scale.calls / 2;
    let names = ["the floor", "RouteLead, rotation of 20 reps", "ClaimLead"];
    let mut figures: [[Vec<f64>; 3]; 3] = Default::default();
    for round in 0..=scale.rounds {
        progress("open loop", round, scale.rounds);
        for (place, [rates, p50s, p99s]) in figures.iter_mut().enumerate() {
            let make = async |calls: usize| {
                Ok(match place {
                    0 => calls::floor(stage, &floor_lanes, calls).await?,
                    1 => calls::rotate(stage, &lanes, calls),
                    _ => {
                        let leads = Leads::new(stage, calls);
                        slice(&calls::pool(&leads, &lanes), calls).await?;
                        calls::claim(&leads, &lanes)
                    }
                }) as Outcome<Call>
            };
            let half = slice(&make(peak_calls).await?, peak_calls).await?.per_second / 2.0;
            // The first round only warms up.
            let seconds = if round == 0 { 0.2 } else { scale.open_seconds };
            let calls = (half * seconds) as usize + 1;
            let latency = open(&make(calls).await?, CONNECTIONS, half, calls).await?;
            if round > 0 {
                rates.push(half);
                p50s.push(latency.percentile_ms(50.0));
                p99s.push(latency.percentile_ms(99.0));
            }
        }
    }
    let rows = names.into_iter().zip(&figures).enumerate().map(|(place, (name, [rates, p50s, p99s]))| {
        let (rate, p50, p99) = (median(rates), median(p50s), median(p99s));
        let target = (place > 0).then(|| Target::at_most("5 ms", p99, P99_MS));
        Row::new(name, time(p99))
            .note(format!("p50 {} at {}", time(p50), per_second(rate)))
            .value("per_second", rate)
            .value("p50_ms", p50)
            .value("p99_ms", p99)
            .target(target)
    });
    Ok(rows.collect())
}
