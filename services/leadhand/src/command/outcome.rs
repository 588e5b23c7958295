//! `leadhand outcome`: the owner says how a lead ended.

use leadhand_proto::lead::v1::Outcome;
use leadhand_proto::pool::v1::RecordOutcomeRequest;
use serde_json::json;

use crate::cli::{self, Ending};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: cli::Outcome) -> Result<Exit, Failure> {
    let id = args.request.id();
    let outcome = match args.outcome {
        Ending::Won => Outcome::Won,
        Ending::Lost => Outcome::Lost,
        Ending::Disqualified => Outcome::Disqualified,
        Ending::Duplicate => Outcome::Duplicate,
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
    let ended = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "closed_at": output::rfc3339(ended.closed_at.as_ref()),
            "owned_ms": ended.owned_ms,
            "position": ended.position,
        }))?;
    } else {
        output::line(format_args!("lead {} ended after {}", args.lead, output::millis(ended.owned_ms)))?;
    }
    Ok(Exit::Done)
}
