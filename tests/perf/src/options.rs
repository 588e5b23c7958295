//! What the bench is asked for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "perf", about = "The bench: every figure beside the floor, in one run")]
pub(crate) struct Options {
    /// A few seconds, to see that it runs: the figures mean nothing
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only these groups of rows, separated by commas
    #[arg(long, value_name = "NAME", value_enum, value_delimiter = ',')]
    pub(crate) only: Vec<Group>,
    /// Where the figures are written
    #[arg(long, value_name = "FILE", default_value = "target/perf.json")]
    pub(crate) json: PathBuf,
}

impl Options {
    /// Whether a group is wanted. One whose loading takes long is measured only when it is asked for.
    pub(crate) fn wants(&self, group: Group) -> bool {
        let loaded = matches!(group, Group::Accounts | Group::Growth | Group::Listing) && !self.quick;
        let asked_for = loaded || group == Group::Timers;
        (self.only.is_empty() && !asked_for) || self.only.contains(&group)
    }

    /// How much is done.
    pub(crate) fn scale(&self) -> Scale {
        if self.quick { Scale::QUICK } else { Scale::FULL }
    }
}

/// Rows that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Calls per second, AOF everysec
    Throughput,
    /// One call in flight
    Single,
    /// Latency at half the peak rate, open loop
    OpenLoop,
    /// 1,000 claimers of one lead
    HotLead,
    /// From an event's commit to its subscribers
    Events,
    /// Two replicas at once
    Replicas,
    /// A policy decision alone
    Decision,
    /// 100,000 accounts loaded, and leads routed beside them; only when asked for
    Accounts,
    /// A pool of 100,000 leads listed; only when asked for
    Listing,
    /// Deadlines that come while 1,000,000 wait; only when asked for
    Timers,
    /// What one route costs where there is very much more of everything; only when asked for
    Growth,
    /// Memory of each service, idle
    Memory,
    /// Calls per second, AOF always
    Always,
    /// Calls per second, no AOF
    None,
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// How many rounds count, after one that warms up.
    pub(crate) rounds: usize,
    /// Calls in one slice of a round.
    pub(crate) calls: usize,
    /// The same where every write waits for the disk.
    pub(crate) durable_calls: usize,
    /// Calls of one slice with one in flight.
    pub(crate) single_calls: usize,
    /// Seconds of one open loop.
    pub(crate) open_seconds: f64,
    /// How many claim one lead at once, and how many subscribe.
    pub(crate) crowd: usize,
    /// How long a service is left alone before it is weighed, in milliseconds.
    pub(crate) idle_ms: u64,
    /// Decisions timed together.
    pub(crate) decisions: usize,
    /// How many accounts are loaded.
    pub(crate) accounts: usize,
    /// How many leads are pooled and listed.
    pub(crate) pooled: usize,
    /// How many deadlines wait.
    pub(crate) timers: usize,
    /// For how many seconds deadlines come.
    pub(crate) timed_seconds: f64,
    /// How many reps, accounts and workspaces there are where there are many.
    pub(crate) many: Many,
}

/// How much there is where there is much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Many {
    pub(crate) reps: usize,
    pub(crate) accounts: usize,
    pub(crate) workspaces: usize,
}

impl Scale {
    const FULL: Self = Self {
        rounds: 5,
        calls: 5_000,
        durable_calls: 3_000,
        single_calls: 1_000,
        open_seconds: 2.5,
        crowd: 1_000,
        // Its checks of Redis have run by then.
        idle_ms: 1_500,
        decisions: 2_000,
        accounts: 100_000,
        pooled: 100_000,
        timers: 1_000_000,
        timed_seconds: 10.0,
        many: Many { reps: 10_000, accounts: 1_000_000, workspaces: 1_000 },
    };
    const QUICK: Self = Self {
        rounds: 1,
        calls: 200,
        durable_calls: 100,
        single_calls: 20,
        open_seconds: 0.2,
        crowd: 50,
        idle_ms: 100,
        decisions: 50,
        accounts: 500,
        pooled: 300,
        timers: 1_000,
        timed_seconds: 0.2,
        many: Many { reps: 50, accounts: 200, workspaces: 5 },
    };
}
