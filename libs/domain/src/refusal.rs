//! Why an operation is refused. One stable reason a rule; a refusal names every rule that failed.

use crate::id::{LeadId, RepId};
use crate::time::{Millis, Span};

/// What kind of answer a refusal is, for whoever maps it to a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What was named does not exist.
    NotFound,
    /// The state of things does not allow it; the same call will not succeed by being repeated.
    Precondition,
    /// A limit is reached; it may be allowed later.
    Exhausted,
    /// The call contradicts an earlier one of the same name.
    Invalid,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident, $text:literal, $class:ident;)*) => {
        /// A rule that failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name that programs see.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What kind of answer it is.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

reasons! {
    /// The workspace has no policy yet.
    PolicyMissing, "POLICY_MISSING", Precondition;
    /// No policy version of this number.
    PolicyVersionUnknown, "POLICY_VERSION_UNKNOWN", NotFound;
    /// An earlier version's document is at fault by the rules of today.
    PolicyOutdated, "POLICY_OUTDATED", Precondition;
    /// No lead of this id.
    LeadUnknown, "LEAD_UNKNOWN", NotFound;
    /// No rep of this id in the policy.
    RepUnknown, "REP_UNKNOWN", NotFound;
    /// No account of this id.
    AccountUnknown, "ACCOUNT_UNKNOWN", NotFound;
    /// No pool of this id in the policy.
    PoolUnknown, "POOL_UNKNOWN", NotFound;
    /// The lead is in no pool: it has an owner, say.
    LeadAlreadyClaimed, "LEAD_ALREADY_CLAIMED", Precondition;
    /// A claim quota is used up.
    QuotaExhausted, "QUOTA_EXHAUSTED", Exhausted;
    /// The lead is not open to the rep's tier yet.
    TierNotOpen, "TIER_NOT_OPEN", Precondition;
    /// The lead is in none of the rep's territories.
    CrossTerritory, "CROSS_TERRITORY", Precondition;
    /// The rep had the lead lately and did not work it.
    HadLately, "HAD_LATELY", Precondition;
    /// As many claimed leads as may be wait for the rep's contact.
    TooManyUncontacted, "TOO_MANY_UNCONTACTED", Exhausted;
    /// Warm leads are owed for the hot ones claimed.
    WarmOwed, "WARM_OWED", Precondition;
    /// An aged or low-priority lead is owed.
    LeftoverOwed, "LEFTOVER_OWED", Precondition;
    /// A lead with a low score is owed.
    LowScoreOwed, "LOW_SCORE_OWED", Precondition;
    /// Another lead comes first in this queue.
    NotFirst, "NOT_FIRST", Precondition;
    /// Nothing waits that the rep may claim.
    NothingClaimable, "NOTHING_CLAIMABLE", Precondition;
    /// The policy does not allow to give a lead back.
    NotReleasable, "NOT_RELEASABLE", Precondition;
    /// A manager has paused the rep.
    RepPaused, "REP_PAUSED", Precondition;
    /// Claiming is suspended for what is held against the rep.
    Suspended, "SUSPENDED", Precondition;
    /// Nothing of what is to be lifted is held against the rep.
    NothingToLift, "NOTHING_TO_LIFT", Precondition;
    /// The rep does not own the lead.
    NotOwner, "NOT_OWNER", Precondition;
    /// The lead has changed hands since this fence.
    FenceStale, "FENCE_STALE", Precondition;
    /// Nobody is asked to accept the lead.
    NotOffered, "NOT_OFFERED", Precondition;
    /// The offer was not accepted in time.
    OfferExpired, "OFFER_EXPIRED", Precondition;
    /// The lead has ended.
    LeadClosed, "LEAD_CLOSED", Precondition;
    /// The lead has as many attributes as it can.
    AttributesFull, "ATTRIBUTES_FULL", Precondition;
    /// The offer cannot be declined.
    NotRefusable, "NOT_REFUSABLE", Precondition;
    /// What the lead is to be routed again for has not happened.
    NotDue, "NOT_DUE", Precondition;
    /// The rep's calendar holds as many events as it can.
    CalendarFull, "CALENDAR_FULL", Precondition;
    /// No rotation counted the lead, so there is nothing to credit.
    NotCounted, "NOT_COUNTED", Precondition;
    /// The rotation that counted the lead is no longer in the policy, or the rep no longer in it.
    RotationUnknown, "ROTATION_UNKNOWN", Precondition;
    /// Another rep looks at the lead.
    LeadOnHold, "LEAD_ON_HOLD", Precondition;
    /// The rep holds another lead.
    HoldOpen, "HOLD_OPEN", Precondition;
    /// The rep held this lead lately and did not claim it.
    HeldLately, "HELD_LATELY", Precondition;
    /// The rep chose nothing in time, and claims wait.
    SelectionLapsed, "SELECTION_LAPSED", Precondition;
    /// The rep skipped so many leads that a claim is owed.
    ClaimOwed, "CLAIM_OWED", Precondition;
    /// The pool is a queue, in which nothing is skipped.
    SkipNotAllowed, "SKIP_NOT_ALLOWED", Precondition;
    /// Who orders it is no manager of those concerned.
    NotManager, "NOT_MANAGER", Precondition;
    /// The rep to whom the lead is to be transferred owns it.
    AlreadyOwner, "ALREADY_OWNER", Precondition;
    /// The lead's personal data is deleted, and none can be added.
    LeadErased, "LEAD_ERASED", Precondition;
    /// The request id was used with another body.
    RequestIdReused, "REQUEST_ID_REUSED", Invalid;
}

/// One rule that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub reason: Reason,
    /// What happened, for people; lower case, no full stop, no personal data.
    pub message: String,
    /// From when on the rule would no longer fail, when that is known.
    pub retry_at: Option<Millis>,
    /// The quota's window, where the rule is a quota.
    pub window: Option<Span>,
}

/// Every rule that failed, the most telling first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rules.
    pub broken: Vec<Broken>,
}

impl Refusal {
    /// One rule failed, and waiting does not help.
    pub fn of(reason: Reason, message: impl Into<String>) -> Self {
        Self { broken: vec![Broken { reason, message: message.into(), retry_at: None, window: None }] }
    }

    /// There is no such lead.
    pub fn lead_unknown(lead: LeadId) -> Self {
        Self::of(Reason::LeadUnknown, format!("no lead {lead}"))
    }

    /// The policy does not know the rep.
    pub fn rep_unknown(rep: &RepId) -> Self {
        Self::of(Reason::RepUnknown, format!("no rep `{rep}` in the policy, or one who has left"))
    }

    /// The workspace has no policy yet.
    pub fn policy_missing() -> Self {
        Self::of(Reason::PolicyMissing, "the workspace has no policy yet")
    }

    /// From when on no rule would fail, if that is known of all.
    pub fn retry_at(&self) -> Option<Millis> {
        let times: Option<Vec<_>> = self.broken.iter().map(|broken| broken.retry_at).collect();
        times?.into_iter().max()
    }
}

/// Why an operation did not end in an answer, in terms that any protocol can be mapped from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A rule refuses.
    Refused(Refusal),
    /// Others kept changing the same records; nothing was written.
    Contention,
    /// What is needed does not answer; what was under way may still be carried out.
    Unavailable,
    /// A fault of ours, told in the log.
    Internal,
}
