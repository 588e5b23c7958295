//! The accounts that the document itself lists.

use std::collections::{HashMap, HashSet};

use super::super::document::{Account, Document, Text};
use super::{Check, Names};
use crate::account::{By, Entry, Kind, Likeness};
use crate::id::AccountId;
use crate::invalid::Invalid;
use crate::time::Millis;

pub(super) fn index(document: &Document, names: &Names<'_>, check: &mut Check) -> HashMap<Likeness, Vec<Entry>> {
    let mut index: HashMap<Likeness, Vec<Entry>> = HashMap::new();
    let mut seen = HashSet::new();
    let listed = (document.accounts.iter().map(|raw| (raw, Kind::Customer)))
        .chain(document.named_accounts.iter().map(|raw| (raw, Kind::Named)));
    for (raw, kind) in listed {
        let id = check.take(raw.id.referenced, AccountId::parse(&raw.id.value));
        let owner = names.rep(&raw.owner, check);
        let since = raw.since.as_ref().map(|since| check.take(since.referenced, date(&since.value)));
        let found_by = likenesses(raw, check);
        if found_by.is_empty() {
            check.fault(raw.id.referenced, "an account needs a `name` or a `domain` to be recognised by");
        }
        let (Some(account), Some(owner), Some(since)) = (id, owner, since.unwrap_or(Some(Millis(0)))) else { continue };
        check.unique(&mut seen, &account, raw.id.referenced, &format!("account `{account}`"));
        for (likeness, by) in found_by {
            let (account, owner) = (account.clone(), owner.clone());
            let entry = Entry { account, by, kind, owner, strategic: raw.strategic, since };
            index.entry(likeness).or_default().push(entry);
        }
    }
    index
}

fn likenesses(raw: &Account, check: &mut Check) -> Vec<(Likeness, By)> {
    let mut found = Vec::new();
    let mut add = |text: &Text, by: By, check: &mut Check| {
        let (likenesses, wrong) = match by {
            By::Name => (Likeness::names(&text.value), "not a company's name"),
            _ => (Likeness::domain(&text.value).into_iter().collect(), "a domain such as example.com"),
        };
        if likenesses.is_empty() {
            check.fault(text.referenced, wrong);
        }
        found.extend(likenesses.into_iter().map(|likeness| (likeness, by)));
    };
    if let Some(domain) = &raw.domain {
        add(domain, By::Domain, check);
    }
    for alias in &raw.aliases {
        add(alias, By::Alias, check);
    }
    for domain in &raw.subsidiaries {
        add(domain, By::Parent, check);
    }
    if let Some(name) = &raw.name {
        add(name, By::Name, check);
    }
    found
}

fn date(value: &str) -> Result<Millis, Invalid> {
    let wrong = || Invalid::new("a date such as 2024-05-01");
    let date: jiff::civil::Date = value.parse().map_err(|_| wrong())?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
    Ok(Millis(start.timestamp().as_millisecond()))
}
