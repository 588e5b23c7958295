//! `leadhand lift`: what was held against a rep counts no more.

use leadhand_proto::pool::v1::{LiftPenaltyRequest, LiftReason, Penalty};
use serde_json::json;

use crate::cli::{self, Lift};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Lift) -> Result<Exit, Failure> {
    let id = args.request.id();
    let (penalty, what) = match (&args.miss, args.suspension) {
        (Some(_), _) => (Penalty::Miss, "the missed contact"),
        (None, true) => (Penalty::Suspension, "the suspension"),
        (None, false) => (Penalty::All, "everything"),
    };
    let reason = match args.reason {
        cli::LiftReason::BadLead => LiftReason::BadLead,
        cli::LiftReason::Absent => LiftReason::Absent,
        cli::LiftReason::SystemFault => LiftReason::SystemFault,
        cli::LiftReason::NotRecorded => LiftReason::NotRecorded,
        cli::LiftReason::Goodwill => LiftReason::Goodwill,
        cli::LiftReason::Other => LiftReason::Other,
    };
    let request = LiftPenaltyRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        manager_id: args.manager,
        rep_id: args.rep.clone(),
        penalty: penalty.into(),
        lead_id: args.miss.unwrap_or_default(),
        reason: reason.into(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.lift_penalty(request).await }
    };
    let lifted = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "rep_id": args.rep, "position": lifted.position }))?;
    } else {
        output::line(format_args!("lifted {what} from {}", args.rep))?;
    }
    Ok(Exit::Done)
}
