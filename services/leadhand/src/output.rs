//! What a command prints: tables and lines for people, JSON for programs.

use std::io::{self, Write};
use std::time::Duration;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value;

use crate::moment;

/// Prints one line.
pub(crate) fn line(text: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints one JSON document in one line.
pub(crate) fn json(document: &Value) -> io::Result<()> {
    line(document)
}

/// A table with a line under its header. The columns named in `numbers` are set flush right.
pub(crate) fn table(header: &[&str], numbers: &[usize], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─'))).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Prints a table without the blanks at its lines' ends.
pub(crate) fn print_table(table: &Table) -> io::Result<()> {
    line(table.trim_fmt())
}

/// A length for people, in its two largest units: `41 min 12 s`, `2 h`, `350 ms`.
pub(crate) fn length(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        return format!("{} ms", length.as_millis());
    }
    if length < Duration::from_secs(10) {
        return format!("{:.1} s", length.as_secs_f64());
    }
    // A wait that is rounded down ends in one more refusal.
    let seconds = length.as_secs() + u64::from(length.subsec_nanos() > 0);
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let told: Vec<String> = parts[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    told.join(" ")
}

/// A length given in milliseconds; a negative one counts as none.
pub(crate) fn millis(length_ms: i64) -> String {
    length(Duration::from_millis(u64::try_from(length_ms).unwrap_or(0)))
}

/// A moment from the wire for people: date and time in the system's time zone.
pub(crate) fn local(wire: Option<&prost_types::Timestamp>) -> String {
    match wire.and_then(moment::from_wire) {
        Some(moment) => moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        None => "-".to_owned(),
    }
}

/// How long ago a moment from the wire was.
pub(crate) fn ago(wire: Option<&prost_types::Timestamp>, now: Timestamp) -> String {
    match wire.and_then(moment::from_wire) {
        Some(then) => length(Duration::try_from(now.duration_since(then)).unwrap_or_default()),
        None => "-".to_owned(),
    }
}

/// A moment from the wire for programs: RFC 3339 in UTC with milliseconds, or null.
pub(crate) fn rfc3339(wire: Option<&prost_types::Timestamp>) -> Value {
    let moment = wire.and_then(moment::from_wire);
    match moment.and_then(|moment| moment.round(Unit::Millisecond).ok()) {
        Some(moment) => Value::String(format!("{moment:.3}")),
        None => Value::Null,
    }
}

/// The text, or a dash for none.
pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

/// The number, or a dash for none.
pub(crate) fn number_or_dash(number: Option<i32>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_keep_their_two_largest_units() {
        let cases = [
            (0, "0 ms"),
            (350, "350 ms"),
            (1_500, "1.5 s"),
            (60_000, "1 min"),
            (2_472_000, "41 min 12 s"),
            (7_200_000, "2 h"),
            (7_205_000, "2 h"),
            (90_061_000, "1 d 1 h"),
            (3_599_999, "1 h"),
        ];
        for (ms, text) in cases {
            assert_eq!(millis(ms), text, "{ms}");
        }
        assert_eq!(millis(-5), "0 ms");
    }

    #[test]
    fn a_moment_for_programs_has_milliseconds_and_a_zone() {
        let wire = prost_types::Timestamp { seconds: 1_700_000_000, nanos: 5_000_000 };
        assert_eq!(rfc3339(Some(&wire)), "2023-11-14T22:13:20.005Z");
        assert_eq!(rfc3339(None), Value::Null);
    }

    #[test]
    fn a_table_has_a_header_line_and_flush_right_numbers() {
        let table = table(&["pool", "leads"], &[1], [vec!["open".to_owned(), "7".to_owned()]]);
        let lines: Vec<String> = table.trim_fmt().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("pool") && lines[1].contains('─'));
        assert!(lines[2].ends_with("    7"), "{lines:?}");
    }
}
