//! How a rep stands.

use leadhand_domain::claim::Command;
use leadhand_domain::conduct::Conduct;
use leadhand_domain::guardrail::conduct;
use leadhand_domain::guardrail::ratio::Debt;
use leadhand_domain::guardrail::selection::{self, Standing as Choosing};
use leadhand_domain::guardrail::settings::Guardrails;
use leadhand_domain::guardrail::{Claimant, tier::Tier};
use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::quota::Usage;
use leadhand_domain::record::{Counter, Key};
use leadhand_domain::refusal::Broken;
use leadhand_domain::tiers::{self, Basis};
use leadhand_domain::time::{Millis, Span};
use leadhand_store::{Error, Store};

use crate::claim;
use crate::lead::policy_with;

/// What a rep has and what is left.
pub(crate) struct Standing {
    /// Leads owned or offered, and not closed.
    pub(crate) open: u64,
    /// Leads owned and not yet contacted.
    pub(crate) uncontacted: u64,
    pub(crate) quotas: Vec<Usage>,
    /// What a claim would be refused by.
    pub(crate) blocks: Vec<Broken>,
    /// Of the leads not yet contacted, those that the rep claimed.
    pub(crate) hoarded: u64,
    pub(crate) hoarding: Option<u32>,
    pub(crate) tier: Tier,
    pub(crate) opens_after: Option<Span>,
    /// How the rep comes to it.
    pub(crate) basis: Basis,
    pub(crate) debts: Vec<Debt>,
    /// What is held against the rep.
    pub(crate) conduct: Conduct,
    /// By which rules.
    pub(crate) rules: Guardrails,
    /// What the rep chooses, and until when.
    pub(crate) choosing: Choosing,
}

/// How `rep` stands at `now`, and what a claim of `lead` would be told.
pub(crate) async fn standing(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    lead: Option<LeadId>,
    now: Millis,
) -> Result<Standing, Error> {
    let policy = policy_with(store, workspace, rep).await?;
    let (open, uncontacted) = (Counter::Open(rep.clone()), Counter::Uncontacted(rep.clone()));
    let mut keys = vec![Key::Count(open.clone()), Key::Count(uncontacted.clone())];
    keys.extend(Claimant::reads(rep));
    keys.extend(tiers::basis_reads(rep, now));
    let read = store.read(workspace, &keys).await?;
    let claimant = Claimant::of(&read, rep, &policy);
    let blocks = match lead {
        None => claimant.forbidden(now),
        Some(lead) => {
            let refused = claim::check(store, workspace, &Command { rep: rep.clone(), lead }, now).await?;
            refused.map(|refusal| refusal.broken).unwrap_or_default()
        }
    };
    Ok(Standing {
        open: read.count(&open),
        uncontacted: read.count(&uncontacted),
        quotas: conduct::usages(&policy, read.conduct(rep), claimant.claimed_at(), now),
        conduct: read.conduct(rep).cloned().unwrap_or_else(|| Conduct::clean(rep.clone())),
        rules: policy.guardrails.clone(),
        blocks,
        hoarded: claimant.uncontacted,
        hoarding: policy.guardrails.hoarding,
        tier: claimant.tier,
        opens_after: policy.guardrails.tiers.opens_after(claimant.tier),
        basis: tiers::basis(&read, rep, &policy, now),
        debts: claimant.debts(),
        choosing: selection::standing(&read, rep, &policy, now),
    })
}
