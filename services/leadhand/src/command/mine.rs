//! `leadhand leads` and `leadhand offers`: what a rep has, and what of it waits for an answer.

use leadhand_proto::lead::v1::{Place, State};
use leadhand_proto::pool::v1::{ListMyLeadsRequest, MyLead};
use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::Status;

use super::lead::{lead_json, state_json};
use crate::cli::Mine;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs either command.
pub(super) async fn run(session: &Session, args: Mine, offers_only: bool) -> Result<Exit, Failure> {
    let mut leads = leads(session, &args.rep).await?;
    leads.retain(|mine| !offers_only || mine.state.as_ref().is_some_and(|state| state.place() == Place::Offered));
    if session.json {
        output::json(&Value::Array(leads.iter().map(to_json).collect()))?;
    } else if leads.is_empty() {
        let what = if offers_only { "is asked to accept no lead" } else { "has no leads" };
        output::line(format_args!("{} {what}", args.rep))?;
    } else {
        let header = ["lead", "fence", "company", "contact", "source", "score", "place", "until"];
        output::print_table(&output::table(&header, &[1, 5], leads.iter().map(row)))?;
    }
    Ok(Exit::Done)
}

/// Whether something is to be done about it before contact is due.
fn acts_first(state: &State) -> bool {
    let moment = |at: &Timestamp| (at.seconds, at.nanos);
    state.act_by.as_ref().is_some_and(|at| state.contact_due.as_ref().is_none_or(|due| moment(at) < moment(due)))
}

fn row(mine: &MyLead) -> Vec<String> {
    let (lead, state) = (mine.lead.clone().unwrap_or_default(), mine.state.clone().unwrap_or_default());
    let (place, until) = match (state.place(), state.contacted_at.is_some()) {
        (Place::Offered, _) => ("offered", output::local(state.offer_expires.as_ref())),
        (_, false) if acts_first(&state) => ("to work", output::local(state.act_by.as_ref())),
        (_, false) => ("to contact", output::local(state.contact_due.as_ref())),
        (_, true) => ("contacted", String::new()),
    };
    vec![
        mine.lead_id.clone(),
        state.fence.to_string(),
        output::or_dash(&lead.company.unwrap_or_default().name),
        output::or_dash(&lead.contact.unwrap_or_default().name),
        lead.source,
        output::number_or_dash(lead.score),
        place.to_owned(),
        output::or_dash(&until),
    ]
}

fn to_json(mine: &MyLead) -> Value {
    json!({
        "lead_id": mine.lead_id,
        "lead": mine.lead.as_ref().map(lead_json),
        "state": mine.state.as_ref().map(state_json),
    })
}

/// All that the rep has, page by page.
async fn leads(session: &Session, rep: &str) -> Result<Vec<MyLead>, Status> {
    let (mut leads, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListMyLeadsRequest {
            workspace: session.workspace.clone(),
            rep_id: rep.to_owned(),
            page_size: 500,
            page_token,
        };
        let send = |request| {
            let mut client = session.pool();
            async move { client.list_my_leads(request).await }
        };
        let page = session.call(request, send).await?;
        leads.extend(page.leads);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(leads);
        }
    }
}
