//! The one commit: a batch of changes becomes one call of `lua/commit.lua`.
//!
//! Versions are made here, at random, so a batch that follows another one on the same lane can name the versions that the
//! first will have written before it has. The script knows no business rule.

use std::collections::HashSet;

use leadhand_domain::answer::Answer;
use leadhand_domain::change::{Change, Index, Timer};
use leadhand_domain::id::{RequestId, Workspace};
use leadhand_domain::record::{ByKey, Counter, Key, Record};
use leadhand_domain::refusal::{Reason, Refusal};
use redis::{Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};

use crate::codec::{self, Version, answer};
use crate::error::Error;
use crate::keys;
use crate::link::{Lane, Link};

mod sections;

use sections::Sections;

const SOURCE: &str = include_str!("../lua/commit.lua");

/// The most changes in one batch. A routed lead writes about six small records: itself, its person, up to three marks and
/// a seat; so a full batch writes some two hundred. Of 64 calls in flight on two cores, batches of 8, 16 and 32 made
/// 0.31, 0.38 and 0.40 of the floor on a busy machine, 32 and 64 made 0.48 and 0.43 on a quiet one
/// (`cargo perf --only throughput`).
pub(crate) const MAX_BATCH: usize = 32;

/// Names a request, so that its answer can be remembered and found again.
#[derive(Debug, Clone)]
pub struct Request {
    /// The RPC's name.
    pub method: &'static str,
    /// Who calls, where the same request id of two callers are two requests: the rep; empty for platforms.
    pub caller: String,
    /// The caller's name for the call.
    pub id: RequestId,
    /// The hash of the request's body.
    pub body: [u8; answer::HASH],
}

impl Request {
    pub(crate) fn key(&self, workspace: &Workspace) -> String {
        keys::answer(workspace, self.method, &self.caller, &self.id)
    }

    /// Refuses a request whose id was first used with another body.
    pub(crate) fn check_body(&self, first: &[u8; answer::HASH]) -> Result<(), Error> {
        if self.body == *first {
            return Ok(());
        }
        Err(Refusal::of(Reason::RequestIdReused, "the request id was used with another body").into())
    }

    /// Whether both are the same call, well or badly repeated: they have one answer.
    pub(crate) fn is_same_call(&self, other: &Self) -> bool {
        self.id == other.id && self.method == other.method && self.caller == other.caller
    }
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Applied; the events' ids, in order.
    Done(Vec<String>),
    /// Nothing applied: the requests at these places among the remembered ones have answers.
    Answered(Vec<(usize, Vec<u8>)>),
    /// Nothing applied: the records that were expected, as they are now.
    Stale(Vec<(Key, Option<Vec<u8>>)>),
    /// Nothing applied: a count would go past its limit.
    Full,
    /// Nothing applied: somebody else holds a lock, for so many milliseconds more.
    Locked(i64),
}

/// A batch ready to be sent.
pub(crate) struct Batch {
    command: Cmd,
    expects: Vec<Key>,
    /// The versions that the records will have.
    pub(crate) written: ByKey<Version>,
}

/// A lock on a name rather than on an entity: one replica works undisturbed until it expires, then whoever waits in its
/// gate goes first.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) name: String,
    pub(crate) holder: String,
    pub(crate) ttl_ms: i64,
}

/// The commit script, known to Redis by its hash.
#[derive(Debug)]
pub(crate) struct Commit {
    sha: String,
}

impl Commit {
    pub(crate) fn new() -> Self {
        Self { sha: redis::Script::new(SOURCE).get_hash().to_owned() }
    }

    /// Makes Redis know the script; it forgets it with a restart.
    pub(crate) async fn load(&self, link: &Link, lane: &Lane) -> RedisResult<()> {
        link.run_on(lane, redis::cmd("SCRIPT").arg("LOAD").arg(SOURCE)).await
    }

    /// Spells a batch out. `versions` are those of the snapshot that the changes were decided on.
    pub(crate) fn batch(
        &self,
        workspace: &Workspace,
        changes: &[(Option<&Request>, &Change)],
        versions: &ByKey<Option<Version>>,
        lease: Option<&Lease>,
    ) -> Batch {
        debug_assert!(changes.len() <= MAX_BATCH);
        let mut to = Sections::default();
        to.stream.spell(keys::events(workspace));
        let mut expects: Vec<Key> = Vec::new();
        let mut expected: HashSet<&Key> = HashSet::new();
        // The last put of a record in the batch is the one that counts.
        let mut puts: Vec<(&Record, usize)> = Vec::new();
        let mut places: ByKey<usize> = ByKey::default();
        let mut counts: Vec<(&Counter, i64, Option<u64>)> = Vec::new();
        if let Some(lease) = lease {
            to.lock(keys::lease(workspace, &lease.name), &lease.holder, lease.ttl_ms);
            to.gate_keys.spell(keys::gate(workspace, &lease.name));
        }
        for (request, change) in changes {
            expects.extend(change.expects.iter().filter(|key| expected.insert(key)).cloned());
            for lock in &change.locks {
                to.lock(keys::lock(workspace, &lock.on), lock.holder.as_str(), lock.ttl.0);
            }
            for event in &change.events {
                to.events.put(&codec::event::encode(workspace, event));
                if let Some(lead) = event.kind.lead() {
                    to.note(keys::history(workspace, lead));
                }
            }
            let event = if change.events.is_empty() { 0 } else { to.events.len() };
            // A lead keeps the event with the decision that put it where it is; a contact, say, decides nothing.
            let decision = if change.events.last().is_some_and(|event| event.decision.is_some()) { event } else { 0 };
            for record in &change.puts {
                let put = (record, if matches!(record, Record::Lead(_)) { decision } else { 0 });
                let place = *places.entry(record.key()).or_insert(puts.len());
                match puts.get_mut(place) {
                    Some(earlier) => *earlier = put,
                    None => puts.push(put),
                }
            }
            for count in &change.counts {
                match counts.iter_mut().find(|(counter, ..)| *counter == &count.counter) {
                    None => counts.push((&count.counter, count.delta, count.most)),
                    // The narrowest limit holds for all of them together.
                    Some((_, delta, most)) => {
                        *delta += count.delta;
                        *most = most.iter().chain(&count.most).min().copied();
                    }
                }
            }
            for entry in &change.index {
                match entry {
                    Index::Enter { pool, lead, at } => {
                        to.index(keys::pool(workspace, pool), Some(at.0), lead.to_string());
                    }
                    Index::Leave { pool, lead } => to.index(keys::pool(workspace, pool), None, lead.to_string()),
                    Index::Hold { lead, since } => to.index(keys::held(workspace), Some(since.0), lead.to_string()),
                    Index::Free { lead } => to.index(keys::held(workspace), None, lead.to_string()),
                    Index::Own { rep, lead, at } => to.index(keys::owned(workspace, rep), Some(at.0), lead.to_string()),
                    Index::Disown { rep, lead } => to.index(keys::owned(workspace, rep), None, lead.to_string()),
                }
            }
            for timer in &change.timers {
                match timer {
                    Timer::Set(due, at) => to.index(keys::timers(workspace), Some(at.0), keys::due(due)),
                    Timer::Cancel(due) => to.index(keys::timers(workspace), None, keys::due(due)),
                }
            }
            if let Some(request) = request {
                to.answer_keys.spell(request.key(workspace));
                to.answers.put(&answer::encode(request.body, &change.answer));
                to.answers.spell(event);
                to.answers.spell(change.remembered.0);
            }
        }
        for (counter, delta, most) in counts {
            to.count_keys.spell(keys::record(workspace, &Key::Count(counter.clone())));
            to.counts.spell(delta);
            to.counts.spell(most.map(|most| most.to_string()).unwrap_or_default());
            if let Some(kept) = counter.kept() {
                to.lapse_later(keys::record(workspace, &Key::Count(counter.clone())), kept.0);
            }
        }
        for key in &expects {
            to.check_keys.spell(keys::record(workspace, key));
            let version = versions.get(key).copied().flatten();
            to.checks.put(version.as_ref().map_or(&[][..], |version| &version.0));
        }
        let mut written = ByKey::with_capacity_and_hasher(puts.len(), Default::default());
        for (record, event) in puts {
            let (key, version) = (record.key(), Version::random());
            let (spelled, value) = (keys::record(workspace, &key), codec::encode(version, record));
            match record.kept() {
                // No event put it where it is.
                Some(kept) => {
                    to.lapse_keys.spell(spelled);
                    to.lapses.put(&value);
                    to.lapses.spell(kept.0);
                }
                None => {
                    to.put_keys.spell(spelled);
                    to.puts.put(&value);
                    to.puts.spell(event);
                }
            }
            written.insert(key, version);
        }
        Batch { command: to.command(&self.sha), expects, written }
    }

    /// Puts this replica into the lease's gate, if it is empty, for as long as the lease has still to run and a little more.
    pub(crate) async fn wait_in_gate(
        &self,
        link: &Link,
        workspace: &Workspace,
        lease: &Lease,
        ttl_ms: i64,
    ) -> Result<(), Error> {
        let mut command = redis::cmd("SET");
        command.arg(keys::gate(workspace, &lease.name)).arg(&lease.holder);
        command.arg("NX").arg("PX").arg(ttl_ms + lease.ttl_ms / 2);
        link.run::<Option<String>>(&command).await.map(drop)
    }

    /// Sends a batch on this lane.
    pub(crate) async fn send(&self, link: &Link, lane: &Lane, batch: &Batch) -> RedisResult<Outcome> {
        let reply = link.run_on::<Vec<Value>>(lane, &batch.command).await?;
        outcome(reply, &batch.expects)
    }

    /// Sends a batch, teaching Redis the script if it has forgotten it.
    pub(crate) async fn apply(&self, link: &Link, batch: &Batch) -> Result<Outcome, Error> {
        let lane = link.lane().await?;
        match self.send(link, &lane, batch).await {
            Err(error) if is_unknown_script(&error) => {
                self.load(link, &lane).await?;
                Ok(self.send(link, &lane, batch).await?)
            }
            result => Ok(result?),
        }
    }
}

/// Whether Redis did not know the script, and so did nothing.
pub(crate) fn is_unknown_script(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(ServerErrorKind::NoScript))
}

fn outcome(reply: Vec<Value>, expects: &[Key]) -> RedisResult<Outcome> {
    let mut reply = reply.into_iter();
    let kind: String = redis::from_redis_value(reply.next().unwrap_or(Value::Nil))?;
    Ok(match kind.as_str() {
        "done" => Outcome::Done(reply.map(redis::from_redis_value).collect::<Result<_, _>>()?),
        "stale" => {
            let values = reply.map(redis::from_redis_value::<Option<Vec<u8>>>);
            let records = expects.iter().cloned().zip(values);
            Outcome::Stale(records.map(|(key, value)| Ok((key, value?))).collect::<RedisResult<_>>()?)
        }
        "answered" => {
            let mut answers = Vec::new();
            while let (Some(place), Some(value)) = (reply.next(), reply.next()) {
                let place: usize = redis::from_redis_value(place)?;
                answers.push((place - 1, redis::from_redis_value(value)?));
            }
            Outcome::Answered(answers)
        }
        "full" => Outcome::Full,
        _ => Outcome::Locked(redis::from_redis_value(reply.next().unwrap_or(Value::Nil))?),
    })
}

/// The answer remembered for a request, if it was given to the same body.
pub(crate) fn recall(request: &Request, bytes: &[u8]) -> Result<(Answer, String), Error> {
    let held = answer::decode(bytes).map_err(|fault| Error::Damaged(format!("answer: {fault}")))?;
    request.check_body(&held.body)?;
    Ok((held.answer, held.position))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of KEYS, in the order in which [`Sections::command`] has them.
    const SECTIONS: [&str; 9] = ["answer*", "check*", "lock*", "gate*", "count*", "stream", "put*", "lapse*", "index*"];

    /// The header is the script's contract: it names the sections that the wrapper sends.
    #[test]
    fn the_header_names_the_sections_in_order() {
        let header = SOURCE.lines().find_map(|line| line.strip_prefix("-- KEYS")).unwrap();
        assert_eq!(header.split_whitespace().collect::<Vec<_>>(), SECTIONS);
        let counts = SOURCE.lines().find_map(|line| line.strip_prefix("-- ARGV  counts:")).unwrap();
        for name in ["answers", "checks", "locks", "gates", "counts", "events", "puts", "lapses", "indexes"] {
            assert!(counts.contains(name), "{name}");
        }
    }

    #[test]
    fn the_script_stays_short() {
        let code = SOURCE.lines().filter(|line| !line.trim_start().starts_with("--"));
        assert!(code.filter(|line| !line.trim().is_empty()).count() <= 80);
    }
}
