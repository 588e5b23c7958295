//! The leads arrive: in uneven batches, each lead a call of its own, as from forms that many people fill in.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use leadhand_kit::clock::Stopwatch;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use tokio::sync::mpsc;

use super::Did;
use crate::client::Session;
use crate::command::route;
use crate::moment;
use crate::rows::{Row, Rows};

/// How many batches there are.
const BATCHES: u32 = 60;
/// How the batches differ: this many parts of the leads each, over and over.
const SIZES: [usize; 7] = [3, 9, 5, 1, 7, 2, 8];
/// How many leads arrive at the very same moment.
const AT_ONCE: usize = 16;

/// Routes the sample over `pace`, and tells of each lead.
pub(super) async fn arrive(session: Session, sample: &str, pace: Duration, did: mpsc::Sender<Did>) {
    let rows = match Rows::open(sample.as_bytes(), &[], BTreeMap::new(), "demo", moment::now()) {
        Ok(rows) => rows.collect::<Vec<Row>>(),
        // The sample is part of the program, and a test reads it.
        Err(_) => return,
    };
    let mut clock = tokio::time::interval(pace / BATCHES);
    let mut rest = rows.into_iter();
    for size in sizes(rest.len()) {
        clock.tick().await;
        let batch: Vec<Row> = rest.by_ref().take(size).collect();
        let mut answers =
            futures_util::stream::iter(batch).map(|row| route_row(&session, row)).buffer_unordered(AT_ONCE);
        while let Some(told) = answers.next().await {
            if did.send(told).await.is_err() {
                return;
            }
        }
    }
}

async fn route_row(session: &Session, row: Row) -> Did {
    let lead = row.lead.unwrap_or_default();
    let watch = Stopwatch::start();
    match route::route(session, row.request_id, lead).await {
        Ok(routed) => {
            Did::Routed { latency: watch.elapsed(), assigned: matches!(routed.outcome, Some(Outcome::Assigned(_))) }
        }
        Err(status) => Did::Failed { what: "a lead", status },
    }
}

/// The sizes of the batches, which together hold every lead.
fn sizes(leads: usize) -> Vec<usize> {
    let parts: Vec<usize> = SIZES.iter().copied().cycle().take(BATCHES as usize).collect();
    let whole: usize = parts.iter().sum();
    let mut done = 0;
    let mut upto = 0;
    parts
        .iter()
        .map(|part| {
            done += part;
            let before = std::mem::replace(&mut upto, leads * done / whole);
            upto - before
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batches_hold_every_lead() {
        for leads in [0, 1, 59, 400, 10_000] {
            assert_eq!(sizes(leads).iter().sum::<usize>(), leads);
        }
        let sizes = sizes(400);
        assert!(sizes.iter().max() > sizes.iter().min(), "{sizes:?}");
    }
}
