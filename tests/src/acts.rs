//! What managers order and owners record, with what does not matter filled in.

use leadhand_proto::lead::v1::{ActivityKind, AssignReason, EraseReason, OffboardReason};
use leadhand_proto::management::v1::{
    AssignLeadRequest, AssignLeadResponse, OffboardRepRequest, TransferLeadRequest, TransferLeadResponse,
};
use leadhand_proto::pool::v1::{RecordContactRequest, RecordContactResponse};
use leadhand_proto::record::v1::{
    EraseLeadRequest, EraseLeadResponse, GetLeadHistoryRequest, GetLeadHistoryResponse, RecordActivityRequest,
    RecordActivityResponse,
};
use tonic::Status;

use crate::Replica;
use crate::call::{WORKSPACE, patiently};

fn id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A manager gives a lead that nobody owns to a rep.
pub async fn assign(replica: &Replica, manager: &str, lead: &str, rep: &str) -> Result<AssignLeadResponse, Status> {
    let request = AssignLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: id(),
        manager_id: manager.into(),
        lead_id: lead.into(),
        rep_id: rep.into(),
        reason: AssignReason::Expertise.into(),
        note: "Marker Act Note".into(),
    };
    Ok(replica.management().assign_lead(patiently(request)).await?.into_inner())
}

/// A manager takes a lead from its owner and gives it to another rep.
pub async fn transfer(
    replica: &Replica,
    manager: &str,
    lead: &str,
    fence: u64,
    rep: &str,
) -> Result<TransferLeadResponse, Status> {
    let request = TransferLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: id(),
        manager_id: manager.into(),
        lead_id: lead.into(),
        fence,
        rep_id: rep.into(),
        reason: AssignReason::Workload.into(),
        note: String::new(),
    };
    Ok(replica.management().transfer_lead(patiently(request)).await?.into_inner())
}

/// That all leads of a rep are to be routed again.
pub fn leaver(request_id: &str, manager: &str, rep: &str) -> OffboardRepRequest {
    OffboardRepRequest {
        workspace: WORKSPACE.into(),
        request_id: request_id.into(),
        manager_id: manager.into(),
        rep_id: rep.into(),
        reason: OffboardReason::Leaving.into(),
    }
}

/// The owner makes contact.
pub async fn contact(replica: &Replica, rep: &str, lead: &str, fence: u64) -> Result<RecordContactResponse, Status> {
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: id(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
    };
    Ok(replica.pool().record_contact(patiently(request)).await?.into_inner())
}

/// The owner calls, and nobody answers.
pub async fn activity(replica: &Replica, rep: &str, lead: &str, fence: u64) -> Result<RecordActivityResponse, Status> {
    let request = RecordActivityRequest {
        workspace: WORKSPACE.into(),
        request_id: id(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
        kind: ActivityKind::CallAttempt.into(),
    };
    Ok(replica.record().record_activity(patiently(request)).await?.into_inner())
}

/// Somebody has a lead's personal data deleted; without a manager a platform has.
pub async fn erase(replica: &Replica, manager: &str, lead: &str) -> Result<EraseLeadResponse, Status> {
    let request = EraseLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: id(),
        lead_id: lead.into(),
        manager_id: manager.into(),
        reason: EraseReason::Requested.into(),
    };
    Ok(replica.record().erase_lead(patiently(request)).await?.into_inner())
}

/// A page of what happened to a lead, as the viewer sees it.
pub async fn history(
    replica: &Replica,
    viewer: &str,
    lead: &str,
    page_size: i32,
    page_token: &str,
) -> Result<GetLeadHistoryResponse, Status> {
    let request = GetLeadHistoryRequest {
        workspace: WORKSPACE.into(),
        rep_id: viewer.into(),
        lead_id: lead.into(),
        page_size,
        page_token: page_token.into(),
    };
    Ok(replica.record().get_lead_history(patiently(request)).await?.into_inner())
}
