//! What is held against a rep, on the wire.

use leadhand_domain::conduct::lift::{Command, Penalty, Why as Lift};
use leadhand_domain::conduct::{Conduct, Miss, Suspension, Why};
use leadhand_domain::guardrail::settings::{Guardrails, Misses};
use leadhand_domain::id::{LeadId, RepId};
use leadhand_domain::invalid::Fields;
use leadhand_domain::time::Millis;

use crate::pool::v1 as wire;
use crate::time::timestamp;

/// Why a rep is suspended.
pub fn cause(why: Why) -> wire::SuspensionCause {
    match why {
        Why::Misses(_) => wire::SuspensionCause::Misses,
        Why::Acceptance { .. } => wire::SuspensionCause::Acceptance,
    }
}

/// Why a penalty is lifted.
pub fn lift_reason(why: Lift) -> wire::LiftReason {
    match why {
        Lift::BadLead => wire::LiftReason::BadLead,
        Lift::Absent => wire::LiftReason::Absent,
        Lift::SystemFault => wire::LiftReason::SystemFault,
        Lift::NotRecorded => wire::LiftReason::NotRecorded,
        Lift::Goodwill => wire::LiftReason::Goodwill,
        Lift::Other => wire::LiftReason::Other,
    }
}

/// What is to be lifted; faults are noted under the fields' names.
pub fn lift(request: &wire::LiftPenaltyRequest, fields: &mut Fields) -> Option<Command> {
    let manager = fields.take("manager_id", RepId::parse(&request.manager_id));
    let rep = fields.take("rep_id", RepId::parse(&request.rep_id));
    let penalty = penalty(request, fields);
    let why = match wire::LiftReason::try_from(request.reason).unwrap_or_default() {
        wire::LiftReason::BadLead => Some(Lift::BadLead),
        wire::LiftReason::Absent => Some(Lift::Absent),
        wire::LiftReason::SystemFault => Some(Lift::SystemFault),
        wire::LiftReason::NotRecorded => Some(Lift::NotRecorded),
        wire::LiftReason::Goodwill => Some(Lift::Goodwill),
        wire::LiftReason::Other => Some(Lift::Other),
        wire::LiftReason::Unspecified => {
            fields.add("reason", "required: one of the reasons there are");
            None
        }
    };
    Some(Command { manager: manager?, rep: rep?, penalty: penalty?, why: why? })
}

fn penalty(request: &wire::LiftPenaltyRequest, fields: &mut Fields) -> Option<Penalty> {
    let penalty = match wire::Penalty::try_from(request.penalty).unwrap_or_default() {
        wire::Penalty::Miss => return fields.take("lead_id", LeadId::parse(&request.lead_id)).map(Penalty::Miss),
        wire::Penalty::Suspension => Penalty::Suspension,
        wire::Penalty::All => Penalty::All,
        wire::Penalty::Unspecified => {
            fields.add("penalty", "required: one of those there are");
            return None;
        }
    };
    if !request.lead_id.is_empty() {
        fields.add("lead_id", "only where a miss is lifted");
        return None;
    }
    Some(penalty)
}

/// The misses that count for anything at `now`.
pub fn misses(conduct: &Conduct, rule: &Misses, now: Millis) -> Vec<wire::Miss> {
    let later = |at: Millis| (at > now).then(|| timestamp(at));
    let miss = |miss: &Miss| wire::Miss {
        lead_id: miss.lead.to_string(),
        missed_at: Some(timestamp(miss.at)),
        quota_less_until: later(miss.quota_less_until(rule)),
        suspends_until: later(miss.suspends_until(rule)),
    };
    conduct.misses.iter().filter(|miss| miss.counts_until(rule) > now).map(miss).collect()
}

/// The suspensions that run at `now`, or would run if nobody had lifted them.
pub fn suspensions(conduct: &Conduct, now: Millis) -> Vec<wire::Suspension> {
    let suspension = |suspension: &Suspension| {
        let lifted = suspension.lifted.as_ref();
        wire::Suspension {
            begun_at: Some(timestamp(suspension.from)),
            until: Some(timestamp(suspension.until)),
            cause: cause(suspension.why).into(),
            lifted_by: lifted.map(|lifted| lifted.by.to_string()).unwrap_or_default(),
            lift_reason: lifted.map(|lifted| lift_reason(lifted.reason).into()).unwrap_or_default(),
        }
    };
    conduct.suspensions.iter().filter(|suspension| suspension.until > now).map(suspension).collect()
}

/// How many offers the rep accepts, where the policy asks.
pub fn acceptance(conduct: &Conduct, guardrails: &Guardrails) -> Option<wire::Acceptance> {
    let rule = guardrails.acceptance?;
    // The policy may have asked about more of them before.
    let surplus = conduct.answers.len().saturating_sub(rule.last as usize);
    let last = &conduct.answers[surplus..];
    let count = |answers: usize| u32::try_from(answers).unwrap_or(u32::MAX);
    Some(wire::Acceptance {
        accepted: count(last.iter().filter(|answer| **answer).count()),
        offers: count(last.len()),
        least_percent: rule.percent,
        counts_from: rule.at_least,
    })
}
