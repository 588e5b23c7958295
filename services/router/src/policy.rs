//! Keeping the policy.

use leadhand_domain::id::Workspace;
use leadhand_domain::invalid::{Fields, text};
use leadhand_domain::policy::{Policy, apply};
use leadhand_domain::record::PolicyVersion;
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// The largest document, in bytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// Checks a document and what goes with it; every fault is noted with its place.
pub(crate) fn check(document: String, author: &str, comment: &str, fields: &mut Fields) -> Option<apply::Command> {
    let mut pools = Vec::new();
    if document.trim().is_empty() {
        fields.add("document", "required");
    } else if document.len() > MAX_DOCUMENT {
        fields.add("document", format!("at most {MAX_DOCUMENT} bytes"));
    } else {
        match Policy::parse(&document) {
            Ok(policy) => pools = policy.pools,
            Err(faults) => faults.iter().for_each(|fault| fields.add("document", fault.to_string())),
        }
    }
    if author.trim().is_empty() {
        fields.add("author", "required");
    }
    let author = fields.take("author", text(author, 100))?;
    let comment = fields.take("comment", text(comment, 500))?;
    Some(apply::Command { document, pools, author, comment, secret: rand::random() })
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

/// The active version.
pub(crate) async fn active(store: &Store, workspace: &Workspace) -> Result<PolicyVersion, Error> {
    let version = store.policy_version(workspace).await?;
    version.ok_or_else(|| Refusal::of(Reason::PolicyMissing, "the workspace has no policy yet").into())
}
