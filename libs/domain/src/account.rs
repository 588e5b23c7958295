//! Accounts: companies already customers, and target companies named for a rep. Which one a lead's company is.
//!
//! | module | holds |
//! |---|---|
//! | [`At`] | what one domain or name leads to |
//! | [`change`] | accounts streamed in and out |

use std::sync::Arc;

use crate::company::domain::Registrable;
use crate::company::name::Name;
use crate::event::AccountTrace;
use crate::id::{AccountId, RepId};
use crate::lead::Company;
use crate::time::Millis;

mod at;
pub mod change;

pub use at::{At, EMPTY_KEPT, LeftOut, MAX_ENTRIES, Rank};

/// By what a lead's company was found to be an account, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// The account's own domain.
    Domain,
    /// Another domain of the account.
    Alias,
    /// The domain of its parent company.
    Parent,
    /// The name, without its legal form.
    Name,
}

/// What leads to accounts: a registrable domain, or a name without its legal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// A domain, lower case.
    Domain(Arc<str>),
    /// A name, normalised.
    Name(Arc<str>),
}

impl Likeness {
    /// The domain's: its registrable part, or all of it where that is not known. `None` when it is none.
    pub fn domain(domain: &str) -> Option<Self> {
        let host = crate::company::domain::ascii(domain.trim())?;
        let registrable = Registrable::of(&host).map(|registrable| registrable.as_str().into());
        match registrable {
            Some(domain) => Some(Self::Domain(domain)),
            None => host.contains('.').then(|| Self::Domain(host.into())),
        }
    }

    /// The name's: one, or two where it can be spelled in two ways; none when nothing is left without the legal form.
    pub fn names(name: &str) -> Vec<Self> {
        let name = Name::of(name);
        name.iter().flat_map(Name::keys).map(|key| Self::Name(key.into())).collect()
    }

    /// What leads from a lead's company to accounts.
    pub fn of(company: &Company) -> Vec<Self> {
        let mut likenesses = Self::names(&company.name);
        likenesses.extend(Self::domain(&company.domain));
        likenesses
    }
}

/// An account as it was streamed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Grows with each change of the account.
    pub revision: u64,
    /// What is known of it; `None` when it was deleted, and only its revision is kept.
    pub details: Option<Details>,
}

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The company's name; empty when not known.
    pub name: String,
    /// Its domain; empty when not known.
    pub domain: String,
    /// Further domains of its own.
    pub aliases: Vec<String>,
    /// Domains of companies whose parent it is.
    pub subsidiaries: Vec<String>,
    /// Whose it is.
    pub owner: RepId,
    /// Customer or target.
    pub kind: Kind,
    /// Whether it is one of those that matter most.
    pub strategic: bool,
    /// Since when it is an account.
    pub since: Millis,
}

/// What a company is to the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A customer: its owner gets its leads.
    Customer,
    /// A target company, assigned to a rep.
    Named,
}

/// An account as one of its domains or names leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: AccountId,
    /// By what.
    pub by: By,
    /// Customer or target.
    pub kind: Kind,
    /// Whose it is.
    pub owner: RepId,
    /// Whether it is one of those that matter most.
    pub strategic: bool,
    /// Since when it is an account.
    pub since: Millis,
}

impl Entry {
    /// Where it stands among those of its kind.
    pub fn rank(&self) -> Rank {
        Rank { by: self.by, since: self.since, account: self.account.clone() }
    }
}

/// The account that acts among all that were found: by the surest likeness, then the oldest, then the first by id.
pub fn choose<'a>(found: impl IntoIterator<Item = &'a Entry>, kind: Kind) -> Option<(&'a Entry, AccountTrace)> {
    let mut candidates: Vec<&Entry> = found.into_iter().filter(|entry| entry.kind == kind).collect();
    candidates.sort_by_key(|entry| entry.rank());
    candidates.dedup_by(|later, earlier| later.account == earlier.account);
    let first = *candidates.first()?;
    // One account may be found in several ways, not next to each other.
    let others = candidates[1..].iter().filter(|entry| entry.account != first.account).count();
    let others = u32::try_from(others).unwrap_or(u32::MAX);
    Some((first, AccountTrace { account: first.account.clone(), by: first.by, others }))
}

#[cfg(test)]
mod tests;
