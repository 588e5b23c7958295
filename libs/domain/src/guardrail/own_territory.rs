//! A rep claims only leads of their own territories; others are pushed only: C12.

use crate::id::RepId;
use crate::lead::Facts;
use crate::policy::Policy;
use crate::refusal::{Broken, Reason};

/// The rule that failed, if it is on and none of the rep's territories matches the lead.
pub fn forbid(facts: &Facts, rep: &RepId, policy: &Policy) -> Option<Broken> {
    let forbidden = policy.guardrails.territory_only && !policy.is_in_territory_of(rep, facts);
    forbidden.then(|| Broken {
        reason: Reason::CrossTerritory,
        message: "the lead is in none of the rep's territories".to_owned(),
        retry_at: None,
        window: None,
    })
}
