//! What an event is about.

use super::Kind;
use crate::id::LeadId;

impl Kind {
    /// The lead that it is about, if it is about one: in whose history it stands. Each kind is named here, so that none is
    /// left out of the histories unawares.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::LeadAssigned { lead, .. }
            | Self::LeadOffered { lead, .. }
            | Self::OfferDeclined { lead, .. }
            | Self::OfferLapsed { lead, .. }
            | Self::LeadPooled { lead, .. }
            | Self::LeadHeld { lead, .. }
            | Self::LeadRepeated { lead, .. }
            | Self::ContactDueSoon { lead, .. }
            | Self::ContactMissed { lead, .. }
            | Self::LeadClosed { lead, .. }
            | Self::LeadUpdated { lead, .. }
            | Self::LeadCredited { lead, .. }
            | Self::LeadClaimed { lead, .. }
            | Self::LeadContacted { lead, .. }
            | Self::LeadReleased { lead, .. }
            | Self::OpportunityRecorded { lead, .. }
            | Self::HoldBegan { lead, .. }
            | Self::HoldLapsed { lead, .. }
            | Self::LeadSkipped { lead, .. } => Some(*lead),
            Self::Act(act) => act.lead(),
            Self::RepSuspended(_)
            | Self::SuspensionEnded(_)
            | Self::PenaltyLifted(_)
            | Self::TierChanged(_)
            | Self::ActivityBelowFloor(_)
            | Self::AvailabilityChanged { .. }
            | Self::AccountChanged { .. }
            | Self::PolicyActivated { .. } => None,
        }
    }
}
