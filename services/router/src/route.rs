//! Routing a lead.

use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::enrichment::{self, Enrichment};
use leadhand_domain::expression;
use leadhand_domain::id::{LeadId, Workspace};
use leadhand_domain::lead::{Facts, Person};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::Key;
use leadhand_domain::route::{self, Again, Command, Decided, Desk, Findings, Signs};
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_store::sequence::{Seen, Sequence, Sequenced, Sequences, Submission};
use leadhand_store::{Committed, Error, Request, Store};

use crate::enrich::Enricher;

/// How often a lead is started over because the policy, or what was found, has changed under it.
pub(crate) const MAX_STARTS: u32 = 4;

/// How many desks a lead is taken to at most.
pub(crate) const MAX_DESKS: usize = 64;

/// What routing needs.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    pub(crate) store: Store,
    pub(crate) sequences: Sequences,
    pub(crate) enricher: Enricher,
}

/// A lead to be routed, checked.
pub(crate) struct Arrival {
    pub(crate) workspace: Workspace,
    pub(crate) request: Request,
    pub(crate) command: Arc<Command>,
    /// A lead that is there already, as it was found: it tells where to start.
    pub(crate) lead: Option<Box<(Facts, Person)>>,
    /// About how many bytes it will write.
    pub(crate) weight: usize,
    /// When it arrived: every decision on it is taken as of then.
    pub(crate) now: Millis,
}

impl Routes {
    /// Routes a lead: takes it to the desk that decides on it, and on to the next one where that says so. The first desk is a
    /// guess by a policy of a moment ago; each desk looks again, and the commit makes sure. `patience` is how long the caller
    /// still waits.
    pub(crate) async fn route(&self, arrival: Arrival, patience: Option<Duration>) -> Result<Committed, Error> {
        let Arrival { workspace, request, mut command, lead, weight, now } = arrival;
        let mut policy = self.store.recent_policy(&workspace).await?;
        // A held lead is tried because somebody has room: a count from before that would leave it where it is.
        let mut fresh = matches!(*command, Command::Again { because: Again::Retried, .. });
        let waited = Stopwatch::start();
        let left = || patience.map(|patience| patience.saturating_sub(waited.elapsed()));
        let mut enrichment: Option<Enrichment> = None;
        for _ in 0..MAX_STARTS {
            let known = required(policy.as_deref())?;
            if enrichment.is_none() && is_to_be_enriched(known, &command) {
                // Who repeats a request is told its answer, and nobody is asked again.
                if let Some(committed) = self.store.recalled(&workspace, &request).await? {
                    return Ok(committed);
                }
                enrichment = self.enrich(&workspace, &mut command, left()).await;
            }
            let mut desk = first_desk(known, &command, lead.as_deref(), now);
            let reads = route::asks(known, &command);
            let (mut findings, mut seen) = (Findings::default(), Seen::default());
            for _ in 0..MAX_DESKS {
                let sequence = sequence(&workspace, desk.clone());
                let (command, request) = (command.clone(), request.clone());
                let (at, enrichment) = (desk.clone(), enrichment.clone());
                let decide = Box::new(move |snapshot: &_, table: &mut _, policy: &Policy| {
                    if enrichment.is_none() && is_to_be_enriched(policy, &command) {
                        // A version newer than the one known: this desk once more, to begin with.
                        return Ok(Decided::Elsewhere(at.clone(), Findings::default()));
                    }
                    let mut decided = route::decide(snapshot, table, &command, policy, &at, &findings, now)?;
                    if let (Decided::Change(change), Some(enrichment)) = (&mut decided, &enrichment) {
                        change.tell_enrichment(enrichment);
                    }
                    Ok(decided)
                });
                let reads = reads.clone();
                let submission = Submission { request, weight, patience: left(), reads, seen, fresh, decide };
                match self.sequences.submit(&sequence, submission).await? {
                    Sequenced::Committed(committed) => return Ok(committed),
                    Sequenced::Elsewhere { desk: next, .. } if next == desk => break,
                    Sequenced::Elsewhere { desk: next, findings: found, seen: rests_on } => {
                        (desk, findings, seen) = (next, found, rests_on);
                    }
                    Sequenced::Moved => {
                        // Perhaps by records that a desk keeps for long: one that only sends leads on never learns from a
                        // commit that they are old.
                        fresh = true;
                        break;
                    }
                }
            }
            policy = self.store.policy(&workspace).await?;
        }
        Err(Error::Contention)
    }

    /// Routes a lead again that is there already. Whoever asks a second time finds the lead moved on; the answer is the first.
    pub(crate) async fn route_again(
        &self,
        lead: LeadId,
        mut arrival: Arrival,
        patience: Option<Duration>,
    ) -> Result<Committed, Error> {
        let (workspace, request) = (arrival.workspace.clone(), arrival.request.clone());
        let read = self.store.read(&workspace, &[Key::Lead(lead), Key::Person(lead)]).await?;
        arrival.lead = read.lead(lead).map(|found| {
            let person = read.person(lead).cloned().unwrap_or_default();
            Box::new((found.facts.clone(), person))
        });
        let routed = self.route(arrival, patience).await;
        self.or_first_answer(&workspace, &request, routed).await
    }

    /// What came of a request; when it is refused, what it was answered the first time, if it is a repetition: what it did then
    /// may be why it is refused now.
    pub(crate) async fn or_first_answer(
        &self,
        workspace: &Workspace,
        request: &Request,
        result: Result<Committed, Error>,
    ) -> Result<Committed, Error> {
        match result {
            Err(Error::Refused(refusal)) => {
                self.store.recalled(workspace, request).await?.ok_or(Error::Refused(refusal))
            }
            result => result,
        }
    }

    /// Asks for what a new lead lacks of its company; what came of it.
    pub(crate) async fn enrich(
        &self,
        workspace: &Workspace,
        command: &mut Arc<Command>,
        patience: Option<Duration>,
    ) -> Option<Enrichment> {
        let Command::New { facts, signs, .. } = Arc::make_mut(command) else { return None };
        let found = self.enricher.enrich(workspace, &mut facts.company, patience).await;
        // The company may go by another name now.
        *signs = Signs::default();
        Some(found)
    }
}

/// Whether the policy wants this lead's company to be asked about, and there is something to ask.
pub(crate) fn is_to_be_enriched(policy: &Policy, command: &Command) -> bool {
    let Command::New { facts, .. } = command else { return false };
    policy.enrich && enrichment::is_worth_asking(&facts.company)
}

fn first_desk(policy: &Policy, command: &Command, lead: Option<&(Facts, Person)>, now: Millis) -> Desk {
    let (facts, person) = match (command, lead) {
        (Command::New { facts, person, .. }, _) | (Command::Again { .. }, Some((facts, person))) => (facts, person),
        (Command::Again { .. }, None) => return Desk::Rest,
    };
    route::desk(policy, expression::Lead::new(facts, &person.attributes), now)
}

/// The sequence of a desk.
pub(crate) fn sequence(workspace: &Workspace, desk: Desk) -> Sequence {
    Sequence {
        workspace: workspace.clone(),
        name: desk.to_string(),
        exclusive: matches!(desk, Desk::Rotation(_)),
        reads: Arc::new(move |policy| route::reads(policy, &desk)),
    }
}
