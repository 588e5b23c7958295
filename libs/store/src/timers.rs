//! The deadlines that have come. Commits set and cancel them; here they are found, and the one that no lead guards, the
//! drain, is taken in hand and put away.

use leadhand_domain::change::Due;
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::time::Millis;

use crate::error::Error;
use crate::{Store, keys};

const MOVE: &str = include_str!("../lua/move_timer.lua");

/// How many keys one step of a walk over all of them looks at.
const SCANNED: usize = 500;

/// A deadline that has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Come {
    /// What for.
    pub due: Due,
    /// When it was due.
    pub at: Millis,
}

impl Store {
    /// Has a workspace's deadlines looked after.
    pub async fn enrol(&self, workspace: &Workspace) -> Result<(), Error> {
        self.link.run::<i64>(redis::cmd("SADD").arg(keys::WORKSPACES).arg(workspace.to_string())).await.map(drop)
    }

    /// The workspaces whose deadlines are looked after.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>, Error> {
        let names: Vec<String> = self.link.run(redis::cmd("SMEMBERS").arg(keys::WORKSPACES)).await?;
        let parse =
            |name: &String| Workspace::parse(name).map_err(|fault| Error::Damaged(format!("workspaces: {fault}")));
        names.iter().map(parse).collect()
    }

    /// Up to `limit` deadlines that have come at `now`, the one longest due first.
    pub async fn timers_due(&self, workspace: &Workspace, now: Millis, limit: usize) -> Result<Vec<Come>, Error> {
        let mut command = redis::cmd("ZRANGE");
        command.arg(keys::timers(workspace)).arg("-inf").arg(now.0).arg("BYSCORE");
        command.arg("LIMIT").arg(0).arg(limit).arg("WITHSCORES");
        let found: Vec<(String, f64)> = self.link.run(&command).await?;
        let come = |(member, score): (String, f64)| match keys::parse_due(&member) {
            // Scores are whole milliseconds, far below 2^53.
            Ok(due) => Some(Come { due, at: Millis(score as i64) }),
            // Of a later version, perhaps: it must not keep the others waiting.
            Err(fault) => {
                tracing::debug!(%workspace, %fault, "a deadline of an unknown kind is left alone");
                None
            }
        };
        Ok(found.into_iter().filter_map(come).collect())
    }

    /// Which of these deadlines are not set.
    pub async fn timers_unset(&self, workspace: &Workspace, dues: &[Due]) -> Result<Vec<Due>, Error> {
        if dues.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("ZMSCORE");
        command.arg(keys::timers(workspace)).arg(dues.iter().map(keys::due).collect::<Vec<_>>());
        let scores: Vec<Option<f64>> = self.link.run(&command).await?;
        Ok(dues.iter().zip(scores).filter(|(_, score)| score.is_none()).map(|(due, _)| due.clone()).collect())
    }

    /// Some of the reps of all workspaces who have leads, and where to go on; 0, which is also where to begin: that was all.
    /// One may come twice.
    pub async fn owners_page(&self, cursor: u64) -> Result<(u64, Vec<(Workspace, RepId)>), Error> {
        self.scan(cursor, keys::ALL_OWNED, keys::parse_owned).await
    }

    /// Some of the reps of all workspaces against whom anything was ever held; cursors as for [`Store::owners_page`].
    pub async fn conduct_page(&self, cursor: u64) -> Result<(u64, Vec<(Workspace, RepId)>), Error> {
        self.scan(cursor, keys::ALL_CONDUCT, keys::parse_conduct).await
    }

    async fn scan(
        &self,
        cursor: u64,
        matching: &str,
        parse: fn(&str) -> Option<(Workspace, RepId)>,
    ) -> Result<(u64, Vec<(Workspace, RepId)>), Error> {
        let mut command = redis::cmd("SCAN");
        command.arg(cursor).arg("MATCH").arg(matching).arg("COUNT").arg(SCANNED);
        let (next, found): (u64, Vec<String>) = self.link.run(&command).await?;
        Ok((next, found.iter().filter_map(|key| parse(key)).collect()))
    }

    /// Moves a deadline to another moment, or with `None` removes it, if nobody has set it anew since it was read; whether
    /// that was so.
    pub async fn move_timer(&self, workspace: &Workspace, from: &Come, to: Option<Millis>) -> Result<bool, Error> {
        let mut command = redis::cmd("EVAL");
        command.arg(MOVE).arg(1).arg(keys::timers(workspace)).arg(keys::due(&from.due)).arg(from.at.0);
        command.arg(to.map(|at| at.0.to_string()).unwrap_or_default());
        self.link.run::<i64>(&command).await.map(|moved| moved == 1)
    }
}
