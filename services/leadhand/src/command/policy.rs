//! `leadhand policy`: apply a document, or show the active one.

use leadhand_proto::policy::v1::{ApplyPolicyRequest, GetPolicyRequest, GetPolicyResponse, Version};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::{Apply, Policy};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::output;

use super::read_text;

/// Runs the command.
pub(super) async fn run(
    session: impl Future<Output = Result<Session, Failure>>,
    args: Policy,
) -> Result<Exit, Failure> {
    match args {
        Policy::Apply(args) => {
            let document = read_text(&args.file)?;
            apply_document(&session.await?, document, args).await
        }
        Policy::Show => show(&session.await?).await,
    }
}

async fn apply_document(session: &Session, document: String, args: Apply) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = ApplyPolicyRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        document,
        author: args.author,
        comment: args.comment,
    };
    let version = apply(session, request).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        output::json(&version_json(&version))?;
    } else {
        output::line(format_args!("version {} is active in workspace {}", version.number, session.workspace))?;
    }
    Ok(Exit::Done)
}

async fn show(session: &Session) -> Result<Exit, Failure> {
    let active = get(session).await?;
    let version = active.version.unwrap_or_default();
    if session.json {
        let mut shown = version_json(&version);
        shown["document"] = json!(active.document);
        output::json(&shown)?;
    } else {
        // Comments, so that the output is the document again.
        output::line(format_args!(
            "# version {}, applied by {} at {}",
            version.number,
            version.author,
            output::local(version.applied_at.as_ref())
        ))?;
        if !version.comment.is_empty() {
            output::line(format_args!("# {}", version.comment.replace('\n', "\n# ")))?;
        }
        output::line(active.document.trim_end())?;
    }
    Ok(Exit::Done)
}

/// Applies a policy.
pub(crate) async fn apply(session: &Session, request: ApplyPolicyRequest) -> Result<Version, Status> {
    let send = |request| {
        let mut client = session.policy();
        async move { client.apply_policy(request).await }
    };
    Ok(session.call(request, send).await?.version.unwrap_or_default())
}

/// The active policy.
pub(crate) async fn get(session: &Session) -> Result<GetPolicyResponse, Status> {
    let request = GetPolicyRequest { workspace: session.workspace.clone(), version: None };
    let send = |request| {
        let mut client = session.policy();
        async move { client.get_policy(request).await }
    };
    session.call(request, send).await
}

fn version_json(version: &Version) -> Value {
    json!({
        "number": version.number,
        "author": version.author,
        "comment": version.comment,
        "applied_at": output::rfc3339(version.applied_at.as_ref()),
    })
}
