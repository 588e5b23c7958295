//! `leadhand claim`: a rep takes a lead out of its pool.

use leadhand_proto::pool::v1::{ClaimLeadRequest, ClaimLeadResponse};
use serde_json::json;
use tonic::Status;

use crate::cli::Claim;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Claim) -> Result<Exit, Failure> {
    let id = args.request.id();
    let claimed = claim(session, id.clone(), &args.rep, &args.lead).await;
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
