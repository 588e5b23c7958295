//! Claiming a lead, one that is named or the next.

use leadhand_domain::claim::{self, Command, Found, Next, Undecided};
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::refusal::Refusal;
use leadhand_domain::time::Millis;
use leadhand_store::{Committed, Error, Request, Store};

use crate::front::Search;

/// How often the pools are searched for one claim, before the caller is told to come back: others take what is found.
const SEARCHES: usize = 8;

/// Why a claim is not carried out yet.
#[derive(Debug)]
enum Stopped {
    Failed(Error),
    Undecided(Undecided),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A rep takes a lead out of its pool.
pub(crate) async fn claim(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Committed, Error> {
    let search = Search { store, workspace, rep: &command.rep, now };
    let mut found = Found::default();
    for _ in 0..SEARCHES {
        let keys: Vec<_> = claim::reads(command).into_iter().chain(found.keys()).collect();
        let decide = |snapshot: &_, policy: Option<&_>| {
            let policy = required(policy).map_err(Undecided::from).map_err(Stopped::Undecided)?;
            claim::decide(snapshot, command, &found, policy, now).map_err(Stopped::Undecided)
        };
        match store.transact_or(workspace, Some(request), &keys, decide).await {
            Ok(committed) => return Ok(committed),
            Err(Stopped::Failed(error)) => return Err(error),
            Err(Stopped::Undecided(Undecided::Refused(refusal))) => return Err(refusal.into()),
            Err(Stopped::Undecided(Undecided::Seeks(sought))) => search.seek(sought, &mut found).await?,
        }
    }
    Err(Error::Contention)
}

/// A rep takes whatever is next.
pub(crate) async fn next(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Next,
    now: Millis,
) -> Result<Committed, Error> {
    let search = Search { store, workspace, rep: &command.rep, now };
    let mut found = Found::default();
    for _ in 0..SEARCHES {
        let keys: Vec<_> = claim::next_reads(command).into_iter().chain(found.keys()).collect();
        let decide = |snapshot: &_, policy: Option<&_>| {
            let policy = required(policy).map_err(Undecided::from).map_err(Stopped::Undecided)?;
            claim::decide_next(snapshot, command, &found, policy, now).map_err(Stopped::Undecided)
        };
        match store.transact_or(workspace, Some(request), &keys, decide).await {
            Ok(committed) => return Ok(committed),
            // Others have taken all that was found.
            Err(Stopped::Failed(Error::Contention)) => found = Found::default(),
            Err(Stopped::Failed(error)) => return Err(error),
            Err(Stopped::Undecided(Undecided::Refused(refusal))) => return Err(refusal.into()),
            Err(Stopped::Undecided(Undecided::Seeks(sought))) => search.seek(sought, &mut found).await?,
        }
    }
    Err(Error::Contention)
}

/// What a claim of this lead would be refused by now.
pub(crate) async fn check(
    store: &Store,
    workspace: &Workspace,
    command: &Command,
    now: Millis,
) -> Result<Option<Refusal>, Error> {
    let search = Search { store, workspace, rep: &command.rep, now };
    let mut found = Found::default();
    for _ in 0..SEARCHES {
        let keys: Vec<_> = claim::reads(command).into_iter().chain(found.keys()).collect();
        let read = store.read(workspace, &keys).await?;
        let policy = required(store.policy(workspace).await?)?;
        match claim::decide(&read, command, &found, &policy, now) {
            Ok(_) => return Ok(None),
            Err(Undecided::Refused(refusal)) => return Ok(Some(refusal)),
            Err(Undecided::Seeks(sought)) => search.seek(sought, &mut found).await?,
        }
    }
    Err(Error::Contention)
}
