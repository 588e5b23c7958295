//! How late deadlines are carried out while very many others wait.
//!
//! Leads are routed at a steady rate to reps who do nothing; three quarters of the time for contact later, each owner is reminded at
//! the same rate. What else waits is put into Redis directly: deadlines of leads that are not there, far ahead, as many as a
//! workspace with a million leads has.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::notification::v1::notification_service_client::NotificationServiceClient;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::subscribe_response::Item;
use leadhand_proto::notification::v1::{Now, SubscribeRequest};
use leadhand_proto::time::millis;

use crate::load::{Latency, open};
use crate::options::Scale;
use crate::report::{Row, Target, grouped, time};
use crate::stage::{CONNECTIONS, Stage};
use crate::{Outcome, calls};

const LIMIT_MS: f64 = 250.0;
/// Deadlines that come in a second.
const PER_SECOND: f64 = 1_000.0;
/// The workspace of this row.
const WORKSPACE: &str = "timed";
/// The shortest time for contact that a policy may give …
const CONTACT_SLA_MS: i64 = 60_000;
/// … of which so much is left when the owner is reminded.
const LEFT_MS: i64 = CONTACT_SLA_MS / 4;
/// How many deadlines are put into Redis with one command.
const AT_ONCE: usize = 10_000;

/// Fills the deadlines, then lets some come.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    let reps: Vec<_> = (0..20).map(|n| format!("{{id: r{n}}}")).collect();
    let teams = format!("[{{id: inbound, capacity: 1000000, reps: [{}]}}]", reps.join(", "));
    let policy = format!("teams: {teams}\ndefault: {{rotate: inbound}}\ncontact_sla: 1m\n");
    stage.apply_policy(WORKSPACE, policy).await?;
    eprintln!("timers: {} wait", scale.timers);
    wait_for_nothing(stage, scale.timers).await?;
    let lanes = stage.lanes(1, CONNECTIONS).await?;
    let start = Some(Start::Now(Now {}));
    let request = SubscribeRequest { workspace: WORKSPACE.into(), start };
    let mut stream = NotificationServiceClient::new(lanes[0].clone()).subscribe(request).await?.into_inner();
    let due = (PER_SECOND * scale.timed_seconds) as usize;
    eprintln!(
        "timers: {due} leads are routed, whose owners are reminded {} s later",
        (CONTACT_SLA_MS - LEFT_MS) / 1_000
    );
    open(&calls::in_turn(stage, &lanes, due, &[WORKSPACE.to_owned()], None), CONNECTIONS, PER_SECOND, due).await?;
    let (mut late, mut reminded) = (Latency::new()?, 0);
    while reminded < due {
        let message = stream.message().await?.ok_or("the subscription ended")?;
        let Some(Item::Event(event)) = message.item else { continue };
        if let Some(Kind::ContactDueSoon(told)) = event.kind {
            // A position begins with the millisecond in which Redis wrote the event, on this machine's clock.
            let written: i64 = event.position.split('-').next().unwrap_or_default().parse()?;
            let moment =
                millis(told.contact_due.as_ref().ok_or("no moment")?).map_err(|invalid| invalid.0)?.0 - LEFT_MS;
            late.record(std::time::Duration::from_millis(u64::try_from(written - moment).unwrap_or_default()));
            reminded += 1;
        }
    }
    let p99 = late.percentile_ms(99.0);
    let what = format!("{} pending, {PER_SECOND} due a second, late p99", grouped(scale.timers as f64));
    let row = Row::new(what, time(p99)).note(format!("median {}", time(late.percentile_ms(50.0))));
    let row = row.value("p99_ms", p99).value("p50_ms", late.percentile_ms(50.0));
    Ok(vec![row.target(Some(Target::at_most("250 ms", p99, LIMIT_MS)))])
}

/// Deadlines that do not come while this is measured.
async fn wait_for_nothing(stage: &Stage, timers: usize) -> Outcome<()> {
    let mut connection = stage.redis();
    let far = 4_000_000_000_000_i64;
    for first in (0..timers).step_by(AT_ONCE) {
        let mut add = redis::cmd("ZADD");
        add.arg(format!("{{{WORKSPACE}}}:timers"));
        for n in first..timers.min(first + AT_ONCE) {
            add.arg(far + n as i64).arg(format!("contact:{:08x}-0000-7000-8000-000000000000", n));
        }
        add.query_async::<()>(&mut connection).await?;
    }
    Ok(())
}
