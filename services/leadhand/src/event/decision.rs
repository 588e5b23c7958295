//! Why a lead went where it went, for programs.

use leadhand_proto::event::v1::{Decision, Enrichment};
use serde_json::{Value, json};

use super::name::{account_match, enrichment_failure, skip_reason, unavailable};

/// The whole of it.
pub(super) fn json(decision: &Decision) -> Value {
    let skips: Vec<Value> = decision
        .skips
        .iter()
        .map(|skip| {
            let unavailable = Some(unavailable(skip.unavailable)).filter(|reason| !reason.is_empty());
            json!({ "rep_id": skip.rep_id, "reason": skip_reason(skip.reason), "unavailable": unavailable })
        })
        .collect();
    let rotation = decision
        .rotation
        .as_ref()
        .map(|it| json!({ "team_id": it.team_id, "given": it.given, "owed_micros": it.owed_micros }));
    json!({
        "policy_version": decision.policy_version,
        "route": decision.route,
        "skips": skips,
        "rotation": rotation,
        "passed": decision.passed,
        "missing": decision.missing,
        "account": decision.account.as_ref().map(|it| json!({
            "account_id": it.account_id,
            "by": account_match(it.by),
            "others": it.others,
        })),
        "mix": decision.mix.as_ref().map(|it| json!({
            "decided": it.decided,
            "push_percent": it.push_percent,
        })),
        "charged_team_id": Some(&decision.charged_team_id).filter(|team| !team.is_empty()),
        "enrichment": decision.enrichment.as_ref().map(enrichment),
    })
}

fn enrichment(it: &Enrichment) -> Value {
    json!({ "filled": it.filled, "refused": it.refused, "failure": enrichment_failure(it.failure) })
}
