//! The table for people and the file for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use serde_json::json;

use crate::Outcome;
use crate::options::Options;

/// A line of the report.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure.
    pub(crate) measured: String,
    /// What else is to be said of it, or why there is none.
    pub(crate) note: String,
    /// The figure as a share of the floor's, where it has one.
    pub(crate) of_floor: Option<f64>,
    /// What it should be.
    pub(crate) target: Option<Target>,
    /// The figures by name, the unit in the name.
    pub(crate) values: BTreeMap<&'static str, f64>,
}

/// What a figure should be, and whether it is.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) text: String,
    pub(crate) met: bool,
}

impl Target {
    /// At least this share of the floor.
    pub(crate) fn share(least: f64, share: f64) -> Self {
        Self { text: format!("≥ {least} of the floor"), met: share >= least }
    }

    /// At most this.
    pub(crate) fn at_most(text: &str, figure: f64, most: f64) -> Self {
        Self { text: format!("≤ {text}"), met: figure <= most }
    }
}

impl Row {
    /// A row that has only a text yet.
    pub(crate) fn new(what: impl Into<String>, measured: impl Into<String>) -> Self {
        let (what, measured, note) = (what.into(), measured.into(), String::new());
        Self { what, measured, note, of_floor: None, target: None, values: BTreeMap::new() }
    }

    /// A row without a figure, and the reason.
    pub(crate) fn missing(what: impl Into<String>, reason: &str) -> Self {
        Self::new(what, "not shown").note(reason)
    }

    /// Says more.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Names a figure for the file.
    pub(crate) fn value(mut self, name: &'static str, value: f64) -> Self {
        self.values.insert(name, value);
        self
    }

    /// Sets the share of the floor.
    pub(crate) fn of_floor(mut self, share: f64) -> Self {
        self.of_floor = Some(share);
        self.value("of_floor", share)
    }

    /// Sets what it should be.
    pub(crate) fn target(mut self, target: Option<Target>) -> Self {
        self.target = target;
        self
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// Groups of rows with their headings.
    pub(crate) groups: Vec<(&'static str, Vec<Row>)>,
    /// How long all of it took.
    pub(crate) took: Duration,
    /// Which Redis served.
    pub(crate) redis: String,
}

impl Report {
    /// Prints the table and writes the file.
    pub(crate) fn finish(&self, options: &Options) -> Outcome<()> {
        println!("{}", self.table().trim_fmt());
        let cpus = std::thread::available_parallelism()?;
        let took = self.took.as_secs();
        println!("\n{cpus} cpus, redis {}, mimalloc, {took} s; {}", self.redis, crate::load::SHAPE);
        if options.quick {
            println!("--quick: it runs; the figures mean nothing");
        }
        if let Some(folder) = options.json.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&options.json, serde_json::to_string_pretty(&self.json(options))?)?;
        eprintln!("written to {}", options.json.display());
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        table.set_header(["what", "measured", "of the floor", "note", "target", ""]);
        for (number, (heading, rows)) in self.groups.iter().enumerate() {
            if number > 0 {
                table.add_row([""]);
            }
            table.add_row([heading]);
            for row in rows {
                let share = row.of_floor.map(|share| format!("{share:.2}")).unwrap_or_default();
                let (target, met) = match &row.target {
                    None => (String::new(), ""),
                    Some(target) => (target.text.clone(), if target.met { "met" } else { "not met" }),
                };
                table.add_row([
                    format!("  {}", row.what),
                    row.measured.clone(),
                    share,
                    row.note.clone(),
                    target,
                    met.to_owned(),
                ]);
            }
        }
        for column in [1, 2] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn json(&self, options: &Options) -> serde_json::Value {
        let rows = self.groups.iter().flat_map(|(group, rows)| rows.iter().map(move |row| (group, row)));
        let rows = rows.map(|(group, row)| {
            json!({
                "group": group,
                "what": row.what,
                "measured": row.measured,
                "note": row.note,
                "values": row.values,
                "target": row.target.as_ref().map(|target| &target.text),
                "met": row.target.as_ref().map(|target| target.met),
            })
        });
        json!({
            "quick": options.quick,
            "seconds": self.took.as_secs(),
            "redis": self.redis,
            "rows": rows.collect::<Vec<_>>(),
        })
    }
}

/// `12,345 /s`
pub(crate) fn rate(per_second: f64) -> String {
    format!("{} /s", grouped(per_second))
}

/// A time given in milliseconds, in the unit that suits it.
pub(crate) fn time(ms: f64) -> String {
    match ms {
        ms if ms < 0.01 => format!("{:.2} µs", ms * 1e3),
        ms if ms < 1.0 => format!("{:.0} µs", ms * 1e3),
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

/// A whole number with its thousands set apart.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_units() {
        assert_eq!(rate(1_234_567.4), "1,234,567 /s");
        assert_eq!(rate(999.0), "999 /s");
        assert_eq!([time(0.0051), time(0.115), time(4.25), time(61.2)], ["5.10 µs", "115 µs", "4.25 ms", "61 ms"]);
    }

    #[test]
    fn a_target_is_met_at_its_bound() {
        assert!(Target::share(0.7, 0.7).met && !Target::share(0.7, 0.69).met);
        assert!(Target::at_most("5 ms", 5.0, 5.0).met && !Target::at_most("5 ms", 5.1, 5.0).met);
    }
}
