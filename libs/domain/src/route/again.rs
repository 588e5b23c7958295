//! Routing a lead again: why, and whether the reason still stands.

use super::{Command, ESCALATES_AT};
use crate::event::{Cause, DeclineReason, ReleaseReason};
use crate::guardrail::unclaimed::Stage;
use crate::id::{Fence, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// Why a lead is routed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Who was asked declined.
    Declined(RepId, DeclineReason),
    /// Who was asked did not answer in time.
    OfferLapsed,
    /// The owner did not make contact in time.
    ContactMissed,
    /// The owner gave it back.
    Released(RepId, ReleaseReason),
    /// Who claimed it did nothing about it in time.
    NotActedOn,
    /// Nobody claimed it for long: what it has come to.
    Unclaimed(Stage),
    /// It is held, and somebody may take it now.
    Retried,
    /// Who has it is leaving or has left; whether contact was made or not.
    Offboarded {
        /// Who has it, or is asked to accept it.
        rep: RepId,
        /// The manager who ordered it.
        manager: RepId,
    },
}

impl Again {
    /// The same, as events tell it.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Declined(..) => Cause::Declined,
            Self::OfferLapsed => Cause::OfferLapsed,
            Self::ContactMissed => Cause::ContactMissed,
            Self::Released(..) => Cause::Released,
            Self::NotActedOn => Cause::NotActedOn,
            Self::Unclaimed(_) => Cause::Unclaimed,
            Self::Retried => Cause::Retried,
            Self::Offboarded { .. } => Cause::Offboarded,
        }
    }

    /// Whether it says that the lead was not worked: the third time it goes to the manager.
    pub(crate) fn counts(&self) -> bool {
        !matches!(self, Self::Retried | Self::Unclaimed(_) | Self::Offboarded { .. })
    }
}

/// Refuses unless the lead still is what it is to be routed again for.
pub(super) fn routable(
    lead: &Lead,
    fence: Fence,
    because: &Again,
    policy: &Policy,
    now: Millis,
) -> Result<(), Refusal> {
    lead.require_fence(fence)?;
    let stands = match (&lead.place, because) {
        (Place::Offered { to, refusable, .. }, Again::Declined(rep, _)) => {
            if to != rep {
                return Err(Refusal::of(Reason::NotOwner, "another rep was asked"));
            }
            if !refusable {
                return Err(Refusal::of(Reason::NotRefusable, "this offer cannot be declined"));
            }
            true
        }
        // At its deadline it has passed.
        (Place::Offered { expires, .. }, Again::OfferLapsed) => now >= *expires,
        (Place::Assigned { contact_due, contacted_at: None, .. }, Again::ContactMissed) => now >= *contact_due,
        (Place::Assigned { contacted_at: None, .. }, Again::NotActedOn) => lead.act_by.is_some_and(|at| now >= at),
        (Place::Assigned { owner, .. }, Again::Released(rep, _)) => {
            if owner != rep {
                return Err(Refusal::of(Reason::NotOwner, "another rep owns the lead"));
            }
            if !policy.guardrails.release {
                return Err(Refusal::of(Reason::NotReleasable, "the policy does not allow to give leads back"));
            }
            true
        }
        (Place::Pooled { pool }, Again::Unclaimed(stage)) => {
            let unclaimed = policy.pool(pool).map(|pool| &pool.unclaimed);
            let due = unclaimed.and_then(|unclaimed| unclaimed.due(lead.unclaimed(), now));
            // Who looks at it may still claim it.
            lead.held_at(now).is_none() && due == Some(*stage)
        }
        (_, Again::Released(..)) => return Err(Refusal::of(Reason::NotOwner, "nobody owns the lead")),
        (Place::Held, Again::Retried) => true,
        (Place::Assigned { owner: has, .. } | Place::Offered { to: has, .. }, Again::Offboarded { rep, manager }) => {
            policy.require_manager(manager, [rep])?;
            if has != rep {
                return Err(Refusal::of(Reason::NotOwner, "another rep has the lead"));
            }
            true
        }
        (_, Again::Declined(..)) => {
            return Err(Refusal::of(Reason::NotOffered, "nobody is asked to accept the lead"));
        }
        _ => false,
    };
    if stands { Ok(()) } else { Err(Refusal::of(Reason::NotDue, "there is no reason to route the lead again")) }
}

pub(super) fn escalates(lead: &Lead, command: &Command) -> bool {
    match command {
        Command::Again { because, .. } if !because.counts() => lead.reroutes >= ESCALATES_AT,
        _ => lead.reroutes + 1 >= ESCALATES_AT,
    }
}
