//! The rows of a CSV file as leads, each with its place and its request id.

use std::collections::BTreeMap;

use csv::{Reader, ReaderBuilder, StringRecord};
use jiff::Timestamp;
use leadhand_proto::lead::v1::Lead;

use crate::columns::{Columns, RequestIds, delimiter};
use crate::field::{self, Field, Wrong};

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its number as a spreadsheet shows it: the header is row 1.
    pub(crate) number: u64,
    /// The name of the call that routes it.
    pub(crate) request_id: String,
    /// The lead, or all that is wrong with it.
    pub(crate) lead: Result<Lead, Vec<Wrong>>,
}

/// A file being read.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    /// Which column holds which field.
    pub(crate) columns: Columns,
    reader: Reader<&'a [u8]>,
    ids: RequestIds,
    defaults: BTreeMap<Field, String>,
    now: Timestamp,
    number: u64,
}

impl<'a> Rows<'a> {
    /// Reads the header. `map` and `defaults` are as for [`Columns`]; `import` names the import in the request ids.
    ///
    /// # Errors
    /// When there is no header, when `map` does not fit it, and when nothing tells the leads' source.
    pub(crate) fn open(
        content: &'a [u8],
        map: &[String],
        defaults: BTreeMap<Field, String>,
        import: &str,
        now: Timestamp,
    ) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new().delimiter(delimiter(content)).from_reader(content);
        let headers = reader.headers().map_err(|error| format!("the header cannot be read: {error}"))?;
        if headers.is_empty() {
            return Err("the file is empty: its first row must name the columns".to_owned());
        }
        let columns = Columns::new(headers, map)?;
        let source = Field::Plain("source");
        if !columns.of.contains_key(&source) && !defaults.contains_key(&source) {
            return Err(format!(
                "no column tells where the leads come from: name it with --map source=COLUMN, or give all rows one \
                 with --source; the columns are: {}",
                headers.iter().collect::<Vec<_>>().join(", ")
            ));
        }
        Ok(Self { columns, reader, ids: RequestIds::new(import), defaults, now, number: 1 })
    }

    /// How many rows a file has below its header.
    pub(crate) fn count(content: &[u8]) -> u64 {
        let mut reader = ReaderBuilder::new().delimiter(delimiter(content)).flexible(true).from_reader(content);
        let mut record = csv::ByteRecord::new();
        let mut count = 0;
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            count += 1;
        }
        count
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let mut record = StringRecord::new();
        let read = self.reader.read_record(&mut record);
        self.number += 1;
        let lead = match read {
            Ok(false) => return None,
            Ok(true) => field::lead(self.columns.values(&record, &self.defaults), self.now),
            Err(error) => Err(vec![Wrong { field: String::new(), description: unreadable(&error) }]),
        };
        Some(Row { number: self.number, request_id: self.ids.next(&record), lead })
    }
}

fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the header has {expected_len}: is a quote missing?")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8: save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(content: &str) -> Result<Rows<'_>, String> {
        Rows::open(content.as_bytes(), &[], BTreeMap::new(), "x", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let content = "source,notes,score\nweb,\"two\nlines\",1\nweb,x\nweb,y,high\n";
        let rows: Vec<Row> = open(content).unwrap().collect();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(rows[0].lead.as_ref().unwrap().notes, "two\nlines");
        assert!(rows[1].lead.as_ref().unwrap_err()[0].description.starts_with("2 cells where"));
        assert_eq!(rows[2].lead.as_ref().unwrap_err()[0].field, "lead.score");
        assert_eq!(Rows::count(content.as_bytes()), 3);
    }

    #[test]
    fn a_file_that_cannot_work_is_refused_before_its_first_row() {
        assert!(open("").unwrap_err().contains("empty"));
        assert!(open("name,email\n").unwrap_err().contains("--map source=COLUMN"));
        let source = [(Field::Plain("source"), "web".to_owned())].into();
        assert!(Rows::open(b"name\nx\n", &[], source, "x", Timestamp::UNIX_EPOCH).is_ok());
    }

    #[test]
    fn the_sample_has_no_faulty_row() {
        let content = include_str!("../demo/leads.csv");
        let rows: Vec<Row> = open(content).unwrap().collect();
        assert_eq!(rows.len(), 400);
        assert!(rows.iter().all(|row| row.lead.is_ok()));
        assert!(open(content).unwrap().columns.unused.is_empty());
    }
}
