//! Everything taken again, in the order of the stream: the records as they were before each event, and what is decided on
//! them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use leadhand_domain::availability::{self, Command};
use leadhand_domain::calendar::{self, Calendar};
use leadhand_domain::change::Change;
use leadhand_domain::event::{Decision, Kind};
use leadhand_domain::id::{CalendarSource, Fence, LeadId, RepId, TeamId};
use leadhand_domain::invalid::Fields;
use leadhand_domain::lead::Place;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Key, PolicyHead, Record, Snapshot};
use leadhand_domain::rotation::{self, Candidate};
use leadhand_domain::route::{self, Again};
use leadhand_domain::time::Millis;
use leadhand_domain::{id, lead};
use leadhand_proto::event::v1::event::Kind as Told;
use leadhand_proto::event::v1::{Cause, Event};
use leadhand_proto::{decision_wire, lead_wire, time};
use leadhand_store::events::{Page, Position, Stored, encoded};
use leadhand_store::{Config, Store};
use leadhand_tests::Suite;
use leadhand_tests::call::WORKSPACE;
use prost::Message;

use crate::oracle::{self, Input};
use crate::story::{self, AWAY, OTHER_WEIGHT, WEIGHED};

/// The most that one reading brings.
const PAGE: usize = 500;

/// How many decisions were taken again; how many of them came to another answer, as they should; how many were left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) taken: u64,
    pub(crate) changed: u64,
    pub(crate) left: u64,
}

pub(crate) type Counts = BTreeMap<String, Count>;

/// A policy as it is stored, and what it would be with another weight.
struct Version {
    stored: Policy,
    weighed: Policy,
}

/// How a team stood at its last decision: under which version, who was passed over, and what the others counted for.
type Stance = (u64, Vec<RepId>, Vec<(RepId, u32)>);

pub(crate) struct Workspace {
    name: id::Workspace,
    store: Store,
    /// As they were.
    records: Snapshot,
    /// Leads as they are stored: nothing of what was decided on has changed since.
    leads: Snapshot,
    policies: HashMap<u64, Version>,
    version: u64,
    /// What calendars have yet to say.
    said: VecDeque<Command>,
    /// What the stream must go on with.
    expected: VecDeque<Vec<u8>>,
    stances: HashMap<TeamId, Stance>,
}

impl Workspace {
    /// What is stored, but for the events.
    pub(crate) async fn read(suite: &Suite, said: VecDeque<Command>) -> Self {
        let store = Store::new(Config::at(suite.redis.url())).expect("a store");
        let name = id::Workspace::parse(WORKSPACE).expect("a workspace");
        let numbers: Vec<u64> = (1..100).collect();
        let stored = store.policy_versions(&name, &numbers).await.expect("the versions");
        let policies = stored.into_iter().map(|version| {
            let number = version.number;
            let parse = |document: &str| {
                let mut policy = Policy::parse(document).expect("a sound policy");
                policy.version = number;
                policy
            };
            let weighed = parse(&story::policy(number, OTHER_WEIGHT));
            (number, Version { stored: parse(&version.document), weighed })
        });
        Self {
            name,
            store,
            records: Snapshot::default(),
            leads: Snapshot::default(),
            policies: policies.collect(),
            version: 0,
            said,
            expected: VecDeque::new(),
            stances: HashMap::new(),
        }
    }

    /// The whole stream; and the leads that it tells of are read.
    pub(crate) async fn events(&mut self) -> Vec<Stored> {
        let (mut all, mut after) = (Vec::new(), Position::START);
        loop {
            let page = self.store.events_after(&self.name, after, PAGE).await.expect("events");
            let Page::Events(events) = page else { panic!("{page:?}") };
            let Some(last) = events.last() else { return all };
            after = last.position;
            let ids = events.iter().filter_map(|stored| lead_of(&event(stored)));
            let keys: Vec<_> = ids.flat_map(|lead| [Key::Lead(lead), Key::Person(lead)]).collect();
            self.leads.merge(self.store.read(&self.name, &keys).await.expect("leads"));
            all.extend(events);
        }
    }

    /// Nothing is missing from the stream.
    pub(crate) fn assert_done(&self) {
        assert!(self.expected.is_empty() && self.said.is_empty(), "{:?} {:?}", self.expected, self.said);
    }

    /// Takes again what an event tells of, and holds it against the event.
    pub(crate) fn follow(&mut self, stored: &Stored, counts: &mut Counts) {
        let told = event(stored);
        if let Some(decision) = &told.decision {
            self.choose_again(&told, &decision_wire::read(decision).expect("a decision that reads back"), counts);
        }
        if self.expected.is_empty() {
            self.decide_again(&told, stored, counts);
        }
        let again = self.expected.pop_front().expect("an event of the change");
        if again != stored.event {
            panic!("{}:\nstored  {told:?}\nreplays {:?}", stored.position, Event::decode(&again[..]));
        }
    }

    /// By the trace in the event alone.
    fn choose_again(&self, told: &Event, decision: &Decision, counts: &mut Counts) {
        let Some(rotation) = &decision.rotation else { return };
        let (rep, team) = match &told.kind {
            Some(Told::LeadAssigned(it)) => (&it.rep_id, &it.team_id),
            Some(Told::LeadOffered(it)) => (&it.rep_id, &it.team_id),
            other => panic!("no rotation chooses that: {other:?}"),
        };
        assert_eq!(rotation.team.as_str(), team);
        let again = rotation::replay(&rotation.choice).expect("somebody");
        assert_eq!(again.as_str(), rep, "by {:?}", rotation.choice);
        counts.entry(format!("chosen by {:?}", rotation.choice.kind)).or_default().taken += 1;
    }

    /// The whole change, on the records as they were.
    fn decide_again(&mut self, told: &Event, stored: &Stored, counts: &mut Counts) {
        let at = Millis(time::millis(told.occurred_at.as_ref().expect("a moment")).expect("a moment").0);
        let change = match told.kind.as_ref().expect("a kind") {
            Told::PolicyActivated(it) => {
                // What was applied is an input.
                self.version = it.version;
                let pools = self.policy().stored.pools.iter().map(|pool| pool.id.clone()).collect();
                self.records.put(Record::PolicyHead(PolicyHead {
                    number: it.version,
                    pools,
                    secret: [0; 32],
                    tiers_since: None,
                }));
                self.expected.push_back(stored.event.clone());
                return;
            }
            Told::AvailabilityChanged(_) => {
                let command = self.said.pop_front().expect("something was said");
                let policy = &self.policies[&self.version].stored;
                availability::decide(&self.records, &command, Some(policy), at).expect("taken in")
            }
            Told::OfferDeclined(it) => {
                let lead = LeadId::parse(&it.lead_id).expect("an id");
                let reason = lead_wire::decline_reason(it.reason, "reason", &mut Fields::new()).expect("a reason");
                let because = Again::Declined(RepId::parse(&it.rep_id).expect("a rep"), reason);
                let command = route::Command::Again { lead, fence: Fence(it.fence), because };
                counts.entry("declined".to_owned()).or_default().taken += 1;
                let change = self.decide(&command, at);
                if change.events.iter().any(|event| matches!(event.kind, Kind::RepSuspended(_))) {
                    counts.entry("suspended".to_owned()).or_default().taken += 1;
                }
                change
            }
            other => {
                assert_eq!(cause(other), Some(Cause::New), "{told:?}");
                let lead = lead_of(told).expect("of a lead");
                let facts = self.leads.lead(lead).expect("the lead").facts.clone();
                let person = self.leads.person(lead).expect("its person").clone();
                counts.entry("leads".to_owned()).or_default().taken += 1;
                let command = route::Command::new(lead, facts, person);
                let change = self.decide(&command, at);
                self.what_if(&command, &change, at, counts);
                change
            }
        };
        self.note(&change);
        self.records.apply(&change);
        for record in &change.puts {
            // Nobody decides on a lead again but on one that is offered.
            if let Record::Lead(lead) = record
                && !matches!(lead.place, Place::Offered { .. })
            {
                self.records.remove(&Key::Lead(lead.id));
                self.records.remove(&Key::Person(lead.id));
            }
        }
        self.expected.extend(change.events.iter().map(|event| encoded(&self.name, event)));
    }

    fn policy(&self) -> &Version {
        &self.policies[&self.version]
    }

    fn decide(&mut self, command: &route::Command, at: Millis) -> Change {
        let policy = &self.policies[&self.version].stored;
        route::settle(&mut self.records, command, policy, at).expect("a place")
    }

    /// The same with one input changed, against what is worked out by itself.
    fn what_if(&mut self, command: &route::Command, change: &Change, at: Millis, counts: &mut Counts) {
        let (before, decision) = (answer(change), decision(change));
        let rotation = decision.and_then(|decision| decision.rotation.clone());
        let steady = rotation.as_ref().filter(|_| self.is_steady(change));
        let chosen = |input| steady.and_then(|rotation| oracle::chosen(&rotation.choice, input));
        let team = rotation.as_ref().map(|rotation| rotation.team.as_str()).unwrap_or_default();
        let unchanged = Some(before.clone());

        let factor = f64::from(OTHER_WEIGHT) / f64::from(story::weight(self.version));
        let should = if team == "weight" { chosen(Input::Weight(WEIGHED, factor)) } else { unchanged.clone() };
        let policy = &self.policies[&self.version].weighed;
        let weighed = route::settle(&mut self.records, command, policy, at).expect("a place");
        tell("another weight", &before, should, &weighed, counts);

        let of_five = ["weight", "attainment", "conversion", "load", "score"].contains(&team);
        let rep = format!("{}{AWAY}", team.get(..1).unwrap_or_default());
        let should = if of_five { chosen(Input::Away(&rep)) } else { unchanged.clone() };
        let without = if of_five { self.decide_without(&rep, command, at) } else { change.clone() };
        tell("another absence", &before, should, &without, counts);

        let route::Command::New { lead, facts, person, .. } = command else { return };
        let lower = facts.score.map(|score| score.saturating_sub(30));
        let hot = |score: Option<u8>| score.is_some_and(|score| i32::from(score) >= story::hot(self.version));
        let cools = facts.source.as_str() == "demo_request" && hot(facts.score) && !hot(lower);
        let should = if cools { Some("pool open".to_owned()) } else { unchanged };
        let facts = lead::Facts { score: lower, ..facts.clone() };
        let command = route::Command::new(*lead, facts, person.clone());
        let cooler = self.decide(&command, at);
        tell("another score", &before, should, &cooler, counts);
    }

    fn decide_without(&mut self, rep: &str, command: &route::Command, at: Millis) -> Change {
        let rep = RepId::parse(rep).expect("a rep");
        let key = Key::Calendar(rep.clone());
        let held = self.records.record(&key);
        let mut calendar = self.records.calendar(&rep).cloned().unwrap_or_else(|| Calendar::empty(rep));
        calendar.events.push(calendar::Event {
            source: CalendarSource::parse("what-if").expect("a source"),
            id: "away".into(),
            revision: 1,
            kind: calendar::Kind::OutOfOffice,
            start: at,
            end: Millis(at.0 + 1),
        });
        self.records.put(Record::Calendar(calendar));
        let change = self.decide(command, at);
        self.records.insert(key, held);
        change
    }

    /// Whether nobody has come or gone, and nobody's weight has changed, since the team's last decision. Else the rotation
    /// does more at this one than to choose, in an order that another input may change.
    fn is_steady(&self, change: &Change) -> bool {
        let stance = self.stance(change);
        stance.is_some_and(|(team, stance)| self.stances.get(&team) == Some(&stance))
    }

    fn note(&mut self, change: &Change) {
        if let Some((team, stance)) = self.stance(change) {
            self.stances.insert(team, stance);
        }
    }

    fn stance(&self, change: &Change) -> Option<(TeamId, Stance)> {
        let decision = decision(change)?;
        let rotation = decision.rotation.as_ref()?;
        // Others may have been passed over on the way to the team.
        let team = self.policy().stored.team(&rotation.team)?;
        let is_member = |rep: &RepId| team.reps.iter().any(|(member, _)| member == rep);
        let absent = decision.skips.iter().map(|skip| skip.rep.clone()).filter(is_member).collect();
        let weight = |candidate: &Candidate| (candidate.rep.clone(), candidate.weight);
        let mut weights: Vec<_> = rotation.choice.candidates.iter().map(weight).collect();
        weights.sort_unstable();
        Some((rotation.team.clone(), (self.version, absent, weights)))
    }
}

/// Holds what came out with another input against what should; `None` where nobody can say.
fn tell(input: &str, before: &str, should: Option<String>, change: &Change, counts: &mut Counts) {
    let count = counts.entry(input.to_owned()).or_default();
    count.taken += 1;
    let Some(should) = should else {
        count.left += 1;
        return;
    };
    let after = answer(change);
    assert_eq!(after, should, "{input}, instead of {before}: {change:?}");
    count.changed += u64::from(after != before);
}

fn decision(change: &Change) -> Option<&Decision> {
    change.events.iter().rev().find_map(|event| event.decision.as_ref())
}

/// Where a change puts its lead.
fn answer(change: &Change) -> String {
    match &change.events.last().expect("an event").kind {
        Kind::LeadAssigned { rep, .. } | Kind::LeadOffered { rep, .. } => rep.to_string(),
        Kind::LeadPooled { pool, .. } => format!("pool {pool}"),
        other => panic!("not by these policies: {other:?}"),
    }
}

fn event(stored: &Stored) -> Event {
    Event::decode(stored.event.as_slice()).expect("an event")
}

fn lead_of(event: &Event) -> Option<LeadId> {
    let id = match event.kind.as_ref()? {
        Told::LeadAssigned(it) => &it.lead_id,
        Told::LeadOffered(it) => &it.lead_id,
        Told::LeadPooled(it) => &it.lead_id,
        _ => return None,
    };
    Some(LeadId::parse(id).expect("an id"))
}

fn cause(kind: &Told) -> Option<Cause> {
    match kind {
        Told::LeadAssigned(it) => Some(it.cause()),
        Told::LeadOffered(it) => Some(it.cause()),
        Told::LeadPooled(it) => Some(it.cause()),
        _ => None,
    }
}
