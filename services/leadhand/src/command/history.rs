//! `leadhand history`: what happened to a lead.

use leadhand_proto::record::v1::{GetLeadHistoryRequest, HistoryEntry};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::History;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{event, output};

/// Runs the command.
pub(super) async fn run(session: &Session, args: History) -> Result<Exit, Failure> {
    let entries = entries(session, &args).await?;
    if session.json {
        output::json(&Value::Array(entries.iter().map(to_json).collect()))?;
        return Ok(Exit::Done);
    }
    if entries.is_empty() {
        output::line(format_args!("nothing is told of lead {}", args.lead))?;
    }
    for entry in &entries {
        let told = entry.event.as_ref().map(event::line).unwrap_or_default();
        let note = if entry.note.is_empty() { String::new() } else { format!("  \u{201c}{}\u{201d}", entry.note) };
        output::line(format_args!("{told}{note}"))?;
    }
    Ok(Exit::Done)
}

fn to_json(entry: &HistoryEntry) -> Value {
    json!({ "event": entry.event.as_ref().map(event::json), "note": entry.note })
}

/// All of it, page by page.
async fn entries(session: &Session, args: &History) -> Result<Vec<HistoryEntry>, Status> {
    let (mut entries, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = GetLeadHistoryRequest {
            workspace: session.workspace.clone(),
            rep_id: args.rep.clone(),
            lead_id: args.lead.clone(),
            page_size: 500,
            page_token,
        };
        let send = |request| {
            let mut client = session.record();
            async move { client.get_lead_history(request).await }
        };
        let page = session.call(request, send).await?;
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(entries);
        }
    }
}
