//! What happened, told in the same atomic step as the change. Events carry no personal data.

mod about;
pub mod act;

use act::Act;

use crate::availability::status::{Reason, Status};
use crate::enrichment::Enrichment;
use crate::id::{AccountId, CalendarSource, Fence, LeadId, PoolId, RepId, Source, TeamId};
use crate::lead::{Outcome, Via};
use crate::rotation::Trace;
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
    /// It was held, and somebody may take it now.
    Retried,
    /// A manager ordered it.
    Ordered,
    /// Who had it is leaving or has left.
    Offboarded,
}

/// Why a rep declines an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclineReason {
    /// Too much to do.
    Busy,
    /// Not the rep's field.
    NotMyField,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// Anything else.
    Other,
}

/// Why a lead is credited back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditReason {
    /// Nobody could be reached: the address or the number is wrong, or made up.
    Unreachable,
    /// It is another lead once more.
    Duplicate,
    /// It was never one to be won: a student, a competitor, a supplier.
    NotALead,
    /// It was not this team's to work.
    WrongTeam,
    /// Anything else.
    Other,
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

/// Why a lead went where it went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The policy version it was taken under.
    pub policy_version: u64,
    /// The route that acted; empty for a claim.
    pub route: String,
    /// Routes that matched before it, in order, and could not act because nobody was there.
    pub passed: Vec<String>,
    /// Fields that a route asked for and the lead does not have.
    pub missing: Vec<String>,
    /// The account that the company was found to be.
    pub account: Option<AccountTrace>,
    /// Who came up and was passed over, in order.
    pub skips: Vec<Skip>,
    /// Where the rotation stood, when one chose.
    pub rotation: Option<RotationTrace>,
    /// Which of how many leads of a mix this was, when a mix decided.
    pub mix: Option<MixTrace>,
    /// The team whose rotation counts the lead as a turn of its owner, although it did not choose.
    pub charged: Option<TeamId>,
    /// What the enrichment came to, when it was asked.
    pub enrichment: Option<Enrichment>,
}

/// How a lead's company was found among the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTrace {
    /// The account.
    pub account: AccountId,
    /// By what.
    pub by: crate::account::By,
    /// How many other accounts matched and gave way.
    pub others: u32,
}

/// Where a mix stood when it decided between push and pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MixTrace {
    /// How many leads it had decided on before this one.
    pub decided: u64,
    /// Of a hundred leads so many are pushed.
    pub push_percent: u32,
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
    /// The rep has as many open leads as may be.
    AtCapacity,
    /// The rep owned this lead before, or declined it.
    LeftOut,
    /// The rep has left.
    Gone,
}

/// Where a rotation stood when it chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationTrace {
    /// The team.
    pub team: TeamId,
    /// What it chose from: enough to choose again.
    pub choice: Trace,
}
