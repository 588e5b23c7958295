//! What managers order and owners record, between the wire and the domain.

use leadhand_domain::event::act::{Act, ActivityKind, AssignReason, EraseReason, OffboardReason};
use leadhand_domain::id::RepId;
use leadhand_domain::invalid::Fields;

use crate::event::v1 as event_wire;
use crate::event::v1::event::Kind;
use crate::lead::v1 as wire;

const ONE_OF_THEM: &str = "required: one of the reasons there are";

/// An act, as events tell it.
pub fn act(act: &Act) -> Kind {
    let name = |rep: &Option<RepId>| rep.as_ref().map(ToString::to_string).unwrap_or_default();
    match act {
        Act::AssignmentOrdered { lead, manager, rep, from, fence, reason } => {
            Kind::AssignmentOrdered(event_wire::AssignmentOrdered {
                lead_id: lead.to_string(),
                manager_id: manager.to_string(),
                rep_id: rep.to_string(),
                from_rep_id: name(from),
                fence: fence.0,
                reason: assigned_because(*reason).into(),
            })
        }
        Act::RepOffboarded { rep, manager, reason, open } => Kind::RepOffboarded(event_wire::RepOffboarded {
            rep_id: rep.to_string(),
            manager_id: manager.to_string(),
            reason: offboarded_because(*reason).into(),
            open: *open,
        }),
        Act::OwnerOffboarded { lead, rep, fence, manager } => Kind::OwnerOffboarded(event_wire::OwnerOffboarded {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            manager_id: manager.to_string(),
        }),
        Act::ActivityRecorded { lead, rep, fence, kind } => Kind::ActivityRecorded(event_wire::ActivityRecorded {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            kind: recorded(*kind).into(),
        }),
        Act::LeadErased { lead, manager, reason } => Kind::LeadErased(event_wire::LeadErased {
            lead_id: lead.to_string(),
            manager_id: name(manager),
            reason: erased_because(*reason).into(),
        }),
    }
}

/// Whether an event of a lead's history is told to who sees no more of the lead than its preview: where it went, but neither who
/// was in contact with the prospect nor what came of it.
pub fn is_public(event: &event_wire::Event) -> bool {
    matches!(
        event.kind,
        Some(
            Kind::LeadAssigned(_)
                | Kind::LeadOffered(_)
                | Kind::OfferDeclined(_)
                | Kind::OfferLapsed(_)
                | Kind::LeadPooled(_)
                | Kind::LeadHeld(_)
                | Kind::LeadRepeated(_)
                | Kind::LeadClaimed(_)
        )
    )
}

/// Why a manager gives a lead to a rep; the fault is noted under `field`.
pub fn assign_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<AssignReason> {
    let known = match wire::AssignReason::try_from(reason).unwrap_or_default() {
        wire::AssignReason::Workload => Some(AssignReason::Workload),
        wire::AssignReason::Absence => Some(AssignReason::Absence),
        wire::AssignReason::Expertise => Some(AssignReason::Expertise),
        wire::AssignReason::Relationship => Some(AssignReason::Relationship),
        wire::AssignReason::Correction => Some(AssignReason::Correction),
        wire::AssignReason::Other => Some(AssignReason::Other),
        wire::AssignReason::Unspecified => None,
    };
    required(known, field, ONE_OF_THEM, fields)
}

fn assigned_because(reason: AssignReason) -> wire::AssignReason {
    match reason {
        AssignReason::Workload => wire::AssignReason::Workload,
        AssignReason::Absence => wire::AssignReason::Absence,
        AssignReason::Expertise => wire::AssignReason::Expertise,
        AssignReason::Relationship => wire::AssignReason::Relationship,
        AssignReason::Correction => wire::AssignReason::Correction,
        AssignReason::Other => wire::AssignReason::Other,
    }
}

/// Why a rep's leads are routed again; the fault is noted under `field`.
pub fn offboard_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<OffboardReason> {
    let known = match wire::OffboardReason::try_from(reason).unwrap_or_default() {
        wire::OffboardReason::Leaving => Some(OffboardReason::Leaving),
        wire::OffboardReason::OtherRole => Some(OffboardReason::OtherRole),
        wire::OffboardReason::LongAbsence => Some(OffboardReason::LongAbsence),
        wire::OffboardReason::Other => Some(OffboardReason::Other),
        wire::OffboardReason::Unspecified => None,
    };
    required(known, field, ONE_OF_THEM, fields)
}

fn offboarded_because(reason: OffboardReason) -> wire::OffboardReason {
    match reason {
        OffboardReason::Leaving => wire::OffboardReason::Leaving,
        OffboardReason::OtherRole => wire::OffboardReason::OtherRole,
        OffboardReason::LongAbsence => wire::OffboardReason::LongAbsence,
        OffboardReason::Other => wire::OffboardReason::Other,
    }
}

/// What an owner did; the fault is noted under `field`.
pub fn activity_kind(kind: i32, field: &str, fields: &mut Fields) -> Option<ActivityKind> {
    let known = match wire::ActivityKind::try_from(kind).unwrap_or_default() {
        wire::ActivityKind::CallAttempt => Some(ActivityKind::CallAttempt),
        wire::ActivityKind::Voicemail => Some(ActivityKind::Voicemail),
        wire::ActivityKind::Email => Some(ActivityKind::Email),
        wire::ActivityKind::Message => Some(ActivityKind::Message),
        wire::ActivityKind::Meeting => Some(ActivityKind::Meeting),
        wire::ActivityKind::Note => Some(ActivityKind::Note),
        wire::ActivityKind::Unspecified => None,
    };
    required(known, field, "required: one of the kinds there are", fields)
}

fn recorded(kind: ActivityKind) -> wire::ActivityKind {
    match kind {
        ActivityKind::CallAttempt => wire::ActivityKind::CallAttempt,
        ActivityKind::Voicemail => wire::ActivityKind::Voicemail,
        ActivityKind::Email => wire::ActivityKind::Email,
        ActivityKind::Message => wire::ActivityKind::Message,
        ActivityKind::Meeting => wire::ActivityKind::Meeting,
        ActivityKind::Note => wire::ActivityKind::Note,
    }
}

/// Why a lead's personal data is deleted; the fault is noted under `field`.
pub fn erase_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<EraseReason> {
    let known = match wire::EraseReason::try_from(reason).unwrap_or_default() {
        wire::EraseReason::Requested => Some(EraseReason::Requested),
        wire::EraseReason::Retention => Some(EraseReason::Retention),
        wire::EraseReason::Unlawful => Some(EraseReason::Unlawful),
        wire::EraseReason::Other => Some(EraseReason::Other),
        wire::EraseReason::Unspecified => None,
    };
    required(known, field, ONE_OF_THEM, fields)
}

fn erased_because(reason: EraseReason) -> wire::EraseReason {
    match reason {
        EraseReason::Requested => wire::EraseReason::Requested,
        EraseReason::Retention => wire::EraseReason::Retention,
        EraseReason::Unlawful => wire::EraseReason::Unlawful,
        EraseReason::Other => wire::EraseReason::Other,
    }
}

fn required<T>(known: Option<T>, field: &str, said: &str, fields: &mut Fields) -> Option<T> {
    if known.is_none() {
        fields.add(field, said);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number of a proto enum is a value of the domain's, and goes back to the same number; 0 and others are refused.
    #[test]
    fn every_reason_and_kind_goes_there_and_back() {
        type Trip = fn(i32, &mut Fields) -> Option<i32>;
        let trips: [(i32, Trip); 4] = [
            (6, |n, fields| Some(assigned_because(assign_reason(n, "f", fields)?).into())),
            (4, |n, fields| Some(offboarded_because(offboard_reason(n, "f", fields)?).into())),
            (6, |n, fields| Some(recorded(activity_kind(n, "f", fields)?).into())),
            (4, |n, fields| Some(erased_because(erase_reason(n, "f", fields)?).into())),
        ];
        for (last, trip) in trips {
            let mut fields = Fields::new();
            for n in 1..=last {
                assert_eq!(trip(n, &mut fields), Some(n));
            }
            for n in [-1, 0, last + 1] {
                assert_eq!(trip(n, &mut fields), None);
            }
            assert_eq!(fields.finish(Some(())).unwrap_err().len(), 3);
        }
    }
}
