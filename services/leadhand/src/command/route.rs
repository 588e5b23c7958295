//! `leadhand route`: one lead, given by flags.

use leadhand_proto::explain::v1::{DryRunRequest, DryRunResponse};
use leadhand_proto::lead::v1::Lead;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::Route;
use crate::client::Session;
use crate::event::{self, decision};
use crate::failure::{Exit, Failure};
use crate::field::{self, Wrong};
use crate::{moment, output};

/// Runs the command.
pub(super) async fn run(session: impl Future<Output = Result<Session, Failure>>, args: Route) -> Result<Exit, Failure> {
    let fields = field::of_flags(&args.lead).map_err(Failure::Input)?;
    if fields.is_empty() {
        return Err(Failure::input(
            "give the lead by flags (at least --source), or a file by --csv; see `leadhand route --help`",
        ));
    }
    let lead = field::lead(fields, moment::now()).map_err(|wrong| Failure::Input(list(&wrong)))?;
    let session = session.await?;
    if args.dry_run {
        return dry_run(&session, lead).await;
    }
    let id = args.request.id();
    let routed = route(&session, id.clone(), lead).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&routed_json(&routed))?;
    } else {
        output::line(told(&routed))?;
    }
    Ok(Exit::Done)
}

/// Tells where a lead would go.
async fn dry_run(session: &Session, lead: Lead) -> Result<Exit, Failure> {
    let request = DryRunRequest { workspace: session.workspace.clone(), lead: Some(lead) };
    let send = |request| {
        let mut client = session.explain();
        async move { client.dry_run(request).await }
    };
    let DryRunResponse { response, decision } = session.call(request, send).await?;
    let routed = response.unwrap_or_default();
    if session.json {
        let decision = decision.as_ref().map(decision::json);
        output::json(&json!({ "would_be": routed_json(&routed), "decision": decision }))?;
        return Ok(Exit::Done);
    }
    let went = place(&routed);
    if routed.duplicate {
        output::line(format_args!("nothing was changed: lead {} is there already, {went}", routed.lead_id))?;
    } else {
        let RouteLeadResponse { route, policy_version, .. } = &routed;
        output::line(format_args!(
            "nothing was changed: it would be {went} (route {route}, policy version {policy_version})"
        ))?;
    }
    for skip in decision.iter().flat_map(|decision| &decision.skips) {
        output::line(format_args!("passed over {}: {}", skip.rep_id, decision::why_skipped(skip)))?;
    }
    Ok(Exit::Done)
}

/// Routes one lead.
pub(crate) async fn route(session: &Session, request_id: String, lead: Lead) -> Result<RouteLeadResponse, Status> {
    let request = RouteLeadRequest { workspace: session.workspace.clone(), request_id, lead: Some(lead) };
    let send = |request| {
        let mut client = session.router();
        async move { client.route_lead(request).await }
    };
    session.call(request, send).await
}

/// Where a lead is, or would be.
fn place(routed: &RouteLeadResponse) -> String {
    match &routed.outcome {
        Some(Outcome::Assigned(it)) => format!(
            "assigned to {}{}, contact due {}, fence {}",
            it.rep_id,
            event::by(&it.team_id, "", false),
            output::local(it.contact_due.as_ref()),
            it.fence
        ),
        Some(Outcome::Pooled(it)) => format!("in pool {}", it.pool_id),
        Some(Outcome::Offered(it)) => format!(
            "offered to {}{} until {}, fence {}",
            it.rep_id,
            event::by(&it.team_id, "", false),
            output::local(it.expires.as_ref()),
            it.fence
        ),
        Some(Outcome::Held(_)) => "held: nobody can take it now; it will be tried again by itself".to_owned(),
        Some(Outcome::Closed(_)) => "closed".to_owned(),
        None => "somewhere this version of the command line does not know".to_owned(),
    }
}

fn told(routed: &RouteLeadResponse) -> String {
    let place = place(routed);
    if routed.duplicate {
        return format!("lead {} was there already and is {place}", routed.lead_id);
    }
    format!("lead {} is {place} (route {}, policy version {})", routed.lead_id, routed.route, routed.policy_version)
}

/// The answer for programs.
pub(crate) fn routed_json(routed: &RouteLeadResponse) -> Value {
    let (mut assigned, mut offered, mut pooled) = (Value::Null, Value::Null, Value::Null);
    match &routed.outcome {
        Some(Outcome::Assigned(it)) => {
            assigned = json!({
                "rep_id": it.rep_id,
                "team_id": it.team_id,
                "fence": it.fence,
                "contact_due": output::rfc3339(it.contact_due.as_ref()),
            });
        }
        Some(Outcome::Offered(it)) => {
            offered = json!({
                "rep_id": it.rep_id,
                "team_id": it.team_id,
                "fence": it.fence,
                "expires": output::rfc3339(it.expires.as_ref()),
            });
        }
        Some(Outcome::Pooled(it)) => pooled = json!({ "pool_id": it.pool_id }),
        Some(Outcome::Held(_) | Outcome::Closed(_)) | None => {}
    }
    json!({
        "lead_id": routed.lead_id,
        "assigned": assigned,
        "offered": offered,
        "pooled": pooled,
        "held": matches!(routed.outcome, Some(Outcome::Held(_))),
        "closed": matches!(routed.outcome, Some(Outcome::Closed(_))),
        "duplicate": routed.duplicate,
        "route": routed.route,
        "policy_version": routed.policy_version,
        "position": routed.position,
    })
}

fn list(wrong: &[Wrong]) -> String {
    let told: Vec<String> =
        wrong.iter().map(|wrong| format!("{}: expected {}", wrong.field, wrong.description)).collect();
    told.join("\n  ")
}
