//! Why leads went where they went, and where one would go.

use std::time::Duration;

use leadhand_domain::answer::{Answer, Routed};
use leadhand_domain::event::Decision;
use leadhand_domain::explain::{self, Told, WhyNot};
use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::refusal::Refusal;
use leadhand_domain::route::{self, Decided, Desk, Findings, Table};
use leadhand_store::events::{Position, Stored};
use leadhand_store::{Error, Store};

use crate::route::{Arrival, MAX_STARTS, Routes, is_to_be_enriched};

/// The stored event with the decision that put a lead where it is; `None` when it is no longer kept.
pub(crate) async fn decision(store: &Store, workspace: &Workspace, lead: LeadId) -> Result<Option<Stored>, Error> {
    let read = store.read(workspace, &[Key::Lead(lead)]).await?;
    let found = read.lead(lead).ok_or_else(|| Refusal::lead_unknown(lead))?;
    let position = Position::parse(&found.position);
    let position = position.map_err(|fault| Error::Damaged(format!("lead {lead}: {fault}")))?;
    store.event(workspace, position).await
}

/// Why a rep did not get a lead.
pub(crate) async fn why_not(store: &Store, workspace: &Workspace, rep: &RepId, told: &Told) -> Result<WhyNot, Error> {
    let policy = required(store.policy(workspace).await?)?;
    Ok(explain::why_not(&policy, rep, told)?)
}

/// Where a lead would go now, and why.
pub(crate) async fn dry_run(
    routes: &Routes,
    mut arrival: Arrival,
    patience: Option<Duration>,
) -> Result<(Routed, Decision), Error> {
    let mut enrichment = None;
    for _ in 0..MAX_STARTS {
        let policy = required(routes.store.policy(&arrival.workspace).await?)?;
        if enrichment.is_none() && is_to_be_enriched(&policy, &arrival.command) {
            enrichment = routes.enrich(&arrival.workspace, &mut arrival.command, patience).await;
        }
        if let Some((routed, decision)) = settle(&routes.store, &arrival, &policy).await? {
            return Ok((routed, Decision { enrichment, ..decision }));
        }
    }
    Err(Error::Contention)
}

/// Goes from desk to desk until one decides; `None` when a desk is gone with its policy.
async fn settle(store: &Store, arrival: &Arrival, policy: &Policy) -> Result<Option<(Routed, Decision)>, Error> {
    let (mut desk, mut findings) = (Desk::Rest, Findings::default());
    let mut snapshot = Snapshot::default();
    let mut keys = route::reads(policy, &desk).unwrap_or_default();
    loop {
        snapshot.merge(store.read(&arrival.workspace, &keys).await?);
        match route::decide(&snapshot, &mut Table::default(), &arrival.command, policy, &desk, &findings, arrival.now)?
        {
            Decided::Needs(more) => keys = more,
            Decided::Elsewhere(next, found) => {
                let Some(more) = route::reads(policy, &next) else { return Ok(None) };
                (desk, findings, keys) = (next, found, more);
            }
            Decided::Change(change) => {
                let decision = change.events.into_iter().rev().find_map(|event| event.decision).unwrap_or_default();
                return match change.answer {
                    Answer::Routed(routed) => Ok(Some((routed, decision))),
                    _ => Ok(None),
                };
            }
        }
    }
}
