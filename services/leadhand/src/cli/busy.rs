//! When reps are busy.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Say when a rep is busy.
#[derive(Debug, Args)]
pub(crate) struct Busy {
    /// The rep.
    #[arg(long, required_unless_present = "csv")]
    pub(crate) rep: Option<String>,
    /// From when, included.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, required_unless_present_any = ["csv", "cancel"])]
    pub(crate) from: Option<String>,
    /// To when, excluded.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, required_unless_present_any = ["csv", "cancel"])]
    pub(crate) to: Option<String>,
    /// The calendar event's id. Absent: made from rep, start and end.
    #[arg(long, value_name = "ID", conflicts_with = "csv")]
    pub(crate) event_id: Option<String>,
    /// What the time is; which of them keep leads away is the policy's.
    #[arg(long, value_enum, default_value_t = BusyKind::OutOfOffice)]
    pub(crate) kind: BusyKind,
    /// The calendar event is gone.
    #[arg(long, requires = "event_id", conflicts_with_all = ["from", "to"])]
    pub(crate) cancel: bool,
    /// The calendar that says so.
    #[arg(long, default_value = "leadhand-cli")]
    pub(crate) source: String,
    /// A file with the columns rep, from, to and, when there, kind, event_id and revision; `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rep", "from", "to"])]
    pub(crate) csv: Option<PathBuf>,
}

/// What an interval says of a rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BusyKind {
    /// A meeting: keeps leads away only when meetings fill the working day.
    Meeting,
    /// An event of whole days.
    AllDay,
    /// Not at work, by the rep's own word.
    OutOfOffice,
    /// Paid time off.
    Pto,
    /// Any other leave.
    Leave,
    /// A meeting that is not accepted: keeps no leads away.
    Tentative,
    /// Keeps no leads away.
    Free,
    /// The rep works then, whatever else is said.
    Working,
}
