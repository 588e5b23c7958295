//! What a rep does while choosing from a pool.

use clap::{Args, ValueEnum};

use super::Request;

/// Open the detail of a pooled lead: nobody else can take it meanwhile.
#[derive(Debug, Args)]
pub(crate) struct View {
    /// Who looks.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Say that a rep does not want a pooled lead, and why.
#[derive(Debug, Args)]
pub(crate) struct Skip {
    /// Who does not want it.
    #[arg(long)]
    pub(crate) rep: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: SkipReason,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a lead is skipped.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SkipReason {
    /// Not the rep's field.
    NotMyField,
    /// It does not look like one to be won.
    PoorFit,
    /// Too little is known of it.
    TooLittleKnown,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// Anything else.
    Other,
}
