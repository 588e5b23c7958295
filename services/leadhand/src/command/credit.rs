//! `leadhand credit`: a bad lead counts no more.

use leadhand_proto::lead::v1::CreditReason;
use leadhand_proto::router::v1::CreditLeadRequest;
use serde_json::json;

use crate::cli::{self, Credit};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Credit) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        cli::CreditReason::Unreachable => CreditReason::Unreachable,
        cli::CreditReason::Duplicate => CreditReason::Duplicate,
        cli::CreditReason::NotALead => CreditReason::NotALead,
        cli::CreditReason::WrongTeam => CreditReason::WrongTeam,
        cli::CreditReason::Other => CreditReason::Other,
    };
    let request = CreditLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        lead_id: args.lead.clone(),
        fence: args.fence,
        reason: reason.into(),
        requested_by: args.by,
    };
    let send = |request| {
        let mut client = session.router();
        async move { client.credit_lead(request).await }
    };
    let credited = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "rep_id": credited.rep_id,
            "team_id": credited.team_id,
            "already_credited": credited.already_credited,
            "position": credited.position,
        }))?;
    } else {
        let (rep, team) = (&credited.rep_id, &credited.team_id);
        let before = if credited.already_credited { ", as it did before" } else { "" };
        output::line(format_args!("lead {} counts as no turn of {rep} in {team}{before}", args.lead))?;
    }
    Ok(Exit::Done)
}
