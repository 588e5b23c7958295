//! The arguments of the commands that explain.

use clap::Args;

/// Show why a lead went where it went.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The lead's id.
    pub(crate) lead: String,
}

/// Show why a rep did not get a lead.
#[derive(Debug, Args)]
pub(crate) struct WhyNot {
    /// The lead's id.
    pub(crate) lead: String,
    /// The rep.
    pub(crate) rep: String,
}
