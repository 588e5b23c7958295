//! `leadhand claim`: a rep takes a lead out of its pool, or whatever is next.

use leadhand_proto::pool::v1::{ClaimLeadRequest, ClaimLeadResponse, ClaimNextRequest};
use serde_json::json;
use tonic::Status;

use crate::cli::Claim;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Claim) -> Result<Exit, Failure> {
    let id = args.request.id();
    let claimed = match &args.lead {
        Some(lead) => claim(session, id.clone(), &args.rep, lead).await,
        None => next(session, id.clone(), &args.rep, args.pool.unwrap_or_default()).await,
    };
    let claimed = claimed.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": claimed.lead_id,
            "fence": claimed.fence,
            "contact_due": output::rfc3339(claimed.contact_due.as_ref()),
            "position": claimed.position,
        }))?;
    } else {
        output::line(format_args!(
            "lead {} is {}'s, contact due {}; then: leadhand contact --rep {} --fence {} {}",
            claimed.lead_id,
            args.rep,
            output::local(claimed.contact_due.as_ref()),
            args.rep,
            claimed.fence,
            claimed.lead_id
        ))?;
    }
    Ok(Exit::Done)
}

/// Claims whatever is next for a rep.
async fn next(session: &Session, request_id: String, rep: &str, pool_id: String) -> Result<ClaimLeadResponse, Status> {
    let request =
        ClaimNextRequest { workspace: session.workspace.clone(), request_id, rep_id: rep.to_owned(), pool_id };
    let send = |request| {
        let mut client = session.pool();
        async move { client.claim_next(request).await }
    };
    let next = session.call(request, send).await?;
    let (lead_id, fence, contact_due, position) = (next.lead_id, next.fence, next.contact_due, next.position);
    Ok(ClaimLeadResponse { lead_id, fence, contact_due, position })
}

/// Claims a lead for a rep.
pub(crate) async fn claim(
    session: &Session,
    request_id: String,
    rep: &str,
    lead: &str,
) -> Result<ClaimLeadResponse, Status> {
    let request = ClaimLeadRequest {
        workspace: session.workspace.clone(),
        request_id,
        rep_id: rep.to_owned(),
        lead_id: lead.to_owned(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.claim_lead(request).await }
    };
    session.call(request, send).await
}
