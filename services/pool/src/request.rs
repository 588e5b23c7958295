//! Requests of the pool service, checked field by field.

use leadhand_domain::id::{Fence, LeadId, PoolId, RepId, RequestId, Workspace};
use leadhand_domain::invalid::Fields;
use leadhand_domain::{claim, contact};
use leadhand_proto::pool::v1 as wire;
use leadhand_proto::{body, refusal};
use leadhand_store::Request;
use leadhand_store::pools::Entry;
use tonic::Status;

use crate::browse;

/// Whose leads a request is about.
pub(crate) fn workspace(workspace: &str) -> Result<Workspace, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    refusal::checked(fields, workspace)
}

/// Who asks about what is theirs.
pub(crate) fn standing(request: &wire::GetStandingRequest) -> Result<(Workspace, RepId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    refusal::checked(fields, workspace.zip(rep))
}

/// Who looks at which lead.
pub(crate) fn lead(request: &wire::GetLeadRequest) -> Result<(Workspace, RepId, LeadId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    refusal::checked(fields, workspace.zip(rep).zip(lead).map(|((workspace, rep), lead)| (workspace, rep, lead)))
}

/// Who looks at which page of which pool.
pub(crate) struct Listing {
    pub(crate) workspace: Workspace,
    pub(crate) rep: RepId,
    pub(crate) pool: PoolId,
    pub(crate) after: Option<Entry>,
    pub(crate) size: usize,
}

/// Checks a listing.
pub(crate) fn listing(request: &wire::ListLeadsRequest) -> Result<Listing, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let pool = fields.take("pool_id", PoolId::parse(&request.pool_id));
    let size = fields.take("page_size", browse::parse_size(request.page_size));
    let after = fields.take("page_token", browse::parse_token(&request.page_token));
    let parts = workspace.zip(rep).zip(pool).zip(size).zip(after);
    let listing = parts.map(|((((workspace, rep), pool), size), after)| Listing { workspace, rep, pool, after, size });
    refusal::checked(fields, listing)
}

/// Checks a claim.
pub(crate) fn claim(request: &wire::ClaimLeadRequest) -> Result<(Workspace, Request, claim::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let claim = named.map(|(workspace, id, rep, lead)| {
        let caller = rep.to_string();
        let request = Request { method: "ClaimLead", caller, id, body: body::hash(request) };
        (workspace, request, claim::Command { rep, lead })
    });
    refusal::checked(fields, claim)
}

/// Checks a contact.
pub(crate) fn contact(request: &wire::RecordContactRequest) -> Result<(Workspace, Request, contact::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    if request.fence == 0 {
        fields.add("fence", "required: the fence as the owner got it");
    }
    let contact = named.map(|(workspace, id, rep, lead)| {
        let caller = rep.to_string();
        let hash = body::hash(request);
        let remembered = Request { method: "RecordContact", caller, id, body: hash };
        (workspace, remembered, contact::Command { rep, lead, fence: Fence(request.fence) })
    });
    refusal::checked(fields, contact)
}

type Named = (Workspace, RequestId, RepId, LeadId);

fn named(workspace: &str, id: &str, rep: &str, lead: &str, fields: &mut Fields) -> Option<Named> {
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    let id = fields.take("request_id", RequestId::parse(id));
    let rep = fields.take("rep_id", RepId::parse(rep));
    let lead = fields.take("lead_id", LeadId::parse(lead));
    Some((workspace?, id?, rep?, lead?))
}
