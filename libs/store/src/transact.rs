//! Read, decide, commit: the loop behind every operation that is not sequenced.

use std::time::Duration;

use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::refusal::Refusal;

use crate::Store;
use crate::commit::{MAX_BATCH, Outcome, Request, recall};
use crate::error::Error;
use crate::snapshot;

/// How often an operation is decided at most before the caller is told to come back.
pub(crate) const MAX_TRIES: u32 = 4;

/// How many operations [`Store::transact_all`] carries out at once at most.
pub const MAX_TOGETHER: usize = MAX_BATCH;

/// What a committed operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The answer: the first one, when the request is a repetition.
    pub answer: Answer,
    /// The position of the event that tells of it; empty when there is none.
    pub position: String,
}

impl Store {
    /// What a request was answered, if it was carried out before.
    pub async fn recalled(&self, workspace: &Workspace, request: &Request) -> Result<Option<Committed>, Error> {
        let (remembered, _) = snapshot::read(&self.link, workspace, Some(request.key(workspace)), &[]).await?;
        let Some(bytes) = remembered else { return Ok(None) };
        let (answer, position) = recall(request, &bytes)?;
        Ok(Some(Committed { answer, position }))
    }

    /// Carries an operation out: reads `keys` and the answer remembered for `request`, decides, commits, and decides again
    /// on the current records if they have changed meanwhile. `decide` gets the active policy when `keys` has its head.
    ///
    /// A refusal is decided on records that were current after the call began. Dropping the future may leave the commit
    /// under way: run it where it is not dropped.
    pub async fn transact(
        &self,
        workspace: &Workspace,
        request: Option<&Request>,
        keys: &[Key],
        mut decide: impl FnMut(&Snapshot, Option<&Policy>) -> Result<Change, Refusal>,
    ) -> Result<Committed, Error> {
        let decide = |snapshot: &_, policy: Option<&_>| decide(snapshot, policy).map_err(Error::from);
        self.transact_or(workspace, request, keys, decide).await
    }

    /// [`Store::transact`] with a decision that may end in something else than a change or a refusal.
    pub async fn transact_or<E: From<Error>>(
        &self,
        workspace: &Workspace,
        request: Option<&Request>,
        keys: &[Key],
        mut decide: impl FnMut(&Snapshot, Option<&Policy>) -> Result<Change, E>,
    ) -> Result<Committed, E> {
        let answer_key = request.map(|request| request.key(workspace));
        let (remembered, mut read) = snapshot::read(&self.link, workspace, answer_key, keys).await?;
        if let (Some(request), Some(bytes)) = (request, remembered) {
            let (answer, position) = recall(request, &bytes)?;
            return Ok(Committed { answer, position });
        }
        for attempt in 0..MAX_TRIES {
            let policy = self.policies.of(&self.link, workspace, &read).await?;
            let change = decide(&read.snapshot, policy.as_deref())?;
            let batch = self.commit.batch(workspace, &[(request, &change)], &read.versions, None);
            match self.commit.apply(&self.link, &batch).await? {
                Outcome::Done(mut ids) => {
                    self.observer.committed([&change]);
                    let position = ids.pop().unwrap_or_default();
                    return Ok(Committed { answer: change.answer, position });
                }
                Outcome::Answered(answers) => {
                    if let (Some(request), Some((_, bytes))) = (request, answers.first()) {
                        let (answer, position) = recall(request, bytes)?;
                        return Ok(Committed { answer, position });
                    }
                }
                Outcome::Stale(records) => {
                    for (key, value) in records {
                        read.take(key, value.as_deref())?;
                    }
                    // The first time the returned records serve at once; then the others are left a moment.
                    if (1..MAX_TRIES - 1).contains(&attempt) {
                        tokio::time::sleep(jitter(i64::MAX, attempt)).await;
                    }
                }
                Outcome::Full => (_, read) = snapshot::read(&self.link, workspace, None, keys).await?,
                Outcome::Locked(ttl_ms) => {
                    let wait = jitter(ttl_ms, attempt);
                    tokio::time::sleep(wait).await;
                    (_, read) = snapshot::read(&self.link, workspace, None, keys).await?;
                }
            }
        }
        Err(Error::Contention.into())
    }

    /// Carries several operations out at once, all of them or none: reads `keys`, decides, commits, and decides again on the
    /// current records if they have changed meanwhile. What each answers, in order.
    ///
    /// `decide` decides one operation after the other, each on what the ones before it left, or tells what else it must
    /// read. At most [`MAX_TOGETHER`] of them.
    pub async fn transact_all(
        &self,
        workspace: &Workspace,
        keys: &[Key],
        mut decide: impl FnMut(&Snapshot) -> Result<Vec<Change>, Vec<Key>>,
    ) -> Result<Vec<Answer>, Error> {
        let (_, mut read) = snapshot::read(&self.link, workspace, None, keys).await?;
        for attempt in 0..MAX_TRIES {
            let mut changes = decide(&read.snapshot);
            // Each time more is known; it takes two rounds at most unless records change in between.
            for _ in 0..MAX_TRIES {
                let Err(more) = changes else { break };
                let (_, also) = snapshot::read(&self.link, workspace, None, &more).await?;
                read.join(also);
                changes = decide(&read.snapshot);
            }
            let Ok(changes) = changes else { break };
            let together: Vec<_> = changes.iter().map(|change| (None, change)).collect();
            let batch = self.commit.batch(workspace, &together, &read.versions, None);
            match self.commit.apply(&self.link, &batch).await? {
                Outcome::Done(_) => {
                    self.observer.committed(&changes);
                    return Ok(changes.into_iter().map(|change| change.answer).collect());
                }
                Outcome::Stale(records) => {
                    for (key, value) in records {
                        read.take(key, value.as_deref())?;
                    }
                }
                Outcome::Full | Outcome::Locked(_) | Outcome::Answered(_) => {
                    (_, read) = snapshot::read(&self.link, workspace, None, keys).await?;
                }
            }
            if (1..MAX_TRIES - 1).contains(&attempt) {
                tokio::time::sleep(jitter(i64::MAX, attempt)).await;
            }
        }
        Err(Error::Contention)
    }
}

/// A short random wait that grows with the tries, never longer than the lock lives.
fn jitter(ttl_ms: i64, attempt: u32) -> Duration {
    let most = u64::try_from(ttl_ms).unwrap_or(1).clamp(1, 4 << attempt);
    Duration::from_millis(rand::random_range(1..=most))
}
