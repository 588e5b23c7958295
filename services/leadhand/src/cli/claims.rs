//! How a rep gets leads, and stands.

use clap::Args;

use super::Request;

/// Claim a lead out of its pool, or whatever is next.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// Who claims.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's id; without one, with `--next`.
    #[arg(required_unless_present = "next")]
    pub(crate) lead: Option<String>,
    /// Claim whatever is next.
    #[arg(long, conflicts_with = "lead")]
    pub(crate) next: bool,
    /// With `--next`: from this pool; absent: from the first that has a lead for the rep.
    #[arg(long, requires = "next")]
    pub(crate) pool: Option<String>,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Record that the owner has made contact.
#[derive(Debug, Args)]
pub(crate) struct Contact {
    /// The owner.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as the owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Show what a rep has and may still claim.
#[derive(Debug, Args)]
pub(crate) struct Standing {
    /// The rep.
    pub(crate) rep: String,
    /// A lead: would the rep's claim of it be granted?
    #[arg(long)]
    pub(crate) lead: Option<String>,
}
