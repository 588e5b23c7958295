//! One index and one task that follows the events for each workspace that is asked for, dropped when nobody asks for long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use leadhand_domain::id::Workspace;
use leadhand_kit::clock::{Clock, Stopwatch};
use leadhand_kit::shared::Share;
use leadhand_kit::{Context, Shared};
use leadhand_store::Store;
use leadhand_store::events::Position;
use opentelemetry::metrics::{Counter, Gauge, Histogram};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::Browse;
use crate::follow::Follower;
use crate::index::Index;

/// How often it is looked for workspaces that nobody asks for.
const TICK: Duration = Duration::from_secs(1);

/// How many workspaces are read at once: reading is work for Redis, and for us.
const READ_AT_ONCE: usize = 4;

/// How far the index of a workspace is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last event in it; `None` while it is being read for the first time.
    pub(crate) position: Option<Position>,
    /// Whether it is followed at present.
    pub(crate) live: bool,
}

/// What is told of the indexes.
#[derive(Debug, Clone)]
pub(crate) struct Instruments {
    pub(crate) lag: Histogram<f64>,
    pub(crate) loads: Counter<u64>,
    leads: Gauge<u64>,
    workspaces: Gauge<u64>,
}

/// The index of one workspace. The last one to drop it ends what keeps it current.
#[derive(Debug)]
pub(crate) struct Hub {
    index: Shelf,
    progress: watch::Receiver<Progress>,
    _follower: DropGuard,
}

/// An index that one task writes and many read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf(Arc<RwLock<Index>>);

impl Shelf {
    /// To read; nobody keeps it for long.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// To write.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// The index.
    pub(crate) fn index(&self) -> &Shelf {
        &self.index
    }

    /// How far it is, with word of each change.
    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Waits until the index has seen an event, for so long; whether it has. `None`: it is not there at all yet.
    pub(crate) async fn has_seen(&self, position: Position, wait: Duration, first: Duration) -> Option<bool> {
        let mut progress = self.progress();
        let known = |progress: &Progress| progress.position.is_some();
        let seen = |progress: &Progress| progress.position.is_some_and(|seen| seen >= position);
        if tokio::time::timeout(first, progress.wait_for(known)).await.is_ok_and(|known| known.is_ok()) {
            return Some(tokio::time::timeout(wait, progress.wait_for(seen)).await.is_ok_and(|seen| seen.is_ok()));
        }
        None
    }
}

/// The indexes of all workspaces; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hubs {
    store: Store,
    clock: Clock,
    pub(crate) config: Arc<Browse>,
    shutdown: CancellationToken,
    reading: Arc<Semaphore>,
    instruments: Instruments,
    by_workspace: Shared<Workspace, Hub>,
    /// Those asked for of late, and when last.
    kept: Arc<Mutex<HashMap<Workspace, Kept>>>,
}

#[derive(Debug)]
struct Kept {
    hub: Arc<Share<Workspace, Hub>>,
    asked: Stopwatch,
}

impl Hubs {
    /// None yet.
    pub(crate) fn new(ctx: &Context, store: Store, config: Browse) -> Self {
        let meter = ctx.meter();
        let instruments = Instruments {
            lag: meter
                .f64_histogram("leadhand.browse.lag")
                .with_unit("s")
                .with_description("from an event's commit until the pools' lists show it")
                .with_boundaries(vec![0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0])
                .build(),
            loads: meter
                .u64_counter("leadhand.browse.loads")
                .with_description("how often a workspace's pools were read whole")
                .build(),
            leads: meter.u64_gauge("leadhand.browse.leads").with_description("pooled leads in memory").build(),
            workspaces: meter
                .u64_gauge("leadhand.browse.workspaces")
                .with_description("workspaces whose pools are in memory")
                .build(),
        };
        Self {
            store,
            clock: ctx.clock.clone(),
            shutdown: ctx.shutdown.clone(),
            reading: Arc::new(Semaphore::new(READ_AT_ONCE)),
            instruments,
            by_workspace: Shared::at_most(config.max_workspaces),
            kept: Arc::default(),
            config: Arc::new(config),
        }
    }

    /// The workspace's index, which is made if it is not there; `None` when there are as many as may be, all in use.
    pub(crate) fn join(&self, workspace: &Workspace) -> Option<Arc<Share<Workspace, Hub>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.get_mut(workspace) {
            kept.asked = Stopwatch::start();
            return Some(kept.hub.clone());
        }
        while kept.len() >= self.config.max_workspaces {
            drop_longest_unasked(&mut kept);
        }
        let hub = self.by_workspace.join(workspace, || self.start(workspace.clone()))?;
        kept.insert(workspace.clone(), Kept { hub: hub.clone(), asked: Stopwatch::start() });
        Some(hub)
    }

    fn start(&self, workspace: Workspace) -> Hub {
        let (sender, progress) = watch::channel(Progress::default());
        let stop = self.shutdown.child_token();
        let index = Shelf::default();
        let follower = Follower {
            store: self.store.clone(),
            clock: self.clock.clone(),
            workspace,
            index: index.clone(),
            progress: sender,
            reading: self.reading.clone(),
            instruments: self.instruments.clone(),
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(follower.run()));
        Hub { index, progress, _follower: stop.drop_guard() }
    }

    /// Drops what nobody asks for and what there is no room for, and tells how much there is, until the process is to end.
    pub(crate) async fn tidy(self, shutdown: CancellationToken) {
        let idle = Duration::from_millis(self.config.idle_ms);
        let tick = TICK.min(idle.max(Duration::from_millis(10)));
        while shutdown.run_until_cancelled(tokio::time::sleep(tick)).await.is_some() {
            let (leads, workspaces) = self.tidy_once(idle);
            self.instruments.leads.record(leads as u64, &[]);
            self.instruments.workspaces.record(workspaces as u64, &[]);
        }
    }

    fn tidy_once(&self, idle: Duration) -> (usize, usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.asked.elapsed() < idle);
        loop {
            let leads = kept.values().map(|kept| kept.hub.index().read().len()).sum();
            if leads <= self.config.max_leads || kept.len() <= 1 {
                return (leads, kept.len());
            }
            drop_longest_unasked(&mut kept);
        }
    }
}

fn drop_longest_unasked(kept: &mut HashMap<Workspace, Kept>) {
    let longest = kept.iter().max_by_key(|(_, kept)| kept.asked.elapsed()).map(|(workspace, _)| workspace.clone());
    if let Some(longest) = longest {
        kept.remove(&longest);
    }
}
