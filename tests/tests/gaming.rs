//! Ways around the guardrails. The page lists them with the test that shows each to fail; what has no better place is here.

use std::fs;
use std::path::Path;

use leadhand_kit::Clock;
use leadhand_proto::status::told;
use leadhand_tests::call::{apply_policy, claim, route};
use leadhand_tests::{START, Suite};

const MINUTE: i64 = 60_000;

/// Each attempt of the table under "Ways around" names a test that is there.
#[test]
fn each_attempt_has_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(folder.join("README.md")).expect("the page");
    let rows = page.lines().skip_while(|line| *line != "## Ways around").filter(|line| line.starts_with("| ")).skip(1);
    let mut attempts = 0;
    for row in rows {
        let quoted: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        let [file, tests @ ..] = &quoted[..] else { panic!("{row}") };
        let source = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            assert!(source.contains(&format!("fn {test}()")), "{file} has no test {test}");
            attempts += 1;
        }
    }
    assert!(attempts >= 11, "{attempts} attempts");
}

/// A rep whose quota is used up finds no more of it at a replica whose clock is behind: what was claimed later than its now is
/// in its window, too. Nor does a lead open to a lower tier there before its time.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_clock_is_behind_grants_no_more() {
    let mut suite = Suite::start(1).await;
    let right = suite.clock.clone();
    suite.clock = Clock::manual(START - 30 * MINUTE);
    suite.add_replica().await;
    let policy = "{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], reps: [{id: bo, tier: 2}], pools: [{id: open}], \
                  default: {pool: open}}";
    apply_policy(suite.replica(0), policy).await;
    let mut leads = Vec::new();
    for n in 0..5 {
        leads.push(route(suite.replica(0), "webinar", format!("lead-{n}")).await.expect("pooled").lead_id);
    }
    for lead in &leads[..3] {
        claim(suite.replica(0), "ana", lead).await.expect("three in an hour");
    }
    for replica in [0, 1] {
        let refused = claim(suite.replica(replica), "ana", &leads[3]).await.expect_err("the quota is used up");
        assert_eq!(told(&refused).reason, "QUOTA_EXHAUSTED", "replica {replica}");
        let refused = claim(suite.replica(replica), "bo", &leads[4]).await.expect_err("not open yet");
        assert_eq!(told(&refused).reason, "TIER_NOT_OPEN", "replica {replica}");
    }
    right.advance(15 * MINUTE);
    claim(suite.replica(0), "bo", &leads[4]).await.expect("open by the right clock");
    claim(suite.replica(1), "ana", &leads[3]).await.expect_err("still used up");
}
