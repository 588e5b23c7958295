//! Reps, teams and managers.

use std::collections::{HashMap, HashSet};

use super::super::document::{self, Back, By, Document, Member};
use super::super::{CAPACITY, MAX_TEAM, Rep, Team};
use super::{Check, Names};
use crate::guardrail::tier::Tier;
use crate::id::{PoolId, RepId, TeamId};
use crate::rotation::{Kind, MAX_WEIGHT, Returning, Settings};

/// The largest `capacity`: in effect, none.
const MAX_CAPACITY: i64 = 1_000_000;

/// The largest `target`.
const MAX_TARGET: i64 = 1_000_000_000;

/// How many candidates a decision tells of, in the order in which they would have been chosen.
///
/// A choice replays from the first of them alone; the others tell a person how close it was. Five are the reps of most teams,
/// and about 200 bytes of the event.
const SHOWN: usize = 5;

/// Who and what the document has, for the rest of it to refer to. A rep's manager is looked up later, when all reps are known.
pub(super) fn names<'a>(document: &'a Document, check: &mut Check) -> Names<'a> {
    let mut reps: HashMap<RepId, Rep> = HashMap::new();
    let mut seen = HashSet::new();
    for raw in &document.reps {
        if let Some(id) = check.take(raw.id.referenced, RepId::parse(&raw.id.value)) {
            check.unique(&mut seen, &id, raw.id.referenced, &format!("rep `{id}`"));
            let tier = raw.tier.as_ref().and_then(|tier| check.number(tier, "tier", 1, 3)).and_then(Tier::of);
            let target = raw.target.as_ref().and_then(|target| check.number(target, "target", 1, MAX_TARGET));
            reps.insert(id, Rep { left: raw.left, tier, target: target.map(u64::from), ..Rep::default() });
        }
    }
    let mut teams = HashMap::new();
    for (place, raw) in document.teams.iter().enumerate() {
        teams.insert(raw.id.value.as_str(), place);
        for member in &raw.reps {
            // What is wrong with it is told where the team is made.
            if let Ok(id) = RepId::parse(&member.id.value) {
                reps.entry(id).or_default().teams.push(place);
            }
        }
    }
    let mut seen = HashSet::new();
    let mut pools = HashMap::new();
    for raw in &document.pools {
        if let Some(id) = check.take(raw.id.referenced, PoolId::parse(&raw.id.value)) {
            check.unique(&mut seen, &id, raw.id.referenced, &format!("pool `{id}`"));
            pools.insert(raw.id.value.as_str(), id);
        }
    }
    Names { teams, pools, reps }
}

/// Looks up who manages whom. Nobody is, in the end, their own manager: whom would an escalation reach?
pub(super) fn managers(document: &Document, names: &mut Names<'_>, check: &mut Check) {
    for raw in &document.reps {
        let manager = raw.manager.as_ref().and_then(|manager| names.rep(manager, check));
        if let (Some(manager), Ok(id)) = (manager, RepId::parse(&raw.id.value)) {
            names.reps.entry(id).or_default().manager = Some(manager);
        }
    }
    // Each chain is followed once: what an earlier one passed leads to no new cycle.
    let mut passed: HashSet<&RepId> = HashSet::new();
    let mut cyclic: HashSet<&RepId> = HashSet::new();
    for start in names.reps.keys() {
        let mut chain = Vec::new();
        let mut at = Some(start);
        while let Some(rep) = at.filter(|rep| passed.insert(rep)) {
            chain.push(rep);
            at = names.reps.get(rep).and_then(|rep| rep.manager.as_ref());
        }
        if let Some(first) = at.and_then(|at| chain.iter().position(|rep| *rep == at)) {
            cyclic.extend(&chain[first..]);
        }
    }
    for raw in &document.reps {
        let (Some(manager), Ok(id)) = (&raw.manager, RepId::parse(&raw.id.value)) else { continue };
        if cyclic.contains(&id) {
            check.fault(manager.referenced, format!("rep `{id}` is, in the end, their own manager"));
        }
    }
}

pub(super) fn teams(document: &Document, names: &Names<'_>, check: &mut Check) -> Vec<Team> {
    let mut seen = HashSet::new();
    let mut teams = Vec::new();
    for raw in &document.teams {
        let at = raw.id.referenced;
        let mut members = HashSet::new();
        let mut reps = Vec::new();
        for rep in &raw.reps {
            let id = check.take(rep.id.referenced, RepId::parse(&rep.id.value));
            let weight = weight(rep, raw.rotation.as_ref().map(|rotation| rotation.by), check);
            if let (Some(id), Some(weight)) = (id, weight) {
                check.unique(&mut members, &id, rep.id.referenced, &format!("rep `{id}` of this team"));
                reps.push((id, weight));
            }
        }
        if raw.reps.is_empty() {
            check.fault(at, "a team needs at least one rep");
        }
        if raw.reps.len() > MAX_TEAM {
            check.fault(at, format!("a team has at most {MAX_TEAM} reps"));
        }
        let capacity = match &raw.capacity {
            None => Some(CAPACITY),
            Some(capacity) => check.number(capacity, "capacity", 1, MAX_CAPACITY),
        };
        let rotation = rotation(raw.rotation.as_ref());
        let manager = raw.manager.as_ref().and_then(|manager| names.rep(manager, check));
        let backup = raw.backup.as_ref().and_then(|team| names.team(team, check));
        if let Some(id) = check.take(at, TeamId::parse(&raw.id.value)) {
            check.unique(&mut seen, &id, at, &format!("team `{id}`"));
            teams.push(Team { id, reps, manager, backup, capacity: capacity.unwrap_or(CAPACITY), rotation });
        }
    }
    if teams.len() == document.teams.len() {
        cycles(document, &teams, check);
    }
    teams
}

/// How a team takes turns.
fn rotation(raw: Option<&document::Rotation>) -> Settings {
    let kind = match raw.map(|raw| raw.by) {
        Some(By::Equal) => Kind::Equal,
        None | Some(By::Weight) => Kind::Weight,
        Some(By::Attainment) => Kind::Attainment,
        Some(By::Conversion) => Kind::Conversion,
        Some(By::Load) => Kind::Load,
        Some(By::Score) => Kind::Score,
    };
    let returning = match raw.map(|raw| raw.returning) {
        None | Some(Back::Resume) => Returning::Resume,
        Some(Back::CatchUp) => Returning::CatchUp,
    };
    Settings { kind, returning, shown: SHOWN }
}

/// A rep's share: what the document says, or the figure that the team goes by, in hundredths.
fn weight(rep: &Member, by: Option<By>, check: &mut Check) -> Option<u32> {
    let figure = match by {
        Some(By::Attainment) => Some(("attainment", &rep.attainment)),
        Some(By::Conversion) => Some(("conversion", &rep.conversion)),
        _ => None,
    };
    match (figure, &rep.weight) {
        (Some((name, None)), _) => {
            check.fault(rep.id.referenced, format!("the team goes by {name}: the rep needs one"));
            None
        }
        (Some((name, Some(figure))), _) if !(0.0..=100.0).contains(&figure.value) => {
            check.fault(figure.referenced, format!("{name} must be 0 to 100, such as 1.2 for 120 %"));
            None
        }
        // Rounded to hundredths; nobody is left without a share.
        (Some((_, Some(figure))), _) => Some(((figure.value * 100.0).round() as u32).max(1)),
        (None, None) => Some(1),
        (None, Some(weight)) => check.number(weight, "weight", 1, MAX_WEIGHT.into()),
    }
}

/// A team that is, in the end, its own backup would be asked for ever.
fn cycles(document: &Document, teams: &[Team], check: &mut Check) {
    for (start, raw) in document.teams.iter().enumerate() {
        let Some(backup) = &raw.backup else { continue };
        let mut at = teams[start].backup;
        // As many steps as there are teams lead round any cycle.
        for _ in 0..teams.len() {
            match at {
                Some(place) if place == start => {
                    let id = &teams[start].id;
                    check.fault(backup.referenced, format!("team `{id}` is, in the end, its own backup"));
                    break;
                }
                Some(place) => at = teams[place].backup,
                None => break,
            }
        }
    }
}
