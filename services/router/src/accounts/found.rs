//! Accounts as they are now.

use std::collections::HashSet;

use leadhand_domain::account::{self, Account, Entry, Kind, Likeness};
use leadhand_domain::id::{AccountId, Workspace};
use leadhand_domain::lead::Company;
use leadhand_domain::record::Key;
use leadhand_domain::time::Millis;
use leadhand_proto::account::v1 as wire;
use leadhand_proto::decision_wire;
use leadhand_proto::time::timestamp;
use leadhand_store::{Error, Store};

/// The account, also what is left of one that was deleted.
pub(super) async fn account(store: &Store, workspace: &Workspace, id: &AccountId) -> Result<Option<Account>, Error> {
    let read = store.read(workspace, &[Key::Account(id.clone())]).await?;
    Ok(read.account(id).cloned())
}

/// The accounts that a company is, the one that acts first: as routing finds them, see `account::choose`.
pub(super) async fn matches(store: &Store, workspace: &Workspace, company: &Company) -> Result<Vec<Entry>, Error> {
    let likenesses = Likeness::of(company);
    let keys: Vec<Key> = likenesses.iter().cloned().map(Key::Accounts).collect();
    let read = store.read(workspace, &keys).await?;
    let policy = store.policy(workspace).await?;
    let mut found: Vec<Entry> = Vec::new();
    for likeness in &likenesses {
        found.extend(policy.iter().flat_map(|policy| policy.accounts(likeness)).cloned());
        found.extend(read.accounts(likeness).into_iter().flat_map(|at| at.entries.iter().cloned()));
    }
    found.sort_by_key(|entry| (entry.kind, entry.rank()));
    let mut seen = HashSet::new();
    found.retain(|entry| seen.insert(entry.account.clone()));
    debug_assert!(
        found
            .first()
            .is_none_or(|first| { account::choose(&found, first.kind).is_some_and(|(chosen, _)| chosen == first) })
    );
    Ok(found)
}

fn kind(kind: Kind) -> wire::AccountKind {
    match kind {
        Kind::Customer => wire::AccountKind::Customer,
        Kind::Named => wire::AccountKind::Named,
    }
}

/// When it is an account since, unless that is before all others.
fn since(since: Millis) -> Option<prost_types::Timestamp> {
    (since != Millis(0)).then(|| timestamp(since))
}

/// `None` when it was deleted.
pub(super) fn to_wire(account: Account) -> Option<wire::Account> {
    let details = account.details?;
    Some(wire::Account {
        account_id: account.id.to_string(),
        name: details.name,
        domain: details.domain,
        aliases: details.aliases,
        subsidiaries: details.subsidiaries,
        owner_rep_id: details.owner.to_string(),
        kind: kind(details.kind).into(),
        strategic: details.strategic,
        since: since(details.since),
        revision: account.revision,
    })
}

pub(super) fn match_to_wire(entry: &Entry) -> wire::Match {
    wire::Match {
        account_id: entry.account.to_string(),
        by: decision_wire::account_match(entry.by).into(),
        kind: kind(entry.kind).into(),
        owner_rep_id: entry.owner.to_string(),
        strategic: entry.strategic,
        since: since(entry.since),
    }
}
