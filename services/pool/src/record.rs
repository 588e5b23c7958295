//! What is recorded of leads: proto in, one call, proto out.

use leadhand_domain::answer::Answer;
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_domain::{activity, erase};
use leadhand_kit::{Clock, critical};
use leadhand_proto::record::v1 as wire;
use leadhand_proto::record::v1::record_service_server::RecordService;
use leadhand_proto::refusal;
use leadhand_proto::time::timestamp;
use leadhand_store::{Committed, Error, Store};
use tonic::{Request, Response, Status};

mod history;
mod request;

/// The service for records.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

impl Records {
    fn now(&self) -> Millis {
        Millis(self.clock.now_ms())
    }

    fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), self.now())
    }
}

/// Records what an owner did.
async fn record(store: &Store, asked: &request::Activity, now: Millis) -> Result<Committed, Error> {
    let request::Activity { workspace, request, command } = asked;
    let decide = |snapshot: &_, policy: Option<&_>| activity::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &activity::reads(command), decide).await
}

/// Deletes what is personal of a lead, and the marks by which it is recognised. Which those are is worked out of what is read
/// first; it changes only when another is faster, and then those that are not among them lead nowhere.
async fn erase(store: &Store, asked: &request::Erasure, now: Millis) -> Result<Committed, Error> {
    let request::Erasure { workspace, request, command } = asked;
    let mut keys = erase::reads(command).to_vec();
    let marks = erase::marks(&store.read(workspace, &keys).await?, command.lead);
    keys.extend(marks);
    let decide = |snapshot: &_, policy: Option<&_>| erase::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &keys, decide).await
}

#[tonic::async_trait]
impl RecordService for Records {
    async fn record_activity(
        &self,
        request: Request<wire::RecordActivityRequest>,
    ) -> Result<Response<wire::RecordActivityResponse>, Status> {
        let (store, now, asked) = (self.store.clone(), self.now(), request::activity(request.get_ref())?);
        let step = async move { record(&store, &asked, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::RecordActivityResponse { position: committed.position }))
    }

    async fn get_lead_history(
        &self,
        request: Request<wire::GetLeadHistoryRequest>,
    ) -> Result<Response<wire::GetLeadHistoryResponse>, Status> {
        let asked = request::history(request.get_ref())?;
        let page = history::page(&self.store, &asked).await.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::GetLeadHistoryResponse {
            entries: page.entries,
            next_page_token: page.next.map(|next| next.to_string()).unwrap_or_default(),
        }))
    }

    async fn erase_lead(
        &self,
        request: Request<wire::EraseLeadRequest>,
    ) -> Result<Response<wire::EraseLeadResponse>, Status> {
        let (store, now, asked) = (self.store.clone(), self.now(), request::erasure(request.get_ref())?);
        let step = async move { erase(&store, &asked, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Erased(erased) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::EraseLeadResponse {
            erased_at: Some(timestamp(erased.at)),
            already_erased: erased.before,
            position: committed.position,
        }))
    }
}
