//! Who gave a lead back, lost it or missed its contact cannot claim it again for a while: C14.

use crate::id::RepId;
use crate::lead::Lead;
use crate::refusal::{Broken, Reason};
use crate::time::{Millis, Span};

/// The rule that failed, if `rep` had the lead too lately.
pub fn forbid(lead: &Lead, rep: &RepId, memory: Span, now: Millis) -> Option<Broken> {
    let barred = lead.barred.iter().find(|barred| barred.rep == *rep)?;
    let until = barred.since.after(memory);
    (now < until).then(|| Broken {
        reason: Reason::HadLately,
        message: "the rep had the lead lately and did not work it".to_owned(),
        retry_at: Some(until),
        window: None,
    })
}
