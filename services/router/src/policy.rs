//! Keeping the policy.

use leadhand_domain::id::Workspace;
use leadhand_domain::invalid::{Fields, Invalid, text};
use leadhand_domain::policy::{Policy, apply, required, rollback};
use leadhand_domain::record::{Key, PolicyVersion};
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::rounds::Asked;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// The largest document, in bytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// The versions that a page has when its caller asks for no size.
const PAGE: u64 = 20;

/// The most versions that a page has.
const MAX_PAGE: u64 = 100;

/// How many versions are read at once: each with its document.
const AT_ONCE: usize = 4;

/// Whether there is a document of a size that can be one.
pub(crate) fn is_document(document: &str, fields: &mut Fields) -> bool {
    if document.trim().is_empty() {
        fields.add("document", "required");
    } else if document.len() > MAX_DOCUMENT {
        fields.add("document", format!("at most {MAX_DOCUMENT} bytes"));
    } else {
        return true;
    }
    false
}

/// Checks a document and what goes with it; every fault is noted with its place.
pub(crate) fn check(document: String, author: &str, comment: &str, fields: &mut Fields) -> Option<apply::Command> {
    let (mut pools, mut asked) = (Vec::new(), Asked::default());
    if is_document(&document, fields) {
        match Policy::parse(&document) {
            Ok(policy) => {
                asked = Asked::of(&policy);
                pools = policy.pools.into_iter().map(|pool| pool.id).collect();
            }
            Err(faults) => faults.iter().for_each(|fault| fields.add("document", fault.to_string())),
        }
    }
    let (author, comment) = signed(author, comment, fields);
    Some(apply::Command { document, pools, asked, author: author?, comment: comment?, secret: rand::random() })
}

/// Checks who makes a version, and why.
pub(crate) fn signed(author: &str, comment: &str, fields: &mut Fields) -> (Option<String>, Option<String>) {
    if author.trim().is_empty() {
        fields.add("author", "required");
    }
    (fields.take("author", text(author, 100)), fields.take("comment", text(comment, 500)))
}

/// Checks how many versions a caller asks for.
pub(crate) fn parse_size(size: i32) -> Result<u64, Invalid> {
    match u64::try_from(size) {
        Ok(0) => Ok(PAGE),
        Ok(size) if size <= MAX_PAGE => Ok(size),
        _ => Err(Invalid::new(format!("0 to {MAX_PAGE}"))),
    }
}

/// Reads a page token, the number of the page's first version; empty is the newest.
pub(crate) fn parse_token(token: &str) -> Result<Option<u64>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let number = token.parse().ok().filter(|number| digits && *number > 0);
    number.map(Some).ok_or_else(|| Invalid::new("not a token that ListPolicyVersions gave"))
}

/// Makes a checked document the active version.
pub(crate) async fn apply(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &apply::Command,
    now: Millis,
) -> Result<Committed, Error> {
    // Before the commit: a policy whose leads' deadlines nobody looks after must not be.
    store.enrol(workspace).await?;
    let decide = |snapshot: &_, _: Option<&_>| Ok(apply::decide(snapshot, command, now));
    store.transact(workspace, Some(request), &apply::READS, decide).await
}

/// Going back to an earlier version.
#[derive(Debug, Clone)]
pub(crate) struct Rollback {
    /// The version whose document is to be active.
    pub(crate) number: u64,
    /// Who goes back.
    pub(crate) author: String,
    /// Why.
    pub(crate) comment: String,
}

/// Makes an earlier version's document the newest version.
pub(crate) async fn roll_back(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    rollback: Rollback,
    now: Millis,
) -> Result<Committed, Error> {
    let Rollback { number, author, comment } = rollback;
    let document = version(store, workspace, number).await?.document;
    // Rules may have become stricter since.
    let text = document.clone();
    let parsed = tokio::task::spawn_blocking(move || Policy::parse(&text)).await;
    let policy = parsed.map_err(|error| Error::Damaged(error.to_string()))?.map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Refusal::of(Reason::PolicyOutdated, format!("version {number} is at fault by the rules of today: {first}"))
    })?;
    let asked = Asked::of(&policy);
    let pools = policy.pools.into_iter().map(|pool| pool.id).collect();
    let command = apply::Command { document, pools, asked, author, comment, secret: rand::random() };
    let decide = |snapshot: &_, _: Option<&_>| rollback::decide(snapshot, number, &command, now);
    store.transact(workspace, Some(request), &rollback::reads(number), decide).await
}

/// One version.
pub(crate) async fn version(store: &Store, workspace: &Workspace, number: u64) -> Result<PolicyVersion, Error> {
    let newest = newest(store, workspace).await?;
    let read = store.policy_versions(workspace, &[number]).await?.pop();
    read.filter(|_| number <= newest).ok_or_else(|| rollback::unknown(number).into())
}

async fn newest(store: &Store, workspace: &Workspace) -> Result<u64, Error> {
    let head = store.read(workspace, &[Key::PolicyHead]).await?;
    Ok(required(head.policy_head())?.number)
}

/// The versions from `from` downwards, the newest when it names none, and where the next page begins.
pub(crate) async fn versions(
    store: &Store,
    workspace: &Workspace,
    from: Option<u64>,
    size: u64,
) -> Result<(Vec<PolicyVersion>, Option<u64>), Error> {
    let newest = newest(store, workspace).await?;
    let from = from.map_or(newest, |from| from.min(newest));
    let next = from.saturating_sub(size);
    let numbers: Vec<_> = (next + 1..=from).rev().collect();
    let mut versions = Vec::new();
    for part in numbers.chunks(AT_ONCE) {
        let read = store.policy_versions(workspace, part).await?;
        versions.extend(read.into_iter().map(|version| PolicyVersion { document: String::new(), ..version }));
    }
    Ok((versions, (next > 0).then_some(next)))
}

/// The active version.
pub(crate) async fn active(store: &Store, workspace: &Workspace) -> Result<PolicyVersion, Error> {
    Ok(required(store.policy_version(workspace).await?)?)
}
