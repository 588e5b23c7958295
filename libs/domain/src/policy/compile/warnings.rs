//! What is likely a slip, though it does no harm.

use std::collections::HashSet;

use super::super::document::{Acts, Document, Text};
use super::super::{Fault, Policy};
use super::unreachable;
use crate::id::RepId;

/// Things that nobody refers to, and people who get nothing, of a document without faults.
pub(in super::super) fn warnings(document: &Document, policy: &Policy) -> Vec<Fault> {
    let used = Used::of(document);
    let mut found = Found::default();
    if document.manager.is_none() && !document.teams.iter().all(|team| team.manager.is_some()) {
        let message = "no `manager`: what nobody can take is held until somebody comes back".to_owned();
        found.warnings.push(Fault { line: 0, column: 0, message });
    }
    for team in &document.teams {
        if !used.teams.contains(team.id.value.as_str()) {
            let claims = if document.pools.is_empty() { "" } else { ": its reps only claim" };
            found.add(&team.id, format!("no lead goes to team `{}`{claims}", team.id.value));
        }
        let left = |id: &Text| RepId::parse(&id.value).is_ok_and(|rep| !policy.has_rep(&rep));
        let gone: Vec<_> = team.reps.iter().filter(|member| left(&member.id)).collect();
        if gone.len() == team.reps.len() {
            found.add(&team.id, format!("everybody of team `{}` has left", team.id.value));
        }
        for member in gone {
            let rep = &member.id.value;
            found.add(&member.id, format!("rep `{rep}` has left and gets nothing: take the rep out of the team"));
        }
    }
    for pool in document.pools.iter().filter(|pool| !used.pools.contains(pool.id.value.as_str())) {
        found.add(&pool.id, format!("no lead goes into pool `{}`", pool.id.value));
    }
    for segment in document.segments.iter().filter(|segment| !used.segments.contains(segment.id.value.as_str())) {
        found.add(&segment.id, format!("no route asks for segment `{}`", segment.id.value));
    }
    let metros: HashSet<&str> = names(document.territories.iter().flat_map(|territory| &territory.metros));
    for metro in document.metros.iter().filter(|metro| !metros.contains(metro.name.value.as_str())) {
        found.add(&metro.name, format!("no territory names metro `{}`", metro.name.value));
    }
    let routes = document.routes.iter().map(|route| route.acts());
    for first in routes.chain([document.default.value.acts()]).filter_map(|acts| acts.push_first) {
        if let Some(message) = unreachable::pointless(first, policy) {
            found.add(&first.pool, message);
        }
    }
    for (pool, message) in unreachable::warnings(document, policy) {
        let declared = pool.and_then(|id| document.pools.iter().find(|pool| pool.id.value == id.as_str()));
        match declared {
            Some(pool) => found.add(&pool.id, message),
            None => found.warnings.push(Fault { line: 0, column: 0, message }),
        }
    }
    found.warnings.sort_by_key(|warning| (warning.line, warning.column));
    found.warnings
}

#[derive(Default)]
struct Found {
    warnings: Vec<Fault>,
}

impl Found {
    fn add(&mut self, at: &Text, message: String) {
        let place = at.referenced;
        self.warnings.push(Fault { line: place.line(), column: place.column(), message });
    }
}

fn names<'a>(texts: impl IntoIterator<Item = &'a Text>) -> HashSet<&'a str> {
    texts.into_iter().map(|text| text.value.as_str()).collect()
}

/// What some step of the document refers to.
#[derive(Default)]
struct Used<'a> {
    teams: HashSet<&'a str>,
    pools: HashSet<&'a str>,
    segments: HashSet<&'a str>,
}

impl<'a> Used<'a> {
    fn of(document: &'a Document) -> Self {
        let mut used = Self::default();
        document.territories.iter().for_each(|territory| used.acts(territory.acts()));
        document.specialisations.iter().for_each(|specialisation| used.acts(specialisation.acts()));
        document.routes.iter().for_each(|route| used.acts(route.acts()));
        used.acts(document.default.value.acts());
        for owned in [&document.account_owner, &document.named_account].into_iter().flatten() {
            used.acts(Acts { otherwise: owned.otherwise.as_ref(), ..Acts::default() });
        }
        used.segments = names(document.routes.iter().filter_map(|route| route.segment.as_ref()));
        used.pools.extend(names(document.pools.iter().filter_map(|pool| pool.recycle_to.as_ref())));
        used.teams.extend(names(document.pools.iter().filter_map(|pool| pool.assign_to.as_ref())));
        let backups = document.teams.iter().filter_map(|team| team.backup.as_ref());
        used.teams.extend(names(backups.chain(document.backup.as_ref().and_then(|backup| backup.rotate.as_ref()))));
        used
    }

    fn acts(&mut self, acts: Acts<'a>) {
        let otherwise = acts.otherwise.map(|otherwise| &otherwise.value);
        let teams = [acts.rotate, otherwise.and_then(|otherwise| otherwise.rotate.as_ref())];
        let otherwise_into = otherwise.and_then(|otherwise| otherwise.pool.as_ref());
        let first_into = acts.push_first.map(|first| &first.pool);
        let pools = [acts.pool, acts.push.map(|push| &push.rest), otherwise_into, first_into];
        self.teams.extend(names(teams.into_iter().flatten()));
        self.pools.extend(names(pools.into_iter().flatten()));
    }
}
