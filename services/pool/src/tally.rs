//! Counting what is held against reps: how often, and never whom, as a label's values are to stay few.

use leadhand_domain::event::{Event, Kind};
use leadhand_kit::Context;
use opentelemetry::KeyValue;

/// Counts the suspensions that are begun here: an offer is accepted, and still too few are. All others are the router's to
/// count, under the same name. Counts, too, days below the activity floor and tiers that are others than before. A commit
/// whose answer is lost is not counted.
pub(crate) fn conduct(ctx: &Context) -> impl Fn(&Event) + Send + Sync + 'static {
    let suspended = ctx
        .meter()
        .u64_counter("leadhand.conduct.suspensions")
        .with_description("suspensions that were begun, by what led to them")
        .build();
    let below = ctx.meter().u64_counter("leadhand.conduct.below_floor");
    let below = below.with_description("working days of a rep with fewer claims than are the least").build();
    let changed = ctx.meter().u64_counter("leadhand.tiers.changed");
    let changed = changed.with_description("reps who came to another tier, by which").build();
    move |event| match &event.kind {
        Kind::RepSuspended(_) => suspended.add(1, &[KeyValue::new("cause", "acceptance")]),
        Kind::ActivityBelowFloor(_) => below.add(1, &[]),
        Kind::TierChanged(told) => changed.add(1, &[KeyValue::new("tier", i64::from(told.to.number()))]),
        _ => {}
    }
}
