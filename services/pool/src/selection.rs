//! A rep looks at a pool: that starts the time to choose.

use leadhand_domain::guardrail::selection;
use leadhand_domain::guardrail::settings::{Kind, Transparency};
use leadhand_domain::id::{PoolId, RepId, Workspace};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::Key;
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

use crate::browse;

/// Starts `rep`'s window, unless one runs; and how much of each lead's detail the list shows, which is none but in a pool of
/// cherries. Without the window there is to be no list.
pub(crate) async fn open(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    pool: &PoolId,
    now: Millis,
) -> Result<Option<Transparency>, Error> {
    let policy = required(store.recent_policy(workspace).await?)?;
    let cherries = policy.pool(pool).filter(|pool| pool.kind == Kind::CherryPick);
    let shown = cherries.map(|pool| pool.transparency);
    look(store, workspace, rep, pool, &policy, now).await?;
    Ok(shown)
}

/// Starts `rep`'s window, unless one runs; until when at least the rep chooses, `None`: for as long as they like.
pub(crate) async fn look(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    pool: &PoolId,
    policy: &Policy,
    now: Millis,
) -> Result<Option<Millis>, Error> {
    let Some(limits) = policy.guardrails.selection else { return Ok(None) };
    // Most looks find a window that runs, and write nothing.
    let read = store.read(workspace, &[Key::Selection(rep.clone())]).await?;
    if selection::opens(read.selection(rep), now) {
        // A list that is refused starts no window.
        browse::policy_for(store, workspace, rep, pool).await?;
        let decide = |snapshot: &_, policy: Option<&_>| selection::open(snapshot, rep, required(policy)?, now);
        store.transact(workspace, None, &selection::reads(rep), decide).await?;
        return Ok(Some(now.after(limits.window)));
    }
    let running = selection::at(&read, rep, now);
    Ok(running.window.map(|window| window.until).or(running.hold.map(|hold| hold.until)))
}
