//! `leadhand policy`: check, apply and compare documents, list versions, go back to one.

use std::path::Path;

use leadhand_domain::policy::Fault;
use leadhand_proto::policy::v1::{
    ApplyPolicyRequest, GetPolicyRequest, GetPolicyResponse, ListPolicyVersionsRequest, RollbackPolicyRequest, Version,
};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::{Apply, Policy, Rollback};
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{example, output};

use super::read_text;

mod watch;

/// How many versions one call lists.
const PAGE: usize = 100;

/// Runs the command. Only what asks the server opens the session.
pub(super) async fn run(
    session: impl Future<Output = Result<Session, Failure>>,
    args: Policy,
    json: bool,
) -> Result<Exit, Failure> {
    match args {
        Policy::Apply(args) => {
            let document = read_text(&args.file)?;
            apply_document(&session.await?, document, args).await
        }
        Policy::Show { number } => show(&session.await?, number).await,
        Policy::Check { file } => check(&file, json),
        Policy::Diff { old, new } => diff(&session.await?, old, new).await,
        Policy::Log { limit } => log(&session.await?, limit).await,
        Policy::Watch { after, limit } => watch::run(&session.await?, after, limit).await,
        Policy::Rollback(args) => roll_back(&session.await?, args).await,
        Policy::Schema => schema(),
        Policy::Example { name } => example(name.as_deref()),
    }
}

/// Checks a document here: no server is asked.
fn check(file: &Path, json: bool) -> Result<Exit, Failure> {
    let (faults, warnings) = match leadhand_domain::policy::Policy::check(&read_text(file)?) {
        Ok((_, warnings)) => (Vec::new(), warnings),
        Err(faults) => (faults, Vec::new()),
    };
    let exit = if faults.is_empty() { Exit::Done } else { Exit::Input };
    if json {
        let told = |faults: &[Fault]| -> Vec<Value> { faults.iter().map(fault_json).collect() };
        output::json(&json!({ "faults": told(&faults), "warnings": told(&warnings) }))?;
        return Ok(exit);
    }
    for fault in &faults {
        output::line(format_args!("{}:{fault}", file.display()))?;
    }
    for warning in &warnings {
        output::line(format_args!("{}:{warning} (warning)", file.display()))?;
    }
    if faults.is_empty() {
        output::line(format_args!("{} is a sound policy", file.display()))?;
    }
    Ok(exit)
}

fn fault_json(fault: &Fault) -> Value {
    json!({ "line": fault.line, "column": fault.column, "message": fault.message })
}

/// A document and what to call it.
struct Named {
    name: String,
    document: String,
}

async fn diff(session: &Session, old: Option<String>, new: Option<String>) -> Result<Exit, Failure> {
    let is_file = |name: &str| name.parse::<u64>().is_err();
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (named(session, &old).await?, named(session, &new).await?),
        (Some(file), None) if is_file(&file) => (version(session, None).await?, named(session, &file).await?),
        (Some(old), None) => (named(session, &old).await?, version(session, None).await?),
        (None, _) => {
            let active = get(session).await?;
            let number = active.version.as_ref().map_or(0, |version| version.number);
            if number < 2 {
                return Err(Failure::input("there is no version before the active one"));
            }
            (version(session, Some(number - 1)).await?, version(session, Some(number)).await?)
        }
    };
    let difference = similar::TextDiff::from_lines(&old.document, &new.document);
    let mut unified = difference.unified_diff();
    let text = unified.context_radius(3).header(&old.name, &new.name).to_string();
    if session.json {
        output::json(&json!({ "old": old.name, "new": new.name, "diff": text }))?;
    } else if text.is_empty() {
        eprintln!("{} and {} are the same", old.name, new.name);
    } else {
        output::line(text.trim_end_matches('\n'))?;
    }
    Ok(Exit::Done)
}

/// A version by its number, or a file.
async fn named(session: &Session, name: &str) -> Result<Named, Failure> {
    match name.parse() {
        Ok(number) => version(session, Some(number)).await,
        Err(_) => Ok(Named { name: name.to_owned(), document: read_text(Path::new(name))? }),
    }
}

async fn version(session: &Session, number: Option<u64>) -> Result<Named, Failure> {
    let held = get_version(session, number).await?;
    let number = held.version.map_or(0, |version| version.number);
    Ok(Named { name: format!("version {number}"), document: held.document })
}

async fn log(session: &Session, limit: usize) -> Result<Exit, Failure> {
    let mut versions = Vec::new();
    let mut page_token = String::new();
    while versions.len() < limit {
        let request = ListPolicyVersionsRequest {
            workspace: session.workspace.clone(),
            page_size: i32::try_from((limit - versions.len()).min(PAGE)).unwrap_or(0),
            page_token,
        };
        let send = |request| {
            let mut client = session.policy();
            async move { client.list_policy_versions(request).await }
        };
        let page = session.call(request, send).await?;
        versions.extend(page.versions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if session.json {
        output::json(&Value::Array(versions.iter().map(version_json).collect()))?;
        return Ok(Exit::Done);
    }
    let rows = versions.iter().map(|version| {
        let at = output::local(version.applied_at.as_ref());
        vec![version.number.to_string(), at, version.author.clone(), version.comment.clone()]
    });
    output::print_table(&output::table(&["version", "applied", "by", "why"], &[0], rows))?;
    Ok(Exit::Done)
}

async fn roll_back(session: &Session, args: Rollback) -> Result<Exit, Failure> {
    let id = args.request.id();
    let request = RollbackPolicyRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        version: args.number,
        author: args.author,
        comment: args.comment,
    };
    let send = |request| {
        let mut client = session.policy();
        async move { client.rollback_policy(request).await }
    };
    let answer = session.call(request, send).await.map_err(|status| Failure::of_change(status, &id))?;
    let made = answer.version.unwrap_or_default();
    if session.json {
        output::json(&version_json(&made))?;
    } else {
        let (number, workspace) = (made.number, &session.workspace);
        output::line(format_args!(
            "version {number}, the document of version {}, is active in workspace {workspace}",
            args.number
        ))?;
    }
    Ok(Exit::Done)
}

fn schema() -> Result<Exit, Failure> {
    let schema = leadhand_domain::policy::Policy::schema();
    output::line(format_args!("{:#}", schema.to_value()))?;
    Ok(Exit::Done)
}

fn example(name: Option<&str>) -> Result<Exit, Failure> {
    match name.and_then(example::document) {
        Some(document) => output::line(document.trim_end())?,
        None => {
            for name in example::NAMES {
                output::line(name)?;
            }
        }
    }
    Ok(Exit::Done)
}

async fn apply_document(session: &Session, document: String, args: Apply) -> Result<Exit, Failure> {
    let id = args.request.id();
    // A document at fault is the server's to refuse.
    let warnings = leadhand_domain::policy::Policy::check(&document).map_or(Vec::new(), |(_, warnings)| warnings);
    let request = ApplyPolicyRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        document,
        author: args.author,
        comment: args.comment,
    };
    let version = apply(session, request).await.map_err(|status| Failure::of_change(status, &id))?;
    if session.json {
        let mut applied = version_json(&version);
        applied["warnings"] = warnings.iter().map(fault_json).collect();
        output::json(&applied)?;
    } else {
        for warning in &warnings {
            eprintln!("{}:{warning} (warning)", args.file.display());
        }
        output::line(format_args!("version {} is active in workspace {}", version.number, session.workspace))?;
    }
    Ok(Exit::Done)
}

async fn show(session: &Session, version: Option<u64>) -> Result<Exit, Failure> {
    let active = get_version(session, version).await?;
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
    get_version(session, None).await
}

/// A version; the active one when none is named.
async fn get_version(session: &Session, version: Option<u64>) -> Result<GetPolicyResponse, Status> {
    let request = GetPolicyRequest { workspace: session.workspace.clone(), version };
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
