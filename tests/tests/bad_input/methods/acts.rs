//! The methods of managers, and those of records.

use leadhand_proto::management::v1::{AssignLeadRequest, OffboardRepRequest, TransferLeadRequest};
use leadhand_proto::record::v1::{EraseLeadRequest, GetLeadHistoryRequest, RecordActivityRequest};

use super::*;

/// Of these leads one is in the pool and one a rep's.
pub(super) fn management_methods(workspace: &str, [pooled, owned]: &[String; 2]) -> Vec<Method> {
    let workspace = || workspace.to_owned();
    vec![
        Spoil::new(AssignLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            manager_id: "max".into(),
            lead_id: pooled.clone(),
            rep_id: "lea".into(),
            reason: 1,
            note: "two\nlines".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("manager_id", names(), |m, v| m.manager_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("reason", [0, -1, 7, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .field("note", texts(500), |m, v| m.note = v)
        .of("/leadhand.management.v1.ManagementService/AssignLead"),
        Spoil::new(TransferLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            manager_id: "max".into(),
            lead_id: owned.clone(),
            fence: 1,
            rep_id: "lea".into(),
            reason: 1,
            note: String::new(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("manager_id", names(), |m, v| m.manager_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("reason", [0, -1, 7, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .field("note", texts(500), |m, v| m.note = v)
        .of("/leadhand.management.v1.ManagementService/TransferLead"),
        Spoil::new(OffboardRepRequest {
            workspace: workspace(),
            request_id: "good".into(),
            manager_id: "max".into(),
            rep_id: "lea".into(),
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("manager_id", names(), |m, v| m.manager_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("reason", [0, -1, 5, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.management.v1.ManagementService/OffboardRep"),
    ]
}

pub(super) fn record_methods(workspace: &str, free: &str, owned: &str) -> Vec<Method> {
    let workspace = || workspace.to_owned();
    vec![
        Spoil::new(RecordActivityRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: owned.into(),
            fence: 1,
            kind: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .field("kind", [0, -1, 7, i32::MIN, i32::MAX], |m, v| m.kind = v)
        .of("/leadhand.record.v1.RecordService/RecordActivity"),
        Spoil::new(GetLeadHistoryRequest {
            workspace: workspace(),
            rep_id: "ana".into(),
            lead_id: owned.into(),
            page_size: 10,
            page_token: "1".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("page_size", [-1, 501, i32::MIN, i32::MAX], |m, v| m.page_size = v)
        .field("page_token", ["x", "-1", "+1", " 1", "1.5", "4294967296"], |m, v| m.page_token = v.into())
        .of("/leadhand.record.v1.RecordService/GetLeadHistory"),
        Spoil::new(EraseLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            lead_id: free.into(),
            manager_id: "max".into(),
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        // Without one, a platform asks.
        .field("manager_id", names().into_iter().filter(|name| !name.is_empty()), |m, v| m.manager_id = v)
        .field("reason", [0, -1, 5, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.record.v1.RecordService/EraseLead"),
    ]
}
