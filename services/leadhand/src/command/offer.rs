//! `leadhand accept` and `leadhand decline`: a rep answers an offer.

use leadhand_proto::lead::v1::DeclineReason;
use leadhand_proto::pool::v1::{AcceptOfferRequest, DeclineOfferRequest};
use serde_json::json;

use crate::cli::{Accept, Decline, Reason};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs `leadhand accept`.
pub(super) async fn accept(session: &Session, args: Accept) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = AcceptOfferRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep.clone(),
        lead_id: args.lead,
        fence: args.fence,
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.accept_offer(request).await }
    };
    let accepted = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({
            "lead_id": accepted.lead_id,
            "fence": accepted.fence,
            "contact_due": output::rfc3339(accepted.contact_due.as_ref()),
            "position": accepted.position,
        }))?;
    } else {
        output::line(format_args!(
            "lead {} is {}'s, contact due {}; then: leadhand contact --rep {} --fence {} {}",
            accepted.lead_id,
            args.rep,
            output::local(accepted.contact_due.as_ref()),
            args.rep,
            accepted.fence,
            accepted.lead_id
        ))?;
    }
    Ok(Exit::Done)
}

/// Runs `leadhand decline`.
pub(super) async fn decline(session: &Session, args: Decline) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        Reason::Busy => DeclineReason::Busy,
        Reason::NotMyField => DeclineReason::NotMyField,
        Reason::ConflictOfInterest => DeclineReason::ConflictOfInterest,
        Reason::Language => DeclineReason::Language,
        Reason::Other => DeclineReason::Other,
    };
    let request = DeclineOfferRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        rep_id: args.rep,
        lead_id: args.lead,
        fence: args.fence,
        reason: reason.into(),
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.decline_offer(request).await }
    };
    let declined = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "lead_id": declined.lead_id, "position": declined.position }))?;
    } else {
        output::line(format_args!("lead {} is declined and goes to another", declined.lead_id))?;
    }
    Ok(Exit::Done)
}
