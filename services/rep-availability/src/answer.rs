//! Whether a rep is available.

use leadhand_domain::availability::status::Known;
use leadhand_domain::availability::{self, Answered};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

/// Whether a rep is available at a moment, by what is known now.
pub(crate) async fn at(store: &Store, workspace: &Workspace, rep: &RepId, at: Millis) -> Result<Answered, Error> {
    let keys = Known::keys(rep);
    let (policy, read) = futures_util::try_join!(store.policy(workspace), store.read(workspace, &keys))?;
    Ok(availability::at(policy.as_deref(), rep, Known::of(&read, rep), at)?)
}
