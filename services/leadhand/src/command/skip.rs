//! `leadhand skip`: a rep does not want a pooled lead.

use leadhand_proto::lead::v1::LeadSkipReason;
use leadhand_proto::pool::v1::SkipLeadRequest;
use serde_json::json;

use crate::cli::{Skip, SkipReason};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Skip) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        SkipReason::NotMyField => LeadSkipReason::NotMyField,
        SkipReason::PoorFit => LeadSkipReason::PoorFit,
        SkipReason::TooLittleKnown => LeadSkipReason::TooLittleKnown,
        SkipReason::ConflictOfInterest => LeadSkipReason::ConflictOfInterest,
        SkipReason::Language => LeadSkipReason::Language,
        SkipReason::Other => LeadSkipReason::Other,
    };
    let request = SkipLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep.clone(),
        lead_id: args.lead.clone(),
        reason: reason.into(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.skip_lead(request).await }
    };
    let skipped = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "lead_id": args.lead, "position": skipped.position }))?;
    } else if skipped.position.is_empty() {
        output::line(format_args!("lead {} does not count again as skipped by {}", args.lead, args.rep))?;
    } else {
        output::line(format_args!("lead {} is skipped by {}", args.lead, args.rep))?;
    }
    Ok(Exit::Done)
}
