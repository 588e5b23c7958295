//! `leadhand view`: a rep opens the detail of a pooled lead.

use leadhand_proto::lead::v1::State;
use leadhand_proto::pool::v1::ViewLeadRequest;
use serde_json::json;

use super::lead::{facts, lead_json};
use crate::cli::View;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: View) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = ViewLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep.clone(),
        lead_id: args.lead.clone(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.view_lead(request).await }
    };
    let viewed = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    let lead = viewed.lead.unwrap_or_default();
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "lead": lead_json(&lead),
            "held_until": output::rfc3339(viewed.held_until.as_ref()),
            "position": viewed.position,
        }))?;
        return Ok(Exit::Done);
    }
    let rows = facts(&lead, &State::default()).into_iter().filter(|(_, value)| !value.is_empty() && value != "-");
    for (name, value) in rows {
        output::line(format_args!("{name:<14}{value}"))?;
    }
    if viewed.held_until.is_some() {
        output::line(format_args!(
            "on hold for {} until {}; then: leadhand claim --rep {} {}, or leadhand skip",
            args.rep,
            output::local(viewed.held_until.as_ref()),
            args.rep,
            args.lead
        ))?;
    }
    Ok(Exit::Done)
}
