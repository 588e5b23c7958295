//! Listing pools and what waits in them.

use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::lead::{Lead, Person};
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::time::Millis;
use leadhand_store::pools::{Depth, Entry};
use leadhand_store::{Error, Store};

use crate::lead::policy_with;

/// How many leads a page has when the caller does not say.
pub(crate) const PAGE: usize = 50;

/// The most leads a page may have.
pub(crate) const MAX_PAGE: usize = 500;

/// One page of a pool.
pub(crate) struct Page {
    pub(crate) leads: Vec<(Lead, Person)>,
    /// Where the next page starts; `None` on the last one.
    pub(crate) next: Option<Entry>,
}

/// The pools of the policy and how full they are; then those that it has dropped and in which leads still wait.
pub(crate) async fn pools(store: &Store, workspace: &Workspace) -> Result<Vec<(PoolId, Depth)>, Error> {
    let policy = required(store.policy(workspace).await?)?;
    let dropped = known_pools(store, workspace).await?.into_iter().filter(|pool| !policy.has_pool(pool));
    let mut pools = Vec::new();
    for pool in policy.pools.iter().map(|pool| pool.id.clone()).chain(dropped) {
        let depth = store.pool_depth(workspace, &pool).await?;
        if depth.leads > 0 || policy.has_pool(&pool) {
            pools.push((pool, depth));
        }
    }
    Ok(pools)
}

/// Every pool that any version of the policy has had.
pub(crate) async fn known_pools(store: &Store, workspace: &Workspace) -> Result<Vec<PoolId>, Error> {
    let read = store.read(workspace, &[Key::PolicyHead]).await?;
    Ok(read.policy_head().map(|head| head.pools.clone()).unwrap_or_default())
}

/// Up to `size` leads of a pool after a place in its order.
pub(crate) async fn page(
    store: &Store,
    workspace: &Workspace,
    viewer: &RepId,
    pool: &PoolId,
    after: Option<Entry>,
    size: usize,
) -> Result<Page, Error> {
    let policy = policy_with(store, workspace, viewer).await?;
    if !policy.has_pool(pool) && !known_pools(store, workspace).await?.contains(pool) {
        return Err(Refusal::of(Reason::PoolUnknown, format!("no pool `{pool}` in the policy")).into());
    }
    let entries = store.pool_page(workspace, pool, after, size).await?;
    let next = if entries.len() == size { entries.last().copied() } else { None };
    let keys: Vec<_> = entries.iter().flat_map(|entry| [Key::Lead(entry.lead), Key::Person(entry.lead)]).collect();
    let read = store.read(workspace, &keys).await?;
    let leads = entries.iter().filter_map(|entry| {
        // Claimed between the two readings: no longer in the pool.
        let lead = read.lead(entry.lead).filter(|lead| lead.owner().is_none())?;
        Some((lead.clone(), read.person(entry.lead).cloned().unwrap_or_default()))
    });
    Ok(Page { leads: leads.collect(), next })
}

/// A page token: the place of the last lead of the page before.
pub(crate) fn token(entry: Entry) -> String {
    format!("{}.{}", entry.at.0, entry.lead)
}

/// Reads a page token; empty is the beginning.
pub(crate) fn parse_token(token: &str) -> Result<Option<Entry>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let place = token
        .split_once('.')
        .and_then(|(at, lead)| Some(Entry { at: Millis(at.parse().ok()?), lead: LeadId::parse(lead).ok()? }));
    place.map(Some).ok_or_else(|| Invalid::new("not a token that ListLeads gave"))
}

/// The page's size that a caller asks for.
pub(crate) fn parse_size(size: i32) -> Result<usize, Invalid> {
    match usize::try_from(size) {
        Ok(0) => Ok(PAGE),
        Ok(size) if size <= MAX_PAGE => Ok(size),
        _ => Err(Invalid::new(format!("0 to {MAX_PAGE}"))),
    }
}
