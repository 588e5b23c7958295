//! Whether a rep is free.

use leadhand_domain::availability::{self, Availability};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

/// Whether a rep is free at a moment, by the calendars held now.
pub(crate) async fn at(store: &Store, workspace: &Workspace, rep: &RepId, at: Millis) -> Result<Availability, Error> {
    let keys = [Key::Calendar(rep.clone())];
    let (policy, calendar) = futures_util::try_join!(store.policy(workspace), store.read(workspace, &keys))?;
    Ok(availability::at(policy.as_deref(), rep, calendar.calendar(rep), at)?)
}
