//! Skipping a pooled lead.

use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::skip::{self, Command};
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// A rep does not want a lead.
pub(crate) async fn skip(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| skip::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &skip::reads(command), decide).await
}
