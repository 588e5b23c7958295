//! Requests of the router, checked field by field.

use std::sync::Arc;

use leadhand_domain::guardrail::unclaimed::Stage;
use leadhand_domain::id::{Fence, LeadId, RepId, RequestId, Workspace};
use leadhand_domain::intake;
use leadhand_domain::invalid::{Fields, Invalid};
use leadhand_domain::policy::apply;
use leadhand_domain::route::{Again, Command, credit};
use leadhand_domain::time::Millis;
use leadhand_proto::explain::v1 as explain_wire;
use leadhand_proto::policy::v1 as policy_wire;
use leadhand_proto::router::v1 as wire;
use leadhand_proto::{body, lead_wire, refusal};
use leadhand_store::Request;
use prost::Message;
use tonic::Status;

use crate::credit::Credit;
use crate::policy;
use crate::route::Arrival;

/// About how many bytes a lead that is routed again writes.
const ABOUT: usize = 1_024;

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
        command: Arc::new(Command::new(LeadId::new(now, rand::random()), facts, person)),
        weight,
        now,
    });
    refusal::checked(fields, arrival)
}

/// Checks a lead that is not to be routed, only to be asked about, at `now`.
pub(crate) fn dry_run(request: explain_wire::DryRunRequest, now: Millis) -> Result<Arrival, Status> {
    let explain_wire::DryRunRequest { workspace, lead } = request;
    // Nothing is remembered under it.
    let request_id = "dry-run".to_owned();
    arrival(wire::RouteLeadRequest { workspace, request_id, lead }, now)
}

/// Whose decision is asked for.
pub(crate) fn decision(request: &explain_wire::ExplainDecisionRequest) -> Result<(Workspace, LeadId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    refusal::checked(fields, workspace.zip(lead))
}

/// Which rep is asked about, and which lead.
pub(crate) fn why_not(request: &explain_wire::WhyNotRequest) -> Result<(Workspace, LeadId, RepId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    refusal::checked(fields, workspace.zip(lead).zip(rep).map(|((workspace, lead), rep)| (workspace, lead, rep)))
}

/// Checks a lead that is to be routed again, found so at `now`.
pub(crate) fn again(request: &wire::RerouteLeadRequest, now: Millis) -> Result<(LeadId, Arrival), Status> {
    use wire::reroute_lead_request::Cause;
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let because = match &request.cause {
        Some(Cause::Declined(declined)) => {
            let rep = fields.take("declined.rep_id", RepId::parse(&declined.rep_id));
            let reason = lead_wire::decline_reason(declined.reason, "declined.reason", &mut fields);
            rep.zip(reason).map(|(rep, reason)| Again::Declined(rep, reason))
        }
        Some(Cause::OfferLapsed(_)) => Some(Again::OfferLapsed),
        Some(Cause::ContactMissed(_)) => Some(Again::ContactMissed),
        Some(Cause::Retried(_)) => Some(Again::Retried),
        Some(Cause::Released(released)) => {
            let rep = fields.take("released.rep_id", RepId::parse(&released.rep_id));
            let reason = lead_wire::release_reason(released.reason, "released.reason", &mut fields);
            rep.zip(reason).map(|(rep, reason)| Again::Released(rep, reason))
        }
        Some(Cause::NotActedOn(_)) => Some(Again::NotActedOn),
        Some(Cause::Unclaimed(unclaimed)) => match unclaimed.stage() {
            wire::UnclaimedStage::Recycle => Some(Again::Unclaimed(Stage::Recycle)),
            wire::UnclaimedStage::Assign => Some(Again::Unclaimed(Stage::Assign)),
            wire::UnclaimedStage::Escalate => Some(Again::Unclaimed(Stage::Escalate)),
            wire::UnclaimedStage::Unspecified => {
                fields.add("unclaimed.stage", "required: one of the stages there are");
                None
            }
        },
        Some(Cause::Offboarded(offboarded)) => {
            let rep = fields.take("offboarded.rep_id", RepId::parse(&offboarded.rep_id));
            let manager = fields.take("offboarded.manager_id", RepId::parse(&offboarded.manager_id));
            rep.zip(manager).map(|(rep, manager)| Again::Offboarded { rep, manager })
        }
        None => {
            fields.add("cause", "required: why the lead is to be routed again");
            None
        }
    };
    let again = workspace.zip(id).zip(lead).zip(because).map(|(((workspace, id), lead), because)| {
        // Two reps' request ids are two, as they are where they come from.
        let (method, caller) = match &because {
            Again::Declined(rep, _) => ("RerouteLead", rep.to_string()),
            // One id of a rep's may name a decline and a release, which are two calls where they come from.
            Again::Released(rep, _) => ("ReleaseLead", rep.to_string()),
            _ => ("RerouteLead", String::new()),
        };
        let remembered = Request { method, caller, id, body: body::hash(request) };
        let command = Arc::new(Command::Again { lead, fence: Fence(request.fence), because });
        (lead, Arrival { workspace, request: remembered, command, lead: None, weight: ABOUT, now })
    });
    refusal::checked(fields, again)
}

/// Checks a lead that is to be credited back, asked for at `now`.
pub(crate) fn credit(request: &wire::CreditLeadRequest, now: Millis) -> Result<Credit, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    let reason = lead_wire::credit_reason(request.reason, "reason", &mut fields);
    let by = fields.take("requested_by", RepId::parse(&request.requested_by));
    let parts = workspace.zip(id).zip(lead).zip(reason).zip(by);
    let credit = parts.map(|((((workspace, id), lead), reason), by)| {
        // Two who ask under one request id ask twice.
        let remembered = Request { method: "CreditLead", caller: by.to_string(), id, body: body::hash(request) };
        let command = credit::Command { lead, fence: request.fence.map(Fence), reason, by };
        Credit { workspace, request: remembered, command, now }
    });
    refusal::checked(fields, credit)
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

/// Checks a call to go back to an earlier version.
pub(crate) fn rollback(
    request: &policy_wire::RollbackPolicyRequest,
) -> Result<(Workspace, Request, policy::Rollback), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let number = fields.take("version", version(request.version));
    if request.comment.trim().is_empty() {
        fields.add("comment", "required");
    }
    let (author, comment) = policy::signed(&request.author, &request.comment, &mut fields);
    let parts = workspace.zip(id).zip(number).zip(author).zip(comment);
    let rollback = parts.map(|((((workspace, id), number), author), comment)| {
        let named = Request { method: "RollbackPolicy", caller: String::new(), id, body: body::hash(request) };
        (workspace, named, policy::Rollback { number, author, comment })
    });
    refusal::checked(fields, rollback)
}

/// Checks that there is a document.
pub(crate) fn document(request: policy_wire::CheckPolicyRequest) -> Result<String, Status> {
    let mut fields = Fields::new();
    let document = policy::is_document(&request.document, &mut fields).then_some(request.document);
    refusal::checked(fields, document)
}

/// Whose policy is asked for, and which version.
pub(crate) fn wanted(request: &policy_wire::GetPolicyRequest) -> Result<(Workspace, Option<u64>), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let number = match request.version {
        None => Some(None),
        Some(number) => fields.take("version", version(number)).map(Some),
    };
    refusal::checked(fields, workspace.zip(number))
}

/// Whose versions are asked for, from which one downwards, and how many.
pub(crate) fn versions(
    request: &policy_wire::ListPolicyVersionsRequest,
) -> Result<(Workspace, Option<u64>, u64), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let size = fields.take("page_size", policy::parse_size(request.page_size));
    let from = fields.take("page_token", policy::parse_token(&request.page_token));
    let parts = workspace.zip(from).zip(size);
    refusal::checked(fields, parts.map(|((workspace, from), size)| (workspace, from, size)))
}

/// Whose versions are followed, and after which one.
pub(crate) fn watched(request: &policy_wire::WatchPolicyRequest) -> Result<(Workspace, Option<u64>), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let after = match request.after {
        None => Some(None),
        Some(number) => fields.take("after", version(number)).map(Some),
    };
    refusal::checked(fields, workspace.zip(after))
}

fn version(number: u64) -> Result<u64, Invalid> {
    if number == 0 { Err(Invalid::new("required: a version's number, from 1")) } else { Ok(number) }
}
