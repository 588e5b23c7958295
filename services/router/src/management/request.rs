//! What managers order, checked field by field.

use leadhand_domain::assign::{self, From, MAX_NOTE};
use leadhand_domain::id::{Fence, LeadId, RepId, RequestId, Workspace};
use leadhand_domain::invalid::{Fields, text};
use leadhand_domain::offboard;
use leadhand_proto::management::v1 as wire;
use leadhand_proto::{act_wire, body, refusal};
use leadhand_store::Request;
use tonic::Status;

use super::Order;
use super::offboard::Leaver;

/// What every order names.
struct Ordered {
    workspace: Workspace,
    id: RequestId,
    manager: RepId,
    rep: RepId,
}

fn ordered(workspace: &str, id: &str, manager: &str, rep: &str, fields: &mut Fields) -> Option<Ordered> {
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    let id = fields.take("request_id", RequestId::parse(id));
    let manager = fields.take("manager_id", RepId::parse(manager));
    let rep = fields.take("rep_id", RepId::parse(rep));
    Some(Ordered { workspace: workspace?, id: id?, manager: manager?, rep: rep? })
}

/// Checks an order for a lead that nobody owns.
pub(super) fn assignment(request: &wire::AssignLeadRequest) -> Result<Order, Status> {
    let wire::AssignLeadRequest { workspace, request_id, manager_id, rep_id, .. } = request;
    let mut fields = Fields::new();
    let ordered = ordered(workspace, request_id, manager_id, rep_id, &mut fields);
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let reason = act_wire::assign_reason(request.reason, "reason", &mut fields);
    let note = fields.take("note", text(&request.note, MAX_NOTE));
    let order = ordered.zip(lead).zip(reason).zip(note);
    let order = order.map(|(((Ordered { workspace, id, manager, rep }, lead), reason), note)| {
        // Two managers' request ids are two.
        let caller = manager.to_string();
        let request = Request { method: "AssignLead", caller, id, body: body::hash(request) };
        let command = assign::Command { lead, manager, to: rep, from: From::Nobody, reason, note };
        Order { workspace, request, command }
    });
    refusal::checked(fields, order)
}

/// Checks an order for a lead that somebody owns.
pub(super) fn transfer(request: &wire::TransferLeadRequest) -> Result<Order, Status> {
    let wire::TransferLeadRequest { workspace, request_id, manager_id, rep_id, .. } = request;
    let mut fields = Fields::new();
    let ordered = ordered(workspace, request_id, manager_id, rep_id, &mut fields);
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    if request.fence == 0 {
        fields.add("fence", "required: the fence as the owner got it");
    }
    let reason = act_wire::assign_reason(request.reason, "reason", &mut fields);
    let note = fields.take("note", text(&request.note, MAX_NOTE));
    let order = ordered.zip(lead).zip(reason).zip(note);
    let order = order.map(|(((Ordered { workspace, id, manager, rep }, lead), reason), note)| {
        let (caller, from) = (manager.to_string(), From::Owner(Fence(request.fence)));
        let request = Request { method: "TransferLead", caller, id, body: body::hash(request) };
        Order { workspace, request, command: assign::Command { lead, manager, to: rep, from, reason, note } }
    });
    refusal::checked(fields, order)
}

/// Checks who is said to leave.
pub(super) fn leaver(request: &wire::OffboardRepRequest) -> Result<Leaver, Status> {
    let wire::OffboardRepRequest { workspace, request_id, manager_id, rep_id, .. } = request;
    let mut fields = Fields::new();
    let ordered = ordered(workspace, request_id, manager_id, rep_id, &mut fields);
    let reason = act_wire::offboard_reason(request.reason, "reason", &mut fields);
    let leaver = ordered.zip(reason).map(|(Ordered { workspace, id, manager, rep }, reason)| {
        let caller = manager.to_string();
        let request = Request { method: "OffboardRep", caller, id, body: body::hash(request) };
        Leaver { workspace, request, command: offboard::Command { rep, manager, reason } }
    });
    refusal::checked(fields, leaver)
}
