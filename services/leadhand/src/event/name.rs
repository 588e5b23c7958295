//! What the numbers of events are called.

use leadhand_proto::availability::v1::UnavailableReason;
use leadhand_proto::event::v1::{AccountMatch, Cause, Likeness, SkipReason};
use leadhand_proto::lead::v1::DeclineReason;

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

/// Whether a rep is available, for people.
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

/// Why a lead went where it went just then.
pub(super) fn cause(cause: i32) -> &'static str {
    match Cause::try_from(cause) {
        Ok(Cause::New) => "new",
        Ok(Cause::Accepted) => "accepted",
        Ok(Cause::Declined) => "declined",
        Ok(Cause::OfferLapsed) => "offer_lapsed",
        Ok(Cause::ContactMissed) => "contact_missed",
        Ok(Cause::Retried) => "retried",
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

pub(super) fn account_match(by: i32) -> &'static str {
    match AccountMatch::try_from(by) {
        Ok(AccountMatch::Domain) => "domain",
        Ok(AccountMatch::Alias) => "alias",
        Ok(AccountMatch::Parent) => "parent",
        Ok(AccountMatch::Name) => "name",
        Ok(AccountMatch::Unspecified) | Err(_) => "unknown",
    }
}
