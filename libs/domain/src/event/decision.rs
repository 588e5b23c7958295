//! Why a lead went where it went, as events tell it.

use crate::account::By;
use crate::availability::status::Reason;
use crate::enrichment::Enrichment;
use crate::id::{AccountId, RepId, TeamId};
use crate::rotation::Trace;

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
    pub by: By,
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
