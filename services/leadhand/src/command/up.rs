//! `leadhand up`: every service in one process on one port.

use leadhand_kit::{config, server, telemetry};
use leadhand_proto::policy::v1::ApplyPolicyRequest;
use leadhand_proto::status::told;
use serde::Deserialize;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{Global, Up};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::suite::{self, Settings, Suite};

use super::policy;

mod feeds;

pub(crate) use feeds::Feeds;

/// What variables may set, as they do for a service that runs alone: `LEADHAND__SERVER__METRICS_LISTEN` and the like.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Variables {
    server: server::Config,
    telemetry: telemetry::Config,
    redis: Option<leadhand_store::Config>,
    enrichment: leadhand_router::Enrichment,
}

/// Runs the command until SIGTERM or SIGINT.
pub(super) async fn run(global: &Global, args: Up) -> Result<Exit, Failure> {
    let document = args.policy.as_deref().map(super::read_text).transpose()?;
    let feeds = args.feeds.as_deref().map(feeds::read).transpose()?.unwrap_or_default();
    let Variables { mut server, mut telemetry, redis, enrichment } =
        config::load(None, std::env::vars()).map_err(|error| Failure::input(error.to_string()))?;
    server.listen = args.listen;
    if std::env::var_os("LEADHAND__TELEMETRY__LOG_FORMAT").is_none() {
        telemetry.log_format = telemetry::LogFormat::Text;
    }

    // Held to the end: the services go before their Redis does.
    let _own: Option<leadhand_store::local::Server>;
    let redis = match (args.redis, redis) {
        (Some(url), given) => {
            _own = None;
            leadhand_store::Config { url, ..given.unwrap_or_default() }
        }
        (None, Some(given)) => {
            _own = None;
            given
        }
        (None, None) => {
            let own = suite::private_redis(&args.data).await?;
            let config = leadhand_store::Config::at(own.url());
            _own = Some(own);
            config
        }
    };
    let suite = Suite::start(Settings { server, telemetry, redis, enrichment, feeds }).await?;
    let shutdown = suite.context.shutdown.clone();
    shutdown_on_signal(shutdown.clone())?;

    let global = Global { server: suite.url(), ..global.clone() };
    let ready = async {
        let session = Session::open(&global).await?;
        suite.ready(&session).await?;
        let version = match document {
            Some(document) => Some(apply(&session, document).await?),
            None => active(&session).await?.map(|(version, _)| version),
        };
        greet(&session, version)
    };
    let ready = tokio::select! {
        ready = ready => ready,
        () = shutdown.cancelled() => Ok(()),
    };
    if ready.is_err() {
        shutdown.cancel();
    }
    let ended = suite.ended().await;
    ready.and(ended).map(|()| Exit::Done)
}

/// Ends the services on SIGTERM and SIGINT.
pub(crate) fn shutdown_on_signal(shutdown: CancellationToken) -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::local("signals cannot be awaited", error));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    });
    Ok(())
}

/// The active version and its document, if the workspace has one.
async fn active(session: &Session) -> Result<Option<(u64, String)>, Failure> {
    match policy::get(session).await {
        Ok(active) => Ok(Some((active.version.unwrap_or_default().number, active.document))),
        Err(status) if told(&status).reason == "POLICY_MISSING" => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// Makes the document active unless it is, and answers with the active version.
async fn apply(session: &Session, document: String) -> Result<u64, Failure> {
    if let Some((version, active)) = active(session).await?
        && active == document
    {
        return Ok(version);
    }
    let request = ApplyPolicyRequest {
        workspace: session.workspace.clone(),
        request_id: uuid::Uuid::now_v7().to_string(),
        document,
        author: "leadhand up".to_owned(),
        comment: String::new(),
    };
    Ok(policy::apply(session, request).await?.number)
}

fn greet(session: &Session, version: Option<u64>) -> Result<(), Failure> {
    if session.json {
        output::json(&json!({ "server": session.server, "workspace": session.workspace, "policy_version": version }))?;
        return Ok(());
    }
    output::line(format_args!("leadhand is up at {}; interrupt it (Ctrl-C) to end it", session.server))?;
    match version {
        Some(version) => {
            output::line(format_args!("workspace {} works by policy version {version}", session.workspace))?;
        }
        None => output::line("give a workspace its policy with: leadhand policy apply FILE")?,
    }
    Ok(())
}
