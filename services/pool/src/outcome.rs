//! Recording what came of a lead.

use leadhand_domain::id::Workspace;
use leadhand_domain::outcome::{self, Command};
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// The owner says what came of a lead.
pub(crate) async fn outcome(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| outcome::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &outcome::reads(command), decide).await
}
