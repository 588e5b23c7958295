//! `leadhand release`: an owner gives a lead back.

use leadhand_proto::lead::v1::ReleaseReason;
use leadhand_proto::pool::v1::ReleaseLeadRequest;
use serde_json::json;

use crate::cli::{Reason, Release};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Release) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        Reason::Busy => ReleaseReason::Busy,
        Reason::NotMyField => ReleaseReason::NotMyField,
        Reason::ConflictOfInterest => ReleaseReason::ConflictOfInterest,
        Reason::Language => ReleaseReason::Language,
        Reason::Other => ReleaseReason::Other,
    };
    let request = ReleaseLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep,
        lead_id: args.lead,
        fence: args.fence,
        reason: reason.into(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.release_lead(request).await }
    };
    let released = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "lead_id": released.lead_id, "position": released.position }))?;
    } else {
        output::line(format_args!("lead {} is given back and routed again", released.lead_id))?;
    }
    Ok(Exit::Done)
}
