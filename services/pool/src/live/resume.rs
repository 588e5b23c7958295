//! Going on where a watcher was, which may have been told by another replica.

use std::collections::BTreeMap;

use leadhand_domain::id::LeadId;
use leadhand_proto::event::v1::Event;
use leadhand_store::Error;
use leadhand_store::events::{Page, Position, Stored};
use prost::Message;

use super::{Change, End, Watch};
use crate::browse;
use crate::follow::{Effect, effect};
use crate::token::Told;

/// How many events are gone through: with more, a snapshot is told sooner.
const MOST: usize = 10_000;
/// How many are read at once.
const READ: usize = 500;

/// What happened to which leads since.
enum Since {
    /// Each lead with the last event about it, and the last event.
    Leads(BTreeMap<LeadId, Position>, Position),
    /// It cannot be told.
    Unknown,
}

impl Watch {
    /// Gets ready what has changed since, unless the stream must begin with a snapshot.
    pub(super) async fn resume(&mut self, told: Told) -> Result<(), End> {
        if told.version != self.ask.policy.version || told.tier != self.ask.viewer.tier {
            return Ok(());
        }
        // The log is followed from here on; what it has before is found in the events.
        let Since::Leads(leads, last) = self.since(told.position).await? else { return Ok(()) };
        browse::wait(&self.hub, last, &self.config).await?.then_some(()).ok_or(browse::Failed::NotYet)?;
        let mut leads: Vec<_> = leads.into_iter().map(|(lead, position)| (position, lead)).collect();
        leads.sort_unstable();
        let index = self.hub.index().read();
        for (position, lead) in leads {
            let shown = index.entry(lead).filter(|entry| self.ask.shows(entry, told.at));
            let change = shown.map_or(Change::Left(lead), |entry| Change::Changed(entry.clone()));
            self.ready.push_back((position, change));
        }
        (self.snapshot, self.position, self.at) = (None, told.position, told.at);
        Ok(())
    }

    async fn since(&self, position: Position) -> Result<Since, Error> {
        let (mut leads, mut after, mut read) = (BTreeMap::new(), position, 0);
        while read < MOST {
            let Page::Events(events) = self.store.events_after(&self.workspace, after, READ).await? else { break };
            let Some(last) = events.last() else { return Ok(Since::Leads(leads, after)) };
            after = last.position;
            read += events.len();
            for Stored { position, event } in &events {
                let event = Event::decode(event.as_slice())
                    .map_err(|fault| Error::Damaged(format!("event {position} of {}: {fault}", self.workspace)))?;
                match event.kind.as_ref().map_or(Effect::None, effect) {
                    Effect::Enters(lead) | Effect::Touches(lead) => {
                        let lead = LeadId::parse(lead).map_err(|fault| {
                            Error::Damaged(format!("event {position} of {}: {fault}", self.workspace))
                        })?;
                        leads.insert(lead, *position);
                    }
                    Effect::Anew => return Ok(Since::Unknown),
                    // A watcher's own has been looked at.
                    Effect::Tier(_) | Effect::None => {}
                }
            }
        }
        Ok(Since::Unknown)
    }
}
