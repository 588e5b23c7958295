//! What a rep does with leads that are the rep's.

use clap::{Args, ValueEnum};

use super::{LeadFlags, Request};

/// List what a rep has.
#[derive(Debug, Args)]
pub(crate) struct Mine {
    /// The rep.
    #[arg(long)]
    pub(crate) rep: String,
}

/// Accept a lead that is offered.
#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// Who accepts.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as it was offered.
    #[arg(long)]
    pub(crate) fence: u64,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Decline a lead that is offered.
#[derive(Debug, Args)]
pub(crate) struct Decline {
    /// Who declines.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as it was offered.
    #[arg(long)]
    pub(crate) fence: u64,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Reason,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Give a lead back.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The owner.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as the owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Reason,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a lead is declined or given back.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Reason {
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

/// Record what came of a lead: how it ended, or that it has become an opportunity.
#[derive(Debug, Args)]
pub(crate) struct Outcome {
    /// The owner.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as the owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    /// For how much it was won, in the workspace's currency.
    #[arg(long)]
    pub(crate) amount: Option<u64>,
    /// The lead's id.
    pub(crate) lead: String,
    /// What came of it.
    pub(crate) outcome: Came,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// What came of a lead.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Came {
    /// It may be won; it stays open.
    Opportunity,
    /// It became a customer.
    Won,
    /// It went elsewhere.
    Lost,
    /// It was never one to be won.
    Disqualified,
    /// It is another lead once more.
    Duplicate,
}

/// Credit a bad lead back: the rotation counts it no more, and the rep gets another sooner.
#[derive(Debug, Args)]
pub(crate) struct Credit {
    /// The lead's id.
    pub(crate) lead: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: CreditReason,
    /// Who asks: a rep, a manager or a system.
    #[arg(long)]
    pub(crate) by: String,
    /// The lead's fence when it was found bad. Absent: whatever it is now.
    #[arg(long)]
    pub(crate) fence: Option<u64>,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a lead is credited back.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CreditReason {
    /// Nobody could be reached.
    Unreachable,
    /// It is another lead once more.
    Duplicate,
    /// It was never one to be won.
    NotALead,
    /// It was not this team's to work.
    WrongTeam,
    /// Anything else.
    Other,
}

/// Correct or fill in what is known of a lead: the flags that are given. Its source, capture and person stay.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The lead's id.
    #[arg(value_name = "LEAD")]
    pub(crate) lead_id: String,
    #[command(flatten)]
    pub(crate) lead: LeadFlags,
    #[command(flatten)]
    pub(crate) request: Request,
}
