//! The arguments of `leadhand pool`.

use clap::{Args, ValueEnum};

/// List the pools, or the leads of one.
#[derive(Debug, Args)]
pub(crate) struct Pool {
    /// The pool whose leads to list. Absent: the pools.
    #[arg(requires = "rep")]
    pub(crate) pool: Option<String>,
    /// Who looks.
    #[arg(long)]
    pub(crate) rep: Option<String>,
    /// How many leads at most.
    #[arg(long, default_value_t = 50, conflicts_with = "watch")]
    pub(crate) limit: usize,
    /// Only leads that this holds for, in CEL: `lead.score >= 50 && now - lead.pooled_at > duration("24h")`.
    #[arg(long, value_name = "CONDITION", requires = "pool")]
    pub(crate) filter: Option<String>,
    /// Only leads with words that begin with these: company, industry, contact, title, source.
    #[arg(long, value_name = "WORDS", requires = "pool")]
    pub(crate) search: Option<String>,
    /// In which order. Absent: waiting, the longest waiting first.
    #[arg(long, value_name = "ORDER", requires = "pool", conflicts_with = "watch")]
    pub(crate) sort: Option<PoolSort>,
    /// Show the leads, then what enters, changes and leaves, until interrupted.
    #[arg(long, requires = "pool")]
    pub(crate) watch: bool,
}

/// The orders of a pool's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PoolSort {
    /// The longest waiting first.
    Waiting,
    /// The last come first.
    Newest,
    /// The highest score first.
    Score,
    /// The lowest score first.
    LowScore,
    /// The largest company first.
    Size,
}
