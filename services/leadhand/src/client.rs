//! The way to the services: one connection, one place where calls get their deadline and their retries.

use std::time::Duration;

use leadhand_kit::client::{self, Outbound};
use leadhand_kit::deadline;
use leadhand_proto::account::v1::account_service_client::AccountServiceClient;
use leadhand_proto::availability::v1::availability_service_client::AvailabilityServiceClient;
use leadhand_proto::explain::v1::explain_service_client::ExplainServiceClient;
use leadhand_proto::management::v1::management_service_client::ManagementServiceClient;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::policy::v1::policy_service_client::PolicyServiceClient;
use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use leadhand_proto::record::v1::record_service_client::RecordServiceClient;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use leadhand_proto::status::told;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;

use crate::cli::Global;
use crate::failure::{Failure, retriable};

/// The wait before the second try, when the answer names none. It doubles with every try.
pub(crate) const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between two tries, when the answers name none.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What every client speaks through.
pub(crate) type Channel = Outbound;

/// A connection to the services, and what every call over it has in common.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The address of the services.
    pub(crate) server: String,
    /// The tenant.
    pub(crate) workspace: String,
    /// Whether the output is for programs.
    pub(crate) json: bool,
    /// How long a call may take, with its retries.
    pub(crate) timeout: Duration,
    channel: Channel,
}

impl Session {
    /// Connects. A server that does not answer now is a failure at once; one that goes away later is waited for.
    pub(crate) async fn open(global: &Global) -> Result<Self, Failure> {
        let channel = client::connect(&global.server, &client::Config::default()).await;
        let channel = channel.map_err(|error| match error {
            client::Error::Address { .. } => Failure::input(format!("--server: {error}")),
            client::Error::Connect { uri, source } => Failure::NoServer { server: uri, cause: root_cause(&source) },
        })?;
        Ok(Self {
            server: global.server.clone(),
            workspace: global.workspace.clone(),
            json: global.json,
            timeout: global.timeout,
            channel: Outbound::new(channel),
        })
    }

    /// The router's client.
    pub(crate) fn router(&self) -> RouterServiceClient<Channel> {
        RouterServiceClient::new(self.channel.clone())
    }

    /// The managers' client.
    pub(crate) fn management(&self) -> ManagementServiceClient<Channel> {
        ManagementServiceClient::new(self.channel.clone())
    }

    /// The records' client.
    pub(crate) fn record(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    /// The explanations' client.
    pub(crate) fn explain(&self) -> ExplainServiceClient<Channel> {
        ExplainServiceClient::new(self.channel.clone())
    }

    /// The policy administration's client.
    pub(crate) fn policy(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel.clone())
    }

    /// The accounts' client.
    pub(crate) fn accounts(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone())
    }

    /// The pool service's client.
    pub(crate) fn pool(&self) -> PoolServiceClient<Channel> {
        PoolServiceClient::new(self.channel.clone())
    }

    /// The rep-availability service's client.
    pub(crate) fn availability(&self) -> AvailabilityServiceClient<Channel> {
        AvailabilityServiceClient::new(self.channel.clone())
    }

    /// The notification service's client.
    pub(crate) fn notification(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.channel.clone())
    }

    /// The health service's client.
    pub(crate) fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel.clone())
    }

    /// Calls until there is an answer that a repetition would not change, or the time is over. `message` is the same each
    /// time, with the same request id, so that what was done once is not done twice.
    pub(crate) async fn call<M, T, F, S>(&self, message: M, send: S) -> Result<T, Status>
    where
        M: Clone,
        S: Fn(Request<M>) -> F,
        F: Future<Output = Result<Response<T>, Status>>,
    {
        deadline::scope(self.timeout, async {
            let mut wait = FIRST_WAIT;
            loop {
                let status = match send(Request::new(message.clone())).await {
                    Ok(response) => return Ok(response.into_inner()),
                    Err(status) => status,
                };
                let pause = told(&status).retry_after.unwrap_or(wait);
                if !retriable(&status) || deadline::remaining().is_none_or(|left| left <= pause) {
                    return Err(status);
                }
                tokio::time::sleep(pause).await;
                wait = next_wait(wait);
            }
        })
        .await
    }
}

/// The tries of a stream whose messages are acknowledged: how long to wait between them, and when to give up.
#[derive(Debug)]
pub(crate) struct Tries {
    wait: Duration,
    /// Since something was last acknowledged.
    waited: Duration,
}

impl Tries {
    /// None was made yet.
    pub(crate) fn new() -> Self {
        Self { wait: FIRST_WAIT, waited: Duration::ZERO }
    }

    /// Waits for the next try after one that ended so; `progress`: something was acknowledged. The status comes back when
    /// another try is of no use, or the session's time is over.
    pub(crate) async fn pause(&mut self, session: &Session, status: Status, progress: bool) -> Result<(), Status> {
        if progress {
            *self = Self::new();
        }
        let pause = told(&status).retry_after.unwrap_or(self.wait);
        self.waited += pause;
        if !retriable(&status) || self.waited >= session.timeout {
            return Err(status);
        }
        tokio::time::sleep(pause).await;
        self.wait = next_wait(self.wait);
        Ok(())
    }
}

/// Tells that a stream has broken off, and waits until it is to be resumed; the status comes back when that is of no use.
pub(crate) async fn interrupted(status: Status, wait: &mut Duration) -> Result<(), Status> {
    if !retriable(&status) {
        return Err(status);
    }
    eprintln!("interrupted: {}; resuming", status.message());
    // A server with too much to do says when to come back.
    tokio::time::sleep(told(&status).retry_after.unwrap_or_default().max(*wait)).await;
    *wait = next_wait(*wait);
    Ok(())
}

/// The wait after `wait`.
pub(crate) fn next_wait(wait: Duration) -> Duration {
    (wait * 2).min(LONGEST_WAIT)
}

/// The innermost reason, which is what a person can act on: `Connection refused`.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    // `Connection refused (os error 111)`: the number helps nobody.
    let text = cause.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
