//! What a system says of a rep, decided and committed.
//!
//! Whoever changes what is known of the same rep meanwhile makes the decision stale: other streams here, other replicas, all
//! alike. The store decides a stale one again a few times, leaving the others a moment between the tries; here that is
//! repeated for as long as [`PATIENCE`] lasts.

use std::time::Duration;

use leadhand_domain::answer::Answer;
use leadhand_domain::availability::{self, Command};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_store::{Error, Store};

/// For how long a change is tried against others of the same rep before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Carries a change out; whether it changed anything. It is durable when this returns.
pub(crate) async fn take(store: &Store, workspace: &Workspace, command: &Command, now: Millis) -> Result<bool, Error> {
    let keys = availability::reads(command);
    let trying = Stopwatch::start();
    loop {
        let decide = |snapshot: &_, policy: Option<&_>| availability::decide(snapshot, command, policy, now);
        match store.transact(workspace, None, &keys, decide).await {
            Err(Error::Contention) if trying.elapsed() < PATIENCE => {}
            committed => return Ok(committed?.answer == Answer::CalendarTaken(true)),
        }
    }
}
