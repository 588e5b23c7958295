//! `leadhand pool`: the pools, or the leads of one.

use jiff::Timestamp;
use leadhand_proto::lead::v1::Preview;
use leadhand_proto::pool::v1::{LeadSort, ListLeadsRequest, ListPoolsRequest, Pool};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{moment, output};

mod live;

/// The most a page may hold.
const PAGE: usize = 500;

/// Which leads of which pool are wanted, and by whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    rep: String,
    pool: String,
    filter: String,
    search: String,
    sort: LeadSort,
}

impl Wanted {
    /// All of them.
    pub(crate) fn of(rep: &str, pool: &str) -> Self {
        Self { rep: rep.to_owned(), pool: pool.to_owned(), ..Self::default() }
    }
}

/// Runs the command.
pub(super) async fn run(session: &Session, args: cli::Pool) -> Result<Exit, Failure> {
    let (Some(pool), Some(rep)) = (args.pool, args.rep) else {
        show_pools(session).await?;
        return Ok(Exit::Done);
    };
    let sort = match args.sort {
        None => LeadSort::Unspecified,
        Some(cli::PoolSort::Waiting) => LeadSort::LongestWaiting,
        Some(cli::PoolSort::Newest) => LeadSort::Newest,
        Some(cli::PoolSort::Score) => LeadSort::ScoreHighFirst,
        Some(cli::PoolSort::LowScore) => LeadSort::ScoreLowFirst,
        Some(cli::PoolSort::Size) => LeadSort::CompanySize,
    };
    let (filter, search) = (args.filter.unwrap_or_default(), args.search.unwrap_or_default());
    let wanted = Wanted { rep, pool, filter, search, sort };
    if args.watch {
        return live::run(session, &wanted).await;
    }
    show_leads(session, &wanted, args.limit).await?;
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

async fn show_leads(session: &Session, wanted: &Wanted, limit: usize) -> Result<(), Failure> {
    let leads = leads(session, wanted, limit).await?;
    if session.json {
        output::json(&Value::Array(leads.iter().map(preview_json).collect()))?;
    } else if leads.is_empty() {
        let without = wanted.filter.is_empty() && wanted.search.is_empty();
        let none = if without { "is empty" } else { "has no such lead" };
        output::line(format_args!("pool {} {none}", wanted.pool))?;
    } else {
        let now = moment::now();
        let rows = leads.iter().map(|lead| {
            let mut row = vec![lead.lead_id.clone()];
            row.extend(columns(lead));
            row.push(output::ago(lead.pooled_at.as_ref(), now));
            row.push(output::or_dash(&output::local(lead.held_until.as_ref())));
            row
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
            "qualification",
            "waiting",
            "on hold until",
        ];
        output::print_table(&output::table(&header, &[3, 7, 9], rows))?;
    }
    Ok(())
}

/// What a list shows of a lead, but its id and since when it waits.
fn columns(lead: &Preview) -> [String; 8] {
    let known = lead.qualification.clone().unwrap_or_default();
    let known = [known.budget, known.timeline, known.authority];
    [
        output::or_dash(&lead.company_name),
        output::or_dash(&lead.industry),
        output::number_or_dash(lead.employees),
        output::or_dash(&lead.contact_name),
        output::or_dash(&lead.contact_title),
        lead.source.clone(),
        output::number_or_dash(lead.score),
        output::or_dash(&known.into_iter().filter(|known| !known.is_empty()).collect::<Vec<_>>().join(", ")),
    ]
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

/// The first leads of a pool in the order wanted, at most `limit`.
pub(crate) async fn leads(session: &Session, wanted: &Wanted, limit: usize) -> Result<Vec<Preview>, Status> {
    let mut leads = Vec::new();
    let mut page_token = String::new();
    while leads.len() < limit {
        let request = ListLeadsRequest {
            workspace: session.workspace.clone(),
            rep_id: wanted.rep.clone(),
            pool_id: wanted.pool.clone(),
            page_size: i32::try_from((limit - leads.len()).min(PAGE)).unwrap_or(i32::MAX),
            page_token,
            filter: wanted.filter.clone(),
            sort: wanted.sort.into(),
            search: wanted.search.clone(),
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
        "qualification": super::lead::qualification_json(lead.qualification.as_ref()),
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
