//! Lists of a large pool: how long a page takes, how long the first one, and what the pool service weighs then.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use leadhand_proto::lead::v1::{Company, Contact, Lead};
use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use leadhand_proto::pool::v1::{LeadSort, ListLeadsRequest};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use tonic::{Request, Status};

use super::memory;
use crate::Outcome;
use crate::load::{Call, closed};
use crate::options::Scale;
use crate::report::{Row, Target, grouped, time};
use crate::sample::{POOLED, WORKSPACE, claimer};
use crate::stage::{Lanes, PATIENCE_MS, Stage};

const LIMIT_MS: f64 = 5.0;
const LIMIT_MIB: f64 = 300.0;

/// A kind of list: what it is, its filter, its search, its order.
type Kind = (&'static str, &'static str, &'static str, LeadSort);

const KINDS: [Kind; 6] = [
    ("longest waiting", "", "", LeadSort::LongestWaiting),
    ("1 of 2 by filter, by score", "lead.score >= 50", "", LeadSort::ScoreHighFirst),
    ("1 of 100 by filter, newest", "lead.company.employees < 10 && lead.stage != 'sql'", "", LeadSort::Newest),
    ("1 of 100 by a word, by size", "lead.score >= 10", "town7", LeadSort::CompanySize),
    ("all by two common words", "", "north gm", LeadSort::ScoreLowFirst),
    ("none by filter: the most one call looks at", "lead.score > 100", "", LeadSort::ScoreHighFirst),
];

/// Fills the pool, then lists it.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let leads = scale.pooled;
    eprintln!("listing: pooling {leads}");
    let lanes = stage.lanes(1, 8).await?;
    closed(&pool(&lanes), 8, 8, leads).await?;
    let one = stage.lanes(1, 1).await?;
    let begun = Instant::now();
    list(&one, KINDS[0])(0, 0).await?;
    let first = begun.elapsed().as_secs_f64() * 1e3;
    let mut rows = vec![
        Row::new(format!("the first list, {} leads read", grouped(leads as f64)), time(first)).value("first_ms", first),
    ];
    let mut worst = 0.0_f64;
    for kind in KINDS {
        closed(&list(&one, kind), 1, 1, scale.single_calls / 4).await?;
        let latency = closed(&list(&one, kind), 1, 1, scale.single_calls).await?.latency;
        let (p50, p99) = (latency.percentile_ms(50.0), latency.percentile_ms(99.0));
        worst = worst.max(p99);
        let row = Row::new(format!("a page of 50: {}, p99", kind.0), time(p99)).note(format!("median {}", time(p50)));
        let target = Target::at_most("5 ms", p99, LIMIT_MS);
        rows.push(row.value("p50_ms", p50).value("p99_ms", p99).target(Some(target)));
    }
    rows.push(weight(stage, leads).await?);
    Ok(rows)
}

fn list(lanes: &Lanes, (_, filter, search, sort): Kind) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(PoolServiceClient::new).collect();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        async move {
            let request = ListLeadsRequest {
                workspace: WORKSPACE.into(),
                rep_id: claimer(n),
                pool_id: "open".into(),
                filter: filter.into(),
                search: search.into(),
                sort: sort.into(),
                ..ListLeadsRequest::default()
            };
            let page = client.list_leads(patiently(request)).await?.into_inner();
            match page.behind {
                false => Ok(()),
                true => Err(Status::internal("the list is behind")),
            }
        }
        .boxed()
    })
}

/// The first list reads the whole pool.
fn patiently<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(std::time::Duration::from_millis(PATIENCE_MS));
    request
}

/// Routes leads into the pool, each of another company.
fn pool(lanes: &Lanes) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(RouterServiceClient::new).collect();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        async move {
            let lead = Lead {
                company: Some(Company {
                    name: format!("Northwind {n} Town{} GmbH", n % 100),
                    domain: format!("northwind-{n}.example"),
                    employees: Some((n * 7_919 % 1_000) as i32 + 1),
                    industry: "Wholesale".into(),
                    country: "DE".into(),
                    region: "DE-BY".into(),
                    city: "Munich".into(),
                }),
                contact: Some(Contact {
                    name: format!("Maria Anders {n}"),
                    title: "Head of Purchasing".into(),
                    ..Contact::default()
                }),
                source: POOLED.into(),
                score: Some((n * 31 % 101) as i32),
                grade: "B".into(),
                product_interest: "Route planning".into(),
                notes: "Asked for a demo for a team of twelve, wants to start next quarter.".into(),
                ..Lead::default()
            };
            let request =
                RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("listed-{n}"), lead: Some(lead) };
            client.route_lead(request).await.map(drop)
        }
        .boxed()
    })
}

/// The real binary, once it has listed the pool.
async fn weight(stage: &Stage, leads: usize) -> Outcome<Row> {
    let name = format!("leadhand-pool with {} pooled leads", grouped(leads as f64));
    let own = std::env::current_exe()?;
    let binary = own.parent().unwrap_or(Path::new(".")).join("leadhand-pool");
    if !binary.is_file() {
        return Ok(Row::missing(name, "run `cargo build --profile bench --workspace --bins` first"));
    }
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut service = memory::Service::start(&binary, address, &stage.redis_url())?;
    if !service.listens(address) {
        return Ok(Row::missing(name, "the binary does not serve"));
    }
    let lane = leadhand_kit::client::connect(&format!("http://{address}"), &Default::default()).await?;
    list(&vec![lane], KINDS[0])(0, 0).await?;
    let mib = service.resident_mib()?;
    let target = Target::at_most("300 MiB", mib, LIMIT_MIB);
    Ok(Row::new(name, format!("{mib:.1} MiB")).value("resident_mib", mib).target(Some(target)))
}
