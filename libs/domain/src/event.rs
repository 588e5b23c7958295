//! What happened, told in the same atomic step as the change. Events carry no personal data.

mod about;
pub mod act;
mod reason;

use act::Act;
pub use reason::{CreditReason, DeclineReason, ReleaseReason};

use crate::availability::status::Status;
use crate::conduct;
use crate::floor;
use crate::id::{AccountId, CalendarSource, Fence, LeadId, PoolId, RepId, Source, TeamId};
use crate::lead::{Outcome, Via};
use crate::skip;
use crate::tiers;
use crate::time::{Millis, Span};

mod decision;

pub use decision::{AccountTrace, Decision, MixTrace, RotationTrace, Skip, SkipReason};

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
        /// How it came to the rep.
        via: Via,
        /// Why now.
        cause: Cause,
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
    /// A rep was asked to accept a lead.
    LeadOffered {
        /// The lead.
        lead: LeadId,
        /// Who is asked.
        rep: RepId,
        /// How it came to the rep.
        via: Via,
        /// Why now.
        cause: Cause,
        /// The lead's fence, which accepting and declining quote.
        fence: Fence,
        /// Until when.
        expires: Millis,
        /// Whether the rep may decline.
        refusable: bool,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
    },
    /// The rep who was asked to accept a lead declined.
    OfferDeclined {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The fence of the offer.
        fence: Fence,
        /// Why.
        reason: DeclineReason,
    },
    /// The rep who was asked to accept a lead did not answer in time.
    OfferLapsed {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The fence of the offer.
        fence: Fence,
    },
    /// A lead entered a pool.
    LeadPooled {
        /// The lead.
        lead: LeadId,
        /// The pool.
        pool: PoolId,
        /// Why now.
        cause: Cause,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
        /// When the prospect raised a hand.
        captured_at: Millis,
    },
    /// Nobody could take a lead: it waits in the holding pool. An alert by itself.
    LeadHeld {
        /// The lead.
        lead: LeadId,
        /// Why now.
        cause: Cause,
        /// Why nobody can take it.
        reason: HeldReason,
        /// Where the lead comes from.
        source: Source,
        /// How promising it is.
        score: Option<u8>,
        /// When it will be tried again, should nothing happen before.
        retry_at: Millis,
    },
    /// A lead came in that was there already.
    LeadRepeated {
        /// The lead that was there.
        lead: LeadId,
        /// By what it was recognised.
        by: Likeness,
        /// Where the repetition comes from.
        source: Source,
    },
    /// An owner has not made contact, and little time is left.
    ContactDueSoon {
        /// The lead.
        lead: LeadId,
        /// The owner.
        rep: RepId,
        /// The lead's fence.
        fence: Fence,
        /// Until when the owner must have made contact.
        contact_due: Millis,
    },
    /// An owner did not make contact in time and owns the lead no more.
    ContactMissed {
        /// The lead.
        lead: LeadId,
        /// The owner until now.
        rep: RepId,
        /// The fence under which it was missed.
        fence: Fence,
        /// When contact was due.
        contact_due: Millis,
    },
    /// An owner has given a lead back, or lost it for doing nothing about it.
    LeadReleased {
        /// The lead.
        lead: LeadId,
        /// Who owned it.
        rep: RepId,
        /// The fence of that ownership.
        fence: Fence,
        /// Why.
        reason: ReleaseReason,
    },
    /// The owner told how a lead ended.
    LeadClosed {
        /// The lead.
        lead: LeadId,
        /// The owner.
        rep: RepId,
        /// The lead's fence.
        fence: Fence,
        /// How it ended.
        outcome: Outcome,
        /// Where it comes from.
        source: Source,
        /// From assignment to the end.
        owned: Span,
    },
    /// The owner told that a lead has become an opportunity.
    OpportunityRecorded {
        /// The lead.
        lead: LeadId,
        /// The owner.
        rep: RepId,
        /// The lead's fence.
        fence: Fence,
        /// Where it comes from.
        source: Source,
        /// From assignment to the opportunity.
        owned: Span,
    },
    /// What is known of a lead was changed.
    LeadUpdated {
        /// The lead.
        lead: LeadId,
        /// The fields that changed, as the proto spells them.
        fields: Vec<String>,
    },
    /// A lead was not worth its turn: the rep's rotation counts one less.
    LeadCredited {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The team whose rotation counted it.
        team: TeamId,
        /// Why.
        reason: CreditReason,
        /// Who asked for it.
        by: RepId,
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
    /// A rep looks at a pooled lead's detail, and nobody else can take it meanwhile.
    HoldBegan {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The pool it is in.
        pool: PoolId,
        /// Until when.
        until: Millis,
    },
    /// A rep looked at a lead and neither claimed nor skipped it in time: anybody can take it again. It counts as a skip.
    HoldLapsed {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The pool it is in.
        pool: PoolId,
    },
    /// A rep does not want a pooled lead; a hold that the rep had on it is over.
    LeadSkipped {
        /// The lead.
        lead: LeadId,
        /// The rep.
        rep: RepId,
        /// The pool it is in.
        pool: PoolId,
        /// Why.
        reason: skip::Reason,
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
    /// A rep cannot claim for a while. An alert by itself.
    RepSuspended(conduct::Suspended),
    /// A rep can claim again.
    SuspensionEnded(conduct::Ended),
    /// A manager has lifted what was held against a rep.
    PenaltyLifted(conduct::lift::Told),
    /// Another tier was calculated for a rep.
    TierChanged(Box<tiers::Changed>),
    /// A rep claimed fewer leads on a working day than are the least. An alert by itself.
    ActivityBelowFloor(floor::Below),
    /// What is known of when a rep can work has changed.
    AvailabilityChanged {
        /// The rep.
        rep: RepId,
        /// The system that said so.
        source: CalendarSource,
        /// Whether the rep is available with the change.
        status: Status,
    },
    /// An account was taken in, changed or deleted.
    AccountChanged {
        /// The account.
        account: AccountId,
        /// The revision held from now on.
        revision: u64,
        /// Whose it is; `None` when it was deleted.
        owner: Option<RepId>,
    },
    /// Another policy version took effect.
    PolicyActivated {
        /// The version.
        version: u64,
        /// Who applied it.
        author: String,
    },
    /// Somebody ordered or did something.
    Act(Act),
}

/// Why nobody can take a lead: of what stands in the way, what may pass first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldReason {
    /// Somebody has as many open leads as may be.
    AtCapacity,
    /// Somebody is not available now.
    Unavailable,
    /// Whoever is left has owned or declined this lead.
    LeftOut,
    /// There is nobody: whoever the policy names has left, or it names no one.
    Nobody,
}

/// Why a lead is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It has just come in.
    New,
    /// The rep who was asked accepted.
    Accepted,
    /// The rep who was asked declined.
    Declined,
    /// The rep who was asked did not answer.
    OfferLapsed,
    /// Its owner did not make contact in time.
    ContactMissed,
    /// Its owner gave it back.
    Released,
    /// Who claimed it did nothing about it in time.
    NotActedOn,
    /// Nobody claimed it for long.
    Unclaimed,
    /// It was held, and somebody may take it now.
    Retried,
    /// A manager ordered it.
    Ordered,
    /// Who had it is leaving or has left.
    Offboarded,
}

/// By what a lead is recognised as one that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same e-mail address.
    Email,
    /// The same phone number.
    Phone,
    /// The same company and contact name.
    CompanyAndName,
}
