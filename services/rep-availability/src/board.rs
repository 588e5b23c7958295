//! How every rep of a workspace stands, kept current for all who watch it, for as long as anybody does.
//!
//! Two things change it. What somebody says comes with the workspace's events; what only the clock makes is known beforehand, as
//! each status says until when it stays. In both cases the records are read again: an event is a reason to look, no more.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::availability::status::{self, Known, Reason, Status};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::time::Millis;
use leadhand_kit::shared::Share;
use leadhand_kit::{Clock, Shared};
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
pub(crate) struct Boards {
    store: Store,
    clock: Clock,
    shutdown: CancellationToken,
    by_workspace: Shared<Workspace, Watched>,
}

/// What the watchers of one workspace share. The last one to drop it ends what keeps it current.
#[derive(Debug)]
pub(crate) struct Watched {
    board: watch::Receiver<Board>,
    _follower: DropGuard,
}

impl Boards {
    /// At most so many boards, each of which holds a connection, until the shutdown.
    pub(crate) fn new(store: Store, clock: Clock, most: usize, shutdown: CancellationToken) -> Self {
        Self { store, clock, shutdown, by_workspace: Shared::at_most(most) }
    }

    /// The workspace's board; the first watcher makes it, unless there are as many as may be.
    pub(crate) fn join(&self, workspace: &Workspace) -> Option<Arc<Share<Workspace, Watched>>> {
        self.by_workspace.join(workspace, || self.start(workspace.clone()))
    }

    fn start(&self, workspace: Workspace) -> Watched {
        let (sender, board) = watch::channel(Board::default());
        let stop = self.shutdown.child_token();
        let follower = Follower { store: self.store.clone(), clock: self.clock.clone(), workspace, board: sender };
        tokio::spawn(stop.clone().run_until_cancelled_owned(follower.run()));
        Watched { board, _follower: stop.drop_guard() }
    }
}

impl Watched {
    /// The board, with word of each change.
    pub(crate) fn board(&self) -> watch::Receiver<Board> {
        self.board.clone()
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
