//! Asking for what a lead lacks of its company, before it is routed.
//!
//! Whoever is asked may hang, fail, lie or be away, and a lead waits for none of it longer than one deadline: a bounded number
//! of questions is under way at once, and after several failures in a row nobody is asked for a while.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leadhand_domain::enrichment::{self, Enrichment, Failure};
use leadhand_domain::id::Workspace;
use leadhand_domain::lead::Company;
use leadhand_domain::time::{Millis, Span};
use leadhand_kit::client::{self, Outbound};
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::{Clock, Context};
use leadhand_proto::enrichment::v1::EnrichRequest;
use leadhand_proto::enrichment::v1::enrichment_service_client::EnrichmentServiceClient;
use leadhand_proto::lead::v1 as wire;
use leadhand_proto::lead_wire;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tonic::{Code, Request, Status};

mod breaker;

use breaker::Breaker;

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// The longest that a lead waits for its enrichment, in milliseconds: capture to owner is to be within a minute.
const MAX_DEADLINE_MS: u64 = 10_000;

/// Who has had this long, or its deadline where that is shorter, and has not answered, has failed.
const LONG_ENOUGH: Duration = Duration::from_secs(1);

/// Upper bounds of the duration's buckets, in seconds.
const SECONDS: [f64; 8] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0];

/// Whom to ask, and for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who implements `leadhand.enrichment.v1.EnrichmentService`: `http://host:port` or `unix:/path`. It need not be there yet.
    /// Default: empty, nobody.
    pub endpoint: String,
    /// How long an answer may take, in milliseconds, 1 to 10,000; of a caller's deadline never more than half. Default: 250.
    pub deadline_ms: u64,
    /// How many questions may be under way at once; a lead beyond that is routed with what it has. Default: 64.
    pub max_in_flight: usize,
    /// After so many failures in a row nobody is asked for `rest_ms`, from 1. Default: 5.
    pub failures: u32,
    /// For how long, in milliseconds; then one lead tries. Default: 5,000.
    pub rest_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { endpoint: String::new(), deadline_ms: 250, max_in_flight: 64, failures: 5, rest_ms: 5_000 }
    }
}

impl Config {
    /// Says what cannot be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(1..=MAX_DEADLINE_MS).contains(&self.deadline_ms) {
            return Err(format!("enrichment.deadline_ms: 1 to {MAX_DEADLINE_MS}"));
        }
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.max_in_flight) {
            return Err("enrichment.max_in_flight: at least 1".to_owned());
        }
        if self.failures == 0 {
            return Err("enrichment.failures: at least 1".to_owned());
        }
        if !self.endpoint.is_empty() {
            let scheme = self.endpoint.starts_with("http://") || self.endpoint.starts_with("unix:/");
            let uri = self.endpoint.parse::<tonic::transport::Uri>();
            if !scheme || uri.is_err() {
                return Err("enrichment.endpoint: of the form http://host:port or unix:/path".to_owned());
            }
        }
        Ok(())
    }
}

/// Asks; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Enricher {
    hook: Option<Arc<Hook>>,
    clock: Clock,
    asked: Counter<u64>,
    duration: Histogram<f64>,
}

/// Who is asked.
#[derive(Debug)]
struct Hook {
    client: EnrichmentServiceClient<Outbound>,
    places: Semaphore,
    breaker: Mutex<Breaker>,
    deadline: Duration,
}

impl Enricher {
    pub(crate) fn new(ctx: &Context, config: &Config) -> Result<Self, client::Error> {
        let hook = match config.endpoint.as_str() {
            "" => None,
            endpoint => {
                let channel = client::later(endpoint, &client::Config::default())?;
                let client = EnrichmentServiceClient::new(Outbound::new(channel));
                let rest = Span(i64::try_from(config.rest_ms).unwrap_or(i64::MAX));
                Some(Arc::new(Hook {
                    client: client.max_decoding_message_size(MAX_ANSWER),
                    places: Semaphore::new(config.max_in_flight),
                    breaker: Mutex::new(Breaker::new(config.failures, rest)),
                    deadline: Duration::from_millis(config.deadline_ms),
                }))
            }
        };
        let meter = ctx.meter();
        Ok(Self {
            hook,
            clock: ctx.clock.clone(),
            asked: meter
                .u64_counter("leadhand.enrichment.leads")
                .with_description("leads to be enriched, by what came of it")
                .build(),
            duration: meter
                .f64_histogram("leadhand.enrichment.duration")
                .with_unit("s")
                .with_description("how long answers about companies took, late ones included")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        })
    }

    /// Fills in what a company lacks; `patience` is how long the lead's caller still waits. Never fails: what came of it says
    /// why nothing was learnt.
    pub(crate) async fn enrich(
        &self,
        workspace: &Workspace,
        company: &mut Company,
        patience: Option<Duration>,
    ) -> Enrichment {
        let found = match self.ask(workspace, company, patience).await {
            Ok(answer) => enrichment::fill(company, &lead_wire::raw_company(answer)),
            Err(failure) => Enrichment::failed(failure),
        };
        let outcome = match found.failure {
            Some(failure) => failure.as_str(),
            None if found.filled.is_empty() => "nothing",
            None => "filled",
        };
        self.asked.add(1, &[KeyValue::new("outcome", outcome)]);
        found
    }

    async fn ask(
        &self,
        workspace: &Workspace,
        company: &Company,
        patience: Option<Duration>,
    ) -> Result<wire::Company, Failure> {
        let hook = self.hook.as_deref().ok_or(Failure::NotConfigured)?;
        let _place = hook.places.try_acquire().map_err(|_| Failure::Busy)?;
        let now = || Millis(self.clock.now_ms());
        let breaker = || hook.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        if !breaker().admits(now()) {
            return Err(Failure::Resting);
        }
        // The other half is for routing.
        let limit = patience.map_or(hook.deadline, |patience| hook.deadline.min(patience / 2));
        let begun = Stopwatch::start();
        let mut request = Request::new(EnrichRequest {
            workspace: workspace.to_string(),
            company: Some(lead_wire::company(company)),
        });
        request.set_timeout(limit);
        let mut client = hook.client.clone();
        let answer = tokio::time::timeout(limit, client.enrich(request)).await;
        self.duration.record(begun.elapsed().as_secs_f64(), &[]);
        let failure = match answer {
            Ok(Ok(answer)) => {
                breaker().succeeded();
                return Ok(answer.into_inner().company.unwrap_or_default());
            }
            Ok(Err(status)) if status.code() == Code::NotFound => {
                breaker().succeeded();
                return Ok(wire::Company::default());
            }
            Ok(Err(status)) => failure(&status),
            Err(_) => Failure::TimedOut,
        };
        // A caller in a hurry says nothing about who is asked, and must not have it left alone for everybody.
        if failure != Failure::TimedOut || limit >= hook.deadline.min(LONG_ENOUGH) {
            breaker().failed(now());
        }
        tracing::debug!(failure = failure.as_str(), "a lead is routed without enrichment");
        Err(failure)
    }
}

fn failure(status: &Status) -> Failure {
    match status.code() {
        Code::DeadlineExceeded | Code::Cancelled => Failure::TimedOut,
        Code::Unavailable => Failure::Unavailable,
        _ => Failure::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_named() {
        let good = Config { endpoint: "http://enrichment:7600".to_owned(), ..Config::default() };
        assert_eq!(good.check(), Ok(()));
        assert_eq!(Config::default().check(), Ok(()));
        let bad = [
            ("endpoint", Config { endpoint: "enrichment:7600".to_owned(), ..good.clone() }),
            ("endpoint", Config { endpoint: "http://a b".to_owned(), ..good.clone() }),
            ("deadline_ms", Config { deadline_ms: 0, ..good.clone() }),
            ("deadline_ms", Config { deadline_ms: 10_001, ..good.clone() }),
            ("max_in_flight", Config { max_in_flight: 0, ..good.clone() }),
            ("failures", Config { failures: 0, ..good.clone() }),
        ];
        for (field, config) in bad {
            let told = config.check().unwrap_err();
            assert!(told.starts_with(&format!("enrichment.{field}: ")), "{told}");
        }
    }
}
