//! The arguments of every command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::moment;

mod accounts;
mod acts;
mod afterwards;
mod availability;
mod busy;
mod choosing;
mod claims;
mod conduct;
mod explain;
mod policy;
mod pool;

pub(crate) use accounts::*;
pub(crate) use acts::*;
pub(crate) use afterwards::*;
pub(crate) use availability::*;
pub(crate) use busy::*;
pub(crate) use choosing::*;
pub(crate) use claims::*;
pub(crate) use conduct::*;
pub(crate) use explain::*;
pub(crate) use policy::*;
pub(crate) use pool::*;

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
    /// Open the detail of a pooled lead.
    View(View),
    /// Say that a rep does not want a pooled lead.
    Skip(Skip),
    /// Claim a lead out of its pool, or whatever is next.
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
    /// Give a lead back.
    Release(Release),
    /// Record how a lead ended.
    Outcome(Outcome),
    /// Credit a bad lead back: the rotation counts it no more.
    Credit(Credit),
    /// Give a lead that nobody owns to a rep, by a manager's order.
    Assign(Assign),
    /// Take a lead from its owner and give it to another rep, by a manager's order.
    Transfer(Transfer),
    /// Route all leads of a rep again who is leaving or has left.
    Offboard(Offboard),
    /// Record what the owner did about a lead that is not yet a contact.
    Activity(Activity),
    /// Show what happened to a lead.
    History(History),
    /// Delete a lead's personal data for good.
    Erase(Erase),
    /// Correct or fill in what is known of a lead.
    Update(Box<Update>),
    /// Show a lead.
    Lead(Lead),
    /// Show why a lead went where it went, and have its rotation choose again.
    Explain(Explain),
    /// Show why a rep did not get a lead.
    WhyNot(WhyNot),
    /// Show what a rep has and may still claim.
    Standing(Standing),
    /// Lift what is held against a rep.
    Lift(Lift),
    /// Follow the events of the workspace.
    Watch(Watch),
    /// Say when a rep is busy.
    Busy(Busy),
    /// Show who can be given leads, take calendars in, pause reps.
    #[command(subcommand)]
    Availability(Availability),
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
    /// Fetch the calendars that this file lists: `feeds`, and `fetch`, as in the configuration of rep-availability.
    #[arg(long, value_name = "FILE")]
    pub(crate) feeds: Option<PathBuf>,
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
    /// Tell where the lead would go now, and why; nothing is changed, and it is nobody's turn.
    #[arg(long, conflicts_with_all = ["id", "csv"])]
    pub(crate) dry_run: bool,
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
    /// What there is to spend.
    #[arg(long)]
    pub(crate) budget: Option<String>,
    /// By when the prospect wants to buy.
    #[arg(long)]
    pub(crate) timeline: Option<String>,
    /// Who decides, by role.
    #[arg(long)]
    pub(crate) authority: Option<String>,
    /// Free text.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// How many mails the prospect opened.
    #[arg(long)]
    pub(crate) opens: Option<String>,
    /// How often the prospect visited pages.
    #[arg(long)]
    pub(crate) visits: Option<String>,
    /// What the prospect answered on the form, e.g. `--response "How many seats?=two"`.
    #[arg(long, value_name = "QUESTION=TEXT")]
    pub(crate) response: Vec<String>,
    /// When the prospect raised a hand.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) captured_at: Option<String>,
    /// Whatever else is known, e.g. `--attribute campaign=spring`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,
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
            "pool --watch",
            "pool open --rep ana --sort best",
            "pool open --rep ana --sort newest --watch",
            "watch --after 1-0 --from-beginning",
            "busy --rep ana --from now",
            "busy --rep ana --cancel",
            "up --redis redis://x --data d",
            "claim lead",
            "view lead",
            "skip --rep ana lead",
            "explain",
            "why-not lead",
            "status --timeout 10",
            "accounts match",
            "availability import --rep ana cal.ics",
            "availability status --at now",
            "availability pause ana",
            "accounts delete",
            "accounts load",
            "lift ana --manager max",
            "lift ana --manager max --reason other --miss l --suspension",
            "assign --by mia --reason workload lead",
            "transfer --by mia --to bo --reason workload lead",
            "erase lead",
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
