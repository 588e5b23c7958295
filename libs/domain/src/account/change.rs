//! Accounts streamed in and out, one at a time.

use super::{Account, At, By, Details, Entry, Likeness};
use crate::answer::Answer;
use crate::change::Change;
use crate::company::mail;
use crate::event::{Event, Kind};
use crate::id::AccountId;
use crate::record::{Key, Record, Snapshot};
use crate::time::Millis;

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The account.
    pub account: AccountId,
    /// Grows with each change of the account.
    pub revision: u64,
    /// What is known of it from now on; `None` when it is deleted.
    pub details: Option<Details>,
}

impl Details {
    /// What leads to the account, each once, by the surest way. A domain where anybody can have an address leads nowhere.
    pub fn likenesses(&self) -> Vec<(Likeness, By)> {
        let domain = |domain: &String| Likeness::domain(domain).filter(|_| mail::is_nobodys(domain).is_none());
        let mut found: Vec<(Likeness, By)> = Vec::new();
        let mut add = |likeness: Likeness, by: By| {
            if !found.iter().any(|(known, _)| *known == likeness) {
                found.push((likeness, by));
            }
        };
        domain(&self.domain).into_iter().for_each(|likeness| add(likeness, By::Domain));
        self.aliases.iter().filter_map(domain).for_each(|likeness| add(likeness, By::Alias));
        self.subsidiaries.iter().filter_map(domain).for_each(|likeness| add(likeness, By::Parent));
        Likeness::names(&self.name).into_iter().for_each(|likeness| add(likeness, By::Name));
        found
    }

    fn entry(&self, account: &AccountId, by: By) -> Entry {
        Entry {
            account: account.clone(),
            by,
            kind: self.kind,
            owner: self.owner.clone(),
            strategic: self.strategic,
            since: self.since,
        }
    }
}

/// What a change looks at, as far as the command itself tells.
pub fn reads(command: &Command) -> Vec<Key> {
    let likenesses = command.details.iter().flat_map(Details::likenesses);
    std::iter::once(Key::Account(command.account.clone()))
        .chain(likenesses.map(|(likeness, _)| Key::Accounts(likeness)))
        .collect()
}

/// Decides on a change of an account, or tells what else must be read: what led to the account until now.
///
/// Nothing changes when a revision at least as new is held, also of an account that was deleted since. Whoever owns it
/// need not be in the policy, and there need not be one: the policy may come later, and routing asks it each time.
pub fn decide(snapshot: &Snapshot, command: &Command, now: Millis) -> Result<Change, Vec<Key>> {
    let own = Key::Account(command.account.clone());
    if !snapshot.knows(&own) {
        return Err(reads(command));
    }
    let held = snapshot.account(&command.account);
    let mut change = Change::answering(Answer::AccountTaken(false));
    change.expects.push(own);
    if held.is_some_and(|held| held.revision >= command.revision) {
        return Ok(change);
    }
    let before = held.and_then(|held| held.details.as_ref()).map(Details::likenesses).unwrap_or_default();
    let after = command.details.as_ref().map(Details::likenesses).unwrap_or_default();
    let mut concerned: Vec<(Likeness, Option<By>)> = after.into_iter().map(|(at, by)| (at, Some(by))).collect();
    for (likeness, _) in before {
        if !concerned.iter().any(|(known, _)| *known == likeness) {
            concerned.push((likeness, None));
        }
    }
    let unread = |(likeness, _): &(Likeness, Option<By>)| {
        Some(Key::Accounts(likeness.clone())).filter(|key| !snapshot.knows(key))
    };
    let unread: Vec<Key> = concerned.iter().filter_map(unread).collect();
    if !unread.is_empty() {
        return Err(unread);
    }
    for (likeness, by) in concerned {
        change.expects.push(Key::Accounts(likeness.clone()));
        let none = At::empty(likeness.clone());
        let at = snapshot.accounts(&likeness).unwrap_or(&none);
        let entry = command.details.as_ref().zip(by).map(|(details, by)| details.entry(&command.account, by));
        let with = at.with(&command.account, entry);
        // What is as it was is not written: decisions that rest on it stand.
        if with != *at {
            change.puts.push(Record::Accounts(with));
        }
    }
    let Command { account, revision, details } = command.clone();
    let owner = details.as_ref().map(|details| details.owner.clone());
    change.answer = Answer::AccountTaken(true);
    change.events.push(Event {
        at: now,
        kind: Kind::AccountChanged { account: account.clone(), revision, owner },
        decision: None,
    });
    change.puts.push(Record::Account(Account { id: account, revision, details }));
    Ok(change)
}
