//! The leads' histories, held against the stream of all events.

use std::collections::BTreeMap;

use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;

use crate::held::Held;

/// The lead that an event is about.
pub fn lead_of(event: &Event) -> Option<&str> {
    Some(match event.kind.as_ref().expect("a kind that is known") {
        Kind::LeadAssigned(it) => &it.lead_id,
        Kind::LeadPooled(it) => &it.lead_id,
        Kind::LeadClaimed(it) => &it.lead_id,
        Kind::LeadContacted(it) => &it.lead_id,
        Kind::LeadOffered(it) => &it.lead_id,
        Kind::OfferDeclined(it) => &it.lead_id,
        Kind::OfferLapsed(it) => &it.lead_id,
        Kind::LeadHeld(it) => &it.lead_id,
        Kind::LeadRepeated(it) => &it.lead_id,
        Kind::ContactDueSoon(it) => &it.lead_id,
        Kind::ContactMissed(it) => &it.lead_id,
        Kind::LeadClosed(it) => &it.lead_id,
        Kind::LeadUpdated(it) => &it.lead_id,
        Kind::LeadCredited(it) => &it.lead_id,
        Kind::AssignmentOrdered(it) => &it.lead_id,
        Kind::OwnerOffboarded(it) => &it.lead_id,
        Kind::ActivityRecorded(it) => &it.lead_id,
        Kind::LeadErased(it) => &it.lead_id,
        Kind::OpportunityRecorded(it) => &it.lead_id,
        Kind::LeadReleased(it) => &it.lead_id,
        Kind::LeadSkipped(it) => &it.lead_id,
        Kind::HoldBegan(it) => &it.lead_id,
        Kind::HoldLapsed(it) => &it.lead_id,
        Kind::RepOffboarded(_)
        | Kind::RepSuspended(_)
        | Kind::SuspensionEnded(_)
        | Kind::PenaltyLifted(_)
        | Kind::TierChanged(_)
        | Kind::ActivityBelowFloor(_)
        | Kind::AvailabilityChanged(_)
        | Kind::AccountChanged(_)
        | Kind::PolicyActivated(_) => return None,
    })
}

/// Each lead's history is its events, all of them, in their order.
///
/// # Panics
/// When it is not.
pub fn assert_whole(held: &Held, events: &[Event]) {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        if let Some(lead) = lead_of(event) {
            told.entry(lead.to_owned()).or_default().push(event.position.clone());
        }
    }
    assert_eq!(held.history, told);
}
