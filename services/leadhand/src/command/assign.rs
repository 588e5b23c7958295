//! `leadhand assign` and `leadhand transfer`: a manager gives a lead to a rep.

use leadhand_proto::lead::v1::AssignReason;
use leadhand_proto::management::v1::{AssignLeadRequest, TransferLeadRequest};
use prost_types::Timestamp;
use serde_json::json;

use crate::cli::{self, Assign, Transfer};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs `leadhand assign`.
pub(super) async fn assign(session: &Session, args: Assign) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = AssignLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        manager_id: args.order.by,
        lead_id: args.lead,
        rep_id: args.to.clone(),
        reason: reason(args.order.reason).into(),
        note: args.order.note,
    };
    let send = |request| {
        let mut client = session.management();
        async move { client.assign_lead(request).await }
    };
    let given = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    tell(session, &args.to, &given.lead_id, given.fence, given.contact_due.as_ref(), &given.position)
}

/// Runs `leadhand transfer`.
pub(super) async fn transfer(session: &Session, args: Transfer) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = TransferLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        manager_id: args.order.by,
        lead_id: args.lead,
        fence: args.fence,
        rep_id: args.to.clone(),
        reason: reason(args.order.reason).into(),
        note: args.order.note,
    };
    let send = |request| {
        let mut client = session.management();
        async move { client.transfer_lead(request).await }
    };
    let given = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    tell(session, &args.to, &given.lead_id, given.fence, given.contact_due.as_ref(), &given.position)
}

fn tell(
    session: &Session,
    rep: &str,
    lead: &str,
    fence: u64,
    contact_due: Option<&Timestamp>,
    position: &str,
) -> Result<Exit, Failure> {
    if session.json {
        output::json(&json!({
            "lead_id": lead,
            "rep_id": rep,
            "fence": fence,
            "contact_due": output::rfc3339(contact_due),
            "position": position,
        }))?;
    } else {
        let due = output::local(contact_due);
        output::line(format_args!("lead {lead} is {rep}'s, fence {fence}, contact due {due}"))?;
    }
    Ok(Exit::Done)
}

fn reason(reason: cli::AssignReason) -> AssignReason {
    match reason {
        cli::AssignReason::Workload => AssignReason::Workload,
        cli::AssignReason::Absence => AssignReason::Absence,
        cli::AssignReason::Expertise => AssignReason::Expertise,
        cli::AssignReason::Relationship => AssignReason::Relationship,
        cli::AssignReason::Correction => AssignReason::Correction,
        cli::AssignReason::Other => AssignReason::Other,
    }
}
