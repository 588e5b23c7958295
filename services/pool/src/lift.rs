//! Lifting what is held against a rep.

use leadhand_domain::conduct::lift::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// A manager lifts a penalty.
pub(crate) async fn lift(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| lift::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &lift::reads(command), decide).await
}
