//! Events as one line for people, or as one JSON object for programs.

use leadhand_proto::availability::v1::Status;
use leadhand_proto::event::v1::{Event, LeadAssigned, event::Kind};
use serde_json::{Map, Value, json};

use crate::output;

mod act;
mod choosing;
mod conduct;
pub(crate) mod decision;
mod name;
pub(crate) mod tier;

pub(crate) use name::{account_match, lift_reason, suspension_cause, unavailable};
use name::{cause, credit_reason, decline_reason, held_reason, likeness, release_reason};

/// The event's kind as programs know it.
pub(crate) fn kind_name(event: &Event) -> &'static str {
    match &event.kind {
        Some(Kind::LeadAssigned(_)) => "lead_assigned",
        Some(Kind::LeadPooled(_)) => "lead_pooled",
        Some(Kind::LeadClaimed(_)) => "lead_claimed",
        Some(Kind::LeadContacted(_)) => "lead_contacted",
        Some(Kind::AvailabilityChanged(_)) => "availability_changed",
        Some(Kind::AccountChanged(_)) => "account_changed",
        Some(Kind::PolicyActivated(_)) => "policy_activated",
        Some(Kind::LeadOffered(_)) => "lead_offered",
        Some(Kind::OfferDeclined(_)) => "offer_declined",
        Some(Kind::OfferLapsed(_)) => "offer_lapsed",
        Some(Kind::LeadReleased(_)) => "lead_released",
        Some(Kind::LeadHeld(_)) => "lead_held",
        Some(Kind::LeadRepeated(_)) => "lead_repeated",
        Some(Kind::ContactDueSoon(_)) => "contact_due_soon",
        Some(Kind::ContactMissed(_)) => "contact_missed",
        Some(Kind::LeadClosed(_)) => "lead_closed",
        Some(Kind::OpportunityRecorded(_)) => "opportunity_recorded",
        Some(Kind::LeadUpdated(_)) => "lead_updated",
        Some(Kind::LeadCredited(_)) => "lead_credited",
        Some(Kind::RepSuspended(_)) => "rep_suspended",
        Some(Kind::SuspensionEnded(_)) => "suspension_ended",
        Some(Kind::PenaltyLifted(_)) => "penalty_lifted",
        Some(Kind::LeadSkipped(_)) => "lead_skipped",
        Some(Kind::HoldBegan(_)) => "hold_began",
        Some(Kind::HoldLapsed(_)) => "hold_lapsed",
        Some(act) => act::name(act),
        // A newer server tells of things that this command line does not know yet.
        None => "unknown",
    }
}

fn status_text(status: Option<&Status>) -> String {
    match status {
        None => String::new(),
        Some(status) if status.available => ": available".to_owned(),
        Some(status) => format!(": unavailable, {}", unavailable(status.reason).replace('_', " ")),
    }
}

/// Whether a rep is available, for programs.
pub(crate) fn status_json(status: &Status) -> Value {
    let reason = Some(unavailable(status.reason)).filter(|reason| !reason.is_empty());
    json!({ "available": status.available, "until": output::rfc3339(status.until.as_ref()), "reason": reason })
}

/// One line: when, what, to whom, and how it came about.
pub(crate) fn line(event: &Event) -> String {
    let told = match &event.kind {
        Some(Kind::LeadAssigned(it)) => {
            format!(
                "assigned   {}  to {}{}, contact due {}",
                it.lead_id,
                it.rep_id,
                given(it),
                output::local(it.contact_due.as_ref())
            )
        }
        Some(Kind::LeadPooled(it)) => format!("pooled     {}  in {}", it.lead_id, it.pool_id),
        Some(Kind::LeadClaimed(it)) => {
            format!(
                "claimed    {}  by {} from {} after {}",
                it.lead_id,
                it.rep_id,
                it.pool_id,
                output::millis(it.pooled_ms)
            )
        }
        Some(Kind::LeadContacted(it)) => {
            let verdict = if it.in_time { "in time" } else { "late" };
            format!(
                "contacted  {}  by {} after {}, {verdict}",
                it.lead_id,
                it.rep_id,
                output::millis(it.contact_speed_ms)
            )
        }
        Some(Kind::AvailabilityChanged(it)) => {
            format!("calendar   {}, says {}{}", it.rep_id, it.source, status_text(it.status.as_ref()))
        }
        Some(Kind::AccountChanged(it)) if it.owner_rep_id.is_empty() => {
            format!("account    {} is deleted", it.account_id)
        }
        Some(Kind::AccountChanged(it)) => format!("account    {}, of {}", it.account_id, it.owner_rep_id),
        Some(Kind::PolicyActivated(it)) => format!("policy     version {} by {}", it.version, it.author),
        Some(Kind::LeadOffered(it)) => {
            format!(
                "offered    {}  to {}{}, until {}",
                it.lead_id,
                it.rep_id,
                by(&it.team_id, &it.account_id, false),
                output::local(it.expires.as_ref())
            )
        }
        Some(Kind::OfferDeclined(it)) => {
            format!("declined   {}  by {}: {}", it.lead_id, it.rep_id, decline_reason(it.reason))
        }
        Some(Kind::LeadReleased(it)) => {
            format!("released   {}  by {}: {}", it.lead_id, it.rep_id, release_reason(it.reason))
        }
        Some(Kind::OfferLapsed(it)) => format!("lapsed     {}  offered to {}", it.lead_id, it.rep_id),
        Some(Kind::LeadHeld(it)) => {
            let (reason, retry_at) = (held_reason(it.reason), output::local(it.retry_at.as_ref()));
            format!("held       {}  nobody can take it ({reason}), next try {retry_at}", it.lead_id)
        }
        Some(Kind::LeadRepeated(it)) => format!("repeated   {}  came in again by {}", it.lead_id, it.source),
        Some(Kind::ContactDueSoon(it)) => {
            format!(
                "reminder   {}  {} is to make contact by {}",
                it.lead_id,
                it.rep_id,
                output::local(it.contact_due.as_ref())
            )
        }
        Some(Kind::ContactMissed(it)) => format!("missed     {}  {} made no contact", it.lead_id, it.rep_id),
        Some(Kind::LeadClosed(it)) => {
            let outcome = crate::command::lead::outcome_name(it.outcome()).unwrap_or("unknown");
            format!("closed     {}  by {}: {outcome}", it.lead_id, it.rep_id)
        }
        Some(Kind::OpportunityRecorded(it)) => {
            format!("opportunity {}  by {} after {}", it.lead_id, it.rep_id, output::millis(it.owned_ms))
        }
        Some(Kind::LeadUpdated(it)) => format!("updated    {}  {}", it.lead_id, it.fields.join(", ")),
        Some(Kind::LeadCredited(it)) => {
            let (reason, by) = (credit_reason(it.reason), &it.requested_by);
            format!("credited   {}  to {} in {}, by {by}: {reason}", it.lead_id, it.rep_id, it.team_id)
        }
        Some(Kind::RepSuspended(it)) => conduct::suspended(it),
        Some(Kind::SuspensionEnded(it)) => conduct::ended(it),
        Some(Kind::PenaltyLifted(it)) => conduct::lifted(it),
        Some(Kind::LeadSkipped(it)) => choosing::skipped(it),
        Some(Kind::HoldBegan(it)) => choosing::began(it),
        Some(Kind::HoldLapsed(it)) => choosing::lapsed(it),
        Some(act) => act::line(act),
        None => "something this version of the command line does not know".to_owned(),
    };
    format!("{}  {told}{}", output::local(event.occurred_at.as_ref()), decision_line(event))
}

fn given(it: &LeadAssigned) -> String {
    match it.manager_id.as_str() {
        "" => by(&it.team_id, &it.account_id, it.escalated),
        manager => format!(", given by {manager}"),
    }
}

/// By what a rep came to a lead, when that is worth a word.
pub(crate) fn by(team: &str, account: &str, escalated: bool) -> String {
    match (team, account) {
        _ if escalated => ", escalated".to_owned(),
        ("", "") => String::new(),
        ("", account) => format!(", owner of account {account}"),
        (team, _) => format!(" of {team}"),
    }
}

/// Why a lead went where it went just then, as programs know it; `None` where an event does not say.
pub(crate) fn cause_of(event: &Event) -> Option<&'static str> {
    match &event.kind {
        Some(Kind::LeadAssigned(it)) => Some(cause(it.cause)),
        Some(Kind::LeadOffered(it)) => Some(cause(it.cause)),
        Some(Kind::LeadPooled(it)) => Some(cause(it.cause)),
        Some(Kind::LeadHeld(it)) => Some(cause(it.cause)),
        _ => None,
    }
}

fn decision_line(event: &Event) -> String {
    let Some(decision) = &event.decision else { return String::new() };
    let mut text = String::new();
    if !decision.route.is_empty() {
        text.push_str(&format!("  [{}]", decision.route));
    }
    for skip in &decision.skips {
        text.push_str(&format!("  {} skipped: {}", skip.rep_id, decision::why_skipped(skip)));
    }
    text
}

/// The event for programs: the names of the protobuf messages, times in RFC 3339, 64-bit numbers as numbers.
pub(crate) fn json(event: &Event) -> Value {
    let mut object = Map::new();
    object.insert("position".into(), json!(event.position));
    object.insert("workspace".into(), json!(event.workspace));
    object.insert("occurred_at".into(), output::rfc3339(event.occurred_at.as_ref()));
    object.insert("kind".into(), json!(kind_name(event)));
    object.insert(kind_name(event).into(), kind_json(event));
    if let Some(decision) = &event.decision {
        object.insert("decision".into(), decision::json(decision));
    }
    Value::Object(object)
}

fn kind_json(event: &Event) -> Value {
    match &event.kind {
        Some(Kind::LeadAssigned(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "team_id": it.team_id,
            "fence": it.fence,
            "contact_due": output::rfc3339(it.contact_due.as_ref()),
            "source": it.source,
            "score": it.score,
            "captured_at": output::rfc3339(it.captured_at.as_ref()),
            "account_id": it.account_id,
            "escalated": it.escalated,
            "manager_id": it.manager_id,
            "cause": cause(it.cause),
        }),
        Some(Kind::LeadPooled(it)) => json!({
            "cause": cause(it.cause),
            "lead_id": it.lead_id,
            "pool_id": it.pool_id,
            "source": it.source,
            "score": it.score,
            "captured_at": output::rfc3339(it.captured_at.as_ref()),
        }),
        Some(Kind::LeadClaimed(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "pool_id": it.pool_id,
            "fence": it.fence,
            "contact_due": output::rfc3339(it.contact_due.as_ref()),
            "source": it.source,
            "score": it.score,
            "pooled_ms": it.pooled_ms,
        }),
        Some(Kind::LeadContacted(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "contact_speed_ms": it.contact_speed_ms,
            "in_time": it.in_time,
        }),
        Some(Kind::AvailabilityChanged(it)) => json!({
            "rep_id": it.rep_id,
            "source": it.source,
            "status": it.status.as_ref().map(status_json),
        }),
        Some(Kind::AccountChanged(it)) => json!({
            "account_id": it.account_id,
            "revision": it.revision,
            "owner_rep_id": if it.owner_rep_id.is_empty() { Value::Null } else { json!(it.owner_rep_id) },
        }),
        Some(Kind::PolicyActivated(it)) => json!({ "version": it.version, "author": it.author }),
        Some(Kind::LeadOffered(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "team_id": it.team_id,
            "account_id": it.account_id,
            "fence": it.fence,
            "expires": output::rfc3339(it.expires.as_ref()),
            "refusable": it.refusable,
            "source": it.source,
            "score": it.score,
            "cause": cause(it.cause),
        }),
        Some(Kind::OfferDeclined(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "reason": decline_reason(it.reason),
        }),
        Some(Kind::LeadReleased(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "reason": release_reason(it.reason),
        }),
        Some(Kind::OfferLapsed(it)) => json!({ "lead_id": it.lead_id, "rep_id": it.rep_id, "fence": it.fence }),
        Some(Kind::LeadHeld(it)) => json!({
            "lead_id": it.lead_id,
            "source": it.source,
            "score": it.score,
            "retry_at": output::rfc3339(it.retry_at.as_ref()),
            "cause": cause(it.cause),
            "reason": held_reason(it.reason),
        }),
        Some(Kind::LeadRepeated(it)) => {
            json!({ "lead_id": it.lead_id, "by": likeness(it.by), "source": it.source })
        }
        Some(Kind::ContactDueSoon(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "contact_due": output::rfc3339(it.contact_due.as_ref()),
        }),
        Some(Kind::ContactMissed(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "contact_due": output::rfc3339(it.contact_due.as_ref()),
        }),
        Some(Kind::LeadClosed(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "outcome": crate::command::lead::outcome_name(it.outcome()),
            "amount": it.amount,
            "source": it.source,
            "owned_ms": it.owned_ms,
        }),
        Some(Kind::OpportunityRecorded(it)) => json!({
            "lead_id": it.lead_id,
            "rep_id": it.rep_id,
            "fence": it.fence,
            "source": it.source,
            "owned_ms": it.owned_ms,
        }),
        Some(Kind::LeadUpdated(it)) => json!({ "lead_id": it.lead_id, "fields": it.fields }),
        Some(Kind::LeadCredited(it)) => {
            let (reason, by) = (credit_reason(it.reason), &it.requested_by);
            json!({ "lead_id": it.lead_id, "rep_id": it.rep_id, "team_id": it.team_id, "reason": reason, "requested_by": by })
        }
        Some(Kind::RepSuspended(it)) => conduct::suspended_json(it),
        Some(Kind::SuspensionEnded(it)) => conduct::ended_json(it),
        Some(Kind::PenaltyLifted(it)) => conduct::lifted_json(it),
        Some(Kind::LeadSkipped(it)) => choosing::skipped_json(it),
        Some(Kind::HoldBegan(it)) => choosing::began_json(it),
        Some(Kind::HoldLapsed(it)) => choosing::lapsed_json(it),
        Some(act) => act::json(act),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::availability::v1::UnavailableReason;
    use leadhand_proto::event::v1::{Decision, LeadPooled, Skip, SkipReason};

    #[test]
    fn an_event_tells_who_got_what_and_who_was_skipped() {
        let event = Event {
            position: "5-0".into(),
            kind: Some(Kind::LeadAssigned(LeadAssigned {
                lead_id: "l1".into(),
                rep_id: "ana".into(),
                team_id: "enterprise".into(),
                fence: 1,
                ..LeadAssigned::default()
            })),
            decision: Some(Decision {
                policy_version: 2,
                route: "hand-raisers".into(),
                skips: vec![Skip {
                    rep_id: "bo".into(),
                    reason: SkipReason::Busy.into(),
                    unavailable: UnavailableReason::OutOfOffice.into(),
                }],
                ..Decision::default()
            }),
            ..Event::default()
        };
        let line = line(&event);
        assert!(line.contains("l1  to ana of enterprise"), "{line}");
        assert!(line.ends_with("[hand-raisers]  bo skipped: out of office"), "{line}");
        let json = json(&event);
        assert_eq!(json["kind"], "lead_assigned");
        assert_eq!(json["lead_assigned"]["fence"], 1);
        assert_eq!(json["decision"]["skips"][0]["reason"], "busy");
        assert_eq!(json["decision"]["skips"][0]["unavailable"], "out_of_office");
        assert_eq!(json["position"], "5-0");
    }

    #[test]
    fn what_is_unknown_stays_null() {
        let pooled = Event { kind: Some(Kind::LeadPooled(LeadPooled::default())), ..Event::default() };
        assert_eq!(json(&pooled)["lead_pooled"]["score"], Value::Null);
        assert_eq!(json(&Event::default())["kind"], "unknown");
    }
}
