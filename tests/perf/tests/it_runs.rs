//! The bench runs: every group, briefly; but for the deadlines, of which the first comes after 45 seconds. Nothing is said about speed.

use std::process::Command;

#[test]
fn every_row_has_a_figure_and_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("perf.json");
    let run = Command::new(env!("CARGO_BIN_EXE_perf")).arg("--quick").arg("--json").arg(&json).output().unwrap();
    let (table, progress) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{progress}");
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let rows = written["rows"].as_array().unwrap();
    for what in [
        "the floor",
        "RouteLead",
        "ClaimLead",
        "RecordContact",
        "50 claimers",
        "UpsertAccounts",
        "RouteLead where there are",
        "to 50 subscribers",
        "leadhand-router",
    ] {
        let row = rows.iter().find(|row| row["what"].as_str().is_some_and(|name| name.starts_with(what)));
        let row = row.unwrap_or_else(|| panic!("no row for {what} in {written:#}"));
        assert!(table.contains(row["measured"].as_str().unwrap()), "{table}");
    }
    for row in rows {
        let figures = row["values"].as_object().unwrap();
        let none = row["measured"].as_str().unwrap().starts_with("not shown");
        assert!(none || figures.values().all(|figure| figure.as_f64().is_some_and(f64::is_finite)), "{row}");
        assert!(none || !figures.is_empty(), "{row}");
    }
}
