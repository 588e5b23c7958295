//! Who may see what of a lead.

use crate::guardrail::own_territory;
use crate::guardrail::tier::Tier;
use crate::id::RepId;
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::refusal::{Reason, Refusal};
use crate::route;
use crate::time::{Millis, Span};

/// Who looks at the list of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The rep.
    pub rep: RepId,
    /// How early the rep may claim.
    pub tier: Tier,
}

/// From when on the list of its pool shows a lead to a viewer; `None`: never. Only the clock opens a lead, and none is closed by
/// it: who keeps a list current looks at what has opened since.
pub fn listed_from(policy: &Policy, viewer: &Viewer, lead: &Lead) -> Option<Millis> {
    lead.pool()?;
    if own_territory::forbid(&lead.facts, &viewer.rep, policy).is_some() {
        return None;
    }
    match policy.guardrails.tiers.opens_after(viewer.tier)? {
        Span(0) => Some(ALWAYS),
        after => Some(lead.placed_at.after(after)),
    }
}

/// After how long in its pool a lead opens to a viewer, where the clock opens any: [`listed_from`] then is that much after the lead was
/// pooled, [`ALWAYS`] or never. `None`: the clock opens none.
pub fn opens_after(policy: &Policy, viewer: &Viewer) -> Option<Span> {
    policy.guardrails.tiers.opens_after(viewer.tier).filter(|after| *after > Span(0))
}

/// Whether the list of its pool shows a lead to a viewer at a moment.
pub fn listed(policy: &Policy, viewer: &Viewer, lead: &Lead, now: Millis) -> bool {
    listed_from(policy, viewer, lead).is_some_and(|from| from <= now)
}

/// Before any moment: a replica whose clock is behind shows what entered a moment ago all the same.
pub const ALWAYS: Millis = Millis(i64::MIN);

/// How much of a lead a viewer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything, the private fields too.
    Owner,
    /// The preview fields only.
    Preview,
}

/// What `viewer` may see of `lead`.
pub fn view(lead: &Lead, viewer: &RepId) -> Result<View, Refusal> {
    match &lead.place {
        Place::Pooled { .. } => Ok(View::Preview),
        Place::Assigned { owner, .. } if owner == viewer => Ok(View::Owner),
        Place::Closed { owner, .. } if owner == viewer => Ok(View::Owner),
        Place::Offered { to, .. } if to == viewer => Ok(View::Preview),
        Place::Offered { .. } | Place::Held => Err(Refusal::of(Reason::NotOwner, "the lead is not the rep's to see")),
        Place::Assigned { .. } | Place::Closed { .. } => {
            Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"))
        }
    }
}

/// How much of a lead's history `viewer` may see: whole for its owner and for managers of who has it, or had it last; where it
/// has been, without what was done and said, for whoever sees its preview.
pub fn history(policy: &Policy, lead: &Lead, viewer: &RepId) -> Result<View, Refusal> {
    if policy.require_manager(viewer, route::last_rep(lead)).is_ok() {
        return Ok(View::Owner);
    }
    view(lead, viewer)
}
