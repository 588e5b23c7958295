//! `leadhand erase`: a lead's personal data is deleted for good.

use leadhand_proto::lead::v1::EraseReason;
use leadhand_proto::record::v1::EraseLeadRequest;
use serde_json::json;

use crate::cli::{self, Erase};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Erase) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        cli::EraseReason::Requested => EraseReason::Requested,
        cli::EraseReason::Retention => EraseReason::Retention,
        cli::EraseReason::Unlawful => EraseReason::Unlawful,
        cli::EraseReason::Other => EraseReason::Other,
    };
    let request = EraseLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        lead_id: args.lead.clone(),
        manager_id: args.by.unwrap_or_default(),
        reason: reason.into(),
    };
    let send = |request| {
        let mut client = session.record();
        async move { client.erase_lead(request).await }
    };
    let erased = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "erased_at": output::rfc3339(erased.erased_at.as_ref()),
            "already_erased": erased.already_erased,
            "position": erased.position,
        }))?;
    } else {
        let at = output::local(erased.erased_at.as_ref());
        let when = if erased.already_erased { format!("was erased at {at}") } else { "is erased".to_owned() };
        output::line(format_args!("what is personal of lead {} {when}", args.lead))?;
    }
    Ok(Exit::Done)
}
