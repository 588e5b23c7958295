//! What stands in front of a pool, as a rep may claim it.

use leadhand_domain::guardrail::selection::is_claimable;
use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::policy::Policy;
use leadhand_domain::time::Millis;
use leadhand_domain::view::{self, Command, MAX_FRONT};
use leadhand_store::{Error, Store};

/// How many pages are looked at before it counts as one without a lead for the rep.
const MAX_PAGES: usize = 16;

/// The leads of a pool in its order up to the first that `rep` may claim, as far as they are on one page with it; all of the last
/// page looked at, when there is none.
///
/// A decision that rests on them expects them as they were. Leads only enter a pool behind, so what was in front on an earlier page
/// and could not be claimed is taken as it was read.
pub(crate) async fn leads(
    store: &Store,
    workspace: &Workspace,
    pool: &PoolId,
    rep: &RepId,
    policy: &Policy,
    now: Millis,
) -> Result<Vec<LeadId>, Error> {
    let (mut after, mut front) = (None, Vec::new());
    for _ in 0..MAX_PAGES {
        let page = store.pool_page(workspace, pool, after, MAX_FRONT).await?;
        let Some(last) = page.last().copied() else { return Ok(front) };
        front = page.iter().map(|entry| entry.lead).collect();
        let keys = view::reads(&Command { rep: rep.clone(), lead: last.lead }, None, &front);
        let read = store.read(workspace, &keys).await?;
        if let Some(place) = front.iter().position(|lead| is_claimable(&read, rep, *lead, policy, now)) {
            front.truncate(place + 1);
            return Ok(front);
        }
        if page.len() < MAX_FRONT {
            return Ok(front);
        }
        after = Some(last);
    }
    Ok(front)
}
