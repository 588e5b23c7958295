//! `leadhand activity`: the owner did something that is not yet a contact.

use leadhand_proto::lead::v1::ActivityKind;
use leadhand_proto::record::v1::RecordActivityRequest;
use serde_json::json;

use crate::cli::{self, Activity};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Activity) -> Result<Exit, Failure> {
    let id = args.request.id();
    let kind = match args.kind {
        cli::ActivityKind::CallAttempt => ActivityKind::CallAttempt,
        cli::ActivityKind::Voicemail => ActivityKind::Voicemail,
        cli::ActivityKind::Email => ActivityKind::Email,
        cli::ActivityKind::Message => ActivityKind::Message,
        cli::ActivityKind::Meeting => ActivityKind::Meeting,
        cli::ActivityKind::Note => ActivityKind::Note,
    };
    let request = RecordActivityRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep,
        lead_id: args.lead.clone(),
        fence: args.fence,
        kind: kind.into(),
    };
    let send = |request| {
        let mut client = session.record();
        async move { client.record_activity(request).await }
    };
    let recorded = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "lead_id": args.lead, "position": recorded.position }))?;
    } else {
        output::line(format_args!("recorded of lead {}; the contact stays due", args.lead))?;
    }
    Ok(Exit::Done)
}
