//! Routing a lead: the policy's first matching route acts.

use std::fmt;

use crate::answer::{Answer, Destination, Routed};
use crate::availability::rests_on;
use crate::availability::settings::Settings;
use crate::availability::status::{self, Known};
use crate::change::{Change, Index, Timer};
use crate::event::{Decision, Event, Kind, RotationTrace, Skip, SkipReason};
use crate::id::{Fence, LeadId, PoolId, TeamId};
use crate::lead::{Facts, Lead, Person, Place, Via};
use crate::policy::{Action, Match, Policy, Team};
use crate::record::{Key, Load, Record, Snapshot};
use crate::rotation::{Candidate, ONE, Rotation, Turn};
use crate::time::Millis;

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
            keys.extend([Key::Calendars(team.clone()), Key::Rotation(team.clone())]);
            for (rep, _) in &policy.team(team)?.reps {
                keys.extend(Known::keys(rep));
                keys.push(Key::Load(rep.clone()));
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
            let (candidates, skips) = available(snapshot, team, Settings::of(policy), now);
            let unseen = rests_on(&skips);
            decision.skips = skips;
            let mut rotation = match snapshot.rotation(&team.id) {
                Some(rotation) => rotation.clone(),
                None => Rotation::new(team.id.clone()),
            };
            if rotation.seats.len() > team.reps.len() {
                // Somebody has left the team for good.
                rotation.retain(|rep| team.reps.iter().any(|(member, _)| member == rep));
            }
            let given = rotation.given;
            let mut change = match rotation.give(&candidates) {
                None => pooled(command, otherwise, decision, now),
                Some(turn) => {
                    decision.rotation = Some(trace(team, given, &turn));
                    let load = load(snapshot, &turn);
                    let mut change = assigned(command, team, turn, policy, decision, now);
                    change.expects.push(Key::Load(load.rep.clone()));
                    change.puts.push(Record::Load(load));
                    change.puts.push(Record::Rotation(rotation));
                    change
                }
            };
            change.expects.extend([Key::Calendars(team.id.clone()), Key::Rotation(team.id.clone())]);
            change.expects.extend(unseen);
            change
        }
    }
}

/// Who of the team takes part at `now`, and who does not and why.
fn available<'a>(
    snapshot: &Snapshot,
    team: &'a Team,
    settings: &Settings,
    now: Millis,
) -> (Vec<Candidate<'a>>, Vec<Skip>) {
    let mut candidates = Vec::with_capacity(team.reps.len());
    let mut skips = Vec::new();
    for (rep, weight) in &team.reps {
        match status::reason(Known::of(snapshot, rep), settings, now) {
            Some(reason) => skips.push(Skip { rep: rep.clone(), reason: SkipReason::Unavailable(reason) }),
            None => candidates.push(Candidate { rep, weight: *weight }),
        }
    }
    (candidates, skips)
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
