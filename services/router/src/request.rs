//! Requests of the router, checked field by field.

use leadhand_domain::id::{LeadId, RequestId, Workspace};
use leadhand_domain::intake;
use leadhand_domain::invalid::Fields;
use leadhand_domain::policy::apply;
use leadhand_domain::route::Command;
use leadhand_domain::time::Millis;
use leadhand_proto::policy::v1 as policy_wire;
use leadhand_proto::router::v1 as wire;
use leadhand_proto::{body, lead_wire, refusal};
use leadhand_store::Request;
use prost::Message;
use tonic::Status;

use crate::policy;
use crate::route::Arrival;

/// Checks and normalises a lead that arrived at `now`.
pub(crate) fn arrival(request: wire::RouteLeadRequest, now: Millis) -> Result<Arrival, Status> {
    let (hash, weight) = (body::hash(&request), request.encoded_len());
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let raw = lead_wire::raw(request.lead.unwrap_or_default(), &mut fields);
    let lead = intake::normalise(raw, now).map_err(|violations| fields.extend("lead", violations)).ok();
    let arrival = workspace.zip(id).zip(lead).map(|((workspace, id), (facts, person))| Arrival {
        workspace,
        request: Request { method: "RouteLead", caller: String::new(), id, body: hash },
        lead: None,
        command: Command::New { lead: LeadId::new(now, rand::random()), facts, person },
        weight,
        now,
    });
    refusal::checked(fields, arrival)
}

/// Checks a document that is to become the policy.
pub(crate) fn application(
    request: policy_wire::ApplyPolicyRequest,
) -> Result<(Workspace, Request, apply::Command), Status> {
    let hash = body::hash(&request);
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let command = policy::check(request.document, &request.author, &request.comment, &mut fields);
    let application = workspace.zip(id).zip(command).map(|((workspace, id), command)| {
        let request = Request { method: "ApplyPolicy", caller: String::new(), id, body: hash };
        (workspace, request, command)
    });
    refusal::checked(fields, application)
}

/// Whose policy is asked for.
pub(crate) fn workspace(workspace: &str) -> Result<Workspace, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    refusal::checked(fields, workspace)
}
