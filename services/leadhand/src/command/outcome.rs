//! `leadhand outcome`: the owner says what came of a lead.

use leadhand_proto::lead::v1::Outcome;
use leadhand_proto::pool::v1::RecordOutcomeRequest;
use serde_json::json;

use crate::cli::{self, Came};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: cli::Outcome) -> Result<Exit, Failure> {
    let id = args.request.id();
    let outcome = match args.outcome {
        Came::Opportunity => Outcome::Opportunity,
        Came::Won => Outcome::Won,
        Came::Lost => Outcome::Lost,
        Came::Disqualified => Outcome::Disqualified,
        Came::Duplicate => Outcome::Duplicate,
    };
    let request = RecordOutcomeRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep,
        lead_id: args.lead.clone(),
        fence: args.fence,
        outcome: outcome.into(),
        amount: args.amount.unwrap_or_default(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.record_outcome(request).await }
    };
    let told = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "closed_at": output::rfc3339(told.closed_at.as_ref()),
            "opportunity_at": output::rfc3339(told.opportunity_at.as_ref()),
            "owned_ms": told.owned_ms,
            "position": told.position,
        }))?;
    } else {
        let came = if told.closed_at.is_some() { "ended" } else { "became an opportunity" };
        output::line(format_args!("lead {} {came} after {}", args.lead, output::millis(told.owned_ms)))?;
    }
    Ok(Exit::Done)
}
