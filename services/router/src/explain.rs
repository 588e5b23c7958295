//! Why leads went where they went, and where one would go.

use std::time::Duration;

use leadhand_domain::answer::{Answer, Routed};
use leadhand_domain::event::Decision;
use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::route::{self, Decided, Desk, Findings, Table};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{Event, Skip};
use leadhand_proto::explain::v1::WhyNotReason;
use leadhand_store::events::Position;
use leadhand_store::{Error, Store};
use prost::Message;

use crate::route::{Arrival, MAX_STARTS, Routes, is_to_be_enriched};

/// The event with the decision that put a lead where it is; `None` when it is no longer kept.
pub(crate) async fn decision(store: &Store, workspace: &Workspace, lead: LeadId) -> Result<Option<Event>, Error> {
    let read = store.read(workspace, &[Key::Lead(lead)]).await?;
    let Some(found) = read.lead(lead) else {
        return Err(Refusal::of(Reason::LeadUnknown, format!("no lead {lead}")).into());
    };
    let damaged = |what: String| Error::Damaged(format!("lead {lead}: {what}"));
    let position = Position::parse(&found.position).map_err(|fault| damaged(fault.to_string()))?;
    let Some(stored) = store.event(workspace, position).await? else { return Ok(None) };
    let event = Event::decode(stored.event.as_slice()).map_err(|fault| damaged(fault.to_string()))?;
    Ok(Some(Event { position: position.to_string(), ..event }))
}

/// Why a rep did not get the lead that an event tells of.
pub(crate) async fn why_not(
    store: &Store,
    workspace: &Workspace,
    rep: &RepId,
    event: &Event,
) -> Result<(WhyNotReason, Option<Skip>), Error> {
    let policy = required(store.policy(workspace).await?)?;
    if policy.rep(rep).is_none() {
        return Err(Refusal::of(Reason::RepUnknown, format!("no rep `{rep}` in the policy")).into());
    }
    let (got, team) = match &event.kind {
        Some(Kind::LeadAssigned(it)) => (Some(&it.rep_id), it.team_id.as_str()),
        Some(Kind::LeadOffered(it)) => (Some(&it.rep_id), it.team_id.as_str()),
        Some(Kind::LeadClaimed(it)) => (Some(&it.rep_id), ""),
        _ => (None, ""),
    };
    if got.is_some_and(|got| got == rep.as_str()) {
        return Ok((WhyNotReason::GotIt, None));
    }
    let skips = event.decision.iter().flat_map(|decision| &decision.skips);
    if let Some(skip) = skips.into_iter().find(|skip| skip.rep_id == rep.as_str()) {
        return Ok((WhyNotReason::Skipped, Some(skip.clone())));
    }
    if matches!(event.kind, Some(Kind::LeadPooled(_) | Kind::LeadClaimed(_))) {
        return Ok((WhyNotReason::Pooled, None));
    }
    let member = policy.teams_of(rep).any(|of| of.id.as_str() == team);
    Ok((if member { WhyNotReason::NotTheTurn } else { WhyNotReason::OtherRoute }, None))
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
