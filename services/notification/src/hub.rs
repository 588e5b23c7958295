//! One tail and one ring for all subscribers of a workspace, for as long as there are any.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use leadhand_domain::id::Workspace;
use leadhand_store::Store;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::ring::{Limits, Ring};
use crate::tail;

/// The hubs of all workspaces; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hubs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    limits: Limits,
    /// How many there may be at once: each holds a connection.
    most: usize,
    shutdown: CancellationToken,
    by_workspace: Mutex<HashMap<Workspace, Weak<Hub>>>,
}

/// What the subscribers of one workspace share. The last one to drop it ends its tail.
#[derive(Debug)]
pub(crate) struct Hub {
    ring: watch::Receiver<Ring>,
    workspace: Workspace,
    hubs: Weak<Inner>,
    _tail: DropGuard,
}

impl Hubs {
    /// At most so many hubs that read from this store, until the shutdown.
    pub(crate) fn new(store: Store, limits: Limits, most: usize, shutdown: CancellationToken) -> Self {
        Self(Arc::new(Inner { store, limits, most, shutdown, by_workspace: Mutex::default() }))
    }

    /// The workspace's hub; the first subscriber makes it, unless there are as many as may be.
    pub(crate) fn join(&self, workspace: &Workspace) -> Option<Arc<Hub>> {
        let mut hubs = self.0.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hub) = hubs.get(workspace).and_then(Weak::upgrade) {
            return Some(hub);
        }
        if hubs.len() >= self.0.most {
            return None;
        }
        let hub = Arc::new(Hub::start(&self.0, workspace.clone()));
        hubs.insert(workspace.clone(), Arc::downgrade(&hub));
        Some(hub)
    }
}

impl Hub {
    fn start(hubs: &Arc<Inner>, workspace: Workspace) -> Self {
        let (sender, ring) = watch::channel(Ring::new(hubs.limits));
        let stop = hubs.shutdown.child_token();
        let follow = tail::follow(hubs.store.clone(), workspace.clone(), sender);
        tokio::spawn(stop.clone().run_until_cancelled_owned(follow));
        Self { ring, workspace, hubs: Arc::downgrade(hubs), _tail: stop.drop_guard() }
    }

    /// The ring, with word of each change.
    pub(crate) fn ring(&self) -> watch::Receiver<Ring> {
        self.ring.clone()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let Some(hubs) = self.hubs.upgrade() else { return };
        let mut hubs = hubs.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        // By now a new subscriber may have made another.
        if hubs.get(&self.workspace).is_some_and(|hub| hub.strong_count() == 0) {
            hubs.remove(&self.workspace);
        }
    }
}
