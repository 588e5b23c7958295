//! Updating what is known of a lead.

use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_domain::update::{self, Command};
use leadhand_store::{Committed, Error, Request, Store};

/// A platform knows better.
pub(crate) async fn update(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let decide = |snapshot: &_, _: Option<&_>| update::decide(snapshot, command, now);
    store.transact(workspace, Some(request), &update::reads(command), decide).await
}
