//! The rows of a CSV file as accounts.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leadhand_proto::account::v1::{Account, AccountKind};

use crate::columns::delimiter;
use crate::moment;

/// The fields of an account, and the headers that mean it besides its own name.
const FIELDS: [(&str, &[&str]); 10] = [
    ("id", &["account", "account_id", "accountid"]),
    ("name", &["company", "account_name", "account name", "company name"]),
    ("domain", &["website", "url"]),
    ("aliases", &["alias", "other domains"]),
    ("subsidiaries", &["subsidiary"]),
    ("owner", &["owner_rep_id", "owner id", "rep"]),
    ("kind", &["type"]),
    ("strategic", &[]),
    ("since", &["customer since", "created"]),
    ("revision", &["version"]),
];

/// The accounts of the rows that can be read, and what is wrong with the others; each with the row's number as a
/// spreadsheet shows it.
type Read = (Vec<(u64, Account)>, Vec<(u64, String)>);

/// Reads a file. `columns` (`field=Column`) says which column holds which field; for the others the headers tell. Rows that
/// name no revision of their own have `revision`.
pub(super) fn read(content: &[u8], columns: &[String], revision: u64, now: Timestamp) -> Result<Read, String> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter(content)).trim(Trim::All).from_reader(content);
    let headers = reader.headers().map_err(|error| format!("the header cannot be read: {error}"))?.clone();
    let columns = self::columns(&headers, columns)?;
    for needed in ["id", "owner"] {
        if !columns.contains_key(needed) {
            return Err(format!("the file has no column `{needed}`: name it with --columns {needed}=COLUMN"));
        }
    }
    let (mut accounts, mut wrong) = (Vec::new(), Vec::new());
    for (record, row) in reader.records().zip(2..) {
        let account = record.map_err(|error| error.to_string());
        match account.and_then(|record| account_of(&record, &columns, revision, now)) {
            Ok(account) => accounts.push((row, account)),
            Err(fault) => wrong.push((row, fault)),
        }
    }
    Ok((accounts, wrong))
}

fn columns(headers: &StringRecord, given: &[String]) -> Result<BTreeMap<&'static str, usize>, String> {
    let find = |column: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(column));
    let mut columns = BTreeMap::new();
    for pair in given {
        let (field, column) = pair.split_once('=').ok_or_else(|| format!("--columns {pair}: expected FIELD=COLUMN"))?;
        let known = FIELDS.iter().find(|(known, _)| *known == field.trim()).ok_or_else(|| {
            let fields: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
            format!("--columns {pair}: not a field of an account; the fields are: {}", fields.join(", "))
        })?;
        let at = find(column.trim()).ok_or_else(|| {
            let has: Vec<&str> = headers.iter().collect();
            format!("--columns {pair}: the file has no column `{column}`; it has: {}", has.join(", "))
        })?;
        columns.insert(known.0, at);
    }
    for (field, headers) in FIELDS {
        if !columns.contains_key(field)
            && let Some(at) = std::iter::once(&field).chain(headers).find_map(|header| find(header))
        {
            columns.insert(field, at);
        }
    }
    Ok(columns)
}

fn account_of(
    record: &StringRecord,
    columns: &BTreeMap<&'static str, usize>,
    revision: u64,
    now: Timestamp,
) -> Result<Account, String> {
    let cell = |field: &str| columns.get(field).and_then(|at| record.get(*at)).unwrap_or_default();
    let list = |field: &str| {
        let parts = cell(field).split([',', ';', ' ', '|']).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    let kind = match cell("kind").to_lowercase().as_str() {
        "" | "customer" => AccountKind::Customer,
        "named" | "target" => AccountKind::Named,
        _ => return Err("kind: customer or named".to_owned()),
    };
    let strategic = match cell("strategic").to_lowercase().as_str() {
        "" | "0" | "no" | "false" => false,
        "1" | "yes" | "true" => true,
        _ => return Err("strategic: yes or no".to_owned()),
    };
    let since = match cell("since") {
        "" => None,
        text => {
            let since = moment::parse(text, now, &TimeZone::UTC).map_err(|expected| format!("since: {expected}"))?;
            Some(moment::to_wire(since))
        }
    };
    Ok(Account {
        account_id: cell("id").to_owned(),
        name: cell("name").to_owned(),
        domain: cell("domain").to_owned(),
        aliases: list("aliases"),
        subsidiaries: list("subsidiaries"),
        owner_rep_id: cell("owner").to_owned(),
        kind: kind.into(),
        strategic,
        since,
        revision: match cell("revision") {
            "" => revision,
            text => text.parse().map_err(|_| "revision: a whole number".to_owned())?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, columns: &[&str]) -> Result<Read, String> {
        let columns: Vec<String> = columns.iter().map(|pair| (*pair).to_owned()).collect();
        super::read(content.as_bytes(), &columns, 7, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn columns_go_by_their_headers_and_by_what_is_said_before_that() {
        let content = "Account;Company;Website;alias;Owner;kind;since;Boss\n\
                       acme;Acme GmbH;acme.com;acme.de, acme.net;ana;;2024-05-01;bo\nb;;b.com;;ana;named;;cy\n";
        let (accounts, wrong) = read(content, &["owner=boss"]).unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        let (row, acme) = &accounts[0];
        assert_eq!((*row, &*acme.account_id, &*acme.owner_rep_id, acme.revision), (2, "acme", "bo", 7));
        assert_eq!((&*acme.name, &*acme.domain, acme.aliases.len()), ("Acme GmbH", "acme.com", 2));
        assert_eq!(acme.since.as_ref().unwrap().seconds, 1_714_521_600);
        assert_eq!((acme.kind(), accounts[1].1.kind()), (AccountKind::Customer, AccountKind::Named));
    }

    #[test]
    fn a_faulty_row_is_told_and_the_others_are_read() {
        let content = "id,owner,kind,strategic,revision\na,ana,partner,,\nb,ana,,maybe,\nc,ana,,yes,3\nd,ana,,,x\n";
        let (accounts, wrong) = read(content, &[]).unwrap();
        assert_eq!((accounts[0].0, accounts[0].1.revision), (4, 3));
        assert_eq!(wrong.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 3, 5]);
        assert!(read("id,name\n", &[]).unwrap_err().contains("--columns owner=COLUMN"));
        assert!(read("id,owner\n", &["boss=owner"]).unwrap_err().contains("not a field"));
        assert!(read("id,owner\n", &["owner=boss"]).unwrap_err().contains("it has: id, owner"));
    }
}
