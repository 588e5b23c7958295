//! What happened to a lead: a list of its events' positions, which each commit adds to with the events.
//!
//! So a history is read without the stream of all leads: a page of it costs a reading of the list and one of the events on the
//! page.

use leadhand_domain::id::{LeadId, Workspace};
use redis::streams::StreamRangeReply;

use crate::error::Error;
use crate::events::{Position, Stored, stored};
use crate::{Store, keys};

/// The most entries of one page.
pub const MAX_PAGE: usize = 500;

/// One thing that happened to a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where its event stands.
    pub position: Position,
    /// The event; `None` when the stream no longer keeps it.
    pub event: Option<Stored>,
}

impl Store {
    /// Up to `limit` things that happened to a lead, at most [`MAX_PAGE`], in order, after the first `from` of them. A number
    /// stays good: nothing ever leaves a history.
    pub async fn history(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let last = u64::from(from) + (limit.min(MAX_PAGE) as u64).saturating_sub(1);
        let mut command = redis::cmd("LRANGE");
        command.arg(keys::history(workspace, lead)).arg(from).arg(last);
        let ids: Vec<String> = if limit == 0 { Vec::new() } else { self.link.run(&command).await? };
        let stream = keys::events(workspace);
        // One after another on one connection, which does not wait for an answer before the next is asked for.
        let asks: Vec<_> = ids.iter().map(|id| redis::cmd("XRANGE").arg(&stream).arg(id).arg(id).take()).collect();
        let asked = asks.iter().map(|ask| self.link.run::<StreamRangeReply>(ask));
        let mut entries = Vec::with_capacity(ids.len());
        for (id, reply) in ids.iter().zip(futures_util::future::try_join_all(asked).await?) {
            let position = Position::parse(id).map_err(|fault| Error::Damaged(format!("history: {fault}")))?;
            entries.push(Entry { position, event: reply.ids.into_iter().next().map(stored).transpose()? });
        }
        Ok(entries)
    }
}
