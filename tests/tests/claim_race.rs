//! Everybody wants the same lead.

use std::sync::Arc;

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::status::told;
use leadhand_store::Config;
use leadhand_tests::call::{apply_policy, claim, events, route};
use leadhand_tests::held::{ASSIGNED, Held};
use leadhand_tests::{START, Suite};
use tokio::sync::Barrier;
use tonic::Code;

const CLAIMERS: usize = 1_000;

fn rep(n: usize) -> String {
    format!("rep-{n}")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_claimers_one_wins_and_the_others_are_told_so() {
    let mut suite = Suite::start(0).await;
    for _ in 0..2 {
        // A thousand at once may take a slow machine longer than a service waits by default.
        suite.add_replica_with(Config { response_timeout_ms: 20_000, ..Config::at(suite.redis.url()) }).await;
    }
    let suite = Arc::new(suite);
    let reps: Vec<_> = (0..CLAIMERS).map(|n| format!("{{id: {}}}", rep(n))).collect();
    let policy = format!(
        "{{teams: [{{id: all, reps: [{}]}}], pools: [{{id: open}}], default: {{pool: open}}}}",
        reps.join(", ")
    );
    apply_policy(suite.replica(0), &policy).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("pooled").lead_id;

    let start = Arc::new(Barrier::new(CLAIMERS));
    let claims = (0..CLAIMERS).map(|n| {
        let (suite, start, lead) = (suite.clone(), start.clone(), lead.clone());
        tokio::spawn(async move {
            start.wait().await;
            (n, claim(suite.replica(n), &rep(n), &lead).await)
        })
    });
    let mut won = Vec::new();
    let mut lost = 0;
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.expect("no panic") {
            (n, Ok(claimed)) => won.push((rep(n), claimed)),
            (_, Err(status)) => {
                assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
                let told = told(&status);
                assert_eq!((told.reason.as_str(), told.retry_after), ("LEAD_ALREADY_CLAIMED", None));
                lost += 1;
            }
        }
    }
    let [(winner, claimed)] = &won[..] else { panic!("{} won", won.len()) };
    assert_eq!((lost, claimed.fence), (CLAIMERS - 1, 1));

    let claims: Vec<_> = events(suite.replica(1))
        .await
        .into_iter()
        .filter_map(|event| match event.kind {
            Some(Kind::LeadClaimed(claimed)) => Some((event.position, claimed)),
            _ => None,
        })
        .collect();
    let [(position, event)] = &claims[..] else { panic!("{} events", claims.len()) };
    assert_eq!((position, &event.rep_id, event.fence), (&claimed.position, winner, 1));

    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    let record = &held.leads[&lead];
    assert_eq!((record.place, &record.owner, record.fence, &record.position), (ASSIGNED, winner, 1, position));
    assert_eq!(held.claims.keys().collect::<Vec<_>>(), [winner], "who lost has used up nothing");
    assert_eq!(held.claims[winner].claimed_at, [START]);
    assert_eq!(held.answers.len(), 3, "a policy, a lead, a claim: {:?}", held.answers);
}
