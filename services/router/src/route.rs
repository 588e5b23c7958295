//! Routing a lead.

use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::route::{self, Command, Desk};
use leadhand_domain::time::Millis;
use leadhand_store::sequence::{Sequence, Sequenced, Sequences, Submission};
use leadhand_store::{Committed, Error, Request, Store};

/// How often a lead whose desk changes under it is taken to the next one.
const MAX_MOVES: u32 = 4;

/// What routing needs.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    pub(crate) store: Store,
    pub(crate) sequences: Sequences,
}

/// A lead to be routed, checked.
pub(crate) struct Arrival {
    pub(crate) workspace: Workspace,
    pub(crate) request: Request,
    pub(crate) command: Command,
    /// About how many bytes it will write.
    pub(crate) weight: usize,
    /// When it arrived: every decision on it is taken as of then.
    pub(crate) now: Millis,
}

impl Routes {
    /// Routes a lead: finds the desk that decides on it and has it decide. The desk is a guess by a policy of a moment ago;
    /// the desk itself looks again, and the commit makes sure. `patience` is how long the caller still waits.
    pub(crate) async fn route(&self, arrival: Arrival, patience: Option<Duration>) -> Result<Committed, Error> {
        let Arrival { workspace, request, command, weight, now } = arrival;
        let mut policy = self.store.recent_policy(&workspace).await?;
        for _ in 0..MAX_MOVES {
            let desk = route::desk(required(policy.as_deref())?, &command.facts);
            let sequence = sequence(&workspace, desk.clone());
            let (command, request) = (command.clone(), request.clone());
            let decide = Box::new(move |snapshot: &_, policy: &_| {
                let mine = route::desk(policy, &command.facts) == desk;
                mine.then(|| route::decide(snapshot, command.clone(), policy, now))
            });
            let submission = Submission { request, weight, patience, decide };
            match self.sequences.submit(&sequence, submission).await? {
                Sequenced::Committed(committed) => return Ok(committed),
                Sequenced::Elsewhere => policy = self.store.policy(&workspace).await?,
            }
        }
        Err(Error::Contention)
    }
}

fn sequence(workspace: &Workspace, desk: Desk) -> Sequence {
    Sequence {
        workspace: workspace.clone(),
        name: desk.to_string(),
        exclusive: matches!(desk, Desk::Rotation(_)),
        reads: Arc::new(move |policy| route::reads(policy, &desk)),
    }
}
