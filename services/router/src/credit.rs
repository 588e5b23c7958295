//! Crediting a lead back.

use std::time::Duration;

use leadhand_domain::id::Workspace;
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::route::credit::{self, Command};
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_store::sequence::{Seen, Sequenced, Submission};
use leadhand_store::{Committed, Error, Request};

use crate::route::{MAX_DESKS, MAX_STARTS, Routes, sequence};

/// About how many bytes a credit writes.
const ABOUT: usize = 1_024;

/// A credit, checked.
pub(crate) struct Credit {
    pub(crate) workspace: Workspace,
    pub(crate) request: Request,
    pub(crate) command: Command,
    /// When it came.
    pub(crate) now: Millis,
}

impl Routes {
    /// Takes a credit to the desk of the rotation that counted the lead: leads are given there at the same time.
    pub(crate) async fn credit(&self, credit: Credit, patience: Option<Duration>) -> Result<Committed, Error> {
        let credited = self.credit_at_its_desk(&credit, patience).await;
        self.or_first_answer(&credit.workspace, &credit.request, credited).await
    }

    async fn credit_at_its_desk(&self, credit: &Credit, patience: Option<Duration>) -> Result<Committed, Error> {
        let Credit { workspace, request, command, now } = credit;
        let waited = Stopwatch::start();
        for _ in 0..MAX_STARTS {
            let policy = required(self.store.policy(workspace).await?)?;
            let read = self.store.read(workspace, &[Key::Lead(command.lead)]).await?;
            let mut desk = credit::desk(&policy, read.lead(command.lead));
            for _ in 0..MAX_DESKS {
                let sequence = sequence(workspace, desk.clone());
                let (command, lead, now) = (command.clone(), command.lead, *now);
                let decide = Box::new(move |snapshot: &_, table: &mut _, policy: &_| {
                    credit::decide(snapshot, table, &command, policy, &desk, now)
                });
                let patience = patience.map(|patience| patience.saturating_sub(waited.elapsed()));
                // A refusal rests on records that are read now.
                let (request, seen, fresh) = (request.clone(), Seen::default(), true);
                let reads = vec![Key::Lead(lead)];
                let submission = Submission { request, weight: ABOUT, patience, reads, seen, fresh, decide };
                match self.sequences.submit(&sequence, submission).await? {
                    Sequenced::Committed(committed) => return Ok(committed),
                    Sequenced::Elsewhere { desk: next, .. } => desk = next,
                    Sequenced::Moved => break,
                }
            }
        }
        Err(Error::Contention)
    }
}
