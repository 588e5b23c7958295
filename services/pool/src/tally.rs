//! Counting what is held against reps: how often, and never whom, as a label's values are to stay few.

use leadhand_domain::event::{Event, Kind};
use leadhand_kit::Context;
use opentelemetry::KeyValue;

/// Counts the suspensions that are begun here: an offer is accepted, and still too few are. All others are the router's to
/// count, under the same name. A commit whose answer is lost is not counted.
pub(crate) fn conduct(ctx: &Context) -> impl Fn(&Event) + Send + Sync + 'static {
    let suspended = ctx
        .meter()
        .u64_counter("leadhand.conduct.suspensions")
        .with_description("suspensions that were begun, by what led to them")
        .build();
    move |event| {
        if matches!(event.kind, Kind::RepSuspended(_)) {
            suspended.add(1, &[KeyValue::new("cause", "acceptance")]);
        }
    }
}
