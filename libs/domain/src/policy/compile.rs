//! From the document to the policy, collecting every fault on the way.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde_saphyr::{DefaultMessageFormatter, Localizer, Location, Spanned};

use super::document::{Action as RawAction, Document, Quotas, Rotate, Text};
use super::{Action, DEFAULT_ROUTE, Fault, MAX_TEAM, Policy, Route, Team};
use crate::id::{PoolId, RepId, Source, TeamId};
use crate::invalid::Invalid;
use crate::quota::Quota;
use crate::rotation::MAX_WEIGHT;
use crate::time::Span;

const CONTACT_SLA: Span = Span::hours(2);

/// Leaves the place out of the parser's texts: a fault has it beside.
struct Unplaced;

impl Localizer for Unplaced {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
        base
    }
}

/// Faults found so far.
#[derive(Default)]
struct Check {
    faults: Vec<Fault>,
}

impl Check {
    fn fault(&mut self, at: Location, message: impl Into<String>) {
        self.faults.push(Fault { line: at.line(), column: at.column(), message: message.into() });
    }

    fn take<T>(&mut self, at: Location, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|Invalid(message)| self.fault(at, message)).ok()
    }

    fn number(&mut self, value: &Spanned<i64>, what: &str, least: i64, most: i64) -> Option<u32> {
        let known = (least..=most).contains(&value.value);
        let number = known.then(|| u32::try_from(value.value).ok()).flatten();
        if number.is_none() {
            self.fault(value.referenced, format!("{what} must be {least} to {most}"));
        }
        number
    }

    fn unique<T: Eq + Hash + Clone>(&mut self, seen: &mut HashSet<T>, value: &T, at: Location, what: &str) {
        if !seen.insert(value.clone()) {
            self.fault(at, format!("{what} is defined twice"));
        }
    }
}

/// What routes may refer to.
struct Names<'a> {
    /// Each team's place in the document.
    teams: HashMap<&'a str, usize>,
    pools: HashMap<&'a str, &'a PoolId>,
}

pub(super) fn compile(document: &str) -> Result<Policy, Vec<Fault>> {
    let document: Document = serde_saphyr::from_str(document).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        // Without the snippet: the caller has the document, and logs must not.
        let message = error.without_snippet().render_with_formatter(&DefaultMessageFormatter.with_localizer(&Unplaced));
        vec![Fault { line, column, message }]
    })?;
    let mut check = Check::default();
    let teams = teams(&document, &mut check);
    let pools = pools(&document, &mut check);
    let names = Names {
        teams: teams.iter().enumerate().map(|(place, team)| (team.id.as_str(), place)).collect(),
        pools: pools.iter().map(|pool| (pool.as_str(), pool)).collect(),
    };
    let routes = routes(&document, &names, &mut check);
    let RawAction { rotate, pool } = &document.default.value;
    let default = action(rotate.as_ref(), pool.as_ref(), document.default.referenced, &names, &mut check);
    let quotas = quotas(&document.quotas, &mut check);
    let contact_sla = contact_sla(document.contact_sla.as_ref(), &mut check);
    match default {
        Some(default) if check.faults.is_empty() => {
            let reps = teams.iter().flat_map(|team| &team.reps).map(|(rep, _)| rep.clone()).collect();
            Ok(Policy { version: 0, teams, pools, quotas, contact_sla, routes, default, reps })
        }
        _ => {
            check.faults.sort_by_key(|fault| (fault.line, fault.column));
            Err(check.faults)
        }
    }
}

fn teams(document: &Document, check: &mut Check) -> Vec<Team> {
    let mut seen = HashSet::new();
    let mut teams = Vec::new();
    for raw in &document.teams {
        let at = raw.id.referenced;
        let mut members = HashSet::new();
        let mut reps = Vec::new();
        for rep in &raw.reps {
            let id = check.take(rep.id.referenced, RepId::parse(&rep.id.value));
            let weight = match &rep.weight {
                None => Some(1),
                Some(weight) => check.number(weight, "weight", 1, MAX_WEIGHT.into()),
            };
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
        if let Some(id) = check.take(at, TeamId::parse(&raw.id.value)) {
            check.unique(&mut seen, &id, at, &format!("team `{id}`"));
            teams.push(Team { id, reps });
        }
    }
    teams
}

fn pools(document: &Document, check: &mut Check) -> Vec<PoolId> {
    let mut seen = HashSet::new();
    let mut pools = Vec::new();
    for raw in &document.pools {
        if let Some(id) = check.take(raw.id.referenced, PoolId::parse(&raw.id.value)) {
            check.unique(&mut seen, &id, raw.id.referenced, &format!("pool `{id}`"));
            pools.push(id);
        }
    }
    pools
}

fn routes(document: &Document, names: &Names<'_>, check: &mut Check) -> Vec<Route> {
    let mut seen = HashSet::new();
    let mut routes = Vec::new();
    let mut covered_by: Option<String> = None;
    for raw in &document.routes {
        let at = raw.name.referenced;
        let name = raw.name.value.trim().to_owned();
        if name.is_empty() || name.chars().count() > 64 {
            check.fault(at, "a route's name has 1 to 64 characters");
        }
        if name == DEFAULT_ROUTE {
            check.fault(at, "`default` names the step after the last route");
        }
        check.unique(&mut seen, &name, at, &format!("route `{name}`"));
        if let Some(earlier) = &covered_by {
            check.fault(at, format!("never reached: route `{earlier}` matches every lead"));
        }
        let sources = sources(raw.sources.as_deref(), at, check);
        let min_score = raw.min_score.as_ref().and_then(|score| check.number(score, "min_score", 0, 100));
        let action = action(raw.rotate.as_ref(), raw.pool.as_ref(), at, names, check);
        if raw.sources.is_none() && raw.min_score.is_none() {
            covered_by.get_or_insert_with(|| name.clone());
        }
        if let Some(action) = action {
            let min_score = min_score.and_then(|score| u8::try_from(score).ok());
            routes.push(Route { name, sources, min_score, action });
        }
    }
    routes
}

fn sources(raw: Option<&[Text]>, at: Location, check: &mut Check) -> Vec<Source> {
    let Some(raw) = raw else { return Vec::new() };
    if raw.is_empty() {
        check.fault(at, "`sources` is empty, so the route matches nothing; leave it out to match any source");
    }
    raw.iter().filter_map(|source| check.take(source.referenced, Source::parse(&source.value))).collect()
}

fn action(
    rotate: Option<&Rotate>,
    pool: Option<&Text>,
    at: Location,
    names: &Names<'_>,
    check: &mut Check,
) -> Option<Action> {
    match (rotate, pool) {
        (Some(rotate), None) => {
            let team = names.teams.get(rotate.team.value.as_str()).copied();
            if team.is_none() {
                check.fault(rotate.team.referenced, format!("no team `{}`", rotate.team.value));
            }
            let otherwise = known_pool(&rotate.otherwise.pool, names, check)?;
            Some(Action::Rotate { team: team?, otherwise })
        }
        (None, Some(pool)) => known_pool(pool, names, check).map(Action::Pool),
        _ => {
            check.fault(at, "needs either `rotate` or `pool`");
            None
        }
    }
}

fn known_pool(name: &Text, names: &Names<'_>, check: &mut Check) -> Option<PoolId> {
    let found = names.pools.get(name.value.as_str()).map(|pool| (*pool).clone());
    if found.is_none() {
        check.fault(name.referenced, format!("no pool `{}`", name.value));
    }
    found
}

fn quotas(raw: &Quotas, check: &mut Check) -> Vec<Quota> {
    let windows = [
        (&raw.hour, "hour", Span::hours(1), 3),
        (&raw.day, "day", Span::days(1), 10),
        (&raw.week, "week", Span::days(7), 40),
    ];
    let mut quotas = Vec::new();
    for (value, name, length, default) in windows {
        let limit = match value {
            None => default,
            // The most is what the claims record holds comfortably.
            Some(value) => check.number(value, name, 0, 1_000).unwrap_or(default),
        };
        quotas.push(Quota { length, limit });
    }
    quotas
}

fn contact_sla(raw: Option<&Text>, check: &mut Check) -> Span {
    let Some(raw) = raw else { return CONTACT_SLA };
    let length = raw.value.parse::<jiff::SignedDuration>().ok();
    match length.and_then(|length| i64::try_from(length.as_millis()).ok()).map(Span) {
        Some(length) if (Span::minutes(1)..=Span::days(30)).contains(&length) => length,
        _ => {
            check.fault(raw.referenced, "contact_sla must be 1m to 720h, such as `2h` or `90m`");
            CONTACT_SLA
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
teams:
  - id: inbound
    reps: [{id: ana, weight: 3}, {id: bo}]
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: hot, min_score: 80, rotate: {team: inbound, otherwise: {pool: open}}}
default: {pool: open}
";

    fn faults(document: &str) -> Vec<String> {
        compile(document).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn defaults_are_the_specification_s() {
        let policy = compile(GOOD).unwrap();
        let limits: Vec<_> = policy.quotas.iter().map(|quota| (quota.length, quota.limit)).collect();
        assert_eq!(limits, [(Span::hours(1), 3), (Span::days(1), 10), (Span::days(7), 40)]);
        assert_eq!(policy.contact_sla, Span::hours(2));
        assert_eq!(policy.teams[0].reps[1].1, 1);
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let bad = "teams:
  - id: inbound
    reps: [{id: ana, weight: 0}, {id: ana}]
  - id: inbound
    reps: []
pools: [{id: Open}]
routes:
  - {name: all, pool: nowhere}
  - {name: all, sources: [], rotate: {team: outbound, otherwise: {pool: nowhere}}}
  - {name: default, min_score: 101}
default: {pool: open}
quotas: {hour: -1}
contact_sla: soon
";
        assert_eq!(
            faults(bad),
            [
                "3:30: weight must be 1 to 10000",
                "4:9: a team needs at least one rep",
                "4:9: team `inbound` is defined twice",
                "6:14: 1 to 64 characters of a-z 0-9 _ -",
                "8:23: no pool `nowhere`",
                "9:12: route `all` is defined twice",
                "9:12: never reached: route `all` matches every lead",
                "9:12: `sources` is empty, so the route matches nothing; leave it out to match any source",
                "9:45: no team `outbound`",
                "9:73: no pool `nowhere`",
                "10:12: `default` names the step after the last route",
                "10:12: never reached: route `all` matches every lead",
                "10:12: needs either `rotate` or `pool`",
                "10:32: min_score must be 0 to 100",
                "11:17: no pool `open`",
                "12:16: hour must be 0 to 1000",
                "13:14: contact_sla must be 1m to 720h, such as `2h` or `90m`",
            ]
        );
    }

    #[test]
    fn unknown_and_repeated_keys_are_refused_with_their_place() {
        let unknown = faults(&GOOD.replace("weight: 3", "wieght: 3"));
        assert!(unknown[0].starts_with("4:22: ") && unknown[0].contains("wieght"), "{unknown:?}");
        assert!(!unknown[0].contains("at line"), "the place is told once: {unknown:?}");
        let twice = faults(&format!("{GOOD}pools: []\n"));
        assert!(twice[0].starts_with("10:1: "), "{twice:?}");
    }
}
