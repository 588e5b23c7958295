//! The accounts' RPCs: proto in, one call, proto out.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::time::Millis;
use leadhand_kit::Clock;
use leadhand_kit::acknowledge::acknowledge;
use leadhand_proto::account::v1 as wire;
use leadhand_proto::account::v1::account_service_server::AccountService;
use leadhand_proto::refusal;
use leadhand_store::{Error, Store};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use self::stream::{Changes, Message, Taken};

mod found;
mod request;
mod stream;

/// The service that keeps the accounts.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) shutdown: CancellationToken,
}

type Acknowledged<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Accounts {
    fn acknowledged<T>(
        &self,
        messages: impl Stream<Item = Result<Message, Status>> + Unpin + Send + 'static,
        answer: fn(Taken) -> T,
    ) -> Response<Acknowledged<T>>
    where
        T: 'static,
    {
        let changes = Changes { store: self.store.clone(), clock: self.clock.clone() };
        let acknowledged = acknowledge(changes, messages, self.shutdown.clone());
        Response::new(Box::pin(acknowledged.map(move |taken| taken.map(answer))))
    }

    fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), Millis(self.clock.now_ms()))
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    type UpsertAccountsStream = Acknowledged<wire::UpsertAccountsResponse>;

    async fn upsert_accounts(
        &self,
        request: Request<Streaming<wire::UpsertAccountsRequest>>,
    ) -> Result<Response<Self::UpsertAccountsStream>, Status> {
        let messages = request.into_inner().map(|read| read.and_then(request::upsert));
        Ok(self.acknowledged(messages, |taken| wire::UpsertAccountsResponse {
            sequence: taken.sequence,
            changed: taken.changed,
        }))
    }

    type DeleteAccountsStream = Acknowledged<wire::DeleteAccountsResponse>;

    async fn delete_accounts(
        &self,
        request: Request<Streaming<wire::DeleteAccountsRequest>>,
    ) -> Result<Response<Self::DeleteAccountsStream>, Status> {
        let messages = request.into_inner().map(|read| read.and_then(request::delete));
        Ok(self.acknowledged(messages, |taken| wire::DeleteAccountsResponse {
            sequence: taken.sequence,
            changed: taken.changed,
        }))
    }

    async fn get_account(
        &self,
        request: Request<wire::GetAccountRequest>,
    ) -> Result<Response<wire::GetAccountResponse>, Status> {
        let (workspace, id) = request::get(&request.into_inner())?;
        let account = found::account(&self.store, &workspace, &id).await.map_err(|error| self.failed(&error))?;
        match account.and_then(found::to_wire) {
            Some(account) => Ok(Response::new(wire::GetAccountResponse { account: Some(account) })),
            None => {
                let unknown = Refusal::of(Reason::AccountUnknown, "no such account");
                Err(refusal::status(&unknown, Millis(self.clock.now_ms())))
            }
        }
    }

    async fn match_account(
        &self,
        request: Request<wire::MatchAccountRequest>,
    ) -> Result<Response<wire::MatchAccountResponse>, Status> {
        let (workspace, company) = request::company(&request.into_inner())?;
        let found = found::matches(&self.store, &workspace, &company).await.map_err(|error| self.failed(&error))?;
        let mut matches = found.iter().map(found::match_to_wire);
        Ok(Response::new(wire::MatchAccountResponse { acting: matches.next(), others: matches.collect() }))
    }
}
