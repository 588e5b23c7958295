//! The commands, one file each.

mod accounts;
mod activity;
mod assign;
mod availability;
pub(crate) mod busy;
pub(crate) mod claim;
pub(crate) mod contact;
mod credit;
mod erase;
mod explain;
mod history;
mod import;
pub(crate) mod lead;
mod lift;
mod mine;
mod offboard;
mod offer;
mod outcome;
pub(crate) mod policy;
pub(crate) mod pool;
pub(crate) mod release;
pub(crate) mod route;
mod skip;
pub(crate) mod standing;
mod status;
pub(crate) mod up;
mod update;
mod view;
mod watch;

use std::io::Read;
use std::path::Path;

use crate::cli::{Cli, Command};
use crate::client::Session;
use crate::demo;
use crate::failure::{Exit, Failure};

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<Exit, Failure> {
    let session = Session::open(&cli.global);
    match cli.command {
        Command::Up(args) => up::run(&cli.global, args).await,
        Command::Demo(args) => demo::run(&cli.global, args).await,
        Command::Policy(args) => policy::run(session, args, cli.global.json).await,
        Command::Route(args) if args.csv.is_some() => import::run(session, *args).await,
        Command::Route(args) => route::run(session, *args).await,
        Command::Pool(args) => pool::run(&session.await?, args).await,
        Command::View(args) => view::run(&session.await?, args).await,
        Command::Skip(args) => skip::run(&session.await?, args).await,
        Command::Claim(args) => claim::run(&session.await?, args).await,
        Command::Contact(args) => contact::run(&session.await?, args).await,
        Command::Offers(args) => mine::run(&session.await?, args, true).await,
        Command::Leads(args) => mine::run(&session.await?, args, false).await,
        Command::Accept(args) => offer::accept(&session.await?, args).await,
        Command::Decline(args) => offer::decline(&session.await?, args).await,
        Command::Release(args) => release::run(&session.await?, args).await,
        Command::Outcome(args) => outcome::run(&session.await?, args).await,
        Command::Credit(args) => credit::run(&session.await?, args).await,
        Command::Assign(args) => assign::assign(&session.await?, args).await,
        Command::Transfer(args) => assign::transfer(&session.await?, args).await,
        Command::Offboard(args) => offboard::run(&session.await?, args).await,
        Command::Activity(args) => activity::run(&session.await?, args).await,
        Command::History(args) => history::run(&session.await?, args).await,
        Command::Erase(args) => erase::run(&session.await?, args).await,
        Command::Update(args) => update::run(&session.await?, *args).await,
        Command::Lead(args) => lead::run(&session.await?, args).await,
        Command::Explain(args) => explain::explain(&session.await?, args).await,
        Command::WhyNot(args) => explain::why_not(&session.await?, args).await,
        Command::Standing(args) => standing::run(&session.await?, args).await,
        Command::Lift(args) => lift::run(&session.await?, args).await,
        Command::Watch(args) => watch::run(&session.await?, args).await,
        Command::Busy(args) => busy::run(&session.await?, args).await,
        Command::Availability(args) => availability::run(&session.await?, args).await,
        Command::Accounts(args) => accounts::run(session, args).await,
        Command::Status => status::run(&session.await?).await,
    }
}

/// The content of a file, or of standard input for `-`.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut content).map_err(|error| Failure::local("standard input", error))?;
    } else {
        content = std::fs::read(path).map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
    }
    // What spreadsheets put before UTF-8.
    if content.starts_with("\u{feff}".as_bytes()) {
        content.drain(..3);
    }
    Ok(content)
}

/// The same as text.
fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| Failure::input(format!("{} is not UTF-8", path.display())))
}
