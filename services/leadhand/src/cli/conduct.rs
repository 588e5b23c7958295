//! What is held against reps.

use clap::{Args, ValueEnum};

use super::Request;

/// Lift what is held against a rep: a missed contact, the suspension, or everything.
#[derive(Debug, Args)]
pub(crate) struct Lift {
    /// The rep.
    pub(crate) rep: String,
    /// The manager who lifts it.
    #[arg(long)]
    pub(crate) manager: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: LiftReason,
    /// What was missed of this lead; a suspension that it has led to goes on.
    #[arg(long, value_name = "LEAD", conflicts_with = "suspension")]
    pub(crate) miss: Option<String>,
    /// The suspension only; its misses still cost claims. Absent, and no --miss: every miss, and the suspension.
    #[arg(long)]
    pub(crate) suspension: bool,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a penalty is lifted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LiftReason {
    /// The prospect could not be reached, or there was no such person.
    BadLead,
    /// The rep was away, and no calendar said so.
    Absent,
    /// A system did not work.
    SystemFault,
    /// Contact was made and not recorded.
    NotRecorded,
    /// Out of goodwill.
    Goodwill,
    /// Anything else.
    Other,
}
