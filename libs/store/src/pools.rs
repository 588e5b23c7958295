//! What waits in a pool or is a rep's: an index, a sorted set by when each lead entered it.

use leadhand_domain::id::{LeadId, PoolId, RepId, Workspace};
use leadhand_domain::time::Millis;

use crate::error::Error;
use crate::{Store, keys};

/// A place in a pool's order: leads are listed by when they entered, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// When the lead entered the pool.
    pub at: Millis,
    /// The lead.
    pub lead: LeadId,
}

/// How full a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// How many leads wait.
    pub leads: u64,
    /// Since when the longest waiting one waits.
    pub oldest: Option<Millis>,
}

impl Store {
    /// Up to `limit` leads of a pool that come after `after`, longest waiting first. A place stays good while leads come
    /// and go, as it names a moment and an id, not a number.
    pub async fn pool_page(
        &self,
        workspace: &Workspace,
        pool: &PoolId,
        after: Option<Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.listed(keys::pool(workspace, pool), after, limit).await
    }

    /// Up to `limit` leads that a rep owns or is asked to accept and that come after `after`, longest there first.
    pub async fn owned_page(
        &self,
        workspace: &Workspace,
        rep: &RepId,
        after: Option<Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.listed(keys::owned(workspace, rep), after, limit).await
    }

    /// Up to `limit` leads of the holding pool that come after `after`, longest waiting first.
    pub async fn held_page(
        &self,
        workspace: &Workspace,
        after: Option<Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.listed(keys::held(workspace), after, limit).await
    }

    async fn listed(&self, key: String, after: Option<Entry>, limit: usize) -> Result<Vec<Entry>, Error> {
        let range = |from: String, to: &str, limit: Option<usize>| {
            let mut command = redis::cmd("ZRANGE");
            command.arg(&key).arg(from).arg(to).arg("BYSCORE");
            if let Some(limit) = limit {
                command.arg("LIMIT").arg(0).arg(limit);
            }
            command.arg("WITHSCORES").take()
        };
        let Some(after) = after else { return self.entries(&range("-inf".into(), "+inf", Some(limit))).await };
        // What entered in the same millisecond is read at once, then what entered later. Reading on by number would pass
        // over as many as leave meanwhile.
        let at = after.at.0.to_string();
        let mut found = self.entries(&range(at.clone(), &at, None)).await?;
        found.retain(|entry| *entry > after);
        found.truncate(limit);
        if found.len() < limit {
            found.extend(self.entries(&range(format!("({at}"), "+inf", Some(limit - found.len()))).await?);
        }
        Ok(found)
    }

    async fn entries(&self, command: &redis::Cmd) -> Result<Vec<Entry>, Error> {
        let page: Vec<(String, f64)> = self.link.run(command).await?;
        page.into_iter().map(|(member, score)| entry(&member, score)).collect()
    }

    /// How full a pool is.
    pub async fn pool_depth(&self, workspace: &Workspace, pool: &PoolId) -> Result<Depth, Error> {
        self.depth(keys::pool(workspace, pool)).await
    }

    /// How full the holding pool is.
    pub async fn held_depth(&self, workspace: &Workspace) -> Result<Depth, Error> {
        self.depth(keys::held(workspace)).await
    }

    async fn depth(&self, key: String) -> Result<Depth, Error> {
        let leads = self.link.run(redis::cmd("ZCARD").arg(&key)).await?;
        let oldest = self.listed(key, None, 1).await?;
        Ok(Depth { leads, oldest: oldest.first().map(|entry| entry.at) })
    }
}

fn entry(member: &str, score: f64) -> Result<Entry, Error> {
    let lead = LeadId::parse(member).map_err(|fault| Error::Damaged(format!("index: {fault}")))?;
    // Scores are whole milliseconds, far below 2^53.
    Ok(Entry { at: Millis(score as i64), lead })
}
