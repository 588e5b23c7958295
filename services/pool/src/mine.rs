//! Listing what a rep has.

use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_domain::visibility::view;
use leadhand_store::pools::Entry;
use leadhand_store::{Error, Store};

use crate::lead::{Shown, policy_with};

/// One page of what a rep has.
pub(crate) struct Page {
    pub(crate) leads: Vec<Shown>,
    /// Where the next page starts; `None` on the last one.
    pub(crate) next: Option<Entry>,
}

/// Up to `size` leads that a rep owns or is asked to accept, after a place in their order.
pub(crate) async fn page(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    after: Option<Entry>,
    size: usize,
) -> Result<Page, Error> {
    let entries = store.owned_page(workspace, rep, after, size).await?;
    // Who left the policy still sees the leads that are theirs.
    if entries.is_empty() && after.is_none() {
        policy_with(store, workspace, rep).await?;
    }
    let next = if entries.len() == size { entries.last().copied() } else { None };
    let keys: Vec<_> = entries.iter().flat_map(|entry| [Key::Lead(entry.lead), Key::Person(entry.lead)]).collect();
    let read = store.read(workspace, &keys).await?;
    let leads = entries.iter().filter_map(|entry| {
        let lead = read.lead(entry.lead)?;
        // Gone between the two readings: no longer the rep's, even if it can be seen, as a pooled one is.
        lead.holder().filter(|holder| *holder == rep)?;
        let view = view(lead, rep).ok()?;
        Some(Shown { lead: lead.clone(), person: read.person(entry.lead).cloned().unwrap_or_default(), view })
    });
    Ok(Page { leads: leads.collect(), next })
}
