//! How long an event takes from its commit to those who subscribe.

use std::time::{Duration, SystemTime};

use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_proto::notification::v1::{Now, SubscribeRequest, SubscribeResponse};
use tokio::task::JoinSet;
use tonic::Streaming;

use super::progress;
use crate::load::{Latency, median, open};
use crate::options::Scale;
use crate::report::{Row, Target, grouped, time};
use crate::stage::{CONNECTIONS, Lanes, Stage};
use crate::{Outcome, calls, sample};

const LIMIT_MS: f64 = 100.0;
/// Leads routed in a second while events are awaited.
const PER_SECOND: f64 = 50.0;

/// One subscriber and many.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let lanes = stage.lanes(1, CONNECTIONS).await?;
    let events = (PER_SECOND * scale.open_seconds) as usize;
    let rounds = scale.rounds.min(3);
    let mut p99s: [Vec<f64>; 2] = Default::default();
    for round in 0..=rounds {
        progress("events", round, rounds);
        for (subscribers, p99s) in [1, scale.crowd].into_iter().zip(&mut p99s) {
            let latency = delivered(stage, &lanes, subscribers, events).await?;
            if round > 0 {
                p99s.push(latency.percentile_ms(99.0));
            }
        }
    }
    let [one, many] = p99s.map(|p99s| median(&p99s));
    Ok(vec![
        Row::new("to 1 subscriber", time(one)).value("p99_ms", one),
        Row::new(format!("to {} subscribers", grouped(scale.crowd as f64)), time(many))
            .note(format!("{PER_SECOND} leads routed a second"))
            .value("p99_ms", many)
            .target(Some(Target::at_most("100 ms", many, LIMIT_MS))),
    ])
}

/// Routes leads while so many subscribe, and waits until all of them have every event.
async fn delivered(stage: &Stage, lanes: &Lanes, subscribers: usize, events: usize) -> Outcome<Latency> {
    let mut clients: Vec<_> = lanes.iter().cloned().map(NotificationServiceClient::new).collect();
    let mut receiving = JoinSet::new();
    for n in 0..subscribers {
        let request = SubscribeRequest { workspace: sample::WORKSPACE.into(), start: Some(Start::Now(Now {})) };
        let mut stream = clients[n % CONNECTIONS].subscribe(request).await?.into_inner();
        // From here on it misses nothing.
        while !matches!(next(&mut stream).await?, Item::CaughtUp(_)) {}
        receiving.spawn(receive(stream, events));
    }
    open(&calls::rotate(stage, lanes, events), CONNECTIONS, PER_SECOND, events).await?;
    let mut latency = Latency::new()?;
    while let Some(received) = receiving.join_next().await {
        received??.into_iter().for_each(|each| latency.record(each));
    }
    Ok(latency)
}

/// How late each of so many events came.
async fn receive(mut stream: Streaming<SubscribeResponse>, events: usize) -> Outcome<Vec<Duration>> {
    let mut late = Vec::with_capacity(events);
    while late.len() < events {
        if let Item::Event(event) = next(&mut stream).await? {
            // A position begins with the millisecond in which Redis wrote the event, on this machine's clock: what is
            // measured is too long by less than one.
            let written = event.position.split('-').next().unwrap_or_default().parse()?;
            late.push(SystemTime::UNIX_EPOCH.elapsed()?.saturating_sub(Duration::from_millis(written)));
        }
    }
    Ok(late)
}

async fn next(stream: &mut Streaming<SubscribeResponse>) -> Outcome<Item> {
    let message = stream.message().await?.ok_or("the subscription ended")?;
    Ok(message.item.ok_or("an empty message")?)
}
