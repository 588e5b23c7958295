//! `leadhand lead`: one lead, as far as the viewer may see it.

use leadhand_proto::lead::v1::{Engagement, Lead, Outcome, Place, Qualification, Stage, State};
use leadhand_proto::pool::v1::{GetLeadRequest, GetLeadResponse};
use serde_json::{Value, json};

use crate::cli;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: cli::Lead) -> Result<Exit, Failure> {
    let request = GetLeadRequest { workspace: session.workspace.clone(), rep_id: args.rep, lead_id: args.lead.clone() };
    let send = |request| {
        let mut client = session.pool();
        async move { client.get_lead(request).await }
    };
    let GetLeadResponse { lead, state } = session.call(request, send).await?;
    let (lead, state) = (lead.unwrap_or_default(), state.unwrap_or_default());
    if session.json {
        output::json(&json!({ "lead_id": args.lead, "lead": lead_json(&lead), "state": state_json(&state) }))?;
    } else {
        let rows = facts(&lead, &state).into_iter().filter(|(_, value)| !value.is_empty() && value != "-");
        for (name, value) in rows {
            output::line(format_args!("{name:<14}{value}"))?;
        }
    }
    Ok(Exit::Done)
}

/// What is known, name by name.
pub(super) fn facts(lead: &Lead, state: &State) -> Vec<(&'static str, String)> {
    let company = lead.company.clone().unwrap_or_default();
    let contact = lead.contact.clone().unwrap_or_default();
    let qualification = lead.qualification.clone().unwrap_or_default();
    let place = match state.place() {
        Place::Assigned => format!("{}'s", state.owner_rep_id),
        Place::Pooled => match &state.hold {
            Some(hold) => format!(
                "in pool {}, {} looks at it until {}",
                state.pool_id,
                hold.rep_id,
                output::local(hold.until.as_ref())
            ),
            None => format!("in pool {}", state.pool_id),
        },
        Place::Offered => format!("offered to {}", state.offered_rep_id),
        Place::Held => "held: nobody can take it now".to_owned(),
        Place::Closed => format!("closed: {}", outcome_name(state.outcome()).unwrap_or("unknown")),
        Place::Unspecified => String::new(),
    };
    let places = [company.city, company.region, company.country];
    let mut facts = vec![
        ("place", place),
        ("fence", if state.fence > 0 { state.fence.to_string() } else { String::new() }),
        ("assigned", output::local(state.assigned_at.as_ref())),
        ("contact due", output::local(state.contact_due.as_ref())),
        ("act by", output::local(state.act_by.as_ref())),
        ("contacted", output::local(state.contacted_at.as_ref())),
        ("opportunity", output::local(state.opportunity_at.as_ref())),
        ("given by", state.manager_id.clone()),
        ("last activity", output::local(state.last_activity_at.as_ref())),
        ("erased", output::local(state.erased_at.as_ref())),
        ("credited", if state.credited { "counts as nobody's turn".to_owned() } else { String::new() }),
        ("company", company.name),
        ("domain", company.domain),
        ("employees", output::number_or_dash(company.employees)),
        ("industry", company.industry),
        ("where", places.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")),
        ("contact", contact.name),
        ("title", contact.title),
        ("e-mail", contact.email),
        ("phone", contact.phone),
        ("source", lead.source.clone()),
        ("stage", stage_name(lead.stage).unwrap_or_default().to_owned()),
        ("score", output::number_or_dash(lead.score)),
        ("grade", lead.grade.clone()),
        ("interest", lead.product_interest.clone()),
        ("budget", qualification.budget),
        ("timeline", qualification.timeline),
        ("authority", qualification.authority),
        ("captured", output::local(lead.captured_at.as_ref())),
        ("routed", output::local(state.routed_at.as_ref())),
        ("notes", lead.notes.clone()),
    ];
    let engagement = lead.engagement.clone().unwrap_or_default();
    let counted = [("opens", engagement.opens), ("visits", engagement.visits)];
    facts.extend(counted.map(|(name, count)| (name, output::number_or_dash(count))));
    facts.extend(engagement.counters.iter().map(|(name, count)| ("counter", format!("{name} = {count}"))));
    facts.extend(lead.form_responses.iter().map(|(question, told)| ("response", format!("{question}: {told}"))));
    facts.extend(lead.attributes.iter().map(|(name, value)| ("attribute", format!("{name} = {value}"))));
    facts
}

/// The stage as people write it; `None` when not known.
pub(super) fn stage_name(stage: i32) -> Option<&'static str> {
    match Stage::try_from(stage) {
        Ok(Stage::Icp) => Some("icp"),
        Ok(Stage::Mql) => Some("mql"),
        Ok(Stage::Sql) => Some("sql"),
        Ok(Stage::Unspecified) | Err(_) => None,
    }
}

/// Budget, timeline and authority for programs; null when nothing is known of them.
pub(super) fn qualification_json(known: Option<&Qualification>) -> Value {
    known.map_or(
        Value::Null,
        |known| json!({ "budget": known.budget, "timeline": known.timeline, "authority": known.authority }),
    )
}

pub(super) fn lead_json(lead: &Lead) -> Value {
    let company = lead.company.clone().unwrap_or_default();
    let contact = lead.contact.clone().unwrap_or_default();
    json!({
        "company": {
            "name": company.name,
            "domain": company.domain,
            "employees": company.employees,
            "industry": company.industry,
            "country": company.country,
            "region": company.region,
            "city": company.city,
        },
        "contact": { "name": contact.name, "title": contact.title, "email": contact.email, "phone": contact.phone },
        "source": lead.source,
        "stage": stage_name(lead.stage),
        "score": lead.score,
        "grade": lead.grade,
        "product_interest": lead.product_interest,
        "qualification": qualification_json(lead.qualification.as_ref()),
        "notes": lead.notes,
        "attributes": lead.attributes,
        "engagement": lead.engagement.as_ref().map(engagement_json),
        "form_responses": lead.form_responses,
        "captured_at": output::rfc3339(lead.captured_at.as_ref()),
    })
}

/// What a prospect did, for programs.
pub(super) fn engagement_json(engagement: &Engagement) -> Value {
    json!({ "opens": engagement.opens, "visits": engagement.visits, "counters": engagement.counters })
}

/// What came of a lead, as programs and people know it.
pub(crate) fn outcome_name(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Opportunity => Some("opportunity"),
        Outcome::Won => Some("won"),
        Outcome::Lost => Some("lost"),
        Outcome::Disqualified => Some("disqualified"),
        Outcome::Duplicate => Some("duplicate"),
        Outcome::Unspecified => None,
    }
}

pub(super) fn state_json(state: &State) -> Value {
    let place = match state.place() {
        Place::Assigned => Some("assigned"),
        Place::Pooled => Some("pooled"),
        Place::Offered => Some("offered"),
        Place::Held => Some("held"),
        Place::Closed => Some("closed"),
        Place::Unspecified => None,
    };
    json!({
        "place": place,
        "owner_rep_id": state.owner_rep_id,
        "team_id": state.team_id,
        "account_id": state.account_id,
        "offered_rep_id": state.offered_rep_id,
        "offer_expires": output::rfc3339(state.offer_expires.as_ref()),
        "outcome": outcome_name(state.outcome()),
        "reroutes": state.reroutes,
        "credited": state.credited,
        "manager_id": state.manager_id,
        "last_activity_at": output::rfc3339(state.last_activity_at.as_ref()),
        "erased_at": output::rfc3339(state.erased_at.as_ref()),
        "pool_id": state.pool_id,
        "fence": state.fence,
        "routed_at": output::rfc3339(state.routed_at.as_ref()),
        "assigned_at": output::rfc3339(state.assigned_at.as_ref()),
        "contact_due": output::rfc3339(state.contact_due.as_ref()),
        "act_by": output::rfc3339(state.act_by.as_ref()),
        "contacted_at": output::rfc3339(state.contacted_at.as_ref()),
        "opportunity_at": output::rfc3339(state.opportunity_at.as_ref()),
        "decision_position": state.decision_position,
        "hold": state.hold.as_ref().map(|hold| {
            json!({ "rep_id": hold.rep_id, "until": output::rfc3339(hold.until.as_ref()) })
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::lead::v1::Company;

    #[test]
    fn a_lead_is_told_by_what_is_known_of_it() {
        let lead = Lead {
            company: Some(Company { city: "Lyon".into(), country: "FR".into(), ..Company::default() }),
            stage: Stage::Mql.into(),
            attributes: [("campaign".to_owned(), "spring".to_owned())].into(),
            ..Lead::default()
        };
        let state = State { place: Place::Pooled.into(), pool_id: "open".into(), ..State::default() };
        let facts = facts(&lead, &state);
        let value = |name| facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("place"), Some("in pool open"));
        assert_eq!(value("where"), Some("Lyon, FR"));
        assert_eq!(value("stage"), Some("mql"));
        assert_eq!(value("attribute"), Some("campaign = spring"));
        assert_eq!(lead_json(&lead)["stage"], "mql");
        assert_eq!(state_json(&state)["place"], "pooled");
    }
}
