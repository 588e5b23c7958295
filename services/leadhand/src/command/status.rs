//! `leadhand status`: the health of each service, the policy, the pools and the reps.

use futures_util::StreamExt;
use leadhand_kit::deadline;
use leadhand_proto::policy::v1::Version;
use leadhand_proto::pool::v1::{GetStandingResponse, Pool};
use leadhand_proto::status::told;
use serde_json::{Value, json};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::outline::Outline;
use crate::suite::SERVICES;
use crate::{moment, output};

use super::standing::{self, claims_left, standing_json};
use super::{policy, pool};

/// How many standings are asked for at once.
const IN_FLIGHT: usize = 16;

/// Runs the command. Ends with [`Exit::Unavailable`] when a service does not take calls.
pub(super) async fn run(session: &Session) -> Result<Exit, Failure> {
    let mut health = Vec::new();
    for service in SERVICES {
        health.push((service, health_of(session, service).await?));
    }
    let serving = health.iter().all(|(_, health)| *health == "serving");
    let workspace = if serving { of_workspace(session).await? } else { None };
    if session.json {
        output::json(&status_json(session, &health, workspace.as_ref()))?;
    } else {
        show(session, &health, serving, workspace.as_ref())?;
    }
    Ok(if serving { Exit::Done } else { Exit::Unavailable })
}

/// Whether a service takes calls, as it says itself.
async fn health_of(session: &Session, service: &str) -> Result<&'static str, Failure> {
    let request = HealthCheckRequest { service: service.to_owned() };
    match deadline::scope(session.timeout, session.health().check(request)).await {
        Ok(answer) => Ok(match answer.into_inner().status() {
            ServingStatus::Serving => "serving",
            ServingStatus::NotServing => "not serving",
            ServingStatus::Unknown | ServingStatus::ServiceUnknown => "unknown",
        }),
        Err(status) if status.code() == Code::NotFound => Ok("not here"),
        Err(status) => Err(status.into()),
    }
}

/// What is to be known of a workspace.
struct Workspace {
    version: Version,
    pools: Vec<Pool>,
    reps: Vec<(String, String, GetStandingResponse)>,
}

/// `None` when the workspace has no policy yet.
async fn of_workspace(session: &Session) -> Result<Option<Workspace>, Failure> {
    let active = match policy::get(session).await {
        Ok(active) => active,
        Err(status) if told(&status).reason == "POLICY_MISSING" => return Ok(None),
        Err(status) => return Err(status.into()),
    };
    let outline = Outline::parse(&active.document).map_err(Failure::Local)?;
    let pools = pool::pools(session).await?;
    let members: Vec<(String, String)> =
        outline.reps().into_iter().map(|(rep, teams)| (rep.to_owned(), teams.join(", "))).collect();
    let mut asked = futures_util::stream::iter(members)
        .map(async |(rep, teams)| {
            let standing = standing::standing(session, &rep, None).await?;
            Ok::<_, Failure>((rep, teams, standing))
        })
        .buffered(IN_FLIGHT);
    let mut reps = Vec::new();
    while let Some(rep) = asked.next().await {
        reps.push(rep?);
    }
    Ok(Some(Workspace { version: active.version.unwrap_or_default(), pools, reps }))
}

fn show(
    session: &Session,
    health: &[(&str, &str)],
    serving: bool,
    workspace: Option<&Workspace>,
) -> Result<(), Failure> {
    let rows = health.iter().map(|(service, health)| vec![(*service).to_owned(), (*health).to_owned()]);
    output::print_table(&output::table(&[&format!("service at {}", session.server), "health"], &[], rows))?;
    if !serving {
        output::line("\nnot every service takes calls: see the server's log, and ask again")?;
        return Ok(());
    }
    let Some(workspace) = workspace else {
        output::line(format_args!("\nworkspace {} has no policy yet: leadhand policy apply FILE", session.workspace))?;
        return Ok(());
    };
    let version = &workspace.version;
    output::line(format_args!(
        "\nworkspace {}, policy version {} by {} of {}\n",
        session.workspace,
        version.number,
        version.author,
        output::local(version.applied_at.as_ref())
    ))?;
    output::print_table(&pool::pools_table(&workspace.pools, moment::now()))?;
    let rows = workspace.reps.iter().map(|(rep, teams, standing)| {
        vec![
            rep.clone(),
            output::or_dash(teams),
            standing.open.to_string(),
            standing.uncontacted.to_string(),
            claims_left(standing).map_or_else(|| "any".to_owned(), |left| left.to_string()),
            standing::left_text(standing),
        ]
    });
    output::line("")?;
    let header = ["rep", "team", "open", "uncontacted", "claims left", "by window"];
    output::print_table(&output::table(&header, &[2, 3, 4], rows))?;
    Ok(())
}

fn status_json(session: &Session, health: &[(&str, &str)], workspace: Option<&Workspace>) -> Value {
    let services: Vec<Value> =
        health.iter().map(|(service, health)| json!({ "service": service, "health": health })).collect();
    let workspace = workspace.map(|it| {
        let reps: Vec<Value> = it
            .reps
            .iter()
            .map(|(rep, teams, standing)| {
                let mut rep = standing_json(rep, standing);
                rep["team"] = json!(teams);
                rep
            })
            .collect();
        json!({
            "policy_version": it.version.number,
            "pools": it.pools.iter().map(pool::pool_json).collect::<Vec<_>>(),
            "reps": reps,
        })
    });
    json!({ "server": session.server, "workspace": session.workspace, "services": services, "state": workspace })
}
