//! The end of the demo: who got what, how fast, how even, and whether every lead is accounted for.

use std::time::Duration;

use serde_json::{Value, json};

use super::book::{Book, Place, Work};
use crate::client::Session;
use crate::command::{pool, standing};
use crate::failure::{Exit, Failure};
use crate::outline::Outline;
use crate::output;

/// What the table's columns mean. Its lines fit any terminal.
const LEGEND: &str = "
  given        by the turns of the team
  share        what was due by weight
  skipped      busy when it was their turn
  claimed      taken from a pool
  too late     another rep was faster
  median wait  from getting a lead to calling it, at the demo's speed
";

/// What the services say when it is over, to hold against the book.
struct Now {
    waiting: u64,
    owned: u64,
    uncontacted: u64,
}

/// Prints the report. Ends with [`Exit::Partly`] when the figures contradict each other.
pub(super) async fn report(
    session: &Session,
    outline: &Outline,
    book: &Book,
    took: Duration,
    keep: bool,
) -> Result<Exit, Failure> {
    let mut now = Now { waiting: 0, owned: 0, uncontacted: 0 };
    now.waiting = pool::pools(session).await?.iter().map(|pool| pool.leads).sum();
    for (rep, _) in outline.reps() {
        let standing = standing::standing(session, rep, None).await?;
        now.owned += u64::from(standing.open);
        now.uncontacted += u64::from(standing.uncontacted);
    }
    let checks = checks(book, &now);
    if session.json {
        output::json(&report_json(outline, book, &now, &checks, took))?;
    } else {
        show(outline, book, &now, &checks, took)?;
        commands(session, keep)?;
    }
    let good = book.failed.is_empty() && checks.iter().all(|(_, good)| *good);
    Ok(if good { Exit::Done } else { Exit::Partly })
}

/// What must hold, in words, and whether it does.
fn checks(book: &Book, now: &Now) -> Vec<(String, bool)> {
    let routed = book.assigned + book.pooled;
    vec![
        (
            format!(
                "every lead is accounted for: {routed} routed = {} given + {} claimed + {} waiting in a pool",
                book.assigned, book.claimed, now.waiting
            ),
            routed == book.assigned + book.claimed + now.waiting && now.owned == book.assigned + book.claimed,
        ),
        (
            format!(
                "each in one place by its events, too: {} given, {} claimed, {} waiting",
                book.count(Place::Pushed),
                book.count(Place::Claimed),
                book.count(Place::Pooled)
            ),
            book.count(Place::Unclear) == 0
                && book.count(Place::Pushed) == book.assigned
                && book.count(Place::Claimed) == book.claimed
                && book.count(Place::Pooled) == now.waiting,
        ),
        (
            format!("every change was announced: {} changes, {} events", book.changes, book.events),
            book.changes == book.events,
        ),
        (
            format!("no rep was ever further than {:.2} leads from its fair share", book.fairness.furthest()),
            book.fairness.furthest() < 1.0 + 1e-6,
        ),
    ]
}

fn show(outline: &Outline, book: &Book, now: &Now, checks: &[(String, bool)], took: Duration) -> Result<(), Failure> {
    let none = Work::default();
    let mut rows = Vec::new();
    for team in &outline.teams {
        for rep in &team.reps {
            let work = book.reps.get(&rep.id).unwrap_or(&none);
            let share = book.fairness.share(&team.id, &rep.id);
            let owned = work.pushed + work.claimed;
            rows.push(vec![
                rep.id.clone(),
                team.id.clone(),
                rep.weight.to_string(),
                work.pushed.to_string(),
                share.map_or_else(String::new, |share| format!("{:.1}", share.due)),
                share.map_or_else(String::new, |share| format!("{:+.1}", f64::from(share.given) - share.due)),
                work.skipped.to_string(),
                work.claimed.to_string(),
                refusals(work),
                format!("{} of {owned}", work.contacts_ms.len()),
                work.median_contact_ms().map_or_else(|| "-".to_owned(), output::millis),
            ]);
        }
    }
    let header = [
        "rep",
        "team",
        "weight",
        "given",
        "share",
        "off by",
        "skipped",
        "claimed",
        "claims refused",
        "contacted",
        "median wait",
    ];
    output::line("")?;
    output::print_table(&output::table(&header, &[2, 3, 4, 5, 6, 7, 9, 10], rows))?;
    output::line(LEGEND)?;
    for (told, good) in checks {
        output::line(format_args!("  {} {told}", if *good { "yes" } else { "NO " }))?;
    }
    output::line(format_args!(
        "\n  {} leads in {}; from the call to the answer over gRPC: half within {:.1} ms, 99 of 100 within {:.1} ms",
        book.assigned + book.pooled,
        output::length(took),
        ms(book.latency_us.value_at_quantile(0.5)),
        ms(book.latency_us.value_at_quantile(0.99)),
    ))?;
    for busy in &book.busy {
        let skipped = book.reps.get(&busy.rep).map_or(0, |work| work.skipped);
        output::line(format_args!(
            "  {} was out of office for {} and passed over {skipped} times; a share counts only the time a rep is free",
            busy.rep,
            output::millis(busy.to_ms - busy.from_ms)
        ))?;
    }
    if now.uncontacted > 0 {
        output::line(format_args!("  {} leads are not yet contacted", now.uncontacted))?;
    }
    for failed in &book.failed {
        output::line(format_args!("  failed: {failed}"))?;
    }
    if book.resumed > 0 {
        output::line(format_args!("  the event stream was interrupted {} times, and resumed", book.resumed))?;
    }
    Ok(())
}

/// `5 too late, 1 over quota`.
fn refusals(work: &Work) -> String {
    let told: Vec<String> = work
        .refused
        .iter()
        .map(|(reason, count)| match reason.as_str() {
            "LEAD_ALREADY_CLAIMED" => format!("{count} too late"),
            "QUOTA_EXHAUSTED" => format!("{count} over quota"),
            other => format!("{count} {other}"),
        })
        .collect();
    output::or_dash(&told.join(", "))
}

fn commands(session: &Session, keep: bool) -> Result<(), Failure> {
    let program = program();
    if keep {
        let to = format!("--server {} --workspace {}", session.server, session.workspace);
        output::line(format_args!("\nThe suite stays up until interrupted (Ctrl-C). In another terminal:"))?;
        for command in ["status", "watch --from-beginning", "pool open --rep ana", "standing ana"] {
            output::line(format_args!("  {program} {to} {command}"))?;
        }
        return Ok(());
    }
    output::line("\nTry next, the first one in a terminal of its own:")?;
    for command in [
        "up --policy services/leadhand/demo/policy.yaml",
        "route --source demo_request --score 91 --company \"Lantern Works\" --email mei@lantern-works.example",
        "route --csv services/leadhand/demo/leads.csv",
        "status",
        "watch --from-beginning",
    ] {
        output::line(format_args!("  {program} {command}"))?;
    }
    Ok(())
}

/// How this program is called from here.
fn program() -> String {
    let name = "leadhand".to_owned();
    let (Ok(program), Ok(here)) = (std::env::current_exe(), std::env::current_dir()) else { return name };
    program.strip_prefix(&here).map_or(name, |below| below.display().to_string())
}

fn ms(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1000.0
}

fn report_json(outline: &Outline, book: &Book, now: &Now, checks: &[(String, bool)], took: Duration) -> Value {
    let none = Work::default();
    let mut reps = Vec::new();
    for team in &outline.teams {
        for rep in &team.reps {
            let work = book.reps.get(&rep.id).unwrap_or(&none);
            let share = book.fairness.share(&team.id, &rep.id);
            reps.push(json!({
                "rep_id": rep.id,
                "team_id": team.id,
                "weight": rep.weight,
                "given": work.pushed,
                "fair_share": share.map(|share| share.due),
                "furthest_from_share": share.map(|share| share.furthest),
                "skipped": work.skipped,
                "claimed": work.claimed,
                "claims_refused": work.refused,
                "contacted": work.contacts_ms.len(),
                "median_contact_ms": work.median_contact_ms(),
            }));
        }
    }
    let checks: Vec<Value> = checks.iter().map(|(told, good)| json!({ "check": told, "holds": good })).collect();
    json!({
        "routed": book.assigned + book.pooled,
        "assigned": book.assigned,
        "pooled": book.pooled,
        "claimed": book.claimed,
        "claims_refused": book.refused,
        "contacted": book.contacted,
        "waiting": now.waiting,
        "owned": now.owned,
        "uncontacted": now.uncontacted,
        "changes": book.changes,
        "events": book.events,
        "furthest_from_share": book.fairness.furthest(),
        "route_latency_ms": {
            "p50": ms(book.latency_us.value_at_quantile(0.5)),
            "p99": ms(book.latency_us.value_at_quantile(0.99)),
        },
        "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "checks": checks,
        "failed": book.failed,
        "reps": reps,
    })
}
