//! Claiming a lead.

use leadhand_domain::claim::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// A rep takes a lead out of its pool.
pub(crate) async fn claim(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| claim::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &claim::reads(command), decide).await
}
