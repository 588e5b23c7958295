//! Companies that have an owner.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Load accounts, and look at them.
#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// Load every row of a CSV file; loading it again changes nothing.
    Load(AccountsLoad),
    /// Show an account.
    Get {
        /// The account's id.
        account: String,
    },
    /// Delete accounts.
    Delete(AccountsDelete),
    /// Tell which account a company is, and which others give way to it.
    Match(AccountsMatch),
}

/// Load every row of a CSV file.
#[derive(Debug, Args)]
pub(crate) struct AccountsLoad {
    /// A file with the columns id and owner, and when there, name, domain, aliases, subsidiaries, kind (customer or named),
    /// strategic, since and revision; `-` for standard input. Several domains in one cell are parted by commas or blanks.
    pub(crate) file: PathBuf,
    /// Take a field from a column, e.g. `--columns owner=Rep`. Other columns go by their header's name.
    #[arg(long, visible_alias = "map", value_name = "FIELD=COLUMN")]
    pub(crate) columns: Vec<String>,
    /// The revision of rows that name none: an account is changed only by one above that it has.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) revision: u64,
}

/// Delete accounts.
#[derive(Debug, Args)]
pub(crate) struct AccountsDelete {
    /// The accounts' ids.
    #[arg(required = true)]
    pub(crate) accounts: Vec<String>,
    /// Above that of the accounts. Absent: the milliseconds of the clock.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) revision: Option<u64>,
}

/// Tell which account a company is.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct AccountsMatch {
    /// The company's name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The company's web domain.
    #[arg(long)]
    pub(crate) domain: Option<String>,
}
