//! `leadhand pool`: the pools, or the leads of one.

use jiff::Timestamp;
use leadhand_proto::lead::v1::Preview;
use leadhand_proto::pool::v1::{ListLeadsRequest, ListPoolsRequest, Pool};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{moment, output};

/// The most a page may hold.
const PAGE: usize = 500;

/// Runs the command.
pub(super) async fn run(session: &Session, args: cli::Pool) -> Result<Exit, Failure> {
    match (args.pool, args.rep) {
        (Some(pool), Some(rep)) => show_leads(session, &rep, &pool, args.limit).await?,
        _ => show_pools(session).await?,
    }
    Ok(Exit::Done)
}

async fn show_pools(session: &Session) -> Result<(), Failure> {
    let pools = pools(session).await?;
    if session.json {
        output::json(&Value::Array(pools.iter().map(pool_json).collect()))?;
    } else {
        output::print_table(&pools_table(&pools, moment::now()))?;
    }
    Ok(())
}

async fn show_leads(session: &Session, rep: &str, pool: &str, limit: usize) -> Result<(), Failure> {
    let leads = leads(session, rep, pool, limit).await?;
    if session.json {
        output::json(&Value::Array(leads.iter().map(preview_json).collect()))?;
    } else if leads.is_empty() {
        output::line(format_args!("pool {pool} is empty"))?;
    } else {
        let now = moment::now();
        let rows = leads.iter().map(|lead| {
            vec![
                lead.lead_id.clone(),
                output::or_dash(&lead.company_name),
                output::or_dash(&lead.industry),
                output::number_or_dash(lead.employees),
                output::or_dash(&lead.contact_name),
                output::or_dash(&lead.contact_title),
                lead.source.clone(),
                output::number_or_dash(lead.score),
                output::ago(lead.pooled_at.as_ref(), now),
                output::or_dash(&output::local(lead.held_until.as_ref())),
            ]
        });
        let header = [
            "lead",
            "company",
            "industry",
            "employees",
            "contact",
            "title",
            "source",
            "score",
            "waiting",
            "on hold until",
        ];
        output::print_table(&output::table(&header, &[3, 7, 8], rows))?;
    }
    Ok(())
}

/// The pools, in the policy's order.
pub(crate) async fn pools(session: &Session) -> Result<Vec<Pool>, Status> {
    let request = ListPoolsRequest { workspace: session.workspace.clone() };
    let send = |request| {
        let mut client = session.pool();
        async move { client.list_pools(request).await }
    };
    Ok(session.call(request, send).await?.pools)
}

/// The leads of a pool that wait longest, at most `limit`.
pub(crate) async fn leads(session: &Session, rep: &str, pool: &str, limit: usize) -> Result<Vec<Preview>, Status> {
    let mut leads = Vec::new();
    let mut page_token = String::new();
    while leads.len() < limit {
        let request = ListLeadsRequest {
            workspace: session.workspace.clone(),
            rep_id: rep.to_owned(),
            pool_id: pool.to_owned(),
            page_size: i32::try_from((limit - leads.len()).min(PAGE)).unwrap_or(i32::MAX),
            page_token,
        };
        let send = |request| {
            let mut client = session.pool();
            async move { client.list_leads(request).await }
        };
        let page = session.call(request, send).await?;
        leads.extend(page.leads);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    leads.truncate(limit);
    Ok(leads)
}

/// The pools as a table.
pub(super) fn pools_table(pools: &[Pool], now: Timestamp) -> comfy_table::Table {
    let rows = pools.iter().map(|pool| {
        vec![pool.pool_id.clone(), pool.leads.to_string(), output::ago(pool.oldest_pooled_at.as_ref(), now)]
    });
    output::table(&["pool", "leads", "longest waiting"], &[1, 2], rows)
}

/// A pool for programs.
pub(super) fn pool_json(pool: &Pool) -> Value {
    json!({
        "pool_id": pool.pool_id,
        "leads": pool.leads,
        "oldest_pooled_at": output::rfc3339(pool.oldest_pooled_at.as_ref()),
    })
}

fn preview_json(lead: &Preview) -> Value {
    json!({
        "lead_id": lead.lead_id,
        "company_name": lead.company_name,
        "industry": lead.industry,
        "employees": lead.employees,
        "contact_name": lead.contact_name,
        "contact_title": lead.contact_title,
        "source": lead.source,
        "stage": super::lead::stage_name(lead.stage),
        "score": lead.score,
        "grade": lead.grade,
        "pooled_at": output::rfc3339(lead.pooled_at.as_ref()),
        "held_until": output::rfc3339(lead.held_until.as_ref()),
        "detail": lead.detail.as_ref().map(|detail| {
            json!({
                "engagement": detail.engagement.as_ref().map(super::lead::engagement_json),
                "form_responses": detail.form_responses,
                "notes": detail.notes,
            })
        }),
    })
}
