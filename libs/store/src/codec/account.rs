//! What leads to accounts.

use leadhand_domain::account::{At, By, Entry, Kind, Likeness};
use leadhand_domain::id::{AccountId, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

pub(super) fn to_stored(at: &At) -> stored::AccountsAt {
    let (Likeness::Domain(likeness) | Likeness::Name(likeness)) = &at.likeness;
    let entry = |entry: &Entry| stored::AccountEntry {
        account: entry.account.to_string(),
        by: match entry.by {
            By::Domain => 1,
            By::Alias => 2,
            By::Parent => 3,
            By::Name => 4,
        },
        named: entry.kind == Kind::Named,
        owner: entry.owner.to_string(),
        strategic: entry.strategic,
        since: entry.since.0,
    };
    stored::AccountsAt { likeness: likeness.to_string(), entries: at.entries.iter().map(entry).collect() }
}

pub(super) fn from_stored(likeness: &Likeness, from: stored::AccountsAt) -> Result<At, Fault> {
    let mut entries = Vec::with_capacity(from.entries.len());
    for entry in from.entries {
        entries.push(Entry {
            account: AccountId::parse(&entry.account)?,
            by: match entry.by {
                1 => By::Domain,
                2 => By::Alias,
                3 => By::Parent,
                4 => By::Name,
                _ => return Err(Fault::Other("unknown likeness of an account")),
            },
            kind: if entry.named { Kind::Named } else { Kind::Customer },
            owner: RepId::parse(&entry.owner)?,
            strategic: entry.strategic,
            since: Millis(entry.since),
        });
    }
    Ok(At { likeness: likeness.clone(), entries })
}
