//! One tail and one ring for all subscribers of a workspace, for as long as there are any.

use std::sync::Arc;

use leadhand_domain::id::Workspace;
use leadhand_kit::Shared;
use leadhand_kit::shared::Share;
use leadhand_store::Store;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::ring::{Limits, Ring};
use crate::tail;

/// The hubs of all workspaces; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hubs {
    store: Store,
    limits: Limits,
    shutdown: CancellationToken,
    by_workspace: Shared<Workspace, Hub>,
}

/// What the subscribers of one workspace share. The last one to drop it ends its tail.
#[derive(Debug)]
pub(crate) struct Hub {
    ring: watch::Receiver<Ring>,
    _tail: DropGuard,
}

impl Hubs {
    /// At most so many hubs, each of which holds a connection, that read from this store, until the shutdown.
    pub(crate) fn new(store: Store, limits: Limits, most: usize, shutdown: CancellationToken) -> Self {
        Self { store, limits, shutdown, by_workspace: Shared::at_most(most) }
    }

    /// The workspace's hub; the first subscriber makes it, unless there are as many as may be.
    pub(crate) fn join(&self, workspace: &Workspace) -> Option<Arc<Share<Workspace, Hub>>> {
        self.by_workspace.join(workspace, || self.start(workspace.clone()))
    }

    fn start(&self, workspace: Workspace) -> Hub {
        let (sender, ring) = watch::channel(Ring::new(self.limits));
        let stop = self.shutdown.child_token();
        let follow = tail::follow(self.store.clone(), workspace, sender);
        tokio::spawn(stop.clone().run_until_cancelled_owned(follow));
        Hub { ring, _tail: stop.drop_guard() }
    }
}

impl Hub {
    /// The ring, with word of each change.
    pub(crate) fn ring(&self) -> watch::Receiver<Ring> {
        self.ring.clone()
    }
}
