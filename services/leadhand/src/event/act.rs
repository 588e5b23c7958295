//! What managers ordered and owners recorded, as one line for people, or as JSON for programs.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::{ActivityKind, AssignReason, EraseReason, OffboardReason};
use serde_json::{Value, json};

use super::tier;

/// What it is called by programs.
pub(super) fn name(kind: &Kind) -> &'static str {
    match kind {
        Kind::AssignmentOrdered(_) => "assignment_ordered",
        Kind::RepOffboarded(_) => "rep_offboarded",
        Kind::OwnerOffboarded(_) => "owner_offboarded",
        Kind::ActivityRecorded(_) => "activity_recorded",
        Kind::LeadErased(_) => "lead_erased",
        other => tier::name(other),
    }
}

/// What, to whom, by whose order.
pub(super) fn line(kind: &Kind) -> String {
    match kind {
        Kind::AssignmentOrdered(it) => {
            let from = if it.from_rep_id.is_empty() { String::new() } else { format!(" from {}", it.from_rep_id) };
            let reason = words(assign_reason(it.reason));
            format!("ordered    {}  to {}{from}, by {}: {reason}", it.lead_id, it.rep_id, it.manager_id)
        }
        Kind::RepOffboarded(it) => {
            let reason = words(offboard_reason(it.reason));
            format!("offboarded {} with {} leads, by {}: {reason}", it.rep_id, it.open, it.manager_id)
        }
        Kind::OwnerOffboarded(it) => format!("left       {}  by {}, offboarded", it.lead_id, it.rep_id),
        Kind::ActivityRecorded(it) => {
            format!("activity   {}  by {}: {}", it.lead_id, it.rep_id, words(activity_kind(it.kind)))
        }
        Kind::LeadErased(it) => {
            let by = if it.manager_id.is_empty() { "a platform" } else { &it.manager_id };
            format!("erased     {}  by {by}: {}", it.lead_id, words(erase_reason(it.reason)))
        }
        other => tier::line(other),
    }
}

/// The same for programs.
pub(super) fn json(kind: &Kind) -> Value {
    match kind {
        Kind::AssignmentOrdered(it) => json!({
            "lead_id": it.lead_id,
            "manager_id": it.manager_id,
            "rep_id": it.rep_id,
            "from_rep_id": it.from_rep_id,
            "fence": it.fence,
            "reason": assign_reason(it.reason),
        }),
        Kind::RepOffboarded(it) => json!({
            "rep_id": it.rep_id,
            "manager_id": it.manager_id,
            "reason": offboard_reason(it.reason),
            "open": it.open,
        }),
        Kind::OwnerOffboarded(it) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "manager_id": it.manager_id,
        }),
        Kind::ActivityRecorded(it) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "kind": activity_kind(it.kind),
        }),
        Kind::LeadErased(it) => json!({
            "lead_id": it.lead_id,
            "manager_id": it.manager_id,
            "reason": erase_reason(it.reason),
        }),
        other => tier::json(other),
    }
}

/// As people write it.
fn words(name: String) -> String {
    name.replace('_', " ")
}

/// A proto enum's name without what all of them begin with; a number that this version does not know is `unknown`.
fn short(name: Option<&'static str>, prefix: &str) -> String {
    name.and_then(|name| name.strip_prefix(prefix)).unwrap_or("unknown").to_ascii_lowercase()
}

fn assign_reason(reason: i32) -> String {
    short(AssignReason::try_from(reason).ok().map(|reason| reason.as_str_name()), "ASSIGN_REASON_")
}

fn offboard_reason(reason: i32) -> String {
    short(OffboardReason::try_from(reason).ok().map(|reason| reason.as_str_name()), "OFFBOARD_REASON_")
}

fn activity_kind(kind: i32) -> String {
    short(ActivityKind::try_from(kind).ok().map(|kind| kind.as_str_name()), "ACTIVITY_KIND_")
}

fn erase_reason(reason: i32) -> String {
    short(EraseReason::try_from(reason).ok().map(|reason| reason.as_str_name()), "ERASE_REASON_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::event::v1::{AssignmentOrdered, LeadErased};

    #[test]
    fn an_order_tells_who_and_why() {
        let ordered = Kind::AssignmentOrdered(AssignmentOrdered {
            lead_id: "l1".into(),
            manager_id: "mia".into(),
            rep_id: "bo".into(),
            from_rep_id: "ana".into(),
            fence: 3,
            reason: AssignReason::Relationship.into(),
        });
        assert!(line(&ordered).ends_with("l1  to bo from ana, by mia: relationship"), "{}", line(&ordered));
        assert_eq!(json(&ordered)["reason"], "relationship");
        let erased = Kind::LeadErased(LeadErased { lead_id: "l1".into(), reason: 77, ..LeadErased::default() });
        assert!(line(&erased).ends_with("by a platform: unknown"), "{}", line(&erased));
        assert_eq!((name(&erased), activity_kind(1).as_str()), ("lead_erased", "call_attempt"));
    }
}
