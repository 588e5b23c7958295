//! A routing decision alone: pure, without Redis, RPC or encoding.

use std::hint::black_box;
use std::time::Instant;

use leadhand_domain::change::Change;
use leadhand_domain::expression;
use leadhand_domain::id::LeadId;
use leadhand_domain::intake;
use leadhand_domain::invalid::Fields;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Record, Snapshot};
use leadhand_domain::route::{Command, Decided, Findings, Table, asks, decide, desk};
use leadhand_domain::time::Millis;
use leadhand_proto::lead_wire;

use crate::Outcome;
use crate::load::median;
use crate::options::Scale;
use crate::report::{Row, Target, time};
use crate::sample;

const NOW: Millis = Millis(1_772_445_600_000);
/// What a decision by look-ups may take.
const LIMIT_MS: f64 = 0.008;
/// What a decision by ten expressions may take.
const EXPRESSIONS_LIMIT_MS: f64 = 0.025;
/// How many times as much a decision among very many reps may take.
const GROWTH: f64 = 1.3;
/// Expressions that are evaluated before the route that acts.
const EXPRESSIONS: usize = 10;
const FEW: usize = 10;
const MANY: usize = 10_000;

/// What is timed.
enum Timed {
    /// The decision at its desk, when what it asks for has been read.
    Decision,
    /// By what the lead is recognised.
    Signs,
}

/// A rotation of 20 reps behind 49 routes that do not match; what expressions and the number of reps make of it.
pub(super) fn rows(scale: Scale) -> Outcome<Vec<Row>> {
    let timed = |reps, expressions, what| measured(scale, &sample::policy_of(reps, expressions), reps, what);
    let by_look_ups = timed(sample::ROTATING, 0, Timed::Decision)?;
    let by_expressions = timed(sample::ROTATING, EXPRESSIONS, Timed::Decision)?;
    let signs = timed(sample::ROTATING, 0, Timed::Signs)?;
    let (few, many) = (timed(FEW, 0, Timed::Decision)?, timed(MANY, 0, Timed::Decision)?);
    let row = |what: &str, each_ms: f64| Row::new(what, time(each_ms)).value("each_us", each_ms * 1e3);
    // A difference of two timings: below zero when something else kept the machine busy during the first.
    let share = (by_expressions - by_look_ups) / by_expressions;
    Ok(vec![
        row("rotation of 20 reps, the last of 50 routes", by_look_ups).target(Some(Target::at_most(
            "8 µs",
            by_look_ups,
            LIMIT_MS,
        ))),
        row("the same behind 10 expressions", by_expressions)
            .note(format!("expressions {:+.0} %", share * 100.0))
            .value("expressions_share", share)
            .target(Some(Target::at_most("25 µs", by_expressions, EXPRESSIONS_LIMIT_MS))),
        row("before it: by what the lead is recognised", signs),
        row("rotation of 10 reps", few),
        row("rotation of 10,000 reps", many)
            .note(format!("{:.2} × that of 10", many / few))
            .target(Some(Target::at_most("1.3 ×", many / few, GROWTH))),
    ])
}

/// How long one takes, in milliseconds: the median of the rounds.
fn measured(scale: Scale, policy: &str, reps: usize, timed: Timed) -> Outcome<f64> {
    let policy = Policy::parse(policy).map_err(|faults| format!("{faults:?}"))?;
    let mut snapshot = Snapshot::default();
    let mut table = Table::default();
    // A rotation that has been going for a while.
    for n in 0..10 * reps.min(scale.decisions) {
        let command = command(n)?;
        let change = routed(&mut snapshot, &mut table, &command, &policy)?;
        put(&mut snapshot, &change);
    }
    let mut times = Vec::new();
    for round in 0..=scale.rounds {
        let commands = (0..scale.decisions).map(command).collect::<Outcome<Vec<_>>>()?;
        let mut begun = Instant::now();
        for command in &commands {
            black_box(asks(&policy, command));
        }
        if matches!(timed, Timed::Decision) {
            begun = Instant::now();
            for command in &commands {
                let change = routed(&mut snapshot, &mut table, command, &policy)?;
                put(&mut snapshot, black_box(&change));
            }
        }
        let each_ms = begun.elapsed().as_secs_f64() * 1e3 / scale.decisions as f64;
        if round > 0 {
            times.push(each_ms);
        }
    }
    Ok(median(&times))
}

/// Puts a change into the snapshot, as the desk does: the table holds for that. The lead itself concerns nobody any more.
fn put(snapshot: &mut Snapshot, change: &Change) {
    snapshot.apply(change);
    for record in &change.puts {
        if matches!(record, Record::Lead(_) | Record::Person(..) | Record::Likeness(_)) {
            snapshot.remove(&record.key());
        }
    }
}

fn command(n: usize) -> Outcome<Command> {
    let raw = lead_wire::raw(sample::lead(sample::ROTATED, n), &mut Fields::new());
    let (facts, person) = intake::normalise(raw, NOW).map_err(|faults| format!("{faults:?}"))?;
    Ok(Command::new(LeadId::new(NOW, [0; 10]), facts, person))
}

/// The decision as the desk takes it, after what it asks for was read.
fn routed(snapshot: &mut Snapshot, table: &mut Table, command: &Command, policy: &Policy) -> Outcome<Change> {
    let Command::New { facts, person, .. } = command else { return Err("a new lead".into()) };
    let lead = expression::Lead::new(facts, &person.attributes);
    let desk = desk(policy, lead, NOW);
    // Nobody has seen the lead or its company.
    for key in asks(policy, command) {
        snapshot.insert(key, None);
    }
    loop {
        match decide(snapshot, table, command, policy, &desk, &Findings::default(), NOW)
            .map_err(|refusal| format!("{refusal:?}"))?
        {
            Decided::Change(change) => return Ok(*change),
            Decided::Needs(keys) => keys.into_iter().for_each(|key| snapshot.insert(key, None)),
            Decided::Elsewhere(desk, _) => return Err(format!("sent on to {desk}").into()),
        }
    }
}
