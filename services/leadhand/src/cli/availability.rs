//! Who can be given leads: what is known of it, and how it comes to be known.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::BusyKind;

/// Show who can be given leads, take calendars in, pause reps.
#[derive(Debug, Subcommand)]
pub(crate) enum Availability {
    /// Show how every rep stands, or one at a moment.
    Status(AvailabilityStatus),
    /// Follow how reps stand, across lost connections.
    Watch(AvailabilityWatch),
    /// Take in a calendar file (iCalendar): what the same source said before and is not in it is gone.
    Import(Import),
    /// Take back all calendar events that a source has told of a rep.
    Clear(Clear),
    /// Have a rep stop: no leads are given and none can be claimed.
    Pause(Pause),
    /// Let a paused rep go on.
    Resume(Resume),
}

/// Show how every rep stands, or one at a moment.
#[derive(Debug, Args)]
pub(crate) struct AvailabilityStatus {
    /// The rep. Absent: everybody.
    pub(crate) rep: Option<String>,
    /// At which moment. Absent: now.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "rep")]
    pub(crate) at: Option<String>,
}

/// Follow how reps stand.
#[derive(Debug, Args)]
pub(crate) struct AvailabilityWatch {
    /// Whom to follow. Absent: everybody.
    pub(crate) reps: Vec<String>,
    /// End after so many lines.
    #[arg(long, value_name = "LINES")]
    pub(crate) limit: Option<u64>,
}

/// Take in a calendar file.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, at most 4 MB; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Whose calendar it is.
    #[arg(long)]
    pub(crate) rep: String,
    /// What the calendar is called; `hr`, or a name that begins with `hr-`, is believed before others.
    #[arg(long)]
    pub(crate) source: String,
    /// What every event of it is, such as `pto`. Absent: what the file says.
    #[arg(long, value_enum)]
    pub(crate) kind: Option<BusyKind>,
    /// The zone of days, and of times without a zone, such as Europe/Berlin. Absent: that of the rep's working hours.
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Leave out events that cannot be read, and tell of them. Absent: the file is refused.
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// Take back all calendar events that a source has told of a rep.
#[derive(Debug, Args)]
pub(crate) struct Clear {
    /// Whose calendar it is.
    #[arg(long)]
    pub(crate) rep: String,
    /// What the calendar is called.
    #[arg(long)]
    pub(crate) source: String,
}

/// Have a rep stop.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// The rep.
    pub(crate) rep: String,
    /// The manager who says so.
    #[arg(long)]
    pub(crate) manager: String,
    /// Until when. Absent: until `resume`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Why, for managers.
    #[arg(long, default_value = "")]
    pub(crate) reason: String,
}

/// Let a paused rep go on.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The rep.
    pub(crate) rep: String,
    /// Whose pause to take back: `offboarding` for that of `leadhand offboard`. Absent: that of `leadhand availability pause`.
    #[arg(long)]
    pub(crate) source: Option<String>,
}
