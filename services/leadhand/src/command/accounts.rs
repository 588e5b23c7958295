//! `leadhand accounts`: load a file of accounts, delete some, look one up, and tell which one a company is.

use std::collections::VecDeque;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use leadhand_proto::account::v1::{
    Account, AccountKind, DeleteAccountsRequest, DeleteAccountsResponse, GetAccountRequest, Match, MatchAccountRequest,
    UpsertAccountsRequest, UpsertAccountsResponse,
};
use serde_json::{Value, json};
use tonic::{Status, Streaming};

use crate::cli::{Accounts, AccountsDelete, AccountsLoad, AccountsMatch};
use crate::client::{Session, Tries};
use crate::event::account_match;
use crate::failure::{Exit, Failure};
use crate::{moment, output};

mod rows;

/// How many faulty rows are shown to people; programs are told of all.
const FAULTS_SHOWN: usize = 50;

/// Runs the command.
pub(super) async fn run(
    session: impl Future<Output = Result<Session, Failure>>,
    args: Accounts,
) -> Result<Exit, Failure> {
    match args {
        Accounts::Load(args) => load(session, args).await,
        Accounts::Get { account } => get(&session.await?, account).await,
        Accounts::Delete(args) => delete(&session.await?, args).await,
        Accounts::Match(args) => matched(&session.await?, args).await,
    }
}

async fn load(session: impl Future<Output = Result<Session, Failure>>, args: AccountsLoad) -> Result<Exit, Failure> {
    let content = super::read(&args.file)?;
    let now = moment::now();
    let (rows, wrong) = rows::read(&content, &args.columns, args.revision, now).map_err(Failure::Input)?;
    let session = session.await?;
    let mut faults: Vec<(u64, Failure)> =
        wrong.into_iter().map(|(row, wrong)| (row, Failure::Input(format!("row {row}: {wrong}")))).collect();
    let messages = rows.into_iter().map(|(row, account)| UpsertAccountsRequest {
        workspace: session.workspace.clone(),
        sequence: row,
        account: Some(account),
    });
    let messages: Vec<_> = messages.collect();
    let bar = bar(messages.len() as u64, session.json);
    let mut tally = Tally::default();
    let mut rest = messages.as_slice();
    while !rest.is_empty() {
        let (acknowledged, end) = send(&session, rest, &bar, &mut tally).await;
        rest = &rest[acknowledged..];
        let Err(status) = end else { break };
        let Some((faulty, after)) = rest.split_first() else { break };
        let failure = Failure::from(status);
        let unavailable = failure.exit() != Exit::Input;
        faults.push((faulty.sequence, failure));
        if unavailable {
            break;
        }
        rest = after;
    }
    bar.finish_and_clear();
    report(&session, &tally, faults, rest.len() as u64)
}

/// What became of the messages.
#[derive(Debug, Default)]
struct Tally {
    changed: u64,
    unchanged: u64,
}

fn bar(total: u64, json: bool) -> ProgressBar {
    if json || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} accounts, {per_sec}, {eta} left");
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn report(session: &Session, tally: &Tally, mut faults: Vec<(u64, Failure)>, open: u64) -> Result<Exit, Failure> {
    faults.sort_by_key(|(row, _)| *row);
    let (faulty, done) = (faults.len(), tally.changed + tally.unchanged);
    let exit = match faults.iter().map(|(_, failure)| failure.exit()).max_by_key(|exit| *exit as u8) {
        None => Exit::Done,
        Some(exit) if done == 0 => exit,
        Some(_) => Exit::Partly,
    };
    if session.json {
        for (row, failure) in &faults {
            output::json(&json!({ "row": row, "error": failure.json() }))?;
        }
        output::json(&json!({ "summary": {
            "changed": tally.changed, "unchanged": tally.unchanged, "faulty": faulty, "open": open,
        }}))?;
        return Ok(exit);
    }
    output::line(format_args!("{} accounts loaded, {} as they were, {faulty} not", tally.changed, tally.unchanged))?;
    for (row, failure) in faults.iter().take(FAULTS_SHOWN) {
        output::line(format_args!("row {row}: {}", failure.text().replace("\n  ", "; ")))?;
    }
    if faulty > FAULTS_SHOWN {
        output::line(format_args!("and {} more; --json tells all", faulty - FAULTS_SHOWN))?;
    }
    if faulty > 0 {
        output::line("run the same command again when that is mended: what was loaded is not loaded twice")?;
    }
    Ok(exit)
}

/// Sends messages until all are acknowledged or one is refused: how many are, and how it ended. What a lost connection left
/// without acknowledgement is sent again.
async fn send<M: Message>(
    session: &Session,
    messages: &[M],
    bar: &ProgressBar,
    tally: &mut Tally,
) -> (usize, Result<(), Status>) {
    let mut acknowledged = 0;
    let mut tries = Tries::new();
    loop {
        let before = acknowledged;
        let Err(status) = send_once(session, &messages[before..], &mut acknowledged, bar, tally).await else {
            return (acknowledged, Ok(()));
        };
        if let Err(status) = tries.pause(session, status, acknowledged > before).await {
            return (acknowledged, Err(status));
        }
    }
}

async fn send_once<M: Message>(
    session: &Session,
    messages: &[M],
    acknowledged: &mut usize,
    bar: &ProgressBar,
    tally: &mut Tally,
) -> Result<(), Status> {
    let mut answers = in_time(session, M::open(session, messages.to_vec())).await?;
    let mut open: VecDeque<&M> = messages.iter().collect();
    while open.pop_front().is_some() {
        let next = async { answers.message().await?.ok_or_else(|| Status::unavailable("the server ended the stream")) };
        match M::changed(&in_time(session, next).await?) {
            true => tally.changed += 1,
            false => tally.unchanged += 1,
        }
        *acknowledged += 1;
        bar.inc(1);
    }
    Ok(())
}

/// What is streamed, and what acknowledges it.
trait Message: Clone + Send + Sync + 'static {
    type Answer: Send + 'static;
    fn open(
        session: &Session,
        messages: Vec<Self>,
    ) -> impl Future<Output = Result<Streaming<Self::Answer>, Status>> + Send;
    fn changed(answer: &Self::Answer) -> bool;
}

impl Message for UpsertAccountsRequest {
    type Answer = UpsertAccountsResponse;

    async fn open(session: &Session, messages: Vec<Self>) -> Result<Streaming<Self::Answer>, Status> {
        let messages = futures_util::stream::iter(messages);
        Ok(session.accounts().upsert_accounts(messages).await?.into_inner())
    }

    fn changed(answer: &Self::Answer) -> bool {
        answer.changed
    }
}

impl Message for DeleteAccountsRequest {
    type Answer = DeleteAccountsResponse;

    async fn open(session: &Session, messages: Vec<Self>) -> Result<Streaming<Self::Answer>, Status> {
        let messages = futures_util::stream::iter(messages);
        Ok(session.accounts().delete_accounts(messages).await?.into_inner())
    }

    fn changed(answer: &Self::Answer) -> bool {
        answer.changed
    }
}

/// A stream has no deadline; each step of it has.
async fn in_time<T>(session: &Session, step: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let late = || Status::deadline_exceeded(format!("no answer within {}", output::length(session.timeout)));
    tokio::time::timeout(session.timeout, step).await.map_err(|_| late())?
}

async fn delete(session: &Session, args: AccountsDelete) -> Result<Exit, Failure> {
    // Whoever changes an account later has the later clock.
    let revision = args.revision.unwrap_or_else(|| u64::try_from(moment::now().as_millisecond()).unwrap_or(0));
    let message = |(account, sequence): (&String, u64)| DeleteAccountsRequest {
        workspace: session.workspace.clone(),
        sequence,
        account_id: account.clone(),
        revision,
    };
    let messages: Vec<_> = args.accounts.iter().zip(1..).map(message).collect();
    let mut tally = Tally::default();
    send(session, &messages, &ProgressBar::hidden(), &mut tally).await.1?;
    if session.json {
        output::json(&json!({ "changed": tally.changed, "unchanged": tally.unchanged }))?;
    } else {
        output::line(format_args!("{} accounts deleted, {} as they were", tally.changed, tally.unchanged))?;
    }
    Ok(Exit::Done)
}

async fn get(session: &Session, account_id: String) -> Result<Exit, Failure> {
    let request = GetAccountRequest { workspace: session.workspace.clone(), account_id };
    let send = |request| {
        let mut client = session.accounts();
        async move { client.get_account(request).await }
    };
    let account = session.call(request, send).await?.account.unwrap_or_default();
    if session.json {
        output::json(&account_json(&account))?;
        return Ok(Exit::Done);
    }
    let strategic = if account.strategic { ", strategic" } else { "" };
    output::line(format_args!("{}  {}", account.account_id, output::or_dash(&account.name)))?;
    output::line(format_args!("  {} of {}{strategic}", kind(account.kind()), account.owner_rep_id))?;
    output::line(format_args!("  domain        {}", output::or_dash(&account.domain)))?;
    output::line(format_args!("  aliases       {}", output::or_dash(&account.aliases.join(", "))))?;
    output::line(format_args!("  subsidiaries  {}", output::or_dash(&account.subsidiaries.join(", "))))?;
    output::line(format_args!("  since         {}", output::local(account.since.as_ref())))?;
    output::line(format_args!("  revision      {}", account.revision))?;
    Ok(Exit::Done)
}

async fn matched(session: &Session, args: AccountsMatch) -> Result<Exit, Failure> {
    let request = MatchAccountRequest {
        workspace: session.workspace.clone(),
        company_name: args.name.unwrap_or_default(),
        domain: args.domain.unwrap_or_default(),
    };
    let send = |request| {
        let mut client = session.accounts();
        async move { client.match_account(request).await }
    };
    let found = session.call(request, send).await?;
    if session.json {
        let others: Vec<Value> = found.others.iter().map(match_json).collect();
        output::json(&json!({ "acting": found.acting.as_ref().map(match_json), "others": others }))?;
        return Ok(Exit::Done);
    }
    if found.acting.is_none() {
        output::line("no account")?;
        return Ok(Exit::Done);
    }
    let row = |(at, found): (usize, &Match)| {
        vec![
            if at == 0 { "acts".to_owned() } else { String::new() },
            found.account_id.clone(),
            account_match(found.by).to_owned(),
            kind(found.kind()).to_owned(),
            found.owner_rep_id.clone(),
            output::local(found.since.as_ref()),
        ]
    };
    let rows = found.acting.iter().chain(&found.others).enumerate().map(row);
    output::print_table(&output::table(&["", "account", "by", "kind", "owner", "since"], &[], rows))?;
    Ok(Exit::Done)
}

fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Customer => "customer",
        AccountKind::Named => "named",
        AccountKind::Unspecified => "unknown",
    }
}

fn match_json(found: &Match) -> Value {
    json!({
        "account_id": found.account_id,
        "by": account_match(found.by),
        "kind": kind(found.kind()),
        "owner_rep_id": found.owner_rep_id,
        "strategic": found.strategic,
        "since": output::rfc3339(found.since.as_ref()),
    })
}

fn account_json(account: &Account) -> Value {
    json!({
        "account_id": account.account_id,
        "name": account.name,
        "domain": account.domain,
        "aliases": account.aliases,
        "subsidiaries": account.subsidiaries,
        "owner_rep_id": account.owner_rep_id,
        "kind": kind(account.kind()),
        "strategic": account.strategic,
        "since": output::rfc3339(account.since.as_ref()),
        "revision": account.revision,
    })
}
