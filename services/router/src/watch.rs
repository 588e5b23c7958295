//! Telling others which version of a policy is active, and each new one.
//!
//! All who watch a workspace at this replica share one task that looks at the policy's head. What it finds is compiled at once,
//! so that the replica's own decisions meet a version that is ready.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use leadhand_domain::id::Workspace;
use leadhand_domain::record::PolicyVersion;
use leadhand_domain::refusal::Failure;
use leadhand_kit::clock::Stopwatch;
use leadhand_store::{Error, Store};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often the head is looked at: watchers are to know within a second.
const TICK: Duration = Duration::from_millis(200);

/// After how long a silence it is told that there is nothing new.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How many versions are read at once by one who is behind: each with its document.
const AT_ONCE: u64 = 4;

/// The newest version's number, 0 while there is none; `None` before the first look.
type Newest = Option<Result<u64, Failure>>;

/// Who watches what; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Watches(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    shutdown: CancellationToken,
    /// How many workspaces may be watched at once: each has a task that reads five times a second.
    most: usize,
    by_workspace: Mutex<HashMap<Workspace, Weak<Watch>>>,
}

/// What the watchers of one workspace share. The last one to drop it ends the looking.
#[derive(Debug)]
struct Watch {
    workspace: Workspace,
    newest: watch::Receiver<Newest>,
    watches: Weak<Inner>,
    _looking: DropGuard,
}

/// What a stream tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// A version became active.
    Version(PolicyVersion),
    /// There is none but those told; which one is active, 0 while there is none.
    UpToDate(u64),
}

/// Why a stream ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The service is going away.
    ShuttingDown,
    /// The store does not answer, or what it holds cannot be read.
    Failed(Failure),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error.failure())
    }
}

impl Watches {
    /// At most so many workspaces, until the shutdown.
    pub(crate) fn new(store: Store, shutdown: CancellationToken, most: usize) -> Self {
        Self(Arc::new(Inner { store, shutdown, most, by_workspace: Mutex::default() }))
    }

    /// The versions after `after`, and then each new one; without `after` the active one first. `None` when as many workspaces
    /// are watched as may be.
    pub(crate) fn follow(
        &self,
        workspace: &Workspace,
        after: Option<u64>,
    ) -> Option<impl Stream<Item = Result<Told, End>> + Send + use<>> {
        let watch = self.join(workspace)?;
        let watcher = Watcher {
            store: self.0.store.clone(),
            shutdown: self.0.shutdown.clone(),
            newest: watch.newest.clone(),
            watch,
            after,
            ready: VecDeque::new(),
            silence: None,
        };
        Some(unfold(Some(watcher), |watcher| async {
            let mut watcher = watcher?;
            let next = watcher.next().await;
            let rest = next.is_ok().then_some(watcher);
            Some((next, rest))
        }))
    }

    fn join(&self, workspace: &Workspace) -> Option<Arc<Watch>> {
        let mut watches = self.0.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = watches.get(workspace).and_then(Weak::upgrade) {
            return Some(watch);
        }
        if watches.len() >= self.0.most {
            return None;
        }
        let (sender, newest) = watch::channel(None);
        let stop = self.0.shutdown.child_token();
        let looking = look(self.0.store.clone(), workspace.clone(), sender);
        let task = stop.clone().run_until_cancelled_owned(looking);
        tokio::spawn(task);
        let (workspace, watches_of) = (workspace.clone(), Arc::downgrade(&self.0));
        let watch = Arc::new(Watch { workspace, newest, watches: watches_of, _looking: stop.drop_guard() });
        watches.insert(watch.workspace.clone(), Arc::downgrade(&watch));
        Some(watch)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(watches) = self.watches.upgrade() else { return };
        let mut watches = watches.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have been made meanwhile.
        if watches.get(&self.workspace).is_some_and(|watch| watch.strong_count() == 0) {
            watches.remove(&self.workspace);
        }
    }
}

/// Looks at the head again and again.
async fn look(store: Store, workspace: Workspace, newest: watch::Sender<Newest>) {
    loop {
        let found = match store.policy(&workspace).await {
            Ok(policy) => Ok(policy.map_or(0, |policy| policy.version)),
            Err(error) => Err(error.failure()),
        };
        newest.send_if_modified(|newest| newest.replace(found.clone()) != Some(found));
        tokio::time::sleep(TICK).await;
    }
}

/// One stream.
struct Watcher {
    store: Store,
    shutdown: CancellationToken,
    newest: watch::Receiver<Newest>,
    watch: Arc<Watch>,
    /// The last version that was told.
    after: Option<u64>,
    ready: VecDeque<PolicyVersion>,
    /// Since something was told; `None`: nothing was yet.
    silence: Option<Stopwatch>,
}

impl Watcher {
    async fn next(&mut self) -> Result<Told, End> {
        let told = self.wait().await;
        self.silence = Some(Stopwatch::start());
        told
    }

    async fn wait(&mut self) -> Result<Told, End> {
        loop {
            if self.shutdown.is_cancelled() {
                return Err(End::ShuttingDown);
            }
            if let Some(version) = self.ready.pop_front() {
                self.after = Some(version.number);
                return Ok(Told::Version(version));
            }
            let newest = self.newest.borrow_and_update().clone();
            match &newest {
                Some(Err(failure)) => return Err(End::Failed(failure.clone())),
                Some(Ok(number)) if *number > 0 && self.after != Some(*number) => {
                    self.read(*number).await?;
                    if !self.ready.is_empty() {
                        continue;
                    }
                }
                _ => {}
            }
            if newest == Some(Ok(0)) {
                // Whatever comes is new.
                self.after = self.after.or(Some(0));
            }
            let silence = match (&newest, self.silence) {
                (None, _) => HEARTBEAT,
                (Some(_), None) => Duration::ZERO,
                (Some(_), Some(since)) => HEARTBEAT.saturating_sub(since.elapsed()),
            };
            tokio::select! {
                // The task that looks ends with the shutdown.
                _ = self.newest.changed() => {}
                () = tokio::time::sleep(silence) => if let Some(Ok(active)) = newest {
                    return Ok(Told::UpToDate(active));
                },
                () = self.shutdown.cancelled() => {}
            }
        }
    }

    /// Gets ready what comes next up to this version.
    async fn read(&mut self, mut newest: u64) -> Result<(), End> {
        let workspace = &self.watch.workspace;
        if self.after.is_some_and(|after| after > newest) {
            // Told by another replica a moment ago, or lost by the store since: then the active one is the next.
            newest = self.store.policy(workspace).await?.map_or(0, |policy| policy.version);
        }
        let from = match self.after {
            Some(after) if after <= newest => after + 1,
            _ => newest,
        };
        let numbers: Vec<_> =
            (from..=newest.min(from.saturating_add(AT_ONCE - 1))).filter(|number| *number > 0).collect();
        if !numbers.is_empty() {
            self.ready.extend(self.store.policy_versions(workspace, &numbers).await?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_workspaces_are_watched_and_no_more() {
        // Nobody is there: it is not asked for more than to whom one belongs.
        let store = Store::new(leadhand_store::Config::at("unix:///nowhere/redis.sock")).unwrap();
        let watches = Watches::new(store, CancellationToken::new(), 2);
        let watch = |name: &str| watches.follow(&Workspace::parse(name).unwrap(), None);
        let (first, second) = (watch("a"), watch("b"));
        assert!(first.is_some() && second.is_some() && watch("c").is_none());
        assert!(watch("a").is_some(), "one more watcher of the same costs nothing");
        drop(first);
        assert!(watch("c").is_some(), "the place of one that is watched no more");
    }
}
