//! Claimed leads that a rep has not made contact on are limited: C6.

use crate::refusal::{Broken, Reason};

/// The rule that failed, if a rep with so many of them has as many as may be.
pub fn forbid(uncontacted: u64, limit: Option<u32>) -> Option<Broken> {
    let limit = limit.filter(|limit| uncontacted >= u64::from(*limit))?;
    let message = format!("{uncontacted} claimed leads wait for contact, {limit} allowed");
    Some(Broken { reason: Reason::TooManyUncontacted, message, retry_at: None, window: None })
}
