//! Which column of a CSV file holds which field of a lead, and the rows read by it.

use std::collections::{BTreeMap, HashMap};

use csv::StringRecord;
use sha2::{Digest, Sha256};

use crate::field::{FIELDS, Field};

/// Which column holds which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// The fields and the indices of their columns.
    pub(crate) of: BTreeMap<Field, usize>,
    /// The headers of the columns that hold no field.
    pub(crate) unused: Vec<String>,
    headers: Vec<String>,
}

impl Columns {
    /// The columns named in `map` (`field=Column`), and for the other fields those whose header tells what they are; of
    /// several, the one that tells it best, and of equals the first.
    pub(crate) fn new(headers: &StringRecord, map: &[String]) -> Result<Self, String> {
        let headers: Vec<String> = headers.iter().map(|header| header.trim().to_owned()).collect();
        let mut of = BTreeMap::new();
        for pair in map {
            let (path, column) = pair.split_once('=').ok_or_else(|| format!("--map {pair}: expected FIELD=COLUMN"))?;
            let field = Field::parse(path.trim()).ok_or_else(|| unknown_field(path))?;
            let at = find(&headers, column.trim()).ok_or_else(|| {
                format!("--map {pair}: the file has no column `{column}`; it has: {}", headers.join(", "))
            })?;
            if of.insert(field, at).is_some() {
                return Err(format!("--map {pair}: {path} is mapped twice"));
            }
        }
        let mut found: BTreeMap<Field, (usize, usize)> = BTreeMap::new();
        for (at, header) in headers.iter().enumerate() {
            // A column that was given a meaning has no second one.
            if of.values().any(|taken| *taken == at) {
                continue;
            }
            if let Some((field, rank)) = Field::of_header(header)
                && !of.contains_key(&field)
                && found.get(&field).is_none_or(|(best, _)| rank < *best)
            {
                found.insert(field, (rank, at));
            }
        }
        of.extend(found.into_iter().map(|(field, (_, at))| (field, at)));
        whole_name_first(&mut of);
        let unused = headers
            .iter()
            .enumerate()
            .filter(|(at, _)| !of.values().any(|taken| taken == at))
            .map(|(_, header)| header.clone())
            .collect();
        Ok(Self { of, unused, headers })
    }

    /// The fields of a row; those that the row leaves empty are taken from `defaults`.
    pub(crate) fn values(&self, row: &StringRecord, defaults: &BTreeMap<Field, String>) -> BTreeMap<Field, String> {
        let mut values = defaults.clone();
        for (field, at) in &self.of {
            match row.get(*at).map(str::trim) {
                Some(text) if !text.is_empty() => values.insert(field.clone(), text.to_owned()),
                _ => None,
            };
        }
        whole_name_first(&mut values);
        values
    }

    /// The header of the column that holds the field which a service calls `path`.
    pub(crate) fn header_of(&self, path: &str) -> Option<&str> {
        let field = self.of.iter().find(|(field, _)| matches!(field, Field::Plain(_)) && field.path() == path);
        field.map(|(_, at)| self.headers[*at].as_str())
    }
}

/// A whole name makes its parts superfluous.
fn whole_name_first<T>(fields: &mut BTreeMap<Field, T>) {
    if fields.contains_key(&Field::Plain("contact.name")) {
        fields.remove(&Field::Plain("contact.first_name"));
        fields.remove(&Field::Plain("contact.last_name"));
    }
}

fn find(headers: &[String], column: &str) -> Option<usize> {
    let exact = headers.iter().position(|header| header == column);
    exact.or_else(|| headers.iter().position(|header| header.eq_ignore_ascii_case(column)))
}

fn unknown_field(path: &str) -> String {
    let known: Vec<&str> = FIELDS.iter().map(|(path, _)| *path).collect();
    format!("--map {path}: not a field of a lead; the fields are: {}, attributes.NAME", known.join(", "))
}

/// The character that separates the columns, told from the header line.
pub(crate) fn delimiter(text: &[u8]) -> u8 {
    let header = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && delimiter == byte) {
            *count += 1;
        }
    }
    // Of equals the first: a file of one column has none, and any will do.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Gives each row of an import its request id.
///
/// The id is made of the import's name and the row's cells, not of the row's place: importing again what was routed
/// already changes nothing, also after rows were corrected, added or sorted, and a corrected row is a new request. Rows that
/// are equal are told apart by counting them.
#[derive(Debug)]
pub(crate) struct RequestIds {
    import: String,
    seen: HashMap<[u8; 32], u64>,
}

impl RequestIds {
    /// For the import of this name.
    pub(crate) fn new(import: &str) -> Self {
        Self { import: import.to_owned(), seen: HashMap::new() }
    }

    /// The id of the next row.
    pub(crate) fn next(&mut self, row: &StringRecord) -> String {
        let mut hash = Sha256::new();
        for part in std::iter::once(self.import.as_str()).chain(row) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let body: [u8; 32] = hash.finalize().into();
        let nth = self.seen.entry(body).or_insert(0);
        *nth += 1;
        let hex: String = body[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("csv-{hex}-{nth}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cells: &[&str]) -> StringRecord {
        StringRecord::from(cells.to_vec())
    }

    fn columns(headers: &[&str], map: &[&str]) -> Result<Columns, String> {
        let map: Vec<String> = map.iter().map(|pair| (*pair).to_owned()).collect();
        Columns::new(&record(headers), &map)
    }

    fn field(path: &str) -> Field {
        Field::parse(path).unwrap()
    }

    #[test]
    fn columns_go_by_their_headers_and_by_the_map_before_that() {
        let columns =
            columns(&["origin", "Company", "Account", "E-mail", "Shoe size"], &["company.name=account"]).unwrap();
        assert_eq!(columns.of, [(field("source"), 0), (field("company.name"), 2), (field("contact.email"), 3)].into());
        assert_eq!(columns.unused, ["Company", "Shoe size"]);
        assert_eq!(columns.header_of("lead.contact.email"), Some("E-mail"));
        assert_eq!(columns.header_of("lead.score"), None);
    }

    #[test]
    fn the_better_header_wins_and_of_equals_the_first() {
        let columns = columns(&["created", "Captured at", "email", "Email"], &[]).unwrap();
        assert_eq!(columns.of, [(field("captured_at"), 1), (field("contact.email"), 2)].into());
    }

    #[test]
    fn a_map_that_does_not_fit_is_refused_and_says_what_does() {
        for (map, said) in [
            ("source", "expected FIELD=COLUMN"),
            ("sauce=origin", "contact.email"),
            ("source=from", "it has: origin, x"),
            ("attributes.=x", "not a field"),
        ] {
            let refused = columns(&["origin", "x"], &[map]).unwrap_err();
            assert!(refused.contains(said), "{refused}");
        }
        assert!(columns(&["a", "b"], &["source=a", "source=b"]).unwrap_err().contains("twice"));
    }

    #[test]
    fn rows_take_from_the_defaults_what_they_lack() {
        let columns = columns(&["Source", "First name", "Last name", "colour"], &["attributes.colour=colour"]).unwrap();
        let defaults = [(field("source"), "webinar".to_owned()), (field("score"), "50".to_owned())].into();
        let values = columns.values(&record(&[" ", "Jo", "Doe", "red"]), &defaults);
        assert_eq!(values[&field("source")], "webinar");
        assert_eq!(values[&field("score")], "50");
        assert_eq!(values[&field("contact.last_name")], "Doe");
        assert_eq!(values[&field("attributes.colour")], "red");
    }

    #[test]
    fn the_delimiter_is_told_from_the_header() {
        assert_eq!(delimiter(b"a,b;c,d\n1;2;3;4;5"), b',');
        assert_eq!(delimiter(b"a;b\n"), b';');
        assert_eq!(delimiter(b"a\tb"), b'\t');
        assert_eq!(delimiter(b"\"a;b;c\",d"), b',');
        assert_eq!(delimiter(b""), b',');
    }

    #[test]
    fn a_row_keeps_its_request_id_wherever_it_stands() {
        let ids = |rows: &[&[&str]]| -> Vec<String> {
            let mut ids = RequestIds::new("leads.csv");
            rows.iter().map(|row| ids.next(&record(row))).collect()
        };
        let first = ids(&[&["a", "b"], &["c", "d"], &["a", "b"]]);
        assert_eq!(ids(&[&["c", "d"], &["a", "b"]]), [first[1].clone(), first[0].clone()]);
        assert_ne!(first[0], first[2], "equal rows are two leads");
        assert_ne!(ids(&[&["ab", ""]]), ids(&[&["a", "b"]]), "cells do not run together");
        assert_ne!(ids(&[&["a", "c"]]), ids(&[&["a", "b"]]), "every cell counts");
        assert_ne!(RequestIds::new("other.csv").next(&record(&["a", "b"])), first[0]);
        assert!(first.iter().all(|id| id.len() <= 64));
    }
}
