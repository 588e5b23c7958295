//! Listing pools and what waits in them.

use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::expression::Expression;
use leadhand_domain::guardrail::settings::Transparency;
use leadhand_domain::guardrail::tier;
use leadhand_domain::id::{PoolId, RepId, Workspace};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::Key;
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::search::Query;
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::Viewer;
use leadhand_kit::{deadline, status};
use leadhand_proto::lead::v1::Preview;
use leadhand_proto::time::timestamp;
use leadhand_proto::{lead_wire, refusal};
use leadhand_store::events::Position;
use leadhand_store::pools::Depth;
use leadhand_store::{Error, Store};
use tonic::Status;

use crate::config::Browse;
use crate::hub::{Hub, Hubs, Shelf};
use crate::index::{Ask, Entry, LOOKED_AT, Place, Sort};
use crate::lead::policy_with;
use crate::token::Stamp;

/// How many leads a page has when the caller does not say.
pub(crate) const PAGE: usize = 50;

/// The most leads a page may have.
pub(crate) const MAX_PAGE: usize = 500;

/// How long a call waits at most for a workspace that is not in memory yet, if its deadline does not come before …
const FIRST: Duration = Duration::from_secs(10);
/// … by so much, which is left for the answer.
const SPARE: Duration = Duration::from_millis(50);

/// How many leads are looked at before others have a turn.
const SLICE: usize = 2_000;

/// Which page of which pool is wanted, by whom.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) workspace: Workspace,
    pub(crate) rep: RepId,
    pub(crate) pool: PoolId,
    pub(crate) filter: Option<Expression>,
    pub(crate) query: Query,
    pub(crate) sort: Sort,
    pub(crate) after: Option<Place>,
    pub(crate) size: usize,
    /// What page tokens are bound to.
    pub(crate) stamp: Stamp,
}

/// One page of a pool.
#[derive(Debug)]
pub(crate) struct Page<Lead = Preview> {
    pub(crate) leads: Vec<Lead>,
    /// Where the next page starts; `None` on the last one.
    pub(crate) next: Option<Place>,
    /// Whether it may lack what was last committed.
    pub(crate) behind: bool,
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The store failed, or a rule refuses.
    Store(Error),
    /// As many workspaces are in memory as may be.
    Overloaded,
    /// The workspace is still being read.
    NotYet,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Failed {
    /// What the caller is told.
    pub(crate) fn status(&self, now: Millis) -> Status {
        match self {
            Self::Store(error) => refusal::failed(&error.failure(), now),
            Self::Overloaded => status::overloaded(),
            Self::NotYet => refusal::unavailable(),
        }
    }
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

/// The policy by which a rep may look at a pool.
pub(crate) async fn policy_for(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    pool: &PoolId,
) -> Result<Arc<Policy>, Error> {
    let policy = policy_with(store, workspace, rep).await?;
    if !policy.has_pool(pool) && !known_pools(store, workspace).await?.contains(pool) {
        return Err(Refusal::of(Reason::PoolUnknown, format!("no pool `{pool}` in the policy")).into());
    }
    Ok(policy)
}

/// The policy by which a rep may look at a pool, and as whom.
pub(crate) async fn viewer(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    pool: &PoolId,
) -> Result<(Arc<Policy>, Viewer), Error> {
    let keys = tier::reads(rep);
    let (policy, read) = tokio::join!(policy_for(store, workspace, rep, pool), store.read(workspace, &keys));
    let (policy, read) = (policy?, read?);
    let tier = tier::of(&read, rep, &policy);
    Ok((policy, Viewer { rep: rep.clone(), tier }))
}

/// A page of a pool, of everything that was committed when the call came, if that can be had in time.
pub(crate) async fn page(
    store: &Store,
    hubs: &Hubs,
    listing: &Listing,
    shown: Option<Transparency>,
    now: Millis,
) -> Result<Page, Failed> {
    let Listing { workspace, rep, pool, .. } = listing;
    let (seen, newest) = tokio::join!(viewer(store, workspace, rep, pool), store.events_newest(workspace));
    let ((policy, viewer), newest) = (seen?, newest?);
    let hub = hubs.join(workspace).ok_or(Failed::Overloaded)?;
    let seen = wait(&hub, newest, &hubs.config).await?;
    let ask = Ask { policy, viewer, pool: pool.clone(), filter: listing.filter.clone(), query: listing.query.clone() };
    let Page { leads, next, .. } = look(hub.index(), &ask, listing, now).await;
    Ok(Page { leads: previews(store, workspace, &leads, shown, now).await?, next, behind: !seen })
}

/// What the list shows of each lead. What belongs to the detail is not kept in memory: where a list shows it, it is read.
async fn previews(
    store: &Store,
    workspace: &Workspace,
    leads: &[Arc<Entry>],
    shown: Option<Transparency>,
    now: Millis,
) -> Result<Vec<Preview>, Error> {
    let held_until = |entry: &Entry| entry.lead.held_at(now).map(|hold| timestamp(hold.until));
    let preview = |entry: &Arc<Entry>| Preview { held_until: held_until(entry), ..entry.preview() };
    let mut previews: Vec<_> = leads.iter().map(preview).collect();
    let Some(transparency) = shown else { return Ok(previews) };
    let keys: Vec<_> = leads.iter().map(|entry| Key::Person(entry.lead.id)).collect();
    let read = store.read(workspace, &keys).await?;
    for (preview, entry) in previews.iter_mut().zip(leads) {
        preview.detail = read.person(entry.lead.id).map(|person| lead_wire::detail(person, transparency));
    }
    Ok(previews)
}

/// Waits until an index has seen an event, for as long as lists wait; whether it has.
pub(crate) async fn wait(hub: &Hub, position: Position, config: &Browse) -> Result<bool, Failed> {
    let first = deadline::remaining().map_or(FIRST, |left| left.saturating_sub(SPARE).min(FIRST));
    hub.has_seen(position, Duration::from_millis(config.wait_ms), first).await.ok_or(Failed::NotYet)
}

/// Looks until the page is full, or for as long as one call may. In slices: who writes meanwhile is not held up for long.
async fn look(index: &Shelf, ask: &Ask, listing: &Listing, now: Millis) -> Page<Arc<Entry>> {
    let (mut leads, mut after, mut left) = (Vec::new(), listing.after, LOOKED_AT);
    loop {
        let (wanted, most) = (listing.size - leads.len(), left.min(SLICE));
        let found = index.read().page(ask, listing.sort, after, wanted, most, now);
        leads.extend(found.leads);
        left = left.saturating_sub(found.looked_at);
        if found.next.is_none() || leads.len() >= listing.size || left == 0 {
            return Page { leads, next: found.next, behind: false };
        }
        after = found.next;
        tokio::task::yield_now().await;
    }
}

/// The page's size that a caller asks for.
pub(crate) fn parse_size(size: i32) -> Result<usize, Invalid> {
    match usize::try_from(size) {
        Ok(0) => Ok(PAGE),
        Ok(size) if size <= MAX_PAGE => Ok(size),
        _ => Err(Invalid::new(format!("0 to {MAX_PAGE}"))),
    }
}
