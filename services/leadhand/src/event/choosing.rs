//! How reps choose from pools, as events tell it.

use leadhand_proto::event::v1::{HoldBegan, HoldLapsed, LeadSkipped};
use serde_json::{Value, json};

use super::name::lead_skip_reason;
use crate::output;

/// Who does not want which lead, and why.
pub(super) fn skipped(it: &LeadSkipped) -> String {
    format!("skipped    {}  by {} in {}: {}", it.lead_id, it.rep_id, it.pool_id, lead_skip_reason(it.reason))
}

/// Who looks at which lead, and until when.
pub(super) fn began(it: &HoldBegan) -> String {
    let until = output::local(it.until.as_ref());
    format!("viewed     {}  by {} in {}, on hold until {until}", it.lead_id, it.rep_id, it.pool_id)
}

/// Which lead is free again.
pub(super) fn lapsed(it: &HoldLapsed) -> String {
    format!("free again {}  {} chose nothing in time", it.lead_id, it.rep_id)
}

/// A skip, for programs.
pub(super) fn skipped_json(it: &LeadSkipped) -> Value {
    let reason = lead_skip_reason(it.reason);
    json!({ "lead_id": it.lead_id, "rep_id": it.rep_id, "pool_id": it.pool_id, "reason": reason })
}

/// A hold, for programs.
pub(super) fn began_json(it: &HoldBegan) -> Value {
    let until = output::rfc3339(it.until.as_ref());
    json!({ "lead_id": it.lead_id, "rep_id": it.rep_id, "pool_id": it.pool_id, "until": until })
}

/// The end of a hold, for programs.
pub(super) fn lapsed_json(it: &HoldLapsed) -> Value {
    json!({ "lead_id": it.lead_id, "rep_id": it.rep_id, "pool_id": it.pool_id })
}
