//! Requests of the pool service, checked field by field.

use leadhand_domain::expression::Expression;
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId, RequestId, Workspace};
use leadhand_domain::invalid::{Fields, Invalid};
use leadhand_domain::route::Again;
use leadhand_domain::search::Query;
use leadhand_domain::time::Millis;
use leadhand_domain::{accept, claim, conduct, contact, outcome, skip, update, view};
use leadhand_proto::lead::v1::{Lead, Stage};
use leadhand_proto::pool::v1 as wire;
use leadhand_proto::{body, conduct_wire, lead_wire, refusal};
use leadhand_store::Request;
use leadhand_store::pools::Entry;
use tonic::Status;

use crate::browse::{self, Listing};
use crate::index::Sort;
use crate::live::Watched;
use crate::router::Ask;
use crate::token::{self, Stamp};

/// Whose leads a request is about.
pub(crate) fn workspace(workspace: &str) -> Result<Workspace, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    refusal::checked(fields, workspace)
}

/// Who asks about what is theirs.
pub(crate) fn standing(request: &wire::GetStandingRequest) -> Result<(Workspace, RepId, Option<LeadId>), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let named = !request.lead_id.is_empty();
    let lead = named.then(|| fields.take("lead_id", LeadId::parse(&request.lead_id)));
    let lead = lead.map_or(Some(None), |lead| lead.map(Some));
    let asked = workspace.zip(rep).zip(lead).map(|((workspace, rep), lead)| (workspace, rep, lead));
    refusal::checked(fields, asked)
}

/// Who looks at which lead.
pub(crate) fn lead(request: &wire::GetLeadRequest) -> Result<(Workspace, RepId, LeadId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    refusal::checked(fields, workspace.zip(rep).zip(lead).map(|((workspace, rep), lead)| (workspace, rep, lead)))
}

/// Checks a listing.
pub(crate) fn listing(request: &wire::ListLeadsRequest) -> Result<Listing, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let pool = fields.take("pool_id", PoolId::parse(&request.pool_id));
    let size = fields.take("page_size", browse::parse_size(request.page_size));
    let filter = filter(&request.filter, &mut fields);
    let query = fields.take("search", Query::parse(&request.search));
    let sort = fields.take("sort", sort(request.sort));
    // A token goes with the rest of the request: where that is at fault, so is the token, and need not be told.
    let good = workspace.zip(rep).zip(pool).zip(size).zip(filter).zip(query).zip(sort);
    let listing = good.and_then(|((((((workspace, rep), pool), size), filter), query), sort)| {
        let stamp = Stamp::of_list(request, sort);
        let after = fields.take("page_token", token::parse_page(&request.page_token, &stamp))?;
        Some(Listing { workspace, rep, pool, filter, query, sort, after, size, stamp })
    });
    refusal::checked(fields, listing)
}

/// Checks what is to be watched.
pub(crate) fn watched(request: &wire::WatchPoolRequest) -> Result<Watched, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let pool = fields.take("pool_id", PoolId::parse(&request.pool_id));
    let filter = filter(&request.filter, &mut fields);
    let query = fields.take("search", Query::parse(&request.search));
    let good = workspace.zip(rep).zip(pool).zip(filter).zip(query);
    let watched = good.and_then(|((((workspace, rep), pool), filter), query)| {
        let stamp = Stamp::of_watch(request);
        let after = fields.take("after", token::parse_told(&request.after, &stamp))?;
        Some(Watched { workspace, rep, pool, filter, query, after, stamp })
    });
    refusal::checked(fields, watched)
}

/// A filter, if there is one; each of its faults is told with its place.
fn filter(text: &str, fields: &mut Fields) -> Option<Option<Expression>> {
    if text.is_empty() {
        return Some(None);
    }
    match Expression::parse_for_list(text) {
        Ok(filter) => Some(Some(filter)),
        Err(faults) => {
            faults.iter().for_each(|fault| fields.add("filter", fault.to_string()));
            None
        }
    }
}

fn sort(sort: i32) -> Result<Sort, Invalid> {
    match wire::LeadSort::try_from(sort) {
        Ok(wire::LeadSort::Unspecified | wire::LeadSort::LongestWaiting) => Ok(Sort::Waiting),
        Ok(wire::LeadSort::Newest) => Ok(Sort::Newest),
        Ok(wire::LeadSort::ScoreHighFirst) => Ok(Sort::HighScore),
        Ok(wire::LeadSort::ScoreLowFirst) => Ok(Sort::LowScore),
        Ok(wire::LeadSort::CompanySize) => Ok(Sort::Size),
        Err(_) => Err(Invalid::new("not a known order")),
    }
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

/// Checks a claim of whatever is next.
pub(crate) fn next(request: &wire::ClaimNextRequest) -> Result<(Workspace, Request, claim::Next), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let named = !request.pool_id.is_empty();
    let pool = named.then(|| fields.take("pool_id", PoolId::parse(&request.pool_id)));
    let pool = pool.map_or(Some(None), |pool| pool.map(Some));
    let next = workspace.zip(id).zip(rep).zip(pool).map(|(((workspace, id), rep), pool)| {
        let caller = rep.to_string();
        let request = Request { method: "ClaimNext", caller, id, body: body::hash(request) };
        (workspace, request, claim::Next { rep, pool })
    });
    refusal::checked(fields, next)
}

/// Checks a release: what the router is asked then.
pub(crate) fn release(request: &wire::ReleaseLeadRequest) -> Result<Ask, Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let fence = fence(request.fence, &mut fields);
    let reason = lead_wire::release_reason(request.reason, "reason", &mut fields);
    let ask = named.zip(fence).zip(reason).map(|(((workspace, id, rep, lead), fence), reason)| Ask {
        workspace,
        request_id: id.to_string(),
        lead,
        fence,
        because: Again::Released(rep, reason),
    });
    refusal::checked(fields, ask)
}

/// Checks a look at a detail.
pub(crate) fn view(request: &wire::ViewLeadRequest) -> Result<(Workspace, Request, view::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let view = named.map(|(workspace, id, rep, lead)| {
        let caller = rep.to_string();
        let remembered = Request { method: "ViewLead", caller, id, body: body::hash(request) };
        (workspace, remembered, view::Command { rep, lead })
    });
    refusal::checked(fields, view)
}

/// Checks a skip.
pub(crate) fn skip(request: &wire::SkipLeadRequest) -> Result<(Workspace, Request, skip::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let reason = lead_wire::skip_reason(request.reason, "reason", &mut fields);
    let skip = named.zip(reason).map(|((workspace, id, rep, lead), reason)| {
        let caller = rep.to_string();
        let remembered = Request { method: "SkipLead", caller, id, body: body::hash(request) };
        (workspace, remembered, skip::Command { rep, lead, reason })
    });
    refusal::checked(fields, skip)
}

/// Checks a contact.
pub(crate) fn contact(request: &wire::RecordContactRequest) -> Result<(Workspace, Request, contact::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let fence = fence(request.fence, &mut fields);
    let contact = named.zip(fence).map(|((workspace, id, rep, lead), fence)| {
        let caller = rep.to_string();
        let remembered = Request { method: "RecordContact", caller, id, body: body::hash(request) };
        (workspace, remembered, contact::Command { rep, lead, fence })
    });
    refusal::checked(fields, contact)
}

/// Checks an acceptance.
pub(crate) fn acceptance(request: &wire::AcceptOfferRequest) -> Result<(Workspace, Request, accept::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let fence = fence(request.fence, &mut fields);
    let acceptance = named.zip(fence).map(|((workspace, id, rep, lead), fence)| {
        let caller = rep.to_string();
        let remembered = Request { method: "AcceptOffer", caller, id, body: body::hash(request) };
        (workspace, remembered, accept::Command { rep, lead, fence })
    });
    refusal::checked(fields, acceptance)
}

/// Checks a decline: what the router is asked then.
pub(crate) fn decline(request: &wire::DeclineOfferRequest) -> Result<Ask, Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let fence = fence(request.fence, &mut fields);
    let reason = lead_wire::decline_reason(request.reason, "reason", &mut fields);
    let ask = named.zip(fence).zip(reason).map(|(((workspace, id, rep, lead), fence), reason)| Ask {
        workspace,
        request_id: id.to_string(),
        lead,
        fence,
        because: Again::Declined(rep, reason),
    });
    refusal::checked(fields, ask)
}

/// Checks an outcome.
pub(crate) fn outcome(request: &wire::RecordOutcomeRequest) -> Result<(Workspace, Request, outcome::Command), Status> {
    let mut fields = Fields::new();
    let named = named(&request.workspace, &request.request_id, &request.rep_id, &request.lead_id, &mut fields);
    let fence = fence(request.fence, &mut fields);
    let step = lead_wire::step_from(request.outcome, request.amount, &mut fields);
    let outcome = named.zip(fence).zip(step).map(|(((workspace, id, rep, lead), fence), step)| {
        let caller = rep.to_string();
        let remembered = Request { method: "RecordOutcome", caller, id, body: body::hash(request) };
        (workspace, remembered, outcome::Command { rep, lead, fence, step })
    });
    refusal::checked(fields, outcome)
}

/// Who asks for which page of what is theirs.
pub(crate) struct Mine {
    pub(crate) workspace: Workspace,
    pub(crate) rep: RepId,
    pub(crate) after: Option<Entry>,
    pub(crate) size: usize,
}

/// Checks who asks for what is theirs.
pub(crate) fn mine(request: &wire::ListMyLeadsRequest) -> Result<Mine, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let size = fields.take("page_size", browse::parse_size(request.page_size));
    let after = fields.take("page_token", token::parse_mine(&request.page_token));
    let parts = workspace.zip(rep).zip(size).zip(after);
    let mine = parts.map(|(((workspace, rep), size), after)| Mine { workspace, rep, after, size });
    refusal::checked(fields, mine)
}

/// Checks and normalises what is known better of a lead, at `now`.
pub(crate) fn update(
    request: wire::UpdateLeadRequest,
    now: Millis,
) -> Result<(Workspace, Request, update::Command), Status> {
    let hash = body::hash(&request);
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let lead = fields.take("lead_id", LeadId::parse(&request.lead_id));
    if Stage::try_from(request.stage).is_err() {
        fields.add("stage", "not a known stage");
    }
    let known = Lead {
        company: request.company,
        stage: Stage::try_from(request.stage).unwrap_or_default().into(),
        score: request.score,
        grade: request.grade,
        product_interest: request.product_interest,
        qualification: request.qualification,
        notes: request.notes,
        attributes: request.attributes,
        engagement: request.engagement,
        form_responses: request.form_responses,
        ..Lead::default()
    };
    // Its one fault, a stage that is not known, is noted already.
    let raw = lead_wire::raw(known, &mut fields);
    // The lead's id is not needed to check the rest.
    let command = update::Command::new(lead.unwrap_or(LeadId::new(now, [0; 10])), raw, now);
    let command =
        command.map_err(|faults| faults.into_iter().for_each(|fault| fields.add(&fault.field, fault.description))).ok();
    let update = workspace.zip(id).zip(lead).zip(command).map(|(((workspace, id), _), command)| {
        let remembered = Request { method: "UpdateLead", caller: String::new(), id, body: hash };
        (workspace, remembered, command)
    });
    refusal::checked(fields, update)
}

/// Checks what a manager lifts.
pub(crate) fn lift(request: &wire::LiftPenaltyRequest) -> Result<(Workspace, Request, conduct::lift::Command), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let id = fields.take("request_id", RequestId::parse(&request.request_id));
    let command = conduct_wire::lift(request, &mut fields);
    let lift = workspace.zip(id).zip(command).map(|((workspace, id), command)| {
        let caller = command.manager.to_string();
        let remembered = Request { method: "LiftPenalty", caller, id, body: body::hash(request) };
        (workspace, remembered, command)
    });
    refusal::checked(fields, lift)
}

fn fence(fence: u64, fields: &mut Fields) -> Option<Fence> {
    if fence == 0 {
        fields.add("fence", "required: the fence as the rep got it");
        return None;
    }
    Some(Fence(fence))
}

type Named = (Workspace, RequestId, RepId, LeadId);

fn named(workspace: &str, id: &str, rep: &str, lead: &str, fields: &mut Fields) -> Option<Named> {
    let workspace = fields.take("workspace", Workspace::parse(workspace));
    let id = fields.take("request_id", RequestId::parse(id));
    let rep = fields.take("rep_id", RepId::parse(rep));
    let lead = fields.take("lead_id", LeadId::parse(lead));
    Some((workspace?, id?, rep?, lead?))
}
