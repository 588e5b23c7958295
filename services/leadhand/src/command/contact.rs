//! `leadhand contact`: the owner has made the first contact.

use leadhand_proto::pool::v1::{RecordContactRequest, RecordContactResponse};
use serde_json::json;
use tonic::Status;

use crate::cli::Contact;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Contact) -> Result<Exit, Failure> {
    let id = args.request.id();
    let contacted = contact(session, id.clone(), &args.rep, &args.lead, args.fence).await;
    let contacted = contacted.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": args.lead,
            "contact_speed_ms": contacted.contact_speed_ms,
            "in_time": contacted.in_time,
            "contacted_at": output::rfc3339(contacted.contacted_at.as_ref()),
        }))?;
    } else {
        let verdict = if contacted.in_time { "in time" } else { "late" };
        output::line(format_args!("contacted after {}, {verdict}", output::millis(contacted.contact_speed_ms)))?;
    }
    Ok(Exit::Done)
}

/// Records the first contact.
pub(crate) async fn contact(
    session: &Session,
    request_id: String,
    rep: &str,
    lead: &str,
    fence: u64,
) -> Result<RecordContactResponse, Status> {
    let request = RecordContactRequest {
        workspace: session.workspace.clone(),
        request_id,
        rep_id: rep.to_owned(),
        lead_id: lead.to_owned(),
        fence,
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.record_contact(request).await }
    };
    session.call(request, send).await
}
