//! `leadhand update`: what is known better of a lead.

use leadhand_proto::pool::v1::UpdateLeadRequest;
use serde_json::json;

use crate::cli::Update;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{field, moment, output};

/// Runs the command.
pub(super) async fn run(session: &Session, args: Update) -> Result<Exit, Failure> {
    let flags = &args.lead;
    let fixed = [&flags.source, &flags.name, &flags.title, &flags.email, &flags.phone, &flags.captured_at];
    if fixed.into_iter().any(Option::is_some) {
        return Err(Failure::input("the source, the capture and the person of a lead cannot be changed"));
    }
    let fields = field::of_flags(flags).map_err(Failure::Input)?;
    let lead = field::lead(fields, moment::now()).map_err(|wrong| {
        let named: Vec<_> = wrong.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.description)).collect();
        Failure::Input(named.join("; "))
    })?;
    let id = args.request.id();
    let request = UpdateLeadRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        lead_id: args.lead_id.clone(),
        company: lead.company,
        stage: lead.stage,
        score: lead.score,
        grade: lead.grade,
        product_interest: lead.product_interest,
        qualification: lead.qualification,
        notes: lead.notes,
        attributes: lead.attributes,
        engagement: lead.engagement,
        form_responses: lead.form_responses,
    };
    let send = |request| {
        let mut client = session.pool();
        async move { client.update_lead(request).await }
    };
    let updated = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&json!({ "lead_id": args.lead_id, "position": updated.position }))?;
    } else if updated.position.is_empty() {
        output::line("that was known already")?;
    } else {
        output::line("updated")?;
    }
    Ok(Exit::Done)
}
