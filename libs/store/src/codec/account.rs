//! Accounts, and what leads to them.

use leadhand_domain::account::{Account, At, By, Details, Entry, Kind, LeftOut, Likeness, Rank};
use leadhand_domain::id::{AccountId, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

pub(super) fn to_stored(at: &At) -> stored::AccountsAt {
    let (Likeness::Domain(likeness) | Likeness::Name(likeness)) = &at.likeness;
    let entry = |entry: &Entry| stored::AccountEntry {
        owner: entry.owner.to_string(),
        strategic: entry.strategic,
        ..rank_to_stored(entry.kind, &entry.rank())
    };
    let left_out = [Kind::Customer, Kind::Named]
        .into_iter()
        .filter_map(|kind| at.left_out.of(kind).map(|rank| rank_to_stored(kind, rank)))
        .collect();
    stored::AccountsAt { likeness: likeness.to_string(), entries: at.entries.iter().map(entry).collect(), left_out }
}

fn rank_to_stored(kind: Kind, rank: &Rank) -> stored::AccountEntry {
    stored::AccountEntry {
        account: rank.account.to_string(),
        by: match rank.by {
            By::Domain => 1,
            By::Alias => 2,
            By::Parent => 3,
            By::Name => 4,
        },
        named: kind == Kind::Named,
        since: rank.since.0,
        ..stored::AccountEntry::default()
    }
}

pub(super) fn from_stored(likeness: &Likeness, from: stored::AccountsAt) -> Result<At, Fault> {
    let mut entries = Vec::with_capacity(from.entries.len());
    for entry in from.entries {
        let Rank { by, since, account } = rank_from_stored(&entry)?;
        let (kind, owner) = (kind(entry.named), RepId::parse(&entry.owner)?);
        entries.push(Entry { account, by, kind, owner, strategic: entry.strategic, since });
    }
    let mut left_out = LeftOut::default();
    for entry in from.left_out {
        left_out.note(kind(entry.named), rank_from_stored(&entry)?);
    }
    Ok(At { likeness: likeness.clone(), entries, left_out })
}

fn rank_from_stored(entry: &stored::AccountEntry) -> Result<Rank, Fault> {
    let by = match entry.by {
        1 => By::Domain,
        2 => By::Alias,
        3 => By::Parent,
        4 => By::Name,
        _ => return Err(Fault::Other("unknown likeness of an account")),
    };
    Ok(Rank { by, since: Millis(entry.since), account: AccountId::parse(&entry.account)? })
}

fn kind(named: bool) -> Kind {
    if named { Kind::Named } else { Kind::Customer }
}

pub(super) fn account_to_stored(account: &Account) -> stored::Account {
    let details = account.details.as_ref().map(|details| stored::AccountDetails {
        name: details.name.clone(),
        domain: details.domain.clone(),
        aliases: details.aliases.clone(),
        subsidiaries: details.subsidiaries.clone(),
        owner: details.owner.to_string(),
        named: details.kind == Kind::Named,
        strategic: details.strategic,
        since: details.since.0,
    });
    stored::Account { account: account.id.to_string(), revision: account.revision, details }
}

pub(super) fn account_from_stored(from: stored::Account) -> Result<Account, Fault> {
    let details = |from: stored::AccountDetails| -> Result<Details, Fault> {
        Ok(Details {
            name: from.name,
            domain: from.domain,
            aliases: from.aliases,
            subsidiaries: from.subsidiaries,
            owner: RepId::parse(&from.owner)?,
            kind: kind(from.named),
            strategic: from.strategic,
            since: Millis(from.since),
        })
    };
    let details = from.details.map(details).transpose()?;
    Ok(Account { id: AccountId::parse(&from.account)?, revision: from.revision, details })
}
