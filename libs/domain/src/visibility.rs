//! Who may see what of a lead.

use crate::id::RepId;
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::refusal::{Reason, Refusal};
use crate::route;

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
