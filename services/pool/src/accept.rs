//! Accepting an offer.

use leadhand_domain::accept::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// A rep takes a lead that was offered.
pub(crate) async fn accept(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| accept::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &accept::reads(command), decide).await
}
