//! Requests about records, checked field by field.

use leadhand_domain::id::{Fence, LeadId, RepId, RequestId, Workspace};
use leadhand_domain::invalid::{Fields, Invalid};
use leadhand_domain::{activity, erase};
use leadhand_proto::record::v1 as wire;
use leadhand_proto::{act_wire, body, refusal};
use leadhand_store::Request;
use tonic::Status;

use crate::browse;

/// What an owner did.
pub(super) struct Activity {
    pub(super) workspace: Workspace,
    pub(super) request: Request,
    pub(super) command: activity::Command,
}

/// Checks what an owner did.
pub(super) fn activity(request: &wire::RecordActivityRequest) -> Result<Activity, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    if request.fence == 0 {
        fields.add("fence", "required: the fence as the rep got it");
    }
    let kind = act_wire::activity_kind(request.kind, "kind", &mut fields);
    let parts = workspace.zip(id).zip(rep).zip(lead).zip(kind);
    let activity = parts.map(|((((workspace, id), rep), lead), kind)| {
        let (caller, fence) = (rep.to_string(), Fence(request.fence));
        let request = Request { method: "RecordActivity", caller, id, body: body::hash(request) };
        Activity { workspace, request, command: activity::Command { rep, lead, fence, kind } }
    });
    refusal::checked(fields, activity)
}

/// Which lead is to be erased.
pub(super) struct Erasure {
    pub(super) workspace: Workspace,
    pub(super) request: Request,
    pub(super) command: erase::Command,
}

/// Checks which lead is to be erased.
pub(super) fn erasure(request: &wire::EraseLeadRequest) -> Result<Erasure, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let manager = match request.manager_id.as_str() {
        "" => Some(None),
        manager => fields.take("manager_id", RepId::parse(manager)).map(Some),
    };
    let reason = act_wire::erase_reason(request.reason, "reason", &mut fields);
    let parts = workspace.zip(id).zip(lead).zip(manager).zip(reason);
    let erasure = parts.map(|((((workspace, id), lead), manager), reason)| {
        let caller = request.manager_id.clone();
        let request = Request { method: "EraseLead", caller, id, body: body::hash(request) };
        Erasure { workspace, request, command: erase::Command { lead, manager, reason } }
    });
    refusal::checked(fields, erasure)
}

/// Who looks at which page of which history.
pub(super) struct History {
    pub(super) workspace: Workspace,
    pub(super) viewer: RepId,
    pub(super) lead: LeadId,
    /// How many entries come before it.
    pub(super) from: u32,
    pub(super) size: usize,
}

/// Checks who looks at which page of which history.
pub(super) fn history(request: &wire::GetLeadHistoryRequest) -> Result<History, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let viewer = fields.take("rep_id", RepId::parse(&request.rep_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let size = fields.take("page_size", browse::parse_size(request.page_size));
    let from = fields.take("page_token", token(&request.page_token));
    let parts = workspace.zip(viewer).zip(lead).zip(size).zip(from);
    let history =
        parts.map(|((((workspace, viewer), lead), size), from)| History { workspace, viewer, lead, from, size });
    refusal::checked(fields, history)
}

fn token(token: &str) -> Result<u32, Invalid> {
    if token.is_empty() {
        return Ok(0);
    }
    let digits = token.bytes().all(|b| b.is_ascii_digit()).then(|| token.parse().ok()).flatten();
    digits.ok_or_else(|| Invalid::new("a page token as a page before answered it"))
}
