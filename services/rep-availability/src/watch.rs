//! One watcher: told how reps stand, and then what changes.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use leadhand_domain::availability::status::{self, Known, Status};
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::presence;
use leadhand_domain::refusal::Refusal;
use leadhand_domain::time::Millis;
use leadhand_kit::clock::Stopwatch;
use leadhand_kit::shared::Share;
use leadhand_store::events::{Page, Position};
use leadhand_store::{Error, Store};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use crate::board::{self, Board, State, Watched};

/// After so long in silence a watcher is told that it has missed nothing.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How many events one read brings, and how many reads are made, until it is sooner told how everybody stands.
const PAGE: usize = 512;
const PAGES: usize = 20;

/// Up to where a watcher has been told: of what was said, and of what the clock has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    position: Position,
    at: Millis,
}

impl Token {
    /// Takes a position as a watcher got it.
    pub(crate) fn parse(value: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("a position as `caught_up` carried it");
        let (position, at) = value.split_once('@').ok_or_else(invalid)?;
        let at = Some(at).filter(|at| at.len() <= 15 && at.bytes().all(|b| b.is_ascii_digit())).ok_or_else(invalid)?;
        let position = Position::parse(position).map_err(|_| invalid())?;
        Ok(Self { position, at: Millis(at.parse().map_err(|_| invalid())?) })
    }

    fn text(self) -> String {
        format!("{}@{}", self.position, self.at.0)
    }
}

/// What a watcher is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// How a rep stands, known since a moment.
    Rep(RepId, Status, Millis),
    /// Everything up to here has been told.
    CaughtUp(String),
}

/// Why a watch ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The service is going away.
    ShuttingDown,
    /// The store does not answer.
    Outage,
    /// It is refused, or the store failed.
    Store(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// A watch.
pub(crate) struct Watch {
    workspace: Workspace,
    /// Nobody: everybody.
    reps: BTreeSet<RepId>,
    board: watch::Receiver<Board>,
    /// The generation that has been told.
    told: u64,
    ready: VecDeque<Item>,
    /// Since something was last told.
    silence: Stopwatch,
    shutdown: CancellationToken,
    _shared: Arc<Share<Workspace, Watched>>,
    _place: OwnedSemaphorePermit,
}

impl Watch {
    /// Begins with how the reps stand, as far as that is not known to have been told up to `after`.
    pub(crate) async fn begin(
        store: &Store,
        workspace: Workspace,
        reps: BTreeSet<RepId>,
        after: Option<Token>,
        shared: Arc<Share<Workspace, Watched>>,
        place: OwnedSemaphorePermit,
        shutdown: CancellationToken,
    ) -> Result<Self, End> {
        let board = shared.board();
        let (told, ready) = (0, VecDeque::new());
        let mut watch = Self {
            workspace,
            reps,
            board,
            told,
            ready,
            silence: Stopwatch::start(),
            shutdown,
            _shared: shared,
            _place: place,
        };
        watch.loaded().await?;
        // What changes from here on is told after it.
        let first = watch.board.borrow_and_update().clone();
        for rep in &watch.reps {
            if !first.reps.contains_key(rep) {
                return Err(Error::Refused(Refusal::rep_unknown(rep)).into());
            }
        }
        let changed = match after {
            Some(after) => watch.changed(store, &first, after).await?,
            None => None,
        };
        watch.tell(&first, |rep, _| changed.as_ref().is_none_or(|changed| changed.contains(rep)));
        watch.ready.push_back(Item::CaughtUp(token(&first)));
        Ok(watch)
    }

    /// What is told, until its end.
    pub(crate) fn stream(self) -> impl Stream<Item = Result<Item, End>> {
        unfold(Some(self), |watch| async {
            let mut watch = watch?;
            let item = watch.next().await;
            let rest = item.is_ok().then_some(watch);
            Some((item, rest))
        })
    }

    /// Waits until it is known how everybody stands.
    async fn loaded(&mut self) -> Result<(), End> {
        let board = self.board.wait_for(|board| board.state != State::Loading);
        match self.shutdown.run_until_cancelled(board).await {
            Some(Ok(board)) => sound(board.state),
            _ => Err(End::ShuttingDown),
        }
    }

    async fn next(&mut self) -> Result<Item, End> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                self.silence = Stopwatch::start();
                return Ok(item);
            }
            let heartbeat = HEARTBEAT.saturating_sub(self.silence.elapsed());
            tokio::select! {
                changed = self.board.changed() => if changed.is_err() { return Err(End::ShuttingDown) },
                () = self.shutdown.cancelled() => return Err(End::ShuttingDown),
                () = tokio::time::sleep(heartbeat) => {
                    let board = self.board.borrow();
                    sound(board.state)?;
                    self.ready.push_back(Item::CaughtUp(token(&board)));
                    continue;
                }
            }
            self.board.mark_unchanged();
            let (shared, told) = (self.board.clone(), self.told);
            let board = shared.borrow();
            sound(board.state)?;
            self.tell(&board, |_, since| since > told);
            if !self.ready.is_empty() {
                self.ready.push_back(Item::CaughtUp(token(&board)));
            }
        }
    }

    /// Makes ready what is to be told of a board: whoever is chosen by name and generation.
    fn tell(&mut self, board: &Board, choose: impl Fn(&RepId, u64) -> bool) {
        self.told = board.generation;
        for (rep, (status, since)) in &board.reps {
            if (self.reps.is_empty() || self.reps.contains(rep)) && choose(rep, *since) {
                self.ready.push_back(Item::Rep(rep.clone(), *status, board.at));
            }
        }
    }

    /// Who may stand otherwise than up to `after`; `None`: anybody.
    async fn changed(&self, store: &Store, board: &Board, after: Token) -> Result<Option<BTreeSet<RepId>>, End> {
        let mut reps = BTreeSet::new();
        let mut position = after.position;
        for pages in 0.. {
            let Page::Events(events) = store.events_after(&self.workspace, position, PAGE).await? else {
                return Ok(None);
            };
            let Some(last) = events.last() else { break };
            if pages == PAGES || board::concerned(&events, &mut reps).is_none() {
                return Ok(None);
            }
            position = last.position;
        }
        let Some(policy) = store.policy(&self.workspace).await? else { return Ok(None) };
        let known = board::known(store, &self.workspace, board.reps.keys()).await?;
        for rep in board.reps.keys() {
            let of_rep = Known::of(&known, rep);
            let until = status::status(of_rep, policy.availability(rep), after.at).until();
            // What presence says has no event of its own.
            let is_seen = of_rep.presence.is_some_and(|it| it.seen_at.after(presence::EVERY) >= after.at);
            if is_seen || until.is_some_and(|until| until <= board.at) {
                reps.insert(rep.clone());
            }
        }
        Ok(Some(reps))
    }
}

fn token(board: &Board) -> String {
    Token { position: board.position, at: board.at }.text()
}

/// Whether anything can be said by a board in this state.
fn sound(state: State) -> Result<(), End> {
    match state {
        State::Loading | State::Live => Ok(()),
        State::Down => Err(End::Outage),
        State::NoPolicy => Err(Error::Refused(Refusal::policy_missing()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_and_nothing_else_does() {
        for text in ["0-0@0", "1700000000000-12@1772445600000"] {
            assert_eq!(Token::parse(text).unwrap().text(), text);
        }
        for bad in ["", "@", "1-0", "1-0@", "@1", "1-0@-1", "1-0@+1", "x@1", "1-0@9999999999999999", "1-0@1@1"] {
            assert!(Token::parse(bad).is_err(), "{bad:?}");
        }
    }
}
