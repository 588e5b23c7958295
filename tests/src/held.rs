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
    /// Reads everything, as it stands at one moment.
    pub async fn read(redis: &Redis) -> Self {
        let mut held = Self::default();
        let prefix = format!("{{{WORKSPACE}}}:");
        for (key, value) in at_once(redis).await {
            if key == WORKSPACES {
                continue;
            }
            let within = key.strip_prefix(&prefix).unwrap_or_else(|| panic!("{key} is of another workspace"));
            let (kind, name) = within.split_once(':').unwrap_or((within, ""));
            let name = name.to_owned();
            match (kind, value) {
                ("lead", Value::Text(value)) => drop(held.leads.insert(name, record(&key, &value))),
                ("person", _) => drop(held.people.insert(name)),
                ("open", Value::Text(value)) => drop(held.open.insert(name, count(&key, &value))),
                ("uncontacted", Value::Text(value)) => drop(held.uncontacted.insert(name, count(&key, &value))),
                ("hoarded", Value::Text(value)) => drop(held.hoarded.insert(name, count(&key, &value))),
                ("claims", Value::Text(value)) => drop(held.claims.insert(name, record(&key, &value))),
                ("conduct", Value::Text(value)) => drop(held.conduct.insert(name, record(&key, &value))),
                ("selection", Value::Text(value)) => drop(held.selections.insert(name, record(&key, &value))),
                ("rotation", Value::Text(value)) => drop(held.rotations.insert(name, record(&key, &value))),
                ("answer", _) => drop(held.answers.insert(name)),
                ("history", Value::List(ids)) => {
                    drop(held.history.insert(name, ids.iter().map(|id| text(id)).collect()))
                }
                ("owned", Value::List(entries)) => drop(held.owned.insert(name, index(&entries))),
                ("pool", Value::List(entries)) => drop(held.pools.insert(name, index(&entries))),
                ("held", Value::List(entries)) => held.held = index(&entries),
                ("timers", Value::List(entries)) => held.timers = index(&entries),
                _ => {}
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
        // Of the workspace as a whole, not of a lead or a rep.
        let whole = ["drain", "tiers", "floor"];
        let all = self.timers.keys().filter(|name| !whole.contains(&name.as_str())).cloned().collect::<BTreeSet<_>>();
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
    let flat = |(key, value)| match value {
        Value::Text(bytes) => (key, vec![bytes]),
        Value::List(values) => (key, values),
    };
    at_once(redis).await.into_iter().map(flat).collect()
}

/// What a key holds.
enum Value {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
}

/// Every key's value at one moment, which is what a script sees: commits go on while a test reads.
async fn at_once(redis: &Redis) -> Vec<(String, Value)> {
    const READ: &str = r"
        local whole = { zset = { 'ZRANGE', 0, -1, 'WITHSCORES' }, list = { 'LRANGE', 0, -1 }, set = { 'SMEMBERS' },
            stream = { 'XRANGE', '-', '+' }, string = { 'GET' } }
        local function flat(value, into)
            if type(value) == 'table' then for _, one in ipairs(value) do flat(one, into) end
            else into[#into + 1] = value end
            return into
        end
        local all = {}
        for _, key in ipairs(redis.call('KEYS', '*')) do
            local kind = redis.call('TYPE', key).ok
            local command = whole[kind] or error(key .. ' is a ' .. kind)
            local value = redis.call(command[1], key, unpack(command, 2))
            all[#all + 1] = { key, kind, flat(value, {}) }
        end
        return all";
    let mut connection = redis.connection().await;
    let all: Vec<(String, String, Vec<Vec<u8>>)> =
        redis::cmd("EVAL").arg(READ).arg(0).query_async(&mut connection).await.expect("what the keys hold");
    let value = |kind: &str, mut values: Vec<Vec<u8>>| match kind {
        "string" => Value::Text(values.pop().expect("one text")),
        _ => Value::List(values),
    };
    let all = all.into_iter().filter(|(key, ..)| !passes(key));
    all.map(|(key, kind, values)| (key, value(&kind, values))).collect()
}

async fn keys(connection: &mut MultiplexedConnection) -> BTreeSet<String> {
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(connection).await.expect("keys");
    keys.into_iter().filter(|key| !passes(key)).collect()
}

fn passes(key: &str) -> bool {
    PASSING.iter().any(|passing| key.contains(passing))
}

fn record<T: Message + Default>(key: &str, value: &[u8]) -> T {
    T::decode(&value[VERSION..]).unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn count(key: &str, value: &[u8]) -> u32 {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{key}: {value:?}"))
}

/// Members and their scores.
fn index(entries: &[Vec<u8>]) -> BTreeMap<String, i64> {
    let score = |score: &[u8]| text(score).parse::<f64>().expect("a score") as i64;
    entries.chunks(2).map(|entry| (text(&entry[0]), score(&entry[1]))).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("a text")
}
