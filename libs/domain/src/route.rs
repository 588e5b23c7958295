//! Routing a lead: the policy's first matching route acts.

use std::fmt;

use crate::answer::{Answer, Destination, Routed};
use crate::change::{Change, Index, Timer};
use crate::event::{Decision, Event, Kind, RotationTrace, Skip, SkipReason};
use crate::id::{Fence, LeadId, PoolId, TeamId};
use crate::lead::{Facts, Lead, Person, Place, Via};
use crate::policy::{Action, Match, Policy, Team};
use crate::record::{Key, Load, Record, Snapshot};
use crate::rotation::{Changes, Head, Kind as Turns, Live, Member, ONE, Returning, Settings, Turn};
use crate::time::Millis;

/// How every team takes turns, until the policy says so.
const SETTINGS: Settings = Settings { kind: Turns::Weight, returning: Returning::Resume, shown: 0 };

/// A lead to be routed.
#[derive(Debug, Clone)]
pub struct Command {
    /// The id the lead gets.
    pub lead: LeadId,
    /// What decisions look at.
    pub facts: Facts,
    /// The lead's personal data.
    pub person: Person,
}

/// What decides on a lead: requests of the same desk are decided one after another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Desk {
    /// A team's rotation, a record that each of its leads changes.
    Rotation(TeamId),
    /// A pool takes whatever comes.
    Pool(PoolId),
}

impl fmt::Display for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotation(team) => write!(f, "rotation-{team}"),
            Self::Pool(pool) => write!(f, "pool-{pool}"),
        }
    }
}

/// The desk that decides on a lead.
pub fn desk(policy: &Policy, lead: &Facts) -> Desk {
    match policy.route(lead).action {
        Action::Rotate { team, .. } => Desk::Rotation(policy.teams[*team].id.clone()),
        Action::Pool(pool) => Desk::Pool(pool.clone()),
    }
}

/// What the desk looks at; `None` when the policy knows it no more.
pub fn reads(policy: &Policy, desk: &Desk) -> Option<Vec<Key>> {
    let mut keys = vec![Key::PolicyHead];
    match desk {
        Desk::Pool(pool) => policy.has_pool(pool).then_some(keys),
        Desk::Rotation(team) => {
            keys.extend([Key::Calendars(team.clone()), Key::RotationHead(team.clone())]);
            for (rep, _) in &policy.team(team)?.reps {
                keys.push(Key::Calendar(rep.clone()));
                keys.push(Key::Load(rep.clone()));
                keys.push(Key::Seat(team.clone(), rep.clone()));
            }
            Some(keys)
        }
    }
}

/// Decides where a lead goes. Whoever calls has read what [`reads`] names of the lead's [`desk`].
pub fn decide(snapshot: &Snapshot, command: Command, policy: &Policy, now: Millis) -> Change {
    let Match { route, action } = policy.route(&command.facts);
    let mut decision =
        Decision { policy_version: policy.version, route: route.to_owned(), skips: Vec::new(), rotation: None };
    match action {
        Action::Pool(pool) => pooled(command, pool, decision, now),
        Action::Rotate { team, otherwise } => {
            let team = &policy.teams[*team];
            let (members, skips) = members(snapshot, team, now);
            decision.skips = skips;
            let head = snapshot.rotation_head(&team.id).cloned();
            let head = head.unwrap_or_else(|| Head::new(team.id.clone(), command.lead.chance()));
            let given = head.given;
            let seats = team.reps.iter().filter_map(|(rep, _)| snapshot.seat(&team.id, rep).cloned());
            let mut rotation = Live::new(SETTINGS, head, seats, members);
            let mut change = match rotation.give(command.facts.score) {
                None => pooled(command, otherwise, decision, now),
                Some(turn) => {
                    decision.rotation = Some(trace(team, given, &turn));
                    let load = load(snapshot, &turn);
                    let mut change = assigned(command, team, turn, policy, decision, now);
                    change.expects.push(Key::Load(load.rep.clone()));
                    change.puts.push(Record::Load(load));
                    if let Some(Changes { head, seats }) = rotation.changes(usize::MAX) {
                        change.puts.push(Record::RotationHead(head));
                        change.puts.extend(seats.into_iter().map(Record::Seat));
                    }
                    change
                }
            };
            // Whoever writes a seat writes the head, so that the head stands for all of them.
            change.expects.extend([Key::Calendars(team.id.clone()), Key::RotationHead(team.id.clone())]);
            change
        }
    }
}

/// The team as it is at `now`, and who of it does not take part and why.
fn members(snapshot: &Snapshot, team: &Team, now: Millis) -> (Vec<Member>, Vec<Skip>) {
    let mut members = Vec::with_capacity(team.reps.len());
    let mut skips = Vec::new();
    for (rep, weight) in &team.reps {
        let present = !snapshot.calendar(rep).is_some_and(|calendar| calendar.is_busy(now));
        if !present {
            skips.push(Skip { rep: rep.clone(), reason: SkipReason::Busy });
        }
        let open = snapshot.load(rep).map_or(0, |load| load.open);
        members.push(Member { rep: rep.clone(), weight: *weight, present, open });
    }
    (members, skips)
}

fn trace(team: &Team, given: u64, turn: &Turn) -> RotationTrace {
    let micros = turn.owed * 1_000_000 / ONE;
    RotationTrace { team: team.id.clone(), given, owed_micros: i64::try_from(micros).unwrap_or(i64::MAX) }
}

fn load(snapshot: &Snapshot, turn: &Turn) -> Load {
    match snapshot.load(&turn.rep) {
        Some(load) => load.with_one_more(),
        None => Load::none(turn.rep.clone()).with_one_more(),
    }
}

fn assigned(command: Command, team: &Team, turn: Turn, policy: &Policy, decision: Decision, now: Millis) -> Change {
    let fence = Fence::default().next();
    let contact_due = now.after(policy.contact_sla);
    let event = Event {
        at: now,
        kind: Kind::LeadAssigned {
            lead: command.lead,
            rep: turn.rep.clone(),
            team: team.id.clone(),
            fence,
            contact_due,
            source: command.facts.source.clone(),
            score: command.facts.score,
            captured_at: command.facts.captured_at,
        },
        decision: None,
    };
    let to = Destination::Assigned { rep: turn.rep.clone(), team: team.id.clone(), fence, contact_due };
    let place =
        Place::Assigned { owner: turn.rep, via: Via::Rotation(team.id.clone()), contact_due, contacted_at: None };
    let timer = Timer::SetContact(command.lead, contact_due);
    let mut change = placed(command, place, fence, to, event, decision, now);
    change.timers.push(timer);
    change
}

fn pooled(command: Command, pool: &PoolId, decision: Decision, now: Millis) -> Change {
    let event = Event {
        at: now,
        kind: Kind::LeadPooled {
            lead: command.lead,
            pool: pool.clone(),
            source: command.facts.source.clone(),
            score: command.facts.score,
            captured_at: command.facts.captured_at,
        },
        decision: None,
    };
    let index = Index::Enter { pool: pool.clone(), lead: command.lead, at: now };
    let place = Place::Pooled { pool: pool.clone() };
    let to = Destination::Pooled(pool.clone());
    let mut change = placed(command, place, Fence::default(), to, event, decision, now);
    change.index.push(index);
    change
}

fn placed(
    command: Command,
    place: Place,
    fence: Fence,
    to: Destination,
    event: Event,
    decision: Decision,
    now: Millis,
) -> Change {
    let answer =
        Routed { lead: command.lead, to, route: decision.route.clone(), policy_version: decision.policy_version };
    let mut change = Change::answering(Answer::Routed(answer));
    change.expects.push(Key::PolicyHead);
    change.puts.push(Record::Lead(Lead {
        id: command.lead,
        facts: command.facts,
        place,
        fence,
        routed_at: now,
        placed_at: now,
        position: String::new(),
    }));
    change.puts.push(Record::Person(command.lead, command.person));
    change.events.push(Event { decision: Some(decision), ..event });
    change
}

#[cfg(test)]
mod tests;
