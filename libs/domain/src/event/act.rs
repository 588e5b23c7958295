//! What managers and platforms order, and what owners do, beside the places that leads go to. The words that people wrote with
//! it are not told: they may be personal data, and what is in an event stays for good.

use crate::id::{Fence, LeadId, RepId};

/// One thing that somebody ordered or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A manager ordered that a lead goes to a rep; that it did is told by the event after this one.
    AssignmentOrdered {
        /// The lead.
        lead: LeadId,
        /// The manager.
        manager: RepId,
        /// Who gets it.
        rep: RepId,
        /// Who had it, or was asked to accept it.
        from: Option<RepId>,
        /// The fence until then.
        fence: Fence,
        /// Why.
        reason: AssignReason,
    },
    /// A rep is leaving or has left: the rep's leads are routed again from now on.
    RepOffboarded {
        /// The rep.
        rep: RepId,
        /// The manager who ordered it.
        manager: RepId,
        /// Why.
        reason: OffboardReason,
        /// How many leads the rep had or was asked to accept.
        open: u64,
    },
    /// The owner of a lead, or who was asked to accept it, is leaving or has left; where it went is told by the event after
    /// this one.
    OwnerOffboarded {
        /// The lead.
        lead: LeadId,
        /// Who had it.
        rep: RepId,
        /// The fence until then.
        fence: Fence,
        /// The manager who ordered it.
        manager: RepId,
    },
    /// An owner did something about a lead that is not yet a contact.
    ActivityRecorded {
        /// The lead.
        lead: LeadId,
        /// The owner.
        rep: RepId,
        /// The lead's fence.
        fence: Fence,
        /// What.
        kind: ActivityKind,
    },
    /// The personal data of a lead is deleted for good.
    LeadErased {
        /// The lead.
        lead: LeadId,
        /// The manager who ordered it; `None`: a platform did.
        manager: Option<RepId>,
        /// Why.
        reason: EraseReason,
    },
}

impl Act {
    /// The lead that it is about, if it is about one.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::AssignmentOrdered { lead, .. }
            | Self::OwnerOffboarded { lead, .. }
            | Self::ActivityRecorded { lead, .. }
            | Self::LeadErased { lead, .. } => Some(*lead),
            Self::RepOffboarded { .. } => None,
        }
    }
}

/// Why a manager gives a lead to a rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignReason {
    /// Who had it has too much to do, or another too little.
    Workload,
    /// Who had it is away.
    Absence,
    /// The rep knows the field, the region or the language.
    Expertise,
    /// The rep knows the prospect, or the prospect asked for the rep.
    Relationship,
    /// It went to the wrong place.
    Correction,
    /// Anything else.
    Other,
}

/// Why a rep's leads are routed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffboardReason {
    /// The rep leaves the company, or has left.
    Leaving,
    /// The rep does other work from now on.
    OtherRole,
    /// The rep is away for long.
    LongAbsence,
    /// Anything else.
    Other,
}

/// What an owner did about a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// Called, and nobody answered.
    CallAttempt,
    /// Left a message on an answering machine.
    Voicemail,
    /// Wrote an e-mail.
    Email,
    /// Wrote by another way: a text message, a network.
    Message,
    /// Met, or agreed on a meeting.
    Meeting,
    /// Wrote something down.
    Note,
}

/// Why a lead's personal data is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EraseReason {
    /// The person asked for it.
    Requested,
    /// It has been kept for as long as it may be.
    Retention,
    /// It should never have been taken in.
    Unlawful,
    /// Anything else.
    Other,
}
