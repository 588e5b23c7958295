//! What a mutating call answers, remembered under its request id.

use crate::id::{Fence, LeadId, PoolId, RepId, TeamId};
use crate::record::PolicyVersion;
use crate::time::{Millis, Span};

/// How long an answer is remembered.
pub const REMEMBERED: Span = Span::hours(24);

/// The answer of any mutating call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Of `RouteLead`.
    Routed(Routed),
    /// Of `ClaimLead`, `AcceptOffer`, `AssignLead` and `TransferLead`.
    Claimed(Claimed),
    /// Of `RecordContact`.
    Contacted(Contacted),
    /// Of `ApplyPolicy`; without the document.
    PolicyApplied(PolicyVersion),
    /// Of a message of `StreamAvailability`: whether it changed anything.
    CalendarTaken(bool),
    /// Of a message of `UpsertAccounts` or `DeleteAccounts`: whether it changed anything.
    AccountTaken(bool),
    /// Of `RecordOutcome` that ends a lead.
    Closed(Closed),
    /// Of `RecordOutcome` with an opportunity.
    Opportunity(Opportunity),
    /// Of `CreditLead`.
    Credited(Credited),
    /// Of `ViewLead`.
    Viewed(Viewed),
    /// Of `EraseLead`.
    Erased(Erased),
    /// Of what answers nothing but that it is done: `UpdateLead`, `RecordActivity`, `SkipLead`, a reminder.
    Done,
}

/// Where a lead went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The lead.
    pub lead: LeadId,
    /// Its place.
    pub to: Destination,
    /// The route that acted.
    pub route: String,
    /// The policy version that decided.
    pub policy_version: u64,
    /// Whether the lead was there already, and this is where it is.
    pub duplicate: bool,
}

/// A place a lead is routed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A rep owns it.
    Assigned {
        /// The owner.
        rep: RepId,
        /// The team whose rotation chose, when one did.
        team: Option<TeamId>,
        /// The lead's fence.
        fence: Fence,
        /// Until when the owner must have made contact.
        contact_due: Millis,
    },
    /// A rep is asked to accept it.
    Offered {
        /// Who.
        rep: RepId,
        /// The team whose rotation chose, when one did.
        team: Option<TeamId>,
        /// The lead's fence, which accepting and declining quote.
        fence: Fence,
        /// Until when.
        expires: Millis,
    },
    /// It waits in a pool.
    Pooled(PoolId),
    /// It waits in the holding pool: nobody could take it.
    Held,
    /// It is no longer worked; only a duplicate finds its lead there.
    Closed,
}

/// The lead is the rep's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The lead.
    pub lead: LeadId,
    /// The lead's fence.
    pub fence: Fence,
    /// Until when the owner must have made contact.
    pub contact_due: Millis,
}

/// The rep may look at the lead's detail. What it holds is read when it is shown: personal data is in no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewed {
    /// The lead.
    pub lead: LeadId,
    /// Until when the rep holds it; `None` where choosing is not limited.
    pub until: Option<Millis>,
}

/// The contact counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contacted {
    /// From assignment to contact.
    pub contact_speed: Span,
    /// Whether before the deadline.
    pub in_time: bool,
    /// When.
    pub at: Millis,
}

/// The lead counts no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credited {
    /// Whose turn it was.
    pub rep: RepId,
    /// The team whose rotation counted it.
    pub team: TeamId,
    /// It had been credited before; nothing changed.
    pub before: bool,
}

/// The lead has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Millis,
    /// From assignment to the end.
    pub owned: Span,
}

/// The lead is an opportunity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opportunity {
    /// Since when.
    pub at: Millis,
    /// From assignment to the opportunity.
    pub owned: Span,
}

/// The lead's personal data is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// When.
    pub at: Millis,
    /// It had been before; nothing changed.
    pub before: bool,
}
