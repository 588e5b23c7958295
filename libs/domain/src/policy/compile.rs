//! From the document to the policy, collecting every fault on the way.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde_saphyr::{DefaultMessageFormatter, Localizer, Location};

use super::document::{Document, Spanned, Team, Text};
use super::{Availability, Fault, Policy, Rep};
use crate::availability::settings::Settings;
use crate::id::{PoolId, RepId};
use crate::invalid::Invalid;

mod accounts;
mod actions;
mod availability;
mod guardrails;
mod limits;
mod people;
mod reach;
mod routes;
mod territories;
mod unreachable;
mod warnings;

pub(super) use warnings::warnings;

/// Leaves the place out of the parser's texts: a fault has it beside.
struct Unplaced;

impl Localizer for Unplaced {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
        base
    }
}

/// The parser's text in the words of who writes a policy.
fn plain(message: String) -> String {
    match message.as_str() {
        "expected mapping start" => "expected keys with values, such as `{id: west}`".to_owned(),
        "expected sequence start" => "expected a list, such as `[west, east]`".to_owned(),
        _ => message,
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

/// What the document may refer to.
struct Names<'a> {
    /// Each team's place in the document.
    teams: HashMap<&'a str, usize>,
    pools: HashMap<&'a str, PoolId>,
    /// Whom `reps` and the teams name.
    reps: HashMap<RepId, Rep>,
}

impl Names<'_> {
    fn team(&self, name: &Text, check: &mut Check) -> Option<usize> {
        let found = self.teams.get(name.value.as_str()).copied();
        if found.is_none() {
            check.fault(name.referenced, format!("no team `{}`", name.value));
        }
        found
    }

    fn pool(&self, name: &Text, check: &mut Check) -> Option<PoolId> {
        let found = self.pools.get(name.value.as_str()).cloned();
        if found.is_none() {
            check.fault(name.referenced, format!("no pool `{}`", name.value));
        }
        found
    }

    /// A rep whom the document names elsewhere: a name that stands nowhere else is a slip.
    fn rep(&self, name: &Text, check: &mut Check) -> Option<RepId> {
        let rep = check.take(name.referenced, RepId::parse(&name.value))?;
        if !self.reps.contains_key(&rep) {
            check.fault(name.referenced, format!("no rep `{rep}` in any team, nor under `reps`"));
            return None;
        }
        Some(rep)
    }
}

/// The policy, and the document it was made from.
pub(super) fn compile(document: &str) -> Result<(Policy, Document), Vec<Fault>> {
    let document: Document = serde_saphyr::from_str(document).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        // Without the snippet: the caller has the document, and logs must not.
        let message = error.without_snippet().render_with_formatter(&DefaultMessageFormatter.with_localizer(&Unplaced));
        vec![Fault { line, column, message: plain(message) }]
    })?;
    let mut check = Check::default();
    let mut names = people::names(&document, &mut check);
    let teams = people::teams(&document, &names, &mut check);
    people::managers(&document, &mut names, &mut check);
    let manager = document.manager.as_ref().and_then(|manager| names.rep(manager, &mut check));
    let accounts = accounts::index(&document, &names, &mut check);
    let account_owner = actions::owned(document.account_owner.as_ref(), &names, &mut check);
    let named_account = actions::owned(document.named_account.as_ref(), &names, &mut check);
    let areas = territories::areas(&document, &names, &mut check);
    let routes = routes::routes(&document, &names, &mut check);
    let default = actions::action(document.default.value.acts(), document.default.referenced, &names, &mut check);
    let priorities = guardrails::priorities(&document.priority, &mut check);
    let backup = document.backup.as_ref().and_then(|backup| actions::backup(backup, &names, &mut check));
    let quotas = limits::quotas(&document.quotas, &mut check);
    let pools = guardrails::pools(&document, &names, &mut check);
    let guardrails = guardrails::guardrails(&document.guardrails, &mut check);
    let contact_sla = limits::contact_sla(document.contact_sla.as_ref(), &mut check);
    let duplicates_within = limits::duplicates_within(document.duplicates_within.as_ref(), &mut check);
    let everywhere = document
        .availability
        .as_ref()
        .map_or_else(Settings::default, |raw| availability::settings(raw, &Settings::default(), &mut check));
    let in_team = |team: &Team| Some(availability::settings(team.availability.as_ref()?, &everywhere, &mut check));
    let by_team: Vec<_> = document.teams.iter().map(in_team).collect();
    match default {
        Some(default) if check.faults.is_empty() => {
            let policy = Policy {
                version: 0,
                secret: [0; 32],
                teams,
                pools,
                quotas,
                guardrails,
                contact_sla,
                contact_sla_in_working_time: document.contact_sla_in_working_time,
                duplicates_within,
                enrich: document.enrich,
                manager,
                reps: names.reps,
                accounts,
                account_owner,
                named_account,
                areas,
                priorities,
                routes,
                default,
                backup,
                availability: Availability { everywhere, by_team },
            };
            Ok((policy, document))
        }
        _ => {
            check.faults.sort_by_key(|fault| (fault.line, fault.column));
            Err(check.faults)
        }
    }
}

#[cfg(test)]
mod tests;
