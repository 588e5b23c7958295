//! The guardrails' settings, with the defaults. A rule that is off is `None`.

use crate::id::PoolId;
use crate::time::Span;

/// Every guardrail beside the quotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrails {
    /// How long a rep may choose; `None`: as long as they like, and nobody holds a lead.
    pub selection: Option<Selection>,
    /// Whether an owner who claimed may give the lead back, with a reason.
    pub release: bool,
    /// How soon a claim must be followed by an activity or the contact; else it is undone and counts as a release.
    pub action_within: Option<Span>,
    /// How many claimed leads without contact a rep may have.
    pub hoarding: Option<u32>,
    /// What a rep's claims must be a mix of.
    pub ratios: Ratios,
    /// Who is in which tier, and when a lead opens to the lower ones.
    pub tiers: Tiers,
    /// How many offers a rep must accept.
    pub acceptance: Option<Acceptance>,
    /// What missed contacts cost.
    pub misses: Misses,
    /// Whether a rep claims only inside their own territories.
    pub territory_only: bool,
    /// After how many skipped leads a claim is owed before the next detail.
    pub skips: Option<u32>,
    /// How many claims a working day are the least, else there is an alert: C13.
    pub floor: Option<u32>,
    /// For how long who gave a lead back, lost it or missed its contact cannot claim it again: C14.
    pub memory: Span,
}

/// How long a rep may choose: C2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// From the first look at a pool.
    pub window: Span,
    /// From opening a lead's detail, which nobody else can take meanwhile.
    pub hold: Span,
    /// How long claims wait after either has passed unused.
    pub wait: Span,
    /// For how long the rep cannot hold the same lead again.
    pub no_hold_again: Span,
}

/// What a rep's claims must be a mix of: C7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ratios {
    /// After so many hot claims, so many warm ones are owed.
    pub hot_to_warm: Option<HotToWarm>,
    /// Of any so many claims, at least so many aged or of low priority.
    pub leftover: Option<Share>,
    /// Of the last so many claims, at least so many with a score below [`BELOW`].
    pub low_score: Option<Share>,
}

/// Scores below this count as low for [`Ratios::low_score`].
pub const BELOW: u8 = 50;

/// So many of one for so many of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotToWarm {
    /// Hot claims, at least 1.
    pub hot: u32,
    /// Warm claims that are owed after them, at least 1.
    pub warm: u32,
}

/// At least so many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// At least.
    pub least: u32,
    /// Of.
    pub of: u32,
}

/// Who is in which tier, and when a pooled lead opens to reps below the first: C8. The first sees it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiers {
    /// To the second, after so long in the pool.
    pub second_after: Span,
    /// To the third; `None`: never, its reps get only pushed leads.
    pub third_after: Option<Span>,
    /// How tiers are calculated; `None`: they are not, and who is in which is what the policy says.
    pub weekly: Option<Weekly>,
}

/// Who is in which tier by what they have made of their leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekly {
    /// Who had fewer leads in the four weeks that are looked at keeps their tier.
    pub at_least: u32,
    /// So many of a hundred are in the first tier.
    pub first_percent: u32,
    /// So many in the second; the rest in the third.
    pub second_percent: u32,
}

impl Default for Weekly {
    fn default() -> Self {
        Self { at_least: 20, first_percent: 20, second_percent: 50 }
    }
}

/// How many offers a rep must accept: C9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acceptance {
    /// At least so many of a hundred.
    pub percent: u32,
    /// Of the last so many offers.
    pub last: u32,
    /// Once there have been so many.
    pub at_least: u32,
    /// How long claiming is suspended otherwise.
    pub suspension: Span,
}

/// What missed contacts cost: C10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misses {
    /// For how long the daily quota is one claim less for each.
    pub quota_less_for: Span,
    /// So many misses suspend claiming; `None`: however many.
    pub most: Option<u32>,
    /// Within this time.
    pub within: Span,
    /// For how long.
    pub suspension: Span,
}

impl Default for Guardrails {
    fn default() -> Self {
        Self {
            selection: Some(Selection {
                window: Span(60_000),
                hold: Span::minutes(3),
                wait: Span(30_000),
                no_hold_again: Span::minutes(10),
            }),
            release: false,
            action_within: None,
            hoarding: Some(10),
            ratios: Ratios::default(),
            tiers: Tiers {
                second_after: Span::minutes(15),
                third_after: Some(Span::hours(1)),
                weekly: Some(Weekly::default()),
            },
            acceptance: None,
            misses: Misses {
                quota_less_for: Span::hours(24),
                most: Some(3),
                within: Span::days(7),
                suspension: Span::days(7),
            },
            territory_only: false,
            skips: None,
            floor: None,
            memory: Span::hours(24),
        }
    }
}

/// A pool of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its id.
    pub id: PoolId,
    /// How reps choose from it.
    pub kind: Kind,
    /// How much of a lead its detail shows.
    pub transparency: Transparency,
    /// What becomes of leads that nobody claims: C11.
    pub unclaimed: Unclaimed,
}

/// How reps choose from a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Only the first lead that the rep may claim, no skipping.
    Queue,
    /// Any, by a limited preview.
    #[default]
    Browse,
    /// Any, with full detail.
    CherryPick,
}

/// How much of a pooled lead its detail shows; never what is the owner's alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Transparency {
    /// What the list shows.
    Preview,
    /// What the prospect did, too.
    #[default]
    Engagement,
    /// Form responses and notes, too.
    Full,
}

/// What becomes of leads that nobody claims, from when they entered the pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unclaimed {
    /// After so long it is given to a rep, by the rotation of the team at this place in `Policy::teams`.
    pub assign: Option<(Span, usize)>,
    /// After so long it goes to the manager.
    pub escalate_after: Option<Span>,
    /// After so long it moves to another pool.
    pub recycle: Option<(Span, PoolId)>,
}
