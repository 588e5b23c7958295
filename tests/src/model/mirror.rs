//! A world held against Redis.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::lead::Lead;
use leadhand_domain::record::{Counter, Key, Record};
use leadhand_domain::tiers;
use leadhand_proto::event::v1::Event;
use leadhand_store::events::encoded;
use leadhand_store::{Config, Store};
use leadhand_testkit::PATIENCE;
use prost::Message;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamRangeReply;

use super::{Index, World};
use crate::Suite;
use crate::call::WORKSPACE;
use crate::held::Held;

/// How long Redis may take to answer on a busy machine.
const PATIENCE_MS: u64 = 20_000;

/// Redis, beside the services.
#[derive(Debug)]
pub struct Mirror {
    store: Store,
    workspace: Workspace,
    redis: MultiplexedConnection,
    /// The events' positions, in order.
    positions: Vec<String>,
    /// The routes that push a part only.
    mixes: Vec<Arc<str>>,
}

impl Mirror {
    /// Of this suite's Redis; `mixes` are the names of the routes that push a part only.
    pub async fn of(suite: &Suite, mixes: &[&str]) -> Self {
        Self {
            store: Store::new(Config { response_timeout_ms: PATIENCE_MS, ..Config::at(suite.redis.url()) })
                .expect("a store"),
            workspace: Workspace::parse(WORKSPACE).expect("a workspace"),
            redis: suite.redis.connection().await,
            positions: Vec::new(),
            mixes: mixes.iter().map(|name| Arc::from(*name)).collect(),
        }
    }

    /// The active policy.
    pub async fn policy(&self) -> Arc<leadhand_domain::policy::Policy> {
        self.store.policy(&self.workspace).await.expect("an answer").expect("a policy")
    }

    /// Has every rotation's desk read its records anew before it decides again, as when somebody's calendar changes. Else it
    /// may go by counts of a few seconds before, which no decision rests on and no model can know.
    pub async fn unsettle(&mut self, world: &World) {
        let mut all = redis::pipe();
        for team in &world.policy.teams {
            // A version, and a record with nothing in it.
            let version: [u8; 8] = rand::random();
            all.cmd("SET").arg(format!("{{{WORKSPACE}}}:calendars:{}", team.id)).arg(&version).ignore();
        }
        all.query_async::<()>(&mut self.redis).await.expect("an answer");
    }

    /// An event's position in Redis; empty for none.
    pub fn position(&self, place: Option<usize>) -> String {
        place.map(|place| self.positions[place].clone()).unwrap_or_default()
    }

    /// Waits until the workers have carried out what one of these worlds has, and says which that may be: the same deadlines are
    /// left, and the same events were told, in the same order, to the last byte.
    ///
    /// # Errors
    /// What was told instead, or was not.
    pub async fn follow(&mut self, worlds: &[World]) -> Result<Vec<usize>, String> {
        let before = self.positions.len();
        let encode = |world: &World| -> Vec<Vec<u8>> {
            world.events[before..].iter().map(|event| encoded(&self.workspace, event)).collect()
        };
        let expected: Vec<_> = worlds.iter().map(|world| (encode(world), world.deadlines.named())).collect();
        let mut told: Vec<Vec<u8>> = Vec::new();
        let (mut deadlines, mut looks) = (BTreeMap::new(), 0_u64);
        let followed = tokio::time::timeout(PATIENCE, async {
            loop {
                let new;
                (new, deadlines) = self.look().await;
                for (position, event) in new {
                    self.positions.push(position);
                    told.push(event);
                }
                if !expected.iter().any(|(events, _)| events.starts_with(&told)) {
                    return Err(());
                }
                looks += 1;
                let there = expected.iter().enumerate();
                let there = there.filter(|(_, (events, left))| *events == told && *left == deadlines);
                let there: Vec<_> = there.map(|(place, _)| place).collect();
                if !there.is_empty() {
                    return Ok(there);
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        if let Ok(Ok(there)) = followed.await {
            return Ok(there);
        }
        let (events, left) = &expected[0];
        let event = |bytes: &Vec<u8>| Event::decode(&bytes[..]).expect("an event");
        let same = events.iter().zip(&told).take_while(|(ours, theirs)| ours == theirs).count();
        let (theirs, ours) = (told.get(same).map(event), events.get(same).map(event));
        if theirs.is_none() && ours.is_none() {
            return same_as(&format!("deadlines, after {looks} looks"), &deadlines, left).map(|()| Vec::new());
        }
        Err(format!("after {} events\ntold     {theirs:#?}\nexpected {ours:#?}", before + same))
    }

    /// What was told since, and the deadlines, at one moment.
    async fn look(&mut self) -> (Vec<(String, Vec<u8>)>, BTreeMap<String, i64>) {
        let after = self.positions.last().map_or("-".to_owned(), |last| format!("({last}"));
        let mut both = redis::pipe();
        both.atomic();
        both.cmd("XRANGE").arg(format!("{{{WORKSPACE}}}:events")).arg(after).arg("+");
        both.cmd("ZRANGE").arg(format!("{{{WORKSPACE}}}:timers")).arg(0).arg(-1).arg("WITHSCORES");
        let (events, timers): (StreamRangeReply, Vec<(String, f64)>) =
            both.query_async(&mut self.redis).await.expect("an answer");
        let events = events.ids.into_iter().map(|entry| {
            let bytes = entry.get("e").expect("a payload");
            (entry.id, bytes)
        });
        (events.collect(), timers.into_iter().map(|(name, at)| (name, at as i64)).collect())
    }

    /// Every entity is the same in the world and in Redis.
    ///
    /// # Errors
    /// What differs.
    pub async fn compare(&self, world: &World, suite: &Suite) -> Result<(), String> {
        let held = Held::read(&suite.redis).await;
        held.assert_each_lead_in_one_place();
        let members = world.policy.teams.iter().flat_map(|team| team.reps.iter().map(|(rep, _)| rep.clone()));
        let reps: BTreeSet<RepId> = members.chain(world.owned.keys().cloned()).collect();
        self.compare_lists(world, &held, &reps)?;
        let keys = self.keys(world, &reps);
        let read = self.store.read(&self.workspace, &keys).await.expect("records");
        for key in &keys {
            let (ours, theirs) = (world.records.get(key), read.get(key));
            let same = match (ours, theirs) {
                (Some(Record::Lead(ours)), Some(Record::Lead(theirs))) => {
                    let place = ours.position.parse().ok();
                    Lead { position: self.position(place), ..(**ours).clone() } == **theirs
                }
                (ours @ (None | Some(Record::Count(..))), theirs @ (None | Some(Record::Count(..)))) => {
                    count(ours) == count(theirs)
                }
                (ours, theirs) => ours == theirs,
            };
            if !same {
                return Err(format!("{key:?}\nRedis has {theirs:#?}\nexpected {ours:#?}"));
            }
        }
        Ok(())
    }

    fn keys(&self, world: &World, reps: &BTreeSet<RepId>) -> Vec<Key> {
        let mut keys = vec![Key::PolicyHead];
        keys.extend(world.leads.iter().flat_map(|lead| [Key::Lead(*lead), Key::Person(*lead)]));
        let now = world.events.last().map(|event| event.at).unwrap_or_default();
        for rep in reps {
            keys.extend(tiers::basis_reads(rep, now));
            keys.extend([Key::Claims(rep.clone()), Key::Conduct(rep.clone()), Key::Selection(rep.clone())]);
            let counters = [Counter::Open, Counter::Uncontacted, Counter::Hoarded];
            keys.extend(counters.map(|counter| Key::Count(counter(rep.clone()))));
        }
        for team in &world.policy.teams {
            keys.push(Key::RotationHead(team.id.clone()));
            keys.extend(team.reps.iter().map(|(rep, _)| Key::Seat(team.id.clone(), rep.clone())));
        }
        keys.extend(self.mixes.iter().cloned().map(Key::Mix));
        keys
    }

    /// The indexes, and which entities there are.
    fn compare_lists(&self, world: &World, held: &Held, reps: &BTreeSet<RepId>) -> Result<(), String> {
        let listed = |index: &Index| -> BTreeMap<String, i64> {
            index.entries().map(|(at, lead)| (lead.to_string(), at.0)).collect()
        };
        let leads: BTreeSet<String> = world.leads.iter().map(ToString::to_string).collect();
        let pools: Lists = world.pools.iter().map(|(pool, index)| (pool.to_string(), listed(index))).collect();
        let owned: Lists = world.owned.iter().map(|(rep, index)| (rep.to_string(), listed(index))).collect();
        same_as("leads", &held.leads.keys().cloned().collect(), &leads)?;
        same_as("people", &held.people, &leads)?;
        same_as("pools", &there(&held.pools), &there(&pools))?;
        same_as("owned", &there(&held.owned), &there(&owned))?;
        same_as("held", &held.held, &listed(&world.held))?;
        same_as("deadlines", &held.timers, &world.deadlines.named())?;
        let known = |rep: &String| RepId::parse(rep).is_ok_and(|rep| reps.contains(&rep));
        let of_reps = held.claims.keys().chain(held.conduct.keys()).chain(held.selections.keys());
        let strangers: Vec<_> = of_reps.filter(|rep| !known(rep)).collect();
        if !strangers.is_empty() {
            return Err(format!("records of {strangers:?}"));
        }
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (place, event) in world.events.iter().enumerate() {
            if let Some(lead) = event.kind.lead() {
                told.entry(lead.to_string()).or_default().push(self.position(Some(place)));
            }
        }
        same_as("histories", &held.history, &told)?;
        // What workers ask, and the test before it begins, is nobody's to remember.
        let others = ["RerouteLead::", "Remind::", "ApplyPolicy:"];
        let asked = |key: &String| !others.iter().any(|other| key.starts_with(other));
        let remembered: BTreeSet<String> = held.answers.iter().filter(|key| asked(key)).cloned().collect();
        let names = world.answers.keys().map(|asked| format!("{}:{}:{}", asked.method, asked.caller, asked.id));
        same_as("answers", &remembered, &names.filter(asked).collect())
    }
}

/// Leads with their moments, by whose they are.
type Lists = BTreeMap<String, BTreeMap<String, i64>>;

/// Those that have any.
fn there(lists: &Lists) -> Lists {
    lists.iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| (name.clone(), list.clone())).collect()
}

fn count(record: Option<&Record>) -> u64 {
    match record {
        Some(Record::Count(_, count)) => *count,
        _ => 0,
    }
}

fn same_as<T: PartialEq + std::fmt::Debug>(what: &str, theirs: &T, ours: &T) -> Result<(), String> {
    if theirs == ours { Ok(()) } else { Err(format!("{what}\nRedis has {theirs:#?}\nexpected {ours:#?}")) }
}
