//! Claim quotas are exact sliding windows, whoever claims through whichever replica at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::pool::v1::{ClaimLeadRequest, ClaimLeadResponse, GetStandingRequest};
use leadhand_proto::status::told;
use leadhand_proto::time::millis;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, events, route};
use leadhand_tests::held::{ASSIGNED, Held};
use leadhand_tests::{START, Suite};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::{Code, Status};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The default quotas: how long the window is, and how many claims it may hold.
const QUOTAS: [(i64, usize); 3] = [(HOUR, 3), (24 * HOUR, 10), (7 * 24 * HOUR, 40)];

fn policy(reps: usize) -> String {
    let reps: Vec<_> = (0..reps).map(|n| format!("{{id: {}}}", rep(n))).collect();
    format!(
        "{{teams: [{{id: all, reps: [{}]}}], pools: [{{id: open}}], default: {{pool: open}}, guardrails: {{hoarding: 1000}}}}",
        reps.join(", ")
    )
}

fn rep(n: usize) -> String {
    format!("rep-{n}")
}

/// Puts so many leads into the pool.
async fn fill(suite: &Arc<Suite>, leads: usize) -> Vec<String> {
    const CALLERS: usize = 64;
    let callers = (0..CALLERS).map(|caller| {
        let suite = suite.clone();
        tokio::spawn(async move {
            let mut pooled = Vec::new();
            for n in (caller..leads).step_by(CALLERS) {
                let routed = route(suite.replica(n), "webinar", format!("r{n}")).await;
                pooled.push(routed.expect("pooled").lead_id);
            }
            pooled
        })
    });
    let mut pooled = Vec::with_capacity(leads);
    for caller in callers.collect::<Vec<_>>() {
        pooled.extend(caller.await.expect("no panic"));
    }
    pooled
}

/// Counts by brute force, over everything ever claimed, in every window that ends with a claim: no other can be fuller.
fn assert_no_window_exceeded(rep: &str, claimed_at: &[i64]) {
    for end in claimed_at {
        for (length, limit) in QUOTAS {
            let held = claimed_at.iter().filter(|at| **at > end - length && **at <= *end).count();
            assert!(held <= limit, "{rep} made {held} claims in the {length} ms up to {end}: {claimed_at:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_claims_at_10_59_and_the_fourth_an_hour_after_the_first() {
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), &policy(1)).await;
    let leads = fill(&suite, 5).await;
    let ten_fifty_nine = START + 59 * MINUTE;
    for (n, lead) in leads[..3].iter().enumerate() {
        suite.clock.set(ten_fifty_nine + n as i64 * 10 * SECOND);
        claim(suite.replica(n), "rep-0", lead).await.expect("within the quota");
    }
    let refused = |status: Status, wait: i64| {
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        let told = told(&status);
        assert_eq!(told.reason, "QUOTA_EXHAUSTED");
        let quotas: Vec<_> = told.quotas.iter().map(|quota| (&*quota.subject, &*quota.description)).collect();
        assert_eq!(quotas, [("claims per 1 h", "3 claims in 1 h made, 3 allowed")]);
        assert_eq!(told.retry_after, Some(Duration::from_millis(wait as u64)));
    };
    suite.clock.set(START + 61 * MINUTE);
    refused(claim(suite.replica(1), "rep-0", &leads[3]).await.expect_err("at 11:01"), 58 * MINUTE);
    suite.clock.set(ten_fifty_nine + HOUR - 1);
    refused(claim(suite.replica(0), "rep-0", &leads[3]).await.expect_err("one ms before the hour"), 1);
    suite.clock.set(ten_fifty_nine + HOUR);
    claim(suite.replica(1), "rep-0", &leads[3]).await.expect("the first has left the window");
    refused(claim(suite.replica(0), "rep-0", &leads[4]).await.expect_err("the second has not"), 10 * SECOND);

    let request = GetStandingRequest { workspace: WORKSPACE.into(), rep_id: "rep-0".into(), lead_id: String::new() };
    let standing = suite.replica(0).pool().get_standing(request).await.expect("a standing").into_inner();
    let used: Vec<_> = standing.quotas.iter().map(|quota| (quota.limit, quota.used)).collect();
    assert_eq!(used, [(3, 3), (10, 4), (40, 4)]);
    assert_eq!((standing.open, standing.uncontacted), (4, 4));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

const REPS: usize = 200;
const LEADS: usize = 5_000;
/// How often each rep comes back.
const TURNS: usize = 9;
/// How many leads a rep grabs at once when it does, through both replicas.
const GRABS: usize = 4;

#[derive(Debug, Default)]
struct Tally {
    won: BTreeMap<String, (String, ClaimLeadResponse)>,
    taken: usize,
    exhausted: usize,
}

/// A claim, repeated under its request id while others are in the way or the machine is slow, as the proto says a caller
/// should.
async fn insist(suite: &Suite, replica: usize, request: ClaimLeadRequest, tally: &mut Tally) {
    for attempt in 0.. {
        let answer = suite.replica(replica + attempt).pool().claim_lead(request.clone()).await;
        let status = match answer {
            Ok(claimed) => {
                let before = tally.won.insert(request.lead_id.clone(), (request.rep_id.clone(), claimed.into_inner()));
                assert_eq!(before, None, "{} won twice", request.lead_id);
                return;
            }
            Err(status) => status,
        };
        let told = told(&status);
        match (status.code(), told.reason.as_str()) {
            (Code::FailedPrecondition, "LEAD_ALREADY_CLAIMED") => tally.taken += 1,
            (Code::ResourceExhausted, "QUOTA_EXHAUSTED") => {
                assert!(told.retry_after.is_some() && !told.quotas.is_empty(), "{told:?}");
                tally.exhausted += 1;
            }
            // The outcome may be unknown; the same request id tells.
            (Code::Aborted | Code::Unavailable | Code::DeadlineExceeded, _) => continue,
            other => panic!("{other:?}: {status:?}"),
        }
        return;
    }
}

/// A rep that comes back again and again, each time grabs some leads at random all at once, and lets time pass: mostly
/// minutes, so that the hour's window slides, and hours now and then, so that the day's does.
async fn work(suite: Arc<Suite>, n: usize, leads: Arc<Vec<String>>) -> Tally {
    let mut rng = StdRng::seed_from_u64(n as u64);
    let mut total = Tally::default();
    for turn in 0..TURNS {
        let grabs = (0..GRABS).map(|grab| {
            let request = ClaimLeadRequest {
                workspace: WORKSPACE.into(),
                request_id: format!("{turn}.{grab}"),
                rep_id: rep(n),
                lead_id: leads[rng.random_range(0..leads.len())].clone(),
            };
            let suite = &suite;
            async move {
                let mut tally = Tally::default();
                insist(suite, grab, request, &mut tally).await;
                tally
            }
        });
        for tally in futures_util::future::join_all(grabs).await {
            total.won.extend(tally.won);
            total.taken += tally.taken;
            total.exhausted += tally.exhausted;
        }
        let most = if turn % 3 == 2 { 9 * MINUTE } else { 12 * SECOND };
        suite.clock.advance(rng.random_range(0..most));
    }
    total
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_reps_claim_at_random_and_no_window_is_exceeded() {
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), &policy(REPS)).await;
    let leads = Arc::new(fill(&suite, LEADS).await);
    let reps: Vec<_> = (0..REPS).map(|n| tokio::spawn(work(suite.clone(), n, leads.clone()))).collect();
    let mut won = BTreeMap::new();
    let (mut taken, mut exhausted) = (0, 0);
    for rep in reps {
        let tally = rep.await.expect("no panic");
        for (lead, winner) in tally.won {
            assert_eq!(won.insert(lead.clone(), winner), None, "{lead} has two owners");
        }
        taken += tally.taken;
        exhausted += tally.exhausted;
    }

    // What Redis holds.
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.leads.len(), LEADS);
    let owned = held.leads.values().filter(|lead| lead.place == ASSIGNED);
    let mut by_record: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for lead in owned {
        assert_eq!((&lead.owner, lead.fence), (&won[&lead.lead_id].0, 1));
        by_record.entry(&lead.owner).or_default().push(lead.placed_at);
    }
    for (rep, claimed_at) in &mut by_record {
        claimed_at.sort_unstable();
        assert_no_window_exceeded(rep, claimed_at);
        assert_eq!(held.claims[*rep].claimed_at, *claimed_at, "what is remembered of {rep}");
    }

    // What the stream tells.
    let mut by_event: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    for event in events(suite.replica(1)).await {
        let Some(Kind::LeadClaimed(claim)) = event.kind else { continue };
        assert!(claimed.insert(claim.lead_id.clone()), "{} is claimed twice", claim.lead_id);
        let (rep, answer) = &won[&claim.lead_id];
        assert_eq!((rep, answer.fence, &answer.position), (&claim.rep_id, claim.fence, &event.position));
        let at = millis(&event.occurred_at.expect("a time")).expect("a moment").0;
        by_event.entry(claim.rep_id).or_default().push(at);
    }
    assert_eq!(claimed.len(), won.len());
    for (rep, claimed_at) in &mut by_event {
        claimed_at.sort_unstable();
        assert_no_window_exceeded(rep, claimed_at);
        assert_eq!(by_record[rep.as_str()], *claimed_at, "records and events of {rep} agree");
    }
    assert_eq!(by_event.len(), by_record.len());

    // It was a test: leads were fought over, quotas were used up, and the day's window slid as well.
    assert!(taken > 100 && exhausted > 1_000 && won.len() > REPS * QUOTAS[1].1, "{taken} {exhausted} {}", won.len());
}
