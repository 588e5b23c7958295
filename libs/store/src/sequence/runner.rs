//! The task of one sequence.

use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::state::{State, load};
use super::*;
use crate::commit::{Lease, MAX_BATCH};
use crate::snapshot::{self, Read};

mod flight;

use flight::Flight;

/// The most batches under way at once.
const IN_FLIGHT: usize = 3;

/// How long one replica may work undisturbed.
const LEASE_MS: i64 = 40;

/// Reads what some requests said they would look at.
type Reading = Pin<Box<dyn Future<Output = (VecDeque<Job>, Result<Read, Error>)> + Send>>;

pub(super) struct Runner {
    store: Store,
    sequence: Sequence,
    lease: Option<Lease>,
    jobs: mpsc::Receiver<Job>,
    /// Requests that nothing was read for yet.
    waiting: VecDeque<Job>,
    /// What is read for some of them, while batches are under way.
    reading: Option<Reading>,
    /// Requests to be decided next, each with what was read for it.
    ready: VecDeque<(Job, Arc<Read>)>,
    flights: FuturesOrdered<Flight>,
    /// Requests of batches that were not applied, in order, while those behind them land.
    again: Vec<Job>,
    state: Option<State>,
    /// How often the state was read.
    readings: u64,
    /// How long to stay off because another replica holds the lease.
    stay_off: Option<Duration>,
}

impl Runner {
    pub(super) fn new(store: Store, sequence: Sequence, holder: &str, jobs: mpsc::Receiver<Job>) -> Self {
        let lease = sequence.exclusive.then(|| Lease {
            name: sequence.name.clone(),
            holder: holder.to_owned(),
            ttl_ms: LEASE_MS,
        });
        Self {
            store,
            sequence,
            lease,
            jobs,
            waiting: VecDeque::new(),
            reading: None,
            ready: VecDeque::new(),
            flights: FuturesOrdered::new(),
            again: Vec::new(),
            state: None,
            readings: 0,
            stay_off: None,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            if self.flights.is_empty() {
                self.settle().await;
                let idle = self.waiting.is_empty() && self.reading.is_none() && self.ready.is_empty();
                if idle && !self.await_work().await {
                    return;
                }
            }
            self.read_ahead();
            while self.may_send() && !self.ready.is_empty() && self.stand().await {
                self.send().await;
            }
            let under_way = self.reading.is_some() || !self.flights.is_empty();
            let reading = async {
                match &mut self.reading {
                    Some(reading) => reading.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(landing) = self.flights.next() => self.land(landing).await,
                (jobs, read) = reading, if under_way => self.take_in(jobs, read),
                Some(job) = self.jobs.recv(), if under_way && self.waiting.len() < MAX_BATCH => self.waiting.push_back(job),
                else => {}
            }
        }
    }

    fn may_send(&self) -> bool {
        let aged = self.state.as_ref().is_some_and(|state| state.age.is_elapsed());
        self.flights.len() < IN_FLIGHT && self.again.is_empty() && (!aged || self.flights.is_empty())
    }

    /// With nothing under way: puts back in front what has to be decided again, after staying off if told to. What was read for
    /// the requests may be as old as what was not applied.
    async fn settle(&mut self) {
        if self.again.is_empty() {
            return;
        }
        self.state = None;
        let ready = self.ready.drain(..).map(|(job, _)| job);
        let again: VecDeque<_> = self.again.drain(..).chain(ready).chain(self.waiting.drain(..)).collect();
        self.waiting = again;
        if let Some(wait) = self.stay_off.take() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits for a request; `false` when it is time to end.
    async fn await_work(&mut self) -> bool {
        match tokio::time::timeout(IDLE, self.jobs.recv()).await {
            Ok(Some(job)) => {
                self.waiting.push_back(job);
                true
            }
            Ok(None) => false,
            Err(_) => {
                // Nothing comes in any more; what came in just now is still done.
                self.jobs.close();
                while let Some(job) = self.jobs.recv().await {
                    self.waiting.push_back(job);
                }
                !self.waiting.is_empty()
            }
        }
    }

    /// Has what the next requests look at read, a batch ahead of those that are decided.
    fn read_ahead(&mut self) {
        while self.waiting.len() < MAX_BATCH
            && let Ok(job) = self.jobs.try_recv()
        {
            self.waiting.push_back(job);
        }
        if self.reading.is_some() || self.waiting.is_empty() || self.ready.len() >= MAX_BATCH {
            return;
        }
        let next: VecDeque<_> = self.waiting.drain(..self.waiting.len().min(MAX_BATCH)).collect();
        let wanted: ByKey<()> = next.iter().flat_map(|job| &job.reads).map(|key| (key.clone(), ())).collect();
        let keys: Vec<Key> = wanted.into_keys().collect();
        let (store, workspace) = (self.store.clone(), self.sequence.workspace.clone());
        self.reading = Some(Box::pin(async move {
            let read = snapshot::read(&store.link, &workspace, None, &keys).await;
            (next, read.map(|(_, read)| read))
        }));
    }

    /// Has requests decided next, for which this was read.
    fn take_in(&mut self, jobs: VecDeque<Job>, read: Result<Read, Error>) {
        self.reading = None;
        match read {
            Ok(read) => {
                let read = Arc::new(read);
                self.ready.extend(jobs.into_iter().map(|job| (job, read.clone())));
            }
            Err(error) => refuse(jobs.into_iter(), error),
        }
    }

    /// Makes sure there is a state to decide on; otherwise tells all who would be next, and is `false`.
    async fn stand(&mut self) -> bool {
        if self.flights.is_empty() && self.state.as_ref().is_some_and(|state| state.age.is_elapsed()) {
            self.state = None;
        }
        if self.state.is_some() {
            return true;
        }
        if !self.flights.is_empty() {
            return false;
        }
        let ready = |ready: &mut VecDeque<(Job, _)>| ready.drain(..).map(|(job, _)| job).collect::<Vec<_>>();
        match load(self.store.clone(), self.sequence.clone()).await {
            Ok(Some(state)) => {
                self.readings += 1;
                self.state = Some(State { number: self.readings, ..state });
                true
            }
            Ok(None) => {
                for job in ready(&mut self.ready) {
                    let _ = job.reply.send(Ok(Sequenced::Moved));
                }
                false
            }
            Err(error) => {
                refuse(ready(&mut self.ready).into_iter(), error);
                false
            }
        }
    }
}

/// Tells everybody of the same error.
fn refuse(jobs: impl Iterator<Item = Job>, error: Error) {
    error.failure();
    let error = Arc::new(error);
    for job in jobs {
        let _ = job.reply.send(Err(Error::Shared(error.clone())));
    }
}
