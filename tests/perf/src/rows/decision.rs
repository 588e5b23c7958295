//! A routing decision alone: pure, without Redis, RPC or encoding.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use leadhand_domain::change::Change;
use leadhand_domain::expression;
use leadhand_domain::id::LeadId;
use leadhand_domain::intake;
use leadhand_domain::invalid::Fields;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Key, PolicyHead, Record, Snapshot};
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

/// A rotation of 20 reps behind 49 routes that do not match.
pub(super) fn rows(scale: Scale) -> Outcome<Vec<Row>> {
    let policy = Policy::parse(&sample::policy()).map_err(|faults| format!("{faults:?}"))?;
    let mut snapshot = Snapshot::default();
    snapshot.insert(
        Key::PolicyHead,
        Some(Arc::new(Record::PolicyHead(PolicyHead {
            number: policy.version,
            pools: policy.pools.clone(),
            secret: [7; 32],
        }))),
    );
    let mut table = Table::default();
    // A rotation that has been going for a while.
    for n in 0..10 * sample::ROTATING {
        let change = routed(&mut snapshot, &mut table, &command(n)?, &policy)?;
        snapshot.apply(&change);
    }
    let mut times = Vec::new();
    for round in 0..=scale.rounds {
        let commands = (0..scale.decisions).map(command).collect::<Outcome<Vec<_>>>()?;
        let begun = Instant::now();
        for command in commands {
            // Put into the snapshot, as the desk does: the table holds for that.
            let change = routed(&mut snapshot, &mut table, &command, &policy)?;
            snapshot.apply(black_box(&change));
        }
        let each_ms = begun.elapsed().as_secs_f64() * 1e3 / scale.decisions as f64;
        if round > 0 {
            times.push(each_ms);
        }
    }
    let each_ms = median(&times);
    let row = Row::new("RouteLead, rotation of 20 reps, the last of 50 routes", time(each_ms))
        .value("each_us", each_ms * 1e3)
        .target(Some(Target::at_most("8 µs", each_ms, LIMIT_MS)));
    Ok(vec![row])
}

fn command(n: usize) -> Outcome<Command> {
    let raw = lead_wire::raw(sample::lead(sample::ROTATED, n), &mut Fields::new());
    let (facts, person) = intake::normalise(raw, NOW).map_err(|faults| format!("{faults:?}"))?;
    Ok(Command::new(LeadId::new(NOW, [0; 10]), facts, person))
}

/// The decision as the desk takes it, after what it asks for was read.
fn routed(snapshot: &mut Snapshot, table: &mut Table, command: &Command, policy: &Policy) -> Outcome<Change> {
    let Command::New { facts, person, .. } = command else { return Err("a new lead".into()) };
    let lead = expression::Lead { facts, attributes: &person.attributes };
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
