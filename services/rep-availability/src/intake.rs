//! One calendar change, decided and committed.
//!
//! Whoever changes the same rep's calendar meanwhile makes the decision stale: other streams here, other replicas, all
//! alike. Stale decisions are taken again by the store a few times, and here for as long as [`PATIENCE`] lasts.

use std::time::Duration;

use leadhand_domain::answer::Answer;
use leadhand_domain::availability::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_store::{Error, Store};

/// For how long a change is tried against others of the same rep before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a change that was stale time and again stands back, so that the others get through …
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// … and how long at most, doubling.
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

/// Carries a change out; whether it changed anything. It is durable when this returns.
pub(crate) async fn take(store: &Store, workspace: &Workspace, command: &Command, now: Millis) -> Result<bool, Error> {
    let keys = availability::reads(command);
    let trying = Stopwatch::start();
    let mut pause = FIRST_PAUSE;
    loop {
        let decide = |snapshot: &_, policy: Option<&_>| availability::decide(snapshot, command, policy, now);
        match store.transact(workspace, None, &keys, decide).await {
            Err(Error::Contention) if trying.elapsed() < PATIENCE => tokio::time::sleep(pause).await,
            committed => return Ok(committed?.answer == Answer::CalendarTaken(true)),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
