//! What the numbers of events are called.

use leadhand_proto::availability::v1::UnavailableReason;
use leadhand_proto::event::v1::{
    AccountMatch, Cause, EnrichmentFailure, HeldReason, Likeness, RotationKind, SkipReason,
};
use leadhand_proto::lead::v1::{CreditReason, DeclineReason, LeadSkipReason, ReleaseReason};
use leadhand_proto::pool::v1::{LiftReason, SuspensionCause};

/// Why a rep was passed over.
pub(super) fn skip_reason(reason: i32) -> &'static str {
    match SkipReason::try_from(reason) {
        Ok(SkipReason::Busy) => "busy",
        Ok(SkipReason::AtCapacity) => "at_capacity",
        Ok(SkipReason::LeftOut) => "left_out",
        Ok(SkipReason::Gone) => "gone",
        Ok(SkipReason::Unspecified) | Err(_) => "unknown",
    }
}

/// What makes a rep unavailable, as programs know it; empty when nothing does.
pub(crate) fn unavailable(reason: i32) -> String {
    match UnavailableReason::try_from(reason) {
        Ok(UnavailableReason::Unspecified) => String::new(),
        Ok(reason) => reason.as_str_name().trim_start_matches("UNAVAILABLE_REASON_").to_ascii_lowercase(),
        Err(_) => "unknown".to_owned(),
    }
}

/// Why a rep declined.
pub(super) fn decline_reason(reason: i32) -> &'static str {
    match DeclineReason::try_from(reason) {
        Ok(DeclineReason::Busy) => "busy",
        Ok(DeclineReason::NotMyField) => "not_my_field",
        Ok(DeclineReason::ConflictOfInterest) => "conflict_of_interest",
        Ok(DeclineReason::Language) => "language",
        Ok(DeclineReason::Other) => "other",
        Ok(DeclineReason::Unspecified) | Err(_) => "unknown",
    }
}

/// Why nobody could take a lead.
pub(super) fn held_reason(reason: i32) -> &'static str {
    match HeldReason::try_from(reason) {
        Ok(HeldReason::AtCapacity) => "at_capacity",
        Ok(HeldReason::Unavailable) => "unavailable",
        Ok(HeldReason::LeftOut) => "left_out",
        Ok(HeldReason::Nobody) => "nobody",
        Ok(HeldReason::Unspecified) | Err(_) => "unknown",
    }
}

/// Why a lead was credited back.
pub(super) fn credit_reason(reason: i32) -> &'static str {
    match CreditReason::try_from(reason) {
        Ok(CreditReason::Unreachable) => "unreachable",
        Ok(CreditReason::Duplicate) => "duplicate",
        Ok(CreditReason::NotALead) => "not_a_lead",
        Ok(CreditReason::WrongTeam) => "wrong_team",
        Ok(CreditReason::Other) => "other",
        Ok(CreditReason::Unspecified) | Err(_) => "unknown",
    }
}

/// Why a rep skipped a pooled lead.
pub(super) fn lead_skip_reason(reason: i32) -> &'static str {
    match LeadSkipReason::try_from(reason) {
        Ok(LeadSkipReason::NotMyField) => "not_my_field",
        Ok(LeadSkipReason::PoorFit) => "poor_fit",
        Ok(LeadSkipReason::TooLittleKnown) => "too_little_known",
        Ok(LeadSkipReason::ConflictOfInterest) => "conflict_of_interest",
        Ok(LeadSkipReason::Language) => "language",
        Ok(LeadSkipReason::Other) => "other",
        Ok(LeadSkipReason::Unspecified) | Err(_) => "unknown",
    }
}

/// Why nothing was learnt of a company; `None` when there was an answer.
pub(super) fn enrichment_failure(failure: i32) -> Option<&'static str> {
    match EnrichmentFailure::try_from(failure) {
        Ok(EnrichmentFailure::Unspecified) => None,
        Ok(EnrichmentFailure::NotConfigured) => Some("not_configured"),
        Ok(EnrichmentFailure::TimedOut) => Some("timed_out"),
        Ok(EnrichmentFailure::Unavailable) => Some("unavailable"),
        Ok(EnrichmentFailure::Failed) => Some("failed"),
        Ok(EnrichmentFailure::Busy) => Some("busy"),
        Ok(EnrichmentFailure::Resting) => Some("resting"),
        Err(_) => Some("unknown"),
    }
}

/// Why an owner gave a lead back.
pub(super) fn release_reason(reason: i32) -> &'static str {
    match ReleaseReason::try_from(reason) {
        Ok(ReleaseReason::Busy) => "busy",
        Ok(ReleaseReason::NotMyField) => "not_my_field",
        Ok(ReleaseReason::ConflictOfInterest) => "conflict_of_interest",
        Ok(ReleaseReason::Language) => "language",
        Ok(ReleaseReason::NotActedOn) => "not_acted_on",
        Ok(ReleaseReason::Other) => "other",
        Ok(ReleaseReason::Unspecified) | Err(_) => "unknown",
    }
}

/// Why a lead went where it went just then.
pub(super) fn cause(cause: i32) -> &'static str {
    match Cause::try_from(cause) {
        Ok(Cause::New) => "new",
        Ok(Cause::Accepted) => "accepted",
        Ok(Cause::Declined) => "declined",
        Ok(Cause::OfferLapsed) => "offer_lapsed",
        Ok(Cause::ContactMissed) => "contact_missed",
        Ok(Cause::Retried) => "retried",
        Ok(Cause::Released) => "released",
        Ok(Cause::NotActedOn) => "not_acted_on",
        Ok(Cause::Unclaimed) => "unclaimed",
        Ok(Cause::Ordered) => "ordered",
        Ok(Cause::Offboarded) => "offboarded",
        Ok(Cause::Unspecified) | Err(_) => "unknown",
    }
}

pub(super) fn likeness(by: i32) -> &'static str {
    match Likeness::try_from(by) {
        Ok(Likeness::Email) => "email",
        Ok(Likeness::Phone) => "phone",
        Ok(Likeness::CompanyAndName) => "company_and_name",
        Ok(Likeness::Unspecified) | Err(_) => "unknown",
    }
}

/// By what a company was found to be an account.
pub(crate) fn account_match(by: i32) -> &'static str {
    match AccountMatch::try_from(by) {
        Ok(AccountMatch::Domain) => "domain",
        Ok(AccountMatch::Alias) => "alias",
        Ok(AccountMatch::Parent) => "parent",
        Ok(AccountMatch::Name) => "name",
        Ok(AccountMatch::Unspecified) | Err(_) => "unknown",
    }
}

/// How a team takes turns.
pub(super) fn rotation_kind(kind: i32) -> &'static str {
    match RotationKind::try_from(kind) {
        Ok(RotationKind::Equal) => "equal",
        Ok(RotationKind::Weight) => "weight",
        Ok(RotationKind::Attainment) => "attainment",
        Ok(RotationKind::Conversion) => "conversion",
        Ok(RotationKind::Load) => "load",
        Ok(RotationKind::Score) => "score",
        Ok(RotationKind::Unspecified) | Err(_) => "unknown",
    }
}

/// Why a rep is suspended.
pub(crate) fn suspension_cause(cause: i32) -> &'static str {
    match SuspensionCause::try_from(cause) {
        Ok(SuspensionCause::Misses) => "misses",
        Ok(SuspensionCause::Acceptance) => "acceptance",
        Ok(SuspensionCause::Unspecified) | Err(_) => "unknown",
    }
}

/// Why a penalty was lifted.
pub(crate) fn lift_reason(reason: i32) -> &'static str {
    match LiftReason::try_from(reason) {
        Ok(LiftReason::BadLead) => "bad_lead",
        Ok(LiftReason::Absent) => "absent",
        Ok(LiftReason::SystemFault) => "system_fault",
        Ok(LiftReason::NotRecorded) => "not_recorded",
        Ok(LiftReason::Goodwill) => "goodwill",
        Ok(LiftReason::Other) => "other",
        Ok(LiftReason::Unspecified) | Err(_) => "unknown",
    }
}
