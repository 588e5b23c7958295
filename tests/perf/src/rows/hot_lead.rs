//! Many reps claim the same lead at the same moment.

use std::time::Instant;

use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::progress;
use super::throughput::slice;
use crate::Outcome;
use crate::calls::{self, Leads, claim_request};
use crate::load::median;
use crate::options::Scale;
use crate::report::{Row, Target, grouped, time};
use crate::sample::claimer;
use crate::stage::{CONNECTIONS, Lanes, Stage};

/// Within what time everyone should have an answer.
const LIMIT_MS: f64 = 250.0;

/// How the claimers fared.
#[derive(Debug, Default)]
struct Answers {
    won: usize,
    lost: usize,
    /// Told to come back, as the records kept changing under them.
    contended: usize,
}

/// The rounds' median and worst.
pub(super) async fn rows(stage: &Stage, Scale { rounds, crowd, .. }: Scale) -> Outcome<Vec<Row>> {
    let lanes = stage.lanes(1, CONNECTIONS).await?;
    let (mut times, mut contended) = (Vec::new(), 0);
    for round in 0..=rounds {
        progress("hot lead", round, rounds);
        let (took_ms, answers) = rush(stage, &lanes, crowd).await?;
        if answers.won != 1 {
            return Err(format!("{} claimers won one lead", answers.won).into());
        }
        if round > 0 {
            times.push(took_ms);
            contended += answers.contended;
        }
    }
    let (middle, worst) = (median(&times), times.iter().copied().fold(0.0, f64::max));
    let row = Row::new(format!("{} claimers at once: all answered, one winner", grouped(crowd as f64)), time(middle))
        .note(format!("at worst {}; {contended} told to retry", time(worst)))
        .value("median_ms", middle)
        .value("worst_ms", worst)
        .value("told_to_retry", contended as f64)
        .target(Some(Target::at_most("250 ms", worst, LIMIT_MS)));
    Ok(vec![row])
}

async fn rush(stage: &Stage, lanes: &Lanes, crowd: usize) -> Outcome<(f64, Answers)> {
    let leads = Leads::new(stage, 1);
    slice(&calls::pool(&leads, lanes), 1).await?;
    let lead = leads.id(0)?;
    let clients: Vec<_> = lanes.iter().cloned().map(PoolServiceClient::new).collect();
    let mut claimers = JoinSet::new();
    let begun = Instant::now();
    for n in 0..crowd {
        let (mut client, lead) = (clients[n % CONNECTIONS].clone(), lead.clone());
        claimers.spawn(async move { client.claim_lead(claim_request(claimer(n), lead)).await.map(drop) });
    }
    let mut answers = Answers::default();
    while let Some(answer) = claimers.join_next().await {
        match answer?.as_ref().map_err(Status::code) {
            Ok(()) => answers.won += 1,
            Err(Code::FailedPrecondition) => answers.lost += 1,
            Err(Code::Aborted) => answers.contended += 1,
            Err(code) => return Err(format!("a claimer was told {code}").into()),
        }
    }
    Ok((begun.elapsed().as_secs_f64() * 1e3, answers))
}
