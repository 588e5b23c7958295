//! One calendar change, decided and committed.

use leadhand_domain::answer::Answer;
use leadhand_domain::availability::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_store::{Error, Store};

/// How often the whole of the store's tries is tried again. Somebody's change goes through each time that ours does not, so
/// this is for a rep whose calendar many write at once.
const ROUNDS: u32 = 8;

/// Carries a change out; whether it changed anything. It is durable when this returns.
pub(crate) async fn take(store: &Store, workspace: &Workspace, command: &Command, now: Millis) -> Result<bool, Error> {
    let keys = availability::reads(command);
    let mut round = 1;
    loop {
        let decide = |snapshot: &_, policy: Option<&_>| availability::decide(snapshot, command, policy, now);
        match store.transact(workspace, None, &keys, decide).await {
            Err(Error::Contention) if round < ROUNDS => round += 1,
            committed => return Ok(committed?.answer == Answer::CalendarTaken(true)),
        }
    }
}
