//! What managers order, what owners record, and what happened.

use clap::{Args, ValueEnum};

use super::Request;

/// Give a lead that nobody owns to a rep.
#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// The lead's id.
    pub(crate) lead: String,
    /// Who gets it.
    #[arg(long, value_name = "REP")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) order: Order,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Take a lead from its owner and give it to another rep.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The lead's id.
    pub(crate) lead: String,
    /// Who gets it.
    #[arg(long, value_name = "REP")]
    pub(crate) to: String,
    /// The lead's fence, as its owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    #[command(flatten)]
    pub(crate) order: Order,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// A manager's order.
#[derive(Debug, Args)]
pub(crate) struct Order {
    /// The manager who orders it.
    #[arg(long, value_name = "MANAGER")]
    pub(crate) by: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: AssignReason,
    /// Why, in words, for the owner and managers; kept and erased with the lead's personal data.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

/// Why a manager gives a lead to a rep.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AssignReason {
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

/// Route all leads of a rep again who is leaving or has left. The rep is paused first, so that nothing new comes. When it breaks
/// off, run it again: it goes on with what is left.
#[derive(Debug, Args)]
pub(crate) struct Offboard {
    /// The rep.
    pub(crate) rep: String,
    /// The manager who orders it.
    #[arg(long, value_name = "MANAGER")]
    pub(crate) by: String,
    /// Why.
    #[arg(long, default_value = "leaving")]
    pub(crate) reason: OffboardReason,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a rep's leads are routed again.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OffboardReason {
    /// The rep leaves the company, or has left.
    Leaving,
    /// The rep does other work from now on.
    OtherRole,
    /// The rep is away for long.
    LongAbsence,
    /// Anything else.
    Other,
}

/// Record what the owner did about a lead that is not yet a contact: the contact stays due.
#[derive(Debug, Args)]
pub(crate) struct Activity {
    /// The owner.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as the owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    /// The lead's id.
    pub(crate) lead: String,
    /// What.
    pub(crate) kind: ActivityKind,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// What an owner did about a lead.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ActivityKind {
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

/// Show what happened to a lead, in order.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// Who looks: the owner, a manager, or another rep, who sees less.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's id.
    pub(crate) lead: String,
}

/// Delete a lead's personal data for good; the lead stays where it is.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The lead's id.
    pub(crate) lead: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: EraseReason,
    /// The manager who orders it. Absent: a platform does.
    #[arg(long, value_name = "MANAGER")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a lead's personal data is deleted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum EraseReason {
    /// The person asked for it.
    Requested,
    /// It has been kept for as long as it may be.
    Retention,
    /// It should never have been taken in.
    Unlawful,
    /// Anything else.
    Other,
}
