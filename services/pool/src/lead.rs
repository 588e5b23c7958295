//! Showing one lead.

use std::sync::Arc;

use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::lead::{Lead, Person};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::Key;
use leadhand_domain::refusal::Refusal;
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
    let read = store.read(workspace, &[Key::Lead(lead), Key::Person(lead)]).await?;
    // Who left the policy still sees the leads that are theirs.
    if read.lead(lead).and_then(Lead::owner) != Some(viewer) {
        policy_with(store, workspace, viewer).await?;
    }
    let found = read.lead(lead).ok_or_else(|| Refusal::lead_unknown(lead))?;
    let view = view(found, viewer)?;
    let person = read.person(lead).cloned().unwrap_or_default();
    Ok(Shown { lead: found.clone(), person, view })
}

/// The active policy, which must have the rep.
pub(crate) async fn policy_with(store: &Store, workspace: &Workspace, rep: &RepId) -> Result<Arc<Policy>, Error> {
    let policy = required(store.policy(workspace).await?)?;
    policy.require_rep(rep)?;
    Ok(policy)
}
