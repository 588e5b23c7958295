//! Batches under way: decided and set off, landed and answered.

use std::task::Poll;

use super::*;
use crate::commit::{Batch, Outcome, is_unknown_script, recall};
use crate::sequence::state::{agrees, learn, more};

/// How often a request is decided at most. More than for others, as requests queue behind each other's conflicts; its
/// caller's patience may end it sooner.
const MAX_TRIES: u32 = 32;

/// About how much a batch may write: below what one script call should move.
const MAX_BYTES: usize = 192 * 1024;

/// How often a request may ask for more records.
const MAX_READINGS: usize = 8;

/// A batch that has come back, with the number of the state it was decided on and what it read beside the desk's own.
pub(super) struct Landing {
    decided: Vec<(Job, Change)>,
    result: redis::RedisResult<Outcome>,
    state: u64,
    extras: Vec<Key>,
}

pub(super) type Flight = Pin<Box<dyn Future<Output = Landing> + Send>>;

impl Runner {
    /// Decides a batch and sets it off.
    pub(super) async fn send(&mut self) {
        let mut decided: Vec<(Job, Change)> = Vec::with_capacity(MAX_BATCH);
        let (mut bytes, mut readings) = (0, 0);
        let mut extras: Vec<Key> = Vec::new();
        // How many of these there were before the request that is looked at again.
        let mut begun: Option<usize> = None;
        let Some(state) = &mut self.state else { return };
        while decided.len() < MAX_BATCH && bytes < MAX_BYTES {
            let Some((mut job, ahead)) = self.ready.pop_front() else { break };
            if job.reply.is_closed() {
                // The caller has given up, and nothing of it is under way.
                continue;
            }
            if let Some((first, _)) = decided.iter_mut().find(|(first, _)| first.request.is_same_call(&job.request)) {
                // The script looks for answers before it writes any, so it would carry out both.
                first.repeats.push(job);
                continue;
            }
            if job.fresh && job.first_met.is_none() {
                job.first_met = Some(state.number);
                self.again.push(job);
                continue;
            }
            let fresh = *job.first_met.get_or_insert(state.number) == state.number;
            let known = begun.take().unwrap_or(extras.len());
            match agrees(state, &job.seen, &mut extras) {
                // By records that may have been replaced since they were read: moved only by ones read later.
                false if fresh => {
                    self.again.push(job);
                    continue;
                }
                false => {
                    let _ = job.reply.send(Ok(Sequenced::Moved));
                    continue;
                }
                true => {}
            }
            learn(state, &job.reads, &ahead, &mut extras);
            match (job.decide)(&state.read.snapshot, &mut state.table, &state.policy) {
                Ok(Decided::Change(change)) => {
                    state.read.snapshot.apply(&change);
                    bytes += job.weight;
                    decided.push((job, *change));
                }
                Ok(Decided::Needs(keys)) => {
                    readings += 1;
                    begun = Some(known);
                    self.ready.push_front((job, ahead));
                    if readings > MAX_READINGS * MAX_BATCH {
                        break;
                    }
                    match more(&self.store, &self.sequence.workspace, state, keys).await {
                        Ok(read) => {
                            let keys: Vec<_> = read.versions.keys().cloned().collect();
                            learn(state, &keys, &read, &mut extras);
                        }
                        Err(error) => {
                            if let Some((job, _)) = self.ready.pop_front() {
                                refuse(job.unfold(), error);
                            }
                        }
                    }
                }
                Ok(Decided::Elsewhere(desk, findings)) => {
                    let rests_on = findings.expects.iter().chain([&Key::PolicyHead]);
                    let seen = rests_on.map(|key| (key.clone(), state.read.version(key))).collect();
                    let _ = job.reply.send(Ok(Sequenced::Elsewhere { desk, findings, seen: Seen(seen) }));
                }
                // Perhaps because of what is under way and will not be applied.
                Err(_) if fresh && !(self.flights.is_empty() && decided.is_empty()) => self.again.push(job),
                // What was read ahead may be older than the state, and no commit refutes a refusal: once more, on what is read now.
                Err(_) if !ahead.versions.is_empty() => {
                    state.forget(extras.drain(known..));
                    self.ready.push_front((job, Arc::default()));
                }
                Err(refusal) => {
                    let _ = job.reply.send(Err(refusal.into()));
                }
            }
        }
        for key in &extras {
            *state.extras.entry(key.clone()).or_insert(0) += 1;
        }
        if decided.is_empty() {
            return state.release(extras);
        }
        let changes: Vec<_> = decided.iter().map(|(job, change)| (Some(&job.request), change)).collect();
        // The versions are still those from before the batch.
        let versions = &state.read.versions;
        let batch = self.store.commit.batch(&self.sequence.workspace, &changes, versions, self.lease.as_ref());
        state.written(&batch, &decided);
        let flight = fly(self.store.clone(), state.lane.clone(), batch, decided, state.number, extras);
        self.flights.push_back(started(flight).await);
    }

    pub(super) async fn land(&mut self, landing: Landing) {
        let Landing { mut decided, result, state: number, extras } = landing;
        if let Some(state) = self.state.as_mut().filter(|state| state.number == number) {
            state.release(extras);
        }
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(error) if is_unknown_script(&error) => {
                if let Some(state) = &self.state {
                    let loaded = self.store.commit.load(&self.store.link, &state.lane).await;
                    loaded.unwrap_or_else(|error| tracing::warn!(%error, "commit script not loaded"));
                }
                return self.decide_again(decided);
            }
            Err(error) => {
                self.state = None;
                return refuse(decided.into_iter().flat_map(|(job, _)| job.unfold()), error.into());
            }
        };
        match outcome {
            Outcome::Done(ids) => {
                self.store.observer.committed(decided.iter().map(|(_, change)| change));
                let mut ids = ids.into_iter();
                for (job, change) in decided {
                    let position = ids.by_ref().take(change.events.len()).last().unwrap_or_default();
                    let committed = Committed { answer: change.answer, position };
                    let body = job.request.body;
                    for job in job.unfold() {
                        let same = job.request.check_body(&body);
                        let _ = job.reply.send(same.map(|()| Sequenced::Committed(committed.clone())));
                    }
                }
            }
            Outcome::Answered(answers) => {
                for (place, bytes) in answers.into_iter().rev() {
                    let (job, _) = decided.remove(place);
                    for job in job.unfold() {
                        let answer = recall(&job.request, &bytes);
                        let committed = answer.map(|(answer, position)| Committed { answer, position });
                        let _ = job.reply.send(committed.map(Sequenced::Committed));
                    }
                }
                self.decide_again(decided);
            }
            Outcome::Stale(records) => {
                let current: HashMap<_, _> = records.iter().map(|(key, value)| (key, value.as_deref())).collect();
                let (stands, moved): (Vec<_>, Vec<_>) =
                    decided.into_iter().partition(|(job, _)| job.seen.stands(&current));
                for job in moved.into_iter().flat_map(|(job, _)| job.unfold()) {
                    let _ = job.reply.send(Ok(Sequenced::Moved));
                }
                self.decide_again(stands);
            }
            Outcome::Full => self.decide_again(decided),
            Outcome::Locked(ttl_ms) => {
                if let Some(lease) = &self.lease {
                    let (commit, link) = (&self.store.commit, &self.store.link);
                    let waiting = commit.wait_in_gate(link, &self.sequence.workspace, lease, ttl_ms).await;
                    waiting.unwrap_or_else(|error| tracing::debug!(%error, "not in the gate"));
                }
                let ttl_ms = u64::try_from(ttl_ms).unwrap_or(1).max(1);
                let jitter = Duration::from_micros(rand::random_range(0..1_000));
                self.stay_off = Some(Duration::from_millis(ttl_ms) + jitter);
                for (job, _) in &mut decided {
                    // Waiting for one's turn is not a failed try.
                    job.tries = job.tries.saturating_sub(1);
                }
                self.decide_again(decided);
            }
        }
    }

    /// Keeps requests whose batch was not applied until everything behind it has landed.
    fn decide_again(&mut self, decided: Vec<(Job, Change)>) {
        self.state = None;
        for mut job in decided.into_iter().flat_map(|(job, _)| job.unfold()) {
            job.tries += 1;
            if job.tries < MAX_TRIES {
                self.again.push(job);
            } else {
                let _ = job.reply.send(Err(Error::Contention));
            }
        }
    }
}

fn fly(
    store: Store,
    lane: link::Lane,
    batch: Batch,
    decided: Vec<(Job, Change)>,
    state: u64,
    extras: Vec<Key>,
) -> Flight {
    Box::pin(async move {
        let result = store.commit.send(&store.link, &lane, &batch).await;
        Landing { decided, result, state, extras }
    })
}

/// Polls a flight once, which puts its command into the lane's queue: batches leave in the order they were decided.
async fn started(mut flight: Flight) -> Flight {
    match futures_util::poll!(flight.as_mut()) {
        Poll::Pending => flight,
        Poll::Ready(landing) => Box::pin(std::future::ready(landing)),
    }
}
