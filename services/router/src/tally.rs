//! Counting what is held against reps: how often, and never whom, as a label's values are to stay few.

use leadhand_domain::conduct::Why;
use leadhand_domain::event::{Event, Kind};
use leadhand_kit::Context;
use opentelemetry::KeyValue;

/// Counts missed contacts, and the suspensions that they and offers not accepted lead to. A commit whose answer is lost is not
/// counted.
pub(crate) fn conduct(ctx: &Context) -> impl Fn(&Event) + Send + Sync + 'static {
    let meter = ctx.meter();
    let missed = meter.u64_counter("leadhand.conduct.misses").with_description("contacts that were missed").build();
    let suspended = meter
        .u64_counter("leadhand.conduct.suspensions")
        .with_description("suspensions that were begun, by what led to them")
        .build();
    move |event| match &event.kind {
        Kind::ContactMissed { .. } => missed.add(1, &[]),
        Kind::RepSuspended(told) => {
            let cause = match told.why {
                Why::Misses(_) => "misses",
                Why::Acceptance { .. } => "acceptance",
            };
            suspended.add(1, &[KeyValue::new("cause", cause)]);
        }
        _ => {}
    }
}
