//! Recording the first contact.

use leadhand_domain::contact::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

/// The owner has made contact.
pub(crate) async fn contact(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| contact::decide(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &contact::reads(command), decide).await
}
