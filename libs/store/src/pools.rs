//! What waits in a pool: its index, a sorted set by when each lead entered it.

use leadhand_domain::id::{LeadId, PoolId, Workspace};
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
        let key = keys::pool(workspace, pool);
        let mut found = Vec::new();
        let mut offset = 0;
        // Leads that entered in the same millisecond as `after` may stand before it: read on until enough stand after.
        while found.len() < limit {
            let from = after.map_or("-inf".to_owned(), |entry| entry.at.0.to_string());
            let mut command = redis::cmd("ZRANGE");
            command.arg(&key).arg(from).arg("+inf").arg("BYSCORE").arg("LIMIT").arg(offset).arg(limit);
            command.arg("WITHSCORES");
            let page: Vec<(String, f64)> = self.link.run(&command).await?;
            let last = page.len() < limit;
            offset += page.len();
            for (member, score) in page {
                let entry = entry(&member, score)?;
                if after.is_none_or(|after| entry > after) && found.len() < limit {
                    found.push(entry);
                }
            }
            if last {
                break;
            }
        }
        Ok(found)
    }

    /// How full a pool is.
    pub async fn pool_depth(&self, workspace: &Workspace, pool: &PoolId) -> Result<Depth, Error> {
        let key = keys::pool(workspace, pool);
        let leads = self.link.run(redis::cmd("ZCARD").arg(&key)).await?;
        let oldest = self.pool_page(workspace, pool, None, 1).await?;
        Ok(Depth { leads, oldest: oldest.first().map(|entry| entry.at) })
    }
}

fn entry(member: &str, score: f64) -> Result<Entry, Error> {
    let lead = LeadId::parse(member).map_err(|fault| Error::Damaged(format!("pool index: {fault}")))?;
    // Scores are whole milliseconds, far below 2^53.
    Ok(Entry { at: Millis(score as i64), lead })
}
