//! How a rep stands.

use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::quota::{self, Usage};
use leadhand_domain::record::{Key, Load};
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

use crate::lead::policy_with;

/// What a rep has and what is left.
pub(crate) struct Standing {
    pub(crate) load: Load,
    pub(crate) quotas: Vec<Usage>,
}

/// How `rep` stands at `now`.
pub(crate) async fn standing(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    now: Millis,
) -> Result<Standing, Error> {
    let policy = policy_with(store, workspace, rep).await?;
    let read = store.read(workspace, &[Key::Load(rep.clone()), Key::Claims(rep.clone())]).await?;
    let claimed_at = read.claims(rep).map_or(&[][..], |claims| &claims.claimed_at);
    Ok(Standing {
        load: read.load(rep).cloned().unwrap_or_else(|| Load::none(rep.clone())),
        quotas: policy.quotas.iter().map(|quota| quota::usage(*quota, claimed_at, now)).collect(),
    })
}
