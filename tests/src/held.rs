//! What Redis holds, read and decoded beside the services: the truth that their answers are checked against.

use std::collections::{BTreeMap, BTreeSet};

use leadhand_proto::event::v1::Event;
use leadhand_proto::store::v1::{Lead, RepClaims, RepConduct, RepSelection, Rotation};
use leadhand_testkit::Redis;
use prost::Message;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamRangeReply;

use crate::call::WORKSPACE;

/// `place` of a lead that a rep owns.
pub const ASSIGNED: u32 = 1;
/// `place` of a lead in a pool.
pub const POOLED: u32 = 2;
/// `place` of a lead that a rep is asked to accept.
pub const OFFERED: u32 = 3;
/// `place` of a lead in the holding pool.
pub const HELD: u32 = 4;
/// `place` of a lead that is no longer worked.
pub const CLOSED: u32 = 5;

/// Which workspaces there are; of none itself.
const WORKSPACES: &str = "leadhand:workspaces";

/// Length of the version before each record.
const VERSION: usize = 8;

/// Keys that go by themselves; whatever else changes, changes by a commit.
const PASSING: [&str; 3] = [":lock:", ":lease:", ":gate:"];

/// The records of the tests' workspace.
#[derive(Debug, Default)]
pub struct Held {
    /// Leads by id.
    pub leads: BTreeMap<String, Lead>,
    /// Whose personal data is kept.
    pub people: BTreeSet<String>,
    /// How many leads each rep has or is asked to accept.
    pub open: BTreeMap<String, u32>,
    /// How many of them the rep owns and has not made contact on.
    pub uncontacted: BTreeMap<String, u32>,
    /// Of these, how many each rep claimed.
    pub hoarded: BTreeMap<String, u32>,
    /// Which they are.
    pub owned: BTreeMap<String, BTreeMap<String, i64>>,
    /// The leads in the holding pool.
    pub held: BTreeMap<String, i64>,
    /// What each rep has claimed.
    pub claims: BTreeMap<String, RepClaims>,
    /// What is held against each rep.
    pub conduct: BTreeMap<String, RepConduct>,
    /// How each rep chooses.
    pub selections: BTreeMap<String, RepSelection>,
    /// The teams' rotations.
    pub rotations: BTreeMap<String, Rotation>,
    /// The pools' indexes: lead and when it entered.
    pub pools: BTreeMap<String, BTreeMap<String, i64>>,
    /// The deadlines: what and when.
    pub timers: BTreeMap<String, i64>,
    /// What happened to each lead: the positions of its events.
    pub history: BTreeMap<String, Vec<String>>,
    /// The keys of the remembered answers.
    pub answers: BTreeSet<String>,
}

impl Held {
    /// Reads everything.
    pub async fn read(redis: &Redis) -> Self {
        let mut connection = redis.connection().await;
        let mut held = Self::default();
        let prefix = format!("{{{WORKSPACE}}}:");
        let (strings, indexes): (Vec<_>, Vec<_>) = keys(&mut connection).await.into_iter().partition(|key| {
            if key == WORKSPACES {
                return false;
            }
            let name = key.strip_prefix(&prefix).unwrap_or_else(|| panic!("{key} is of another workspace"));
            let index = ["pool:", "owned:", "history:"].iter().any(|kind| name.starts_with(kind));
            !(index || ["timers", "events", "held"].contains(&name))
        });
        for keys in strings.chunks(1_000) {
            let values: Vec<Vec<u8>> =
                redis::cmd("MGET").arg(keys).query_async(&mut connection).await.expect("only strings, all there");
            for (key, value) in keys.iter().zip(values) {
                let (kind, name) = key[prefix.len()..].split_once(':').unwrap_or((key, ""));
                let name = name.to_owned();
                match kind {
                    "lead" => drop(held.leads.insert(name, record(key, &value))),
                    "person" => drop(held.people.insert(name)),
                    "open" => drop(held.open.insert(name, count(key, &value))),
                    "uncontacted" => drop(held.uncontacted.insert(name, count(key, &value))),
                    "hoarded" => drop(held.hoarded.insert(name, count(key, &value))),
                    "claims" => drop(held.claims.insert(name, record(key, &value))),
                    "conduct" => drop(held.conduct.insert(name, record(key, &value))),
                    "selection" => drop(held.selections.insert(name, record(key, &value))),
                    "rotation" => drop(held.rotations.insert(name, record(key, &value))),
                    "answer" => drop(held.answers.insert(name)),
                    _ => {}
                }
            }
        }
        for key in indexes {
            match key[prefix.len()..].split_once(':') {
                Some(("history", lead)) => {
                    let ids = redis::cmd("LRANGE").arg(&key).arg(0).arg(-1).query_async(&mut connection).await;
                    held.history.insert(lead.to_owned(), ids.expect("a history"));
                }
                Some(("owned", rep)) => drop(held.owned.insert(rep.to_owned(), index(&mut connection, &key).await)),
                _ if key == WORKSPACES => {}
                None if key.ends_with(":held") => held.held = index(&mut connection, &key).await,
                Some((_, pool)) => drop(held.pools.insert(pool.to_owned(), index(&mut connection, &key).await)),
                None if key.ends_with(":timers") => held.timers = index(&mut connection, &key).await,
                None => {}
            }
        }
        held
    }

    /// Every lead is in exactly one place, and everything that is kept beside the leads agrees: the pools' indexes, the
    /// holding pool's, what reps have, the deadlines.
    pub fn assert_each_lead_in_one_place(&self) {
        let mut open: BTreeMap<String, u32> = BTreeMap::new();
        let mut uncontacted: BTreeMap<String, u32> = BTreeMap::new();
        let mut hoarded: BTreeMap<String, u32> = BTreeMap::new();
        let mut timers = BTreeSet::new();
        for (id, lead) in &self.leads {
            assert_eq!(*id, lead.lead_id);
            assert!(self.people.contains(id), "{id} without its personal data");
            let pools: Vec<_> = self.pools.iter().filter(|(_, leads)| leads.contains_key(id)).collect();
            let reps: Vec<_> =
                self.owned.iter().filter(|(_, leads)| leads.contains_key(id)).map(|(rep, _)| rep).collect();
            assert_eq!(self.held.contains_key(id), lead.place == HELD, "{lead:?}");
            if lead.place != POOLED {
                assert!(pools.is_empty(), "{id} is not pooled and in {pools:?}");
            }
            if [ASSIGNED, OFFERED].contains(&lead.place) {
                assert_eq!(reps, [&lead.owner], "{lead:?}");
                assert!(lead.fence > 0, "{lead:?}");
                *open.entry(lead.owner.clone()).or_default() += 1;
            } else {
                assert!(reps.is_empty(), "{id} is nobody's and in {reps:?}'s");
            }
            match lead.place {
                ASSIGNED if lead.contacted_at == 0 => {
                    *uncontacted.entry(lead.owner.clone()).or_default() += 1;
                    if !lead.pool.is_empty() {
                        *hoarded.entry(lead.owner.clone()).or_default() += 1;
                    }
                    if lead.act_by > 0 {
                        assert_eq!(self.timers.get(&format!("action:{id}")), Some(&lead.act_by), "{lead:?}");
                        timers.insert(format!("action:{id}"));
                    }
                    let reminder = lead.placed_at + (lead.contact_due - lead.placed_at) / 4 * 3;
                    let timer = timers.insert(format!("contact:{id}"));
                    let due = self.timers.get(&format!("contact:{id}"));
                    assert!(timer && (due == Some(&reminder) || due == Some(&lead.contact_due)), "{lead:?}: {due:?}");
                }
                ASSIGNED | CLOSED => {}
                POOLED => {
                    assert!(lead.owner.is_empty() && lead.contact_due == 0, "{lead:?}");
                    let [(pool, leads)] = &pools[..] else { panic!("{id} is in {pools:?}") };
                    assert_eq!((**pool).clone(), lead.pool);
                    assert_eq!(leads[id], lead.placed_at, "{id}");
                    let unclaimed = format!("pool:{id}");
                    timers.extend(self.timers.contains_key(&unclaimed).then_some(unclaimed));
                    if let Some(hold) = &lead.hold {
                        assert_eq!(self.timers.get(&format!("hold:{id}")), Some(&hold.until), "{lead:?}");
                        timers.insert(format!("hold:{id}"));
                    }
                }
                OFFERED => {
                    assert_eq!(self.timers.get(&format!("offer:{id}")), Some(&lead.expires), "{lead:?}");
                    timers.insert(format!("offer:{id}"));
                }
                HELD => {
                    assert!(self.timers.contains_key(&format!("held:{id}")), "{lead:?}");
                    timers.insert(format!("held:{id}"));
                }
                place => panic!("{id} in place {place}"),
            }
        }
        for (rep, conduct) in &self.conduct {
            let running = conduct.suspensions.iter().filter(|suspension| suspension.lifted_by.is_empty());
            if let Some(until) = running.map(|suspension| suspension.until).max() {
                assert_eq!(self.timers.get(&format!("suspension:{rep}")), Some(&until), "{conduct:?}");
                timers.insert(format!("suspension:{rep}"));
            }
        }
        let indexed: usize = self.pools.values().map(BTreeMap::len).sum();
        let pooled = self.leads.values().filter(|lead| lead.place == POOLED).count();
        assert_eq!(indexed, pooled, "an index lists a lead that is not there");
        let owned: usize = self.owned.values().map(BTreeMap::len).sum();
        assert_eq!(owned, open.values().sum::<u32>() as usize, "a rep's index lists a lead that is not there");
        let some = |counts: &BTreeMap<String, u32>| -> BTreeMap<String, u32> {
            counts.iter().filter(|(_, count)| **count > 0).map(|(rep, count)| (rep.clone(), *count)).collect()
        };
        assert_eq!(some(&self.open), open, "open leads are what reps have");
        assert_eq!(some(&self.uncontacted), uncontacted);
        assert_eq!(some(&self.hoarded), hoarded);
        let all = self.timers.keys().filter(|name| *name != "drain").cloned().collect::<BTreeSet<_>>();
        assert_eq!(all, timers, "a deadline of nothing, or nothing of a deadline");
    }
}

/// The workspace's events in the order of their commits, as Redis has them.
pub async fn events(redis: &Redis) -> Vec<Event> {
    let mut connection = redis.connection().await;
    let mut command = redis::cmd("XRANGE");
    command.arg(format!("{{{WORKSPACE}}}:events")).arg("-").arg("+");
    let reply: StreamRangeReply = command.query_async(&mut connection).await.expect("a stream");
    let decode = |entry: redis::streams::StreamId| {
        let bytes: Vec<u8> = entry.get("e").expect("a payload");
        let mut event = Event::decode(&bytes[..]).expect("an event");
        event.position = entry.id;
        event
    };
    reply.ids.into_iter().map(decode).collect()
}

/// Every key with everything it holds: equal if and only if nothing was written, locks and leases apart.
pub async fn everything(redis: &Redis) -> BTreeMap<String, Vec<u8>> {
    let mut connection = redis.connection().await;
    let keys = keys(&mut connection).await;
    let mut dump = redis::pipe();
    for key in &keys {
        dump.cmd("DUMP").arg(key);
    }
    let values: Vec<Vec<u8>> = dump.query_async(&mut connection).await.expect("dumps");
    keys.into_iter().zip(values).collect()
}

/// Every key with all that it holds, as it was written: what is packed is unpacked, so that a text can be looked for.
pub async fn values(redis: &Redis) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut connection = redis.connection().await;
    let all: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.expect("keys");
    let mut values = Vec::with_capacity(all.len());
    for key in all {
        let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut connection).await.expect("a type");
        let mut command = match kind.as_str() {
            "string" => redis::cmd("GET").arg(&key).take(),
            "list" => redis::cmd("LRANGE").arg(&key).arg(0).arg(-1).take(),
            "zset" => redis::cmd("ZRANGE").arg(&key).arg(0).arg(-1).take(),
            "set" => redis::cmd("SMEMBERS").arg(&key).take(),
            "stream" => redis::cmd("XRANGE").arg(&key).arg("-").arg("+").take(),
            // It has gone by itself meanwhile.
            "none" => continue,
            other => panic!("{key} is a {other}"),
        };
        let value: redis::Value = command.take().query_async(&mut connection).await.expect("what it holds");
        values.push((key, flat(value)));
    }
    values
}

fn flat(value: redis::Value) -> Vec<Vec<u8>> {
    match value {
        redis::Value::BulkString(bytes) => vec![bytes],
        redis::Value::Array(values) => values.into_iter().flat_map(flat).collect(),
        _ => Vec::new(),
    }
}

async fn keys(connection: &mut MultiplexedConnection) -> BTreeSet<String> {
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(connection).await.expect("keys");
    keys.into_iter().filter(|key| !PASSING.iter().any(|passing| key.contains(passing))).collect()
}

fn record<T: Message + Default>(key: &str, value: &[u8]) -> T {
    T::decode(&value[VERSION..]).unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn count(key: &str, value: &[u8]) -> u32 {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{key}: {value:?}"))
}

async fn index(connection: &mut MultiplexedConnection, key: &str) -> BTreeMap<String, i64> {
    let mut command = redis::cmd("ZRANGE");
    command.arg(key).arg(0).arg(-1).arg("WITHSCORES");
    let entries: Vec<(String, f64)> = command.query_async(connection).await.expect("an index");
    entries.into_iter().map(|(member, score)| (member, score as i64)).collect()
}
