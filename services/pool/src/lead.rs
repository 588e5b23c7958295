//! Showing one lead.

use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::lead::{Lead, Person};
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::visibility::{View, view};
use leadhand_store::{Error, Store};

/// A lead and how much of it the viewer sees.
pub(crate) struct Shown {
    pub(crate) lead: Lead,
    pub(crate) person: Person,
    pub(crate) view: View,
}

/// The lead as `viewer` may see it.
pub(crate) async fn show(store: &Store, workspace: &Workspace, viewer: &RepId, lead: LeadId) -> Result<Shown, Error> {
    known_rep(store, workspace, viewer).await?;
    let read = store.read(workspace, &[Key::Lead(lead), Key::Person(lead)]).await?;
    let found = read.lead(lead).ok_or_else(|| Refusal::of(Reason::LeadUnknown, format!("no lead {lead}")))?;
    let view = view(found, viewer)?;
    let person = read.person(lead).cloned().unwrap_or_default();
    Ok(Shown { lead: found.clone(), person, view })
}

/// Refuses a rep whom the active policy does not have.
pub(crate) async fn known_rep(store: &Store, workspace: &Workspace, rep: &RepId) -> Result<(), Error> {
    let policy = store.policy(workspace).await?;
    if required(policy.as_deref())?.has_rep(rep) {
        return Ok(());
    }
    Err(Refusal::of(Reason::RepUnknown, format!("no rep `{rep}` in the policy")).into())
}
