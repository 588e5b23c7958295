//! Stored decisions are taken again, from what they rested on, to the same answers; and another input changes exactly the
//! answers that it should.
//!
//! Two routers and concurrent callers route leads to teams that take turns in every way there is, while policies are
//! switched, reps come and go, the clock moves on and offers are declined. Then everything is read back from Redis, and each
//! decision of the stream is taken again twice: by the rotation from the trace in the event alone, and as a whole by the pure
//! core, on the records as they were then. The second must come to the very bytes of the stored event.

use std::collections::BTreeMap;

use leadhand_tests::Suite;

mod again;
mod oracle;
mod story;

use again::{Count, Workspace};
use story::LEADS;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_decisions_replay_and_another_input_changes_exactly_the_answers_it_should() {
    let suite = Suite::start(2).await;
    let said = story::happens(&suite).await;
    let mut workspace = Workspace::read(&suite, said).await;
    let stored = workspace.events().await;
    let mut counts = BTreeMap::new();
    for event in &stored {
        workspace.follow(event, &mut counts);
    }
    workspace.assert_done();
    for (what, count) in &counts {
        println!("{what}: {count:?}");
    }
    let of = |what: &str| counts.get(what).copied().unwrap_or_default();
    assert_eq!(of("leads").taken, LEADS as u64);
    assert!(of("declined").taken > 100, "{counts:?}");
    // Who declines is suspended, from what was held against the rep before.
    assert!(of("suspended").taken > 10, "{counts:?}");
    for kind in ["Equal", "Weight", "Attainment", "Conversion", "Load", "Score"] {
        assert!(of(&format!("chosen by {kind}")).taken > 500, "{kind}: {counts:?}");
    }
    for input in ["another weight", "another absence", "another score"] {
        let Count { taken, changed, left } = of(input);
        assert_eq!(taken, LEADS as u64, "each decision on a new lead, {input}");
        assert!(changed > 100 && taken - changed > 1_000, "{input} changes some and leaves others: {counts:?}");
        assert!(left * 20 < taken, "{input} is left out where more than it changed: {counts:?}");
    }
}
