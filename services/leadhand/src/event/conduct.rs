//! What is held against reps, as events tell it.

use leadhand_proto::event::v1::{PenaltyLifted, RepSuspended, SuspensionEnded};
use leadhand_proto::pool::v1::SuspensionCause;
use serde_json::{Value, json};

use super::name::{lift_reason, suspension_cause};
use crate::output;

/// Who cannot claim, and why.
pub(super) fn suspended(it: &RepSuspended) -> String {
    let why = match it.cause() {
        SuspensionCause::Misses => format!("{} contacts missed", it.misses),
        SuspensionCause::Acceptance => format!("{} of {} offers accepted", it.accepted, it.offers),
        SuspensionCause::Unspecified => "for a reason this version of the command line does not know".to_owned(),
    };
    format!("suspended  {}  until {}: {why}", it.rep_id, output::local(it.until.as_ref()))
}

/// Who can claim again.
pub(super) fn ended(it: &SuspensionEnded) -> String {
    let how = if it.lifted { "lifted" } else { "over" };
    format!("free       {}  the suspension is {how}", it.rep_id)
}

/// Who has lifted what.
pub(super) fn lifted(it: &PenaltyLifted) -> String {
    let misses = match it.missed_lead_ids.len() {
        0 => None,
        1 => Some("a missed contact".to_owned()),
        many => Some(format!("{many} missed contacts")),
    };
    let suspension = it.suspended_until.as_ref().map(|_| "the suspension".to_owned());
    let what: Vec<String> = misses.into_iter().chain(suspension).collect();
    format!("lifted     {}  {} by {}: {}", it.rep_id, what.join(" and "), it.manager_id, lift_reason(it.reason))
}

/// The same for programs.
pub(super) fn suspended_json(it: &RepSuspended) -> Value {
    let misses = (it.cause() == SuspensionCause::Misses).then_some(it.misses);
    let offers = (it.cause() == SuspensionCause::Acceptance).then_some((it.accepted, it.offers));
    json!({
        "rep_id": it.rep_id,
        "until": output::rfc3339(it.until.as_ref()),
        "cause": suspension_cause(it.cause),
        "misses": misses,
        "accepted": offers.map(|(accepted, _)| accepted),
        "offers": offers.map(|(_, offers)| offers),
    })
}

/// The same for programs.
pub(super) fn ended_json(it: &SuspensionEnded) -> Value {
    json!({
        "rep_id": it.rep_id,
        "suspended_at": output::rfc3339(it.suspended_at.as_ref()),
        "lifted": it.lifted,
    })
}

/// The same for programs.
pub(super) fn lifted_json(it: &PenaltyLifted) -> Value {
    json!({
        "rep_id": it.rep_id,
        "manager_id": it.manager_id,
        "reason": lift_reason(it.reason),
        "missed_lead_ids": it.missed_lead_ids,
        "suspended_until": output::rfc3339(it.suspended_until.as_ref()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::pool::v1::LiftReason;

    #[test]
    fn a_suspension_tells_its_figure() {
        let misses = SuspensionCause::Misses.into();
        let of_misses = RepSuspended { rep_id: "ana".into(), cause: misses, misses: 3, ..RepSuspended::default() };
        assert!(suspended(&of_misses).ends_with(": 3 contacts missed"));
        let acceptance = SuspensionCause::Acceptance.into();
        let of_offers = RepSuspended { cause: acceptance, accepted: 7, offers: 10, ..RepSuspended::default() };
        assert!(suspended(&of_offers).ends_with(": 7 of 10 offers accepted"));
        assert_eq!(suspended_json(&of_misses)["offers"], Value::Null);
        assert_eq!(suspended_json(&of_offers)["cause"], "acceptance");
    }

    #[test]
    fn what_is_lifted_is_told() {
        let reason = LiftReason::SystemFault.into();
        let told = PenaltyLifted { rep_id: "ana".into(), manager_id: "max".into(), reason, ..PenaltyLifted::default() };
        let miss = PenaltyLifted { missed_lead_ids: vec!["l".into()], ..told.clone() };
        assert_eq!(lifted(&miss), "lifted     ana  a missed contact by max: system_fault");
        let until = Some(Default::default());
        let all = PenaltyLifted { missed_lead_ids: vec!["l".into(); 2], suspended_until: until, ..told };
        assert_eq!(lifted(&all), "lifted     ana  2 missed contacts and the suspension by max: system_fault");
    }
}
