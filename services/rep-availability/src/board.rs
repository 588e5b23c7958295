//! How every rep of a workspace stands, kept current for all who watch it, for as long as anybody does.
//!
//! Two things change it. What somebody says comes with the workspace's events; what only the clock makes is known beforehand, as
//! each status says until when it stays. In both cases the records are read again: an event is a reason to look, no more.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use leadhand_domain::availability::status::{self, Known, Reason, Status};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::time::Millis;
use leadhand_kit::Clock;
use leadhand_proto::event::v1::{Event, event};
use leadhand_store::events::{Position, Stored};
use leadhand_store::{Error, Store};
use prost::Message;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often the clock is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many events one read brings at most.
const BATCH: usize = 256;
/// How soon records that could not be read are read again.
const RETRY: Duration = Duration::from_millis(200);
/// How many reps' records one read brings.
const CHUNK: usize = 500;

/// How every rep stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    /// Grows with each change.
    pub(crate) generation: u64,
    /// What was said up to here is in it.
    pub(crate) position: Position,
    /// What the clock has made up to here is in it.
    pub(crate) at: Millis,
    /// Each rep's status, and the generation since which it is so.
    pub(crate) reps: BTreeMap<RepId, (Status, u64)>,
    pub(crate) state: State,
}

/// What may be said by a board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing yet.
    #[default]
    Loading,
    /// How everybody stands.
    Live,
    /// That the workspace has no policy.
    NoPolicy,
    /// Nothing: the store does not answer.
    Down,
}

impl Board {
    /// Takes in how a rep stands.
    fn put(&mut self, rep: RepId, status: Status) {
        if self.reps.get(&rep).is_none_or(|(held, _)| *held != status) {
            self.reps.insert(rep, (status, self.generation));
        }
    }

    /// Whose status does not stay as it is by the clock alone.
    fn due(&self, now: Millis) -> impl Iterator<Item = &RepId> {
        let due = move |status: &Status| status.until().is_some_and(|until| until <= now);
        self.reps.iter().filter(move |(_, (status, _))| due(status)).map(|(rep, _)| rep)
    }
}

/// Whom events concern; `None`: perhaps everybody.
pub(crate) fn concerned(events: &[Stored], reps: &mut BTreeSet<RepId>) -> Option<()> {
    for stored in events {
        // What cannot be read may be about anybody.
        match Event::decode(stored.event.as_slice()).ok()?.kind {
            Some(event::Kind::AvailabilityChanged(changed)) => {
                reps.insert(RepId::parse(&changed.rep_id).ok()?);
            }
            Some(event::Kind::PolicyActivated(_)) => return None,
            _ => {}
        }
    }
    Some(())
}

/// What is known of these reps.
pub(crate) async fn known(
    store: &Store,
    workspace: &Workspace,
    reps: impl IntoIterator<Item = &RepId>,
) -> Result<Snapshot, Error> {
    let keys: Vec<Key> = reps.into_iter().flat_map(Known::keys).collect();
    let mut known = Snapshot::default();
    for keys in keys.chunks(2 * CHUNK) {
        known.merge(store.read(workspace, keys).await?);
    }
    Ok(known)
}

/// The boards of all workspaces; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Boards(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    /// How many there may be at once: each holds a connection.
    most: usize,
    shutdown: CancellationToken,
    by_workspace: Mutex<HashMap<Workspace, Weak<Shared>>>,
}

/// What the watchers of one workspace share. The last one to drop it ends what keeps it current.
#[derive(Debug)]
pub(crate) struct Shared {
    board: watch::Receiver<Board>,
    workspace: Workspace,
    boards: Weak<Inner>,
    _follower: DropGuard,
}

impl Boards {
    /// At most so many boards, until the shutdown.
    pub(crate) fn new(store: Store, clock: Clock, most: usize, shutdown: CancellationToken) -> Self {
        Self(Arc::new(Inner { store, clock, most, shutdown, by_workspace: Mutex::default() }))
    }

    /// The workspace's board; the first watcher makes it, unless there are as many as may be.
    pub(crate) fn join(&self, workspace: &Workspace) -> Option<Arc<Shared>> {
        let mut boards = self.0.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = boards.get(workspace).and_then(Weak::upgrade) {
            return Some(shared);
        }
        if boards.len() >= self.0.most {
            return None;
        }
        let (sender, board) = watch::channel(Board::default());
        let stop = self.0.shutdown.child_token();
        let follower = Follower {
            store: self.0.store.clone(),
            clock: self.0.clock.clone(),
            workspace: workspace.clone(),
            board: sender,
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(follower.run()));
        let shared = Arc::new(Shared {
            board,
            workspace: workspace.clone(),
            boards: Arc::downgrade(&self.0),
            _follower: stop.drop_guard(),
        });
        boards.insert(workspace.clone(), Arc::downgrade(&shared));
        Some(shared)
    }
}

impl Shared {
    /// The board, with word of each change.
    pub(crate) fn board(&self) -> watch::Receiver<Board> {
        self.board.clone()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some(boards) = self.boards.upgrade() else { return };
        let mut boards = boards.by_workspace.lock().unwrap_or_else(PoisonError::into_inner);
        // By now a new watcher may have made another.
        if boards.get(&self.workspace).is_some_and(|shared| shared.strong_count() == 0) {
            boards.remove(&self.workspace);
        }
    }
}

/// Keeps a board current.
struct Follower {
    store: Store,
    clock: Clock,
    workspace: Workspace,
    board: watch::Sender<Board>,
}

impl Follower {
    async fn run(self) {
        loop {
            let Err(error) = self.follow().await;
            error.failure();
            self.board.send_if_modified(|board| std::mem::replace(&mut board.state, State::Down) != State::Down);
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Reads everything, then what changes, until the store fails.
    async fn follow(&self) -> Result<Infallible, Error> {
        let mut tail = self.store.events_tail(&self.workspace, None).await?;
        self.look(None, tail.position()).await?;
        loop {
            let events = tail.next(LOOK_EVERY, BATCH).await?;
            let now = Millis(self.clock.now_ms());
            let mut reps: BTreeSet<_> = self.board.borrow().due(now).cloned().collect();
            let reps = concerned(&events, &mut reps).map(|()| reps);
            if reps.as_ref().is_none_or(|reps| !reps.is_empty()) {
                self.look(reps, tail.position()).await?;
            } else {
                // Nobody is woken: it is the same, of a later moment.
                self.board.send_if_modified(|board| {
                    (board.position, board.at) = (tail.position(), now);
                    false
                });
            }
        }
    }

    /// Looks how these reps stand; `None`: all of the policy, and it anew.
    async fn look(&self, reps: Option<BTreeSet<RepId>>, position: Position) -> Result<(), Error> {
        let Some(policy) = self.store.policy(&self.workspace).await? else {
            self.board.send_if_modified(|board| {
                board.position = position;
                std::mem::replace(&mut board.state, State::NoPolicy) != State::NoPolicy
            });
            return Ok(());
        };
        let all = reps.is_none();
        let reps = reps.unwrap_or_else(|| policy.reps().cloned().collect());
        let known = known(&self.store, &self.workspace, &reps).await?;
        // After reading: by then it is so.
        let now = Millis(self.clock.now_ms());
        let gone = Status::Unavailable { reason: Reason::Left, until: None };
        self.board.send_modify(|board| {
            board.generation += 1;
            (board.position, board.at, board.state) = (position, now, State::Live);
            if all {
                let left: Vec<_> = board.reps.keys().filter(|rep| !reps.contains(*rep)).cloned().collect();
                left.into_iter().for_each(|rep| board.put(rep, gone));
            }
            for rep in reps {
                let status = match policy.has_rep(&rep) {
                    true => status::status(Known::of(&known, &rep), policy.availability(&rep), now),
                    false => gone,
                };
                board.put(rep, status);
            }
        });
        Ok(())
    }
}
