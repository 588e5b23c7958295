//! The arguments of every command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::moment;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused by a rule; the answer names it, and when to try again
  2  wrong arguments or input
  3  the server cannot be reached or cannot answer now; the same command may succeed later
  4  of several rows, some are done and some are not

Times are written `now`, `+2h`, `-30m`, `2026-11-22T15:00Z` or `2026-11-22 15:00` (local time).";

/// Hands out sales leads: runs the services, and talks to them.
#[derive(Debug, Parser)]
#[command(name = "leadhand", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Every command")]
pub(crate) struct Global {
    /// Where the services listen.
    #[arg(long, global = true, env = "LEADHAND_SERVER", default_value = "http://127.0.0.1:7600", value_name = "URL")]
    pub(crate) server: String,
    /// The tenant.
    #[arg(long, global = true, env = "LEADHAND_WORKSPACE", default_value = "default")]
    pub(crate) workspace: String,
    /// Print JSON for programs instead of tables for people; errors too, on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How long a call may take, with its retries.
    #[arg(long, global = true, default_value = "10s", value_parser = moment::length, value_name = "LENGTH")]
    pub(crate) timeout: Duration,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every service in one process on one port.
    Up(Up),
    /// Show what Leadhand does: run it with a sample of leads and reps who work them.
    Demo(Demo),
    /// Check, apply and compare policies; list their versions, and go back to one.
    #[command(subcommand)]
    Policy(Policy),
    /// Route one lead given by flags, or every row of a CSV file.
    Route(Box<Route>),
    /// List the pools, or the leads of one.
    Pool(Pool),
    /// Claim a lead out of its pool.
    Claim(Claim),
    /// Record that the owner has made contact.
    Contact(Contact),
    /// List the leads that a rep is asked to accept.
    Offers(Mine),
    /// List the leads that a rep owns or is asked to accept.
    Leads(Mine),
    /// Accept a lead that is offered.
    Accept(Accept),
    /// Decline a lead that is offered.
    Decline(Decline),
    /// Record how a lead ended.
    Outcome(Outcome),
    /// Correct or fill in what is known of a lead.
    Update(Box<Update>),
    /// Show a lead.
    Lead(Lead),
    /// Show what a rep has and may still claim.
    Standing(Standing),
    /// Follow the events of the workspace.
    Watch(Watch),
    /// Say when a rep is busy.
    Busy(Busy),
    /// Load accounts, and look at them.
    #[command(subcommand)]
    Accounts(Accounts),
    /// Show the health of each service, the pools and the reps.
    Status,
}

/// Run every service in one process on one port.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:7600", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The Redis to use. Absent: an own redis-server on a unix socket, with its data in --data.
    #[arg(long, env = "LEADHAND_REDIS", value_name = "URL")]
    pub(crate) redis: Option<String>,
    /// Where the own redis-server keeps its data.
    #[arg(long, default_value = ".leadhand", value_name = "DIR", conflicts_with = "redis")]
    pub(crate) data: PathBuf,
    /// Apply this policy to --workspace when up, unless it is the active one.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

/// Show what Leadhand does.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How long the leads keep arriving.
    #[arg(long, default_value = "25s", value_parser = moment::length, value_name = "LENGTH")]
    pub(crate) pace: Duration,
    /// Stay up afterwards, until interrupted.
    #[arg(long)]
    pub(crate) keep: bool,
}

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

/// The name of a mutating call.
#[derive(Debug, Clone, Args)]
pub(crate) struct Request {
    /// Repeat a call made before without doing it twice. Absent: a new id.
    #[arg(long = "request-id", value_name = "ID")]
    pub(crate) id: Option<String>,
}

impl Request {
    /// The id given, or a new one.
    pub(crate) fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| uuid::Uuid::now_v7().to_string())
    }
}

/// Route one lead given by flags, or every row of a CSV file.
#[derive(Debug, Args)]
pub(crate) struct Route {
    #[command(flatten)]
    pub(crate) lead: LeadFlags,
    #[command(flatten)]
    pub(crate) request: Request,
    /// Route every row of this file, `-` for standard input. The flags of a single lead fill in what a row leaves empty.
    #[arg(long, value_name = "FILE", conflicts_with = "id", help_heading = "From a CSV file")]
    pub(crate) csv: Option<PathBuf>,
    /// Take a field from a column, e.g. `--map company.name=Account`. Other columns go by their header's name.
    #[arg(long, value_name = "FIELD=COLUMN", requires = "csv", help_heading = "From a CSV file")]
    pub(crate) map: Vec<String>,
    /// Route the first rows only.
    #[arg(long, value_name = "ROWS", requires = "csv", help_heading = "From a CSV file")]
    pub(crate) limit: Option<usize>,
    /// How many calls are under way at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024), requires = "csv",
          value_name = "CALLS", help_heading = "From a CSV file")]
    pub(crate) in_flight: u16,
    /// What makes this import different from another of the same rows. Absent: the file's name.
    #[arg(long, value_name = "NAME", requires = "csv", help_heading = "From a CSV file")]
    pub(crate) import_id: Option<String>,
}

/// The fields of a lead. An absent one is unknown.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Lead")]
pub(crate) struct LeadFlags {
    /// Where the lead comes from: demo_request, referral, webinar, …
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// The company's name.
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// The company's web domain.
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// How many people work there.
    #[arg(long)]
    pub(crate) employees: Option<String>,
    /// The industry.
    #[arg(long)]
    pub(crate) industry: Option<String>,
    /// The country: an ISO 3166-1 code.
    #[arg(long)]
    pub(crate) country: Option<String>,
    /// The region: an ISO 3166-2 code.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The city.
    #[arg(long)]
    pub(crate) city: Option<String>,
    /// The contact's name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The contact's title.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The contact's e-mail address.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The contact's phone number.
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// How far it is qualified: icp, mql or sql.
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// How promising it is, 0 to 100.
    #[arg(long)]
    pub(crate) score: Option<String>,
    /// The scoring system's own grade.
    #[arg(long)]
    pub(crate) grade: Option<String>,
    /// What the prospect asked about.
    #[arg(long)]
    pub(crate) interest: Option<String>,
    /// Free text.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// When the prospect raised a hand.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) captured_at: Option<String>,
    /// Whatever else is known, e.g. `--attribute campaign=spring`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,
}

/// List the pools, or the leads of one.
#[derive(Debug, Args)]
pub(crate) struct Pool {
    /// The pool whose leads to list. Absent: the pools.
    #[arg(requires = "rep")]
    pub(crate) pool: Option<String>,
    /// Who looks.
    #[arg(long)]
    pub(crate) rep: Option<String>,
    /// How many leads at most, longest waiting first.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}

/// Claim a lead out of its pool.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// Who claims.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's id.
    pub(crate) lead: String,
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

/// List what a rep has.
#[derive(Debug, Args)]
pub(crate) struct Mine {
    /// The rep.
    #[arg(long)]
    pub(crate) rep: String,
}

/// Accept a lead that is offered.
#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// Who accepts.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as it was offered.
    #[arg(long)]
    pub(crate) fence: u64,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Decline a lead that is offered.
#[derive(Debug, Args)]
pub(crate) struct Decline {
    /// Who declines.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as it was offered.
    #[arg(long)]
    pub(crate) fence: u64,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Reason,
    /// The lead's id.
    pub(crate) lead: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Why a lead is declined.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Reason {
    /// Too much to do.
    Busy,
    /// Not the rep's field.
    NotMyField,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// Anything else.
    Other,
}

/// Record how a lead ended.
#[derive(Debug, Args)]
pub(crate) struct Outcome {
    /// The owner.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's fence, as the owner got it.
    #[arg(long)]
    pub(crate) fence: u64,
    /// For how much it was won, in the workspace's currency.
    #[arg(long)]
    pub(crate) amount: Option<u64>,
    /// The lead's id.
    pub(crate) lead: String,
    /// How it ended.
    pub(crate) outcome: Ending,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// How a lead ended.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Ending {
    /// It became a customer.
    Won,
    /// It went elsewhere.
    Lost,
    /// It was never one to be won.
    Disqualified,
    /// It is another lead once more.
    Duplicate,
}

/// Correct or fill in what is known of a lead: the flags that are given. Its source, capture and person stay.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The lead's id.
    #[arg(value_name = "LEAD")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) lead: LeadFlags,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Show a lead.
#[derive(Debug, Args)]
pub(crate) struct Lead {
    /// Who looks.
    #[arg(long)]
    pub(crate) rep: String,
    /// The lead's id.
    pub(crate) lead: String,
}

/// Show what a rep has and may still claim.
#[derive(Debug, Args)]
pub(crate) struct Standing {
    /// The rep.
    pub(crate) rep: String,
}

/// Follow the events of the workspace.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Start after this position; `--json` tells that of each event. Absent: with the next event.
    #[arg(long, value_name = "POSITION", conflicts_with = "from_beginning")]
    pub(crate) after: Option<String>,
    /// Start with the oldest event kept.
    #[arg(long)]
    pub(crate) from_beginning: bool,
    /// End after so many events.
    #[arg(long, value_name = "EVENTS")]
    pub(crate) limit: Option<u64>,
    /// End when everything committed so far has been shown.
    #[arg(long)]
    pub(crate) until_caught_up: bool,
}

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
    #[arg(long, value_name = "FIELD=COLUMN")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "route --map source=origin",
            "route --csv leads.csv --request-id x",
            "pool open",
            "watch --after 1-0 --from-beginning",
            "busy --rep ana --from now",
            "busy --rep ana --cancel",
            "up --redis redis://x --data d",
            "claim lead",
            "status --timeout 10",
            "accounts match",
            "accounts delete",
            "accounts load",
        ] {
            let words = std::iter::once("leadhand").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }

    #[test]
    fn help_tells_the_exit_codes() {
        assert!(Cli::command().render_help().to_string().contains("4  of several rows"));
    }
}
