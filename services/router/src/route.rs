//! Routing a lead.

use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::route::{self, Command, Desk};
use leadhand_domain::time::Millis;
use leadhand_store::sequence::{Line, Sequenced, Sequences};
use leadhand_store::{Committed, Error, Request, Store};

/// How often a lead whose desk changes under it is taken to the next one.
const MAX_MOVES: u32 = 4;

/// What routing needs.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    pub(crate) store: Store,
    pub(crate) sequences: Sequences,
}

impl Routes {
    /// Routes a lead: finds the desk that decides on it and has it decide. The desk is a guess by a policy of a moment ago;
    /// the desk itself looks again, and the commit makes sure.
    pub(crate) async fn route(
        &self,
        workspace: &Workspace,
        request: Request,
        command: Command,
        weight: usize,
        now: Millis,
    ) -> Result<Committed, Error> {
        let mut policy = self.store.recent_policy(workspace).await?;
        for _ in 0..MAX_MOVES {
            let desk = route::desk(required(policy.as_deref())?, &command.facts);
            let line = line(workspace, desk.clone());
            let command = command.clone();
            let decide = Box::new(move |snapshot: &_, policy: &_| {
                let mine = route::desk(policy, &command.facts) == desk;
                mine.then(|| route::decide(snapshot, command.clone(), policy, now))
            });
            match self.sequences.submit(&line, request.clone(), weight, decide).await? {
                Sequenced::Committed(committed) => return Ok(committed),
                Sequenced::Elsewhere => policy = self.store.policy(workspace).await?,
            }
        }
        Err(Error::Contention)
    }
}

fn line(workspace: &Workspace, desk: Desk) -> Line {
    Line {
        workspace: workspace.clone(),
        name: desk.to_string(),
        exclusive: matches!(desk, Desk::Rotation(_)),
        reads: std::sync::Arc::new(move |policy| route::reads(policy, &desk)),
    }
}
