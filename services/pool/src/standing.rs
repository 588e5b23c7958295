//! How a rep stands.

use leadhand_domain::conduct::Conduct;
use leadhand_domain::guardrail::conduct;
use leadhand_domain::guardrail::settings::Guardrails;
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::quota::Usage;
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
    /// What is held against the rep.
    pub(crate) conduct: Conduct,
    /// By which rules.
    pub(crate) rules: Guardrails,
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
    let counts = [Key::Count(open.clone()), Key::Count(uncontacted.clone())];
    let keys: Vec<Key> = counts.into_iter().chain([Key::Claims(rep.clone()), Key::Conduct(rep.clone())]).collect();
    let read = store.read(workspace, &keys).await?;
    let claimed_at = read.claims(rep).map_or(&[][..], |claims| &claims.claimed_at);
    Ok(Standing {
        open: read.count(&open),
        uncontacted: read.count(&uncontacted),
        quotas: conduct::usages(&policy, read.conduct(rep), claimed_at, now),
        conduct: read.conduct(rep).cloned().unwrap_or_else(|| Conduct::clean(rep.clone())),
        rules: policy.guardrails.clone(),
    })
}
