//! Keeping the policy.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Request;

/// Check, apply and compare policies; list their versions, and go back to one.
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Tell what is wrong with a document, without a server; exit code 2 when something is.
    Check {
        /// The document, in YAML; `-` for standard input.
        file: PathBuf,
    },
    /// Check a document and make it the active version.
    Apply(Apply),
    /// Print a version.
    Show {
        /// Its number. Absent: the active one.
        #[arg(value_name = "VERSION")]
        number: Option<u64>,
    },
    /// Show how two documents differ, each a version's number or a file.
    Diff {
        /// The old one. Absent: the version before the active one.
        #[arg(value_name = "A")]
        old: Option<String>,
        /// The new one. Absent: the active version; when A is a file, A is the new one and the active version the old.
        #[arg(value_name = "B")]
        new: Option<String>,
    },
    /// List the versions, newest first.
    Log {
        /// At most so many.
        #[arg(long, default_value_t = 20, value_name = "VERSIONS")]
        limit: usize,
    },
    /// Show the active version, and then each new one as it takes effect; resumes by itself when the connection breaks.
    Watch {
        /// Begin after this version. Absent: with the active one.
        #[arg(long, value_name = "VERSION")]
        after: Option<u64>,
        /// End after so many.
        #[arg(long, value_name = "VERSIONS")]
        limit: Option<u64>,
    },
    /// Make the document of an earlier version the newest version.
    Rollback(Rollback),
    /// Print the JSON Schema of policies, for editors.
    Schema,
    /// Print a ready policy to begin with. Absent: their names.
    Example {
        /// Which.
        #[arg(value_parser = crate::example::NAMES)]
        name: Option<String>,
    },
}

/// Make the document of an earlier version the newest version.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The version to go back to.
    #[arg(value_name = "VERSION")]
    pub(crate) number: u64,
    /// Who goes back.
    #[arg(long, env = "USER", default_value = "leadhand")]
    pub(crate) author: String,
    /// Why.
    #[arg(long)]
    pub(crate) comment: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Check a document and make it the active version.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The document, in YAML; `-` for standard input.
    pub(crate) file: PathBuf,
    /// Who applies it.
    #[arg(long, env = "USER", default_value = "leadhand")]
    pub(crate) author: String,
    /// Why.
    #[arg(long, default_value = "")]
    pub(crate) comment: String,
    #[command(flatten)]
    pub(crate) request: Request,
}
