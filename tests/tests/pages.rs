//! A page token stays good while leads come and go: no lead that is there throughout is left out or shown twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use leadhand_proto::pool::v1::{ListLeadsRequest, ListLeadsResponse, ListPoolsRequest};
use leadhand_proto::status::told;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};
use leadhand_tests::{START, Suite};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tonic::Status;

const POLICY: &str = "
teams: [{id: t, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}, {id: empty}]
default: {pool: open}
quotas: {hour: 1000, day: 1000, week: 1000}
guardrails: {hoarding: 1000}
";

async fn page(suite: &Suite, replica: usize, size: i32, token: &str) -> Result<ListLeadsResponse, Status> {
    let request = ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "open".into(),
        page_size: size,
        page_token: token.into(),
        ..ListLeadsRequest::default()
    };
    Ok(suite.replica(replica).pool().list_leads(request).await?.into_inner())
}

/// Everything listed, in order, in pages of this size; between two pages `meanwhile` may do something.
async fn walk(suite: &Suite, size: i32, mut meanwhile: impl AsyncFnMut(usize)) -> Vec<(String, i64)> {
    let (mut listed, mut token) = (Vec::new(), String::new());
    for turn in 0.. {
        let page = page(suite, turn, size, &token).await.expect("a page");
        assert!(page.leads.len() <= size as usize);
        listed.extend(page.leads.into_iter().map(|lead| {
            let at = lead.pooled_at.expect("a time");
            (lead.lead_id, at.seconds * 1000 + i64::from(at.nanos) / 1_000_000)
        }));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        meanwhile(turn).await;
    }
    listed
}

/// Puts so many leads into the pool at once, so that many enter at one and the same moment.
async fn fill(suite: &Suite, name: &str, leads: usize) -> Vec<String> {
    let pooled = (0..leads).map(|n| route(suite.replica(n), "webinar", format!("{name}.{n}")));
    join_all(pooled).await.into_iter().map(|routed| routed.expect("pooled").lead_id).collect()
}

fn assert_shown_once(listed: &[(String, i64)], throughout: &BTreeSet<String>) {
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for (lead, _) in listed {
        *shown.entry(lead).or_default() += 1;
    }
    let left_out: Vec<_> = throughout.iter().filter(|lead| !shown.contains_key(lead.as_str())).collect();
    assert!(left_out.is_empty(), "{} of {} left out", left_out.len(), throughout.len());
    assert!(shown.values().all(|times| *times == 1), "a lead is shown twice");
    assert!(listed.is_sorted_by_key(|(_, at)| *at), "longest waiting first");
}

/// Between any two pages some leads are claimed and some arrive; the clock goes on now and then.
#[tokio::test(flavor = "multi_thread")]
async fn a_lead_there_throughout_is_shown_once_while_others_come_and_go_between_pages() {
    for (seed, size) in [(1, 1), (2, 3), (3, 10), (4, 49), (5, 500)] {
        let mut rng = StdRng::seed_from_u64(seed);
        let suite = Suite::start(2).await;
        apply_policy(suite.replica(0), POLICY).await;
        let mut leads = Vec::new();
        for batch in 0..5 {
            leads.extend(fill(&suite, &format!("before.{batch}"), rng.random_range(1..50)).await);
            suite.clock.advance(1);
        }
        leads.shuffle(&mut rng);
        let mut leaving = leads.split_off(leads.len() / 2);
        let staying: BTreeSet<_> = leads.into_iter().collect();
        let listed = walk(&suite, size, async |turn| {
            for _ in 0..rng.random_range(0..4) {
                if let Some(lead) = leaving.pop() {
                    claim(suite.replica(turn), "bo", &lead).await.expect("claimed");
                }
            }
            if turn < 20 {
                suite.clock.advance(rng.random_range(0..2));
                fill(&suite, &turn.to_string(), 1).await;
            }
        })
        .await;
        assert_shown_once(&listed, &staying);
    }
}

/// Leads come and go while a page is being read as well; all of them entered at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_lead_there_throughout_is_shown_once_while_others_come_and_go_at_any_moment() {
    for round in 0..3 {
        let mut rng = StdRng::seed_from_u64(round);
        let suite = Arc::new(Suite::start(2).await);
        apply_policy(suite.replica(0), POLICY).await;
        let mut leads = fill(&suite, "before", 300).await;
        leads.shuffle(&mut rng);
        let leaving = leads.split_off(leads.len() / 3);
        let staying: BTreeSet<_> = leads.into_iter().collect();
        let done = Arc::new(AtomicBool::new(false));
        let traffic = tokio::spawn({
            let (suite, done) = (suite.clone(), done.clone());
            async move {
                for (n, lead) in leaving.iter().enumerate() {
                    if done.load(Ordering::Acquire) {
                        return n;
                    }
                    claim(suite.replica(n), "bo", lead).await.expect("claimed");
                    if n % 4 == 0 {
                        fill(&suite, &n.to_string(), 1).await;
                    }
                }
                leaving.len()
            }
        });
        let listed = walk(&suite, 7, async |_| {}).await;
        done.store(true, Ordering::Release);
        assert!(traffic.await.expect("no panic") > 10, "nothing moved while the pages were read");
        assert_shown_once(&listed, &staying);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_bounded_and_ordered_and_what_is_unknown_is_refused() {
    let suite = Suite::start(1).await;
    let missing = page(&suite, 0, 10, "").await.expect_err("no policy yet");
    assert_eq!(told(&missing).reason, "POLICY_MISSING");
    apply_policy(suite.replica(0), POLICY).await;
    let mut leads = Vec::new();
    for n in 0..60 {
        leads.push(route(suite.replica(0), "webinar", format!("r{n}")).await.expect("pooled").lead_id);
        suite.clock.advance(1);
    }
    let first = page(&suite, 0, 0, "").await.expect("a page");
    assert_eq!(first.leads.len(), 50, "by default");
    let rest = page(&suite, 0, 0, &first.next_page_token).await.expect("a page");
    assert!(rest.next_page_token.is_empty());
    let listed: Vec<_> = first.leads.into_iter().chain(rest.leads).map(|lead| lead.lead_id).collect();
    assert_eq!(listed, leads);

    let pools = ListPoolsRequest { workspace: WORKSPACE.into() };
    let pools = suite.replica(0).pool().list_pools(pools).await.expect("pools").into_inner().pools;
    let pools: Vec<_> = pools
        .iter()
        .map(|pool| (pool.pool_id.as_str(), pool.leads, pool.oldest_pooled_at.map(|at| at.seconds)))
        .collect();
    assert_eq!(pools, [("open", 60, Some(START / 1000)), ("empty", 0, None)]);

    let ask = |rep: &str, pool: &str| ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: rep.into(),
        pool_id: pool.into(),
        ..ListLeadsRequest::default()
    };
    for (request, reason) in [(ask("eve", "open"), "REP_UNKNOWN"), (ask("ana", "shut"), "POOL_UNKNOWN")] {
        let status = suite.replica(0).pool().list_leads(request).await.expect_err(reason);
        assert_eq!((status.code(), &*told(&status).reason), (tonic::Code::NotFound, reason));
    }
}
