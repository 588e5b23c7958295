//! What happened, told in the same atomic step as the change. Events carry no personal data.

use crate::availability::status::{Reason, Status};
use crate::id::{CalendarSource, Fence, LeadId, PoolId, RepId, Source, TeamId};
use crate::time::{Millis, Span};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it was decided.
    pub at: Millis,
    /// What.
    pub kind: Kind,
    /// Why, where a decision was taken.
    pub decision: Option<Decision>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A lead was pushed to a rep.
    LeadAssigned {
        /// The lead.
        lead: LeadId,
        /// Its owner from now on.
        rep: RepId,
        /// The team whose rotation chose.
        team: TeamId,
        /// The lead's fence.
        fence: Fence,
        /// Until when the owner must have made contact.
        contact_due: Millis,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
        /// When the prospect raised a hand.
        captured_at: Millis,
    },
    /// A lead entered a pool.
    LeadPooled {
        /// The lead.
        lead: LeadId,
        /// The pool.
        pool: PoolId,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
        /// When the prospect raised a hand.
        captured_at: Millis,
    },
    /// A rep claimed a pooled lead.
    LeadClaimed {
        /// The lead.
        lead: LeadId,
        /// Its owner from now on.
        rep: RepId,
        /// The pool it was in.
        pool: PoolId,
        /// The lead's fence.
        fence: Fence,
        /// Until when the owner must have made contact.
        contact_due: Millis,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
        /// How long it was in the pool.
        pooled: Span,
    },
    /// The owner made the first contact.
    LeadContacted {
        /// The lead.
        lead: LeadId,
        /// The owner.
        rep: RepId,
        /// The fence under which the contact counts.
        fence: Fence,
        /// From assignment to contact.
        contact_speed: Span,
        /// Whether before the deadline.
        in_time: bool,
    },
    /// What is known of when a rep can work has changed.
    AvailabilityChanged {
        /// The rep.
        rep: RepId,
        /// The system that said so.
        source: CalendarSource,
        /// Whether the rep is available with the change.
        status: Status,
    },
    /// Another policy version took effect.
    PolicyActivated {
        /// The version.
        version: u64,
        /// Who applied it.
        author: String,
    },
}

/// Why a lead went where it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The policy version it was taken under.
    pub policy_version: u64,
    /// The route that acted; empty for a claim.
    pub route: String,
    /// Who came up and was passed over, in order.
    pub skips: Vec<Skip>,
    /// Where the rotation stood, when one chose.
    pub rotation: Option<RotationTrace>,
}

/// A rep who came up for a lead and was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The rep.
    pub rep: RepId,
    /// Why.
    pub reason: SkipReason,
}

/// Why a rep was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// The rep is not available at the moment of the decision, for this reason.
    Unavailable(Reason),
}

/// Where a rotation stood when it chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationTrace {
    /// The team.
    pub team: TeamId,
    /// How many leads it had given before this one.
    pub given: u64,
    /// What the chosen rep was owed, this lead counted as due, in millionths of a lead.
    pub owed_micros: i64,
}
