//! How a rep stands.

use leadhand_domain::guardrail::selection::{self, Standing as Choosing};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::quota::{self, Usage};
use leadhand_domain::record::{Counter, Key};
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

use crate::lead::policy_with;

/// What a rep has and what is left.
pub(crate) struct Standing {
    /// Leads owned or offered, and not closed.
    pub(crate) open: u64,
    /// Leads owned and not yet contacted.
    pub(crate) uncontacted: u64,
    pub(crate) quotas: Vec<Usage>,
    /// What the rep chooses, and until when.
    pub(crate) choosing: Choosing,
}

/// How `rep` stands at `now`.
pub(crate) async fn standing(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    now: Millis,
) -> Result<Standing, Error> {
    let policy = policy_with(store, workspace, rep).await?;
    let (open, uncontacted) = (Counter::Open(rep.clone()), Counter::Uncontacted(rep.clone()));
    let keys = [
        Key::Count(open.clone()),
        Key::Count(uncontacted.clone()),
        Key::Claims(rep.clone()),
        Key::Selection(rep.clone()),
    ];
    let read = store.read(workspace, &keys).await?;
    let claimed_at = read.claims(rep).map_or(&[][..], |claims| &claims.claimed_at);
    Ok(Standing {
        open: read.count(&open),
        uncontacted: read.count(&uncontacted),
        quotas: policy.quotas.iter().map(|quota| quota::usage(*quota, claimed_at, now)).collect(),
        choosing: selection::standing(&read, rep, &policy, now),
    })
}
