//! `leadhand route --csv`: every row of a file, several at once, and what became of each.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::path::Path;

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use leadhand_proto::router::v1::RouteLeadResponse;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::told;
use serde_json::{Value, json};

use crate::cli::Route;
use crate::client::Session;
use crate::columns::Columns;
use crate::failure::{Exit, Failure};
use crate::field::{self, Field};
use crate::rows::{Row, Rows};
use crate::{moment, output};

use super::route::{route, routed_json};

/// How many faulty rows are shown to people; programs are told of all.
const FAULTS_SHOWN: usize = 50;

/// Runs the command.
pub(super) async fn run(session: impl Future<Output = Result<Session, Failure>>, args: Route) -> Result<Exit, Failure> {
    let path = args.csv.clone().unwrap_or_default();
    let content = super::read(&path)?;
    let defaults = field::of_flags(&args.lead).map_err(Failure::Input)?;
    let import = args.import_id.clone().unwrap_or_else(|| name(&path));
    let rows = Rows::open(&content, &args.map, defaults, &import, moment::now()).map_err(Failure::Input)?;
    let columns = rows.columns.clone();
    let limit = args.limit.unwrap_or(usize::MAX);
    let total = Rows::count(&content).min(limit as u64);
    let session = session.await?;
    if !session.json {
        eprintln!("{}", told_columns(&columns));
    }

    let bar = bar(total, session.json);
    let mut tally = Tally { total, ..Tally::default() };
    let interrupted = std::pin::pin!(async {
        // Without a handler for it, interrupting ends the process, which is fine too.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    let mut done = futures_util::stream::iter(rows.take(limit))
        .take_until(interrupted)
        .map(|row| route_row(&session, row))
        .buffer_unordered(usize::from(args.in_flight));
    while let Some((number, request_id, outcome)) = done.next().await {
        bar.inc(1);
        if session.json {
            output::json(&row_json(number, &request_id, &outcome))?;
        }
        match outcome {
            Ok(routed) => tally.routed(&routed),
            Err(fault) => {
                // What the others wait for will not come either.
                let unavailable = fault.exit() == Exit::Unavailable;
                tally.faults.push((number, fault));
                if unavailable {
                    break;
                }
            }
        }
    }
    bar.finish_and_clear();
    tally.report(&session, &columns)?;
    Ok(tally.exit())
}

/// The import's name: the file's, whatever folder it is in.
fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn bar(total: u64, json: bool) -> ProgressBar {
    if json || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {per_sec}, {eta} left");
    // The template is a constant that a test parses.
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn route_row(session: &Session, row: Row) -> (u64, String, Result<RouteLeadResponse, Fault>) {
    let outcome = match row.lead {
        Ok(lead) => {
            route(session, row.request_id.clone(), lead).await.map_err(|status| Fault::from(Failure::from(status)))
        }
        Err(wrong) => Err(Fault::Row(wrong.into_iter().map(|wrong| (wrong.field, wrong.description)).collect())),
    };
    (row.number, row.request_id, outcome)
}

/// Why a row was not routed.
#[derive(Debug)]
enum Fault {
    /// The row's cells are wrong: fields and what is wrong with them. A row that cannot be read has no field.
    Row(Vec<(String, String)>),
    /// Anything else.
    Call(Failure),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        if let Failure::Answered(status) = &failure {
            let fields = told(status).fields;
            if !fields.is_empty() {
                return Self::Row(fields.into_iter().map(|field| (field.field, field.description)).collect());
            }
        }
        Self::Call(failure)
    }
}

impl Fault {
    fn exit(&self) -> Exit {
        match self {
            Self::Row(_) => Exit::Input,
            Self::Call(failure) => failure.exit(),
        }
    }
}

/// What became of the rows.
#[derive(Debug, Default)]
struct Tally {
    total: u64,
    assigned: BTreeMap<(String, String), u64>,
    offered: BTreeMap<(String, String), u64>,
    pooled: BTreeMap<String, u64>,
    /// Held, closed long ago, or somewhere that this version does not know.
    elsewhere: BTreeMap<&'static str, u64>,
    faults: Vec<(u64, Fault)>,
}

impl Tally {
    fn routed(&mut self, routed: &RouteLeadResponse) {
        let leads = match &routed.outcome {
            Some(Outcome::Assigned(it)) => self.assigned.entry((it.team_id.clone(), it.rep_id.clone())).or_default(),
            Some(Outcome::Offered(it)) => self.offered.entry((it.team_id.clone(), it.rep_id.clone())).or_default(),
            Some(Outcome::Pooled(it)) => self.pooled.entry(it.pool_id.clone()).or_default(),
            Some(Outcome::Held(_)) => self.elsewhere.entry("held").or_default(),
            Some(Outcome::Closed(_)) => self.elsewhere.entry("closed").or_default(),
            None => self.elsewhere.entry("unknown").or_default(),
        };
        *leads += 1;
    }

    /// How many rows went where, in the order in which it is told.
    fn counts(&self) -> [(&'static str, u64); 6] {
        let elsewhere = |place| self.elsewhere.get(place).copied().unwrap_or_default();
        [
            ("assigned", self.assigned.values().sum()),
            ("offered", self.offered.values().sum()),
            ("pooled", self.pooled.values().sum()),
            ("held", elsewhere("held")),
            ("closed", elsewhere("closed")),
            ("unknown", elsewhere("unknown")),
        ]
    }

    /// Rows that were routed, now or before.
    fn done(&self) -> u64 {
        self.counts().iter().map(|(_, leads)| leads).sum()
    }

    /// Rows of which no answer is known.
    fn open(&self) -> u64 {
        self.total.saturating_sub(self.done() + self.faults.len() as u64)
    }

    fn exit(&self) -> Exit {
        match (self.faults.first(), self.done()) {
            (None, _) if self.open() == 0 => Exit::Done,
            (None, 0) => Exit::Unavailable,
            (Some((_, fault)), 0) => fault.exit(),
            _ => Exit::Partly,
        }
    }

    fn report(&mut self, session: &Session, columns: &Columns) -> Result<(), Failure> {
        self.faults.sort_by_key(|(number, _)| *number);
        let (open, faulty) = (self.open(), self.faults.len());
        if session.json {
            let mut summary = json!({ "rows": self.total, "faulty": faulty, "open": open });
            for (place, leads) in self.counts() {
                summary[place] = leads.into();
            }
            output::json(&json!({ "summary": summary }))?;
            return Ok(());
        }
        output::line(self.headline())?;
        if self.done() > 0 {
            output::print_table(&output::table(&["who", "", "leads"], &[2], self.places()))?;
        }
        if faulty > 0 {
            output::line("\nnot routed:")?;
            output::print_table(&output::table(
                &["row", "column", "field", "what is wrong"],
                &[0],
                self.fault_rows(columns),
            ))?;
            if self.faults.len() > FAULTS_SHOWN {
                output::line(format_args!("and {} more; --json tells all", self.faults.len() - FAULTS_SHOWN))?;
            }
        }
        if open > 0 {
            output::line(format_args!("\n{open} rows are open: the import stopped before their answers came"))?;
        }
        if faulty > 0 || open > 0 {
            output::line("run the same command again when that is mended: what was routed is not routed twice")?;
        }
        Ok(())
    }

    /// All of it in a line; what there is nothing of is left out beyond the first and the last.
    fn headline(&self) -> String {
        let told = self.counts().into_iter().filter(|(place, leads)| *leads > 0 || *place == "assigned");
        let places: String = told.map(|(place, leads)| format!("{leads} {place}, ")).collect();
        format!("{} rows: {places}{} not routed", self.total, self.faults.len())
    }

    /// Who got how many.
    fn places(&self) -> Vec<Vec<String>> {
        let of = |team: &str| if team.is_empty() { String::new() } else { format!("of {team}") };
        let row = |who: &str, what: String, leads: &u64| vec![who.to_owned(), what, leads.to_string()];
        let assigned = self.assigned.iter().map(|((team, rep), leads)| row(rep, of(team), leads));
        let offered = self
            .offered
            .iter()
            .map(|((team, rep), leads)| row(rep, format!("{} offered", of(team)).trim_start().to_owned(), leads));
        let pooled = self.pooled.iter().map(|(pool, leads)| row(pool, "pool".to_owned(), leads));
        let elsewhere = self.elsewhere.iter().map(|(place, leads)| row("-", (*place).to_owned(), leads));
        assigned.chain(offered).chain(pooled).chain(elsewhere).collect()
    }

    fn fault_rows(&self, columns: &Columns) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (number, fault) in self.faults.iter().take(FAULTS_SHOWN) {
            match fault {
                Fault::Row(fields) => rows.extend(fields.iter().map(|(field, description)| {
                    let column = columns.header_of(field).unwrap_or_default();
                    vec![number.to_string(), output::or_dash(column), output::or_dash(field), description.clone()]
                })),
                Fault::Call(failure) => {
                    rows.push(vec![number.to_string(), "-".into(), "-".into(), failure.text().replace("\n  ", "; ")]);
                }
            }
        }
        rows
    }
}

fn told_columns(columns: &Columns) -> String {
    let used: Vec<String> = columns
        .of
        .keys()
        .map(|field| match field {
            Field::Plain(path) => (*path).to_owned(),
            Field::Attribute(name) => format!("attributes.{name}"),
            Field::Response(question) => format!("form_responses.{question}"),
        })
        .collect();
    let mut text = format!("fields found: {}", used.join(", "));
    if !columns.unused.is_empty() {
        text.push_str(&format!("\ncolumns not used (--map FIELD=COLUMN): {}", columns.unused.join(", ")));
    }
    text
}

fn row_json(number: u64, request_id: &str, outcome: &Result<RouteLeadResponse, Fault>) -> Value {
    let mut row = json!({ "row": number, "request_id": request_id });
    match outcome {
        Ok(routed) => row["routed"] = routed_json(routed),
        Err(Fault::Row(fields)) => {
            let fields: Vec<Value> = fields
                .iter()
                .map(|(field, description)| json!({ "field": field, "description": description }))
                .collect();
            row["error"] = json!({ "code": "INVALID_ARGUMENT", "fields": fields });
        }
        Err(Fault::Call(failure)) => row["error"] = failure.json(),
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::router::v1::{Assigned, Held, Offered, Pooled};
    use tonic::Status;

    fn pooled() -> RouteLeadResponse {
        let outcome = Some(Outcome::Pooled(Pooled { pool_id: "open".into() }));
        RouteLeadResponse { outcome, ..RouteLeadResponse::default() }
    }

    #[test]
    fn the_exit_code_tells_all_from_some_from_none() {
        let mut tally = Tally { total: 2, ..Tally::default() };
        assert_eq!(tally.exit(), Exit::Unavailable, "interrupted before the first answer");
        tally.routed(&pooled());
        assert_eq!((tally.open(), tally.exit()), (1, Exit::Partly));
        tally.routed(&pooled());
        assert_eq!((tally.open(), tally.exit()), (0, Exit::Done));

        let fault = |status: Status| Tally {
            total: 1,
            faults: vec![(2, Fault::from(Failure::from(status)))],
            ..Tally::default()
        };
        assert_eq!(fault(Status::invalid_argument("")).exit(), Exit::Input);
        assert_eq!(fault(Status::failed_precondition("")).exit(), Exit::Refused);
        assert_eq!(fault(Status::unavailable("")).exit(), Exit::Unavailable);
        assert_eq!(Tally { total: 0, ..Tally::default() }.exit(), Exit::Done, "a file without rows");
    }

    #[test]
    fn what_is_offered_or_held_is_told_as_such() {
        let mut tally = Tally { total: 4, ..Tally::default() };
        let offered = Offered { rep_id: "ana".into(), team_id: "east".into(), ..Offered::default() };
        let assigned = Assigned { rep_id: "emery".into(), ..Assigned::default() };
        for outcome in
            [Outcome::Offered(offered), Outcome::Assigned(assigned), Outcome::Held(Held {}), Outcome::Held(Held {})]
        {
            tally.routed(&RouteLeadResponse { outcome: Some(outcome), ..RouteLeadResponse::default() });
        }
        assert_eq!(tally.headline(), "4 rows: 1 assigned, 1 offered, 2 held, 0 not routed");
        assert_eq!(tally.places(), [["emery", "", "1"], ["ana", "of east offered", "1"], ["-", "held", "2"]]);
        assert_eq!(tally.exit(), Exit::Done);
    }

    #[test]
    fn the_progress_bar_has_a_legal_template() {
        assert!(ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {per_sec}, {eta} left").is_ok());
    }
}
