//! Who watches a pool knows what it lists: from a snapshot on, over lost connections and other replicas.

use std::collections::BTreeMap;

use leadhand_proto::lead::v1::{Lead, Preview};
use leadhand_proto::pool::v1::watch_pool_response::Item;
use leadhand_proto::pool::v1::{ListLeadsRequest, UpdateLeadRequest, WatchPoolRequest, WatchPoolResponse};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::status::told;
use leadhand_testkit::PATIENCE;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, patiently};
use leadhand_tests::{Replica, Suite};
use tonic::{Code, Status, Streaming};

const POLICY: &str = "
teams: [{id: t, capacity: 100000, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}]
default: {pool: open}
quotas: {hour: 1000, day: 1000, week: 1000}
";

/// What a watcher knows.
struct Watcher {
    stream: Streaming<WatchPoolResponse>,
    leads: BTreeMap<String, Preview>,
    position: String,
    /// How many snapshots have begun.
    snapshots: usize,
}

fn request(filter: &str, after: &str) -> WatchPoolRequest {
    WatchPoolRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "open".into(),
        filter: filter.into(),
        search: String::new(),
        after: after.into(),
    }
}

impl Watcher {
    async fn open(replica: &Replica, filter: &str) -> Self {
        let stream = replica.pool().watch_pool(request(filter, "")).await.expect("a stream").into_inner();
        let mut watcher = Self { stream, leads: BTreeMap::new(), position: String::new(), snapshots: 0 };
        watcher.catch_up().await;
        watcher
    }

    /// Goes on through another replica.
    async fn resume(&mut self, replica: &Replica, filter: &str) {
        let request = request(filter, &self.position);
        self.stream = replica.pool().watch_pool(request).await.expect("a stream").into_inner();
        self.catch_up().await;
    }

    /// Takes the next message in; whether it says that all has been told.
    async fn next(&mut self) -> Result<bool, Status> {
        let message = tokio::time::timeout(PATIENCE, self.stream.message()).await.expect("in time")?;
        match message.expect("no end").item.expect("an item") {
            Item::Snapshot(page) => {
                if page.first {
                    self.snapshots += 1;
                    self.leads.clear();
                }
                self.leads.extend(page.leads.into_iter().map(|lead| (lead.lead_id.clone(), lead)));
            }
            Item::CaughtUp(caught_up) => {
                self.position = caught_up.position;
                return Ok(true);
            }
            Item::Entered(told) | Item::Changed(told) => {
                let lead = told.lead.expect("a lead");
                self.leads.insert(lead.lead_id.clone(), lead);
                self.position = told.position;
            }
            Item::Left(left) => {
                self.leads.remove(&left.lead_id);
                self.position = left.position;
            }
        }
        Ok(false)
    }

    async fn catch_up(&mut self) {
        while !self.next().await.expect("no error") {}
    }

    /// Takes messages in until this holds of what is known.
    async fn until(&mut self, holds: impl Fn(&BTreeMap<String, Preview>) -> bool) {
        while !holds(&self.leads) {
            self.next().await.expect("no error");
        }
    }
}

async fn route(replica: &Replica, n: usize, score: i32) -> String {
    let lead = Lead { source: "webinar".into(), score: Some(score), ..Lead::default() };
    let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("r{n}"), lead: Some(lead) };
    replica.router().route_lead(patiently(request)).await.expect("pooled").into_inner().lead_id
}

async fn update(replica: &Replica, lead: &str, score: i32) {
    let request = UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("u{score}"),
        lead_id: lead.into(),
        score: Some(score),
        ..UpdateLeadRequest::default()
    };
    replica.pool().update_lead(patiently(request)).await.expect("updated");
}

async fn listed(replica: &Replica, filter: &str) -> BTreeMap<String, Preview> {
    let request = ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "open".into(),
        page_size: 500,
        filter: filter.into(),
        ..ListLeadsRequest::default()
    };
    let page = replica.pool().list_leads(patiently(request)).await.expect("a page").into_inner();
    page.leads.into_iter().map(|lead| (lead.lead_id.clone(), lead)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_knows_what_the_list_has_and_resumes_through_another_replica() {
    const FILTER: &str = "lead.score >= 50";
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut leads = Vec::new();
    for n in 0..600 {
        leads.push(route(suite.replica(n), n, (n % 100) as i32).await);
    }
    let mut watcher = Watcher::open(suite.replica(0), FILTER).await;
    assert_eq!(watcher.leads, listed(suite.replica(1), FILTER).await);
    assert_eq!((watcher.leads.len(), watcher.snapshots), (300, 1));

    // Enters, changes, comes to match no more, comes to match, is claimed: leads 50 to 99 and 0 to 49 of each hundred.
    let new = route(suite.replica(1), 1_000, 90).await;
    watcher.until(|leads| leads.contains_key(&new)).await;
    update(suite.replica(1), &leads[60], 99).await;
    watcher.until(|known| known[&leads[60]].score == Some(99)).await;
    update(suite.replica(1), &leads[61], 3).await;
    watcher.until(|known| !known.contains_key(&leads[61])).await;
    update(suite.replica(1), &leads[3], 77).await;
    watcher.until(|known| known.contains_key(&leads[3])).await;
    claim(suite.replica(1), "bo", &leads[62]).await.expect("claimed");
    watcher.until(|known| !known.contains_key(&leads[62])).await;

    for round in 0..3 {
        // Meanwhile nobody listens.
        claim(suite.replica(round), "bo", &leads[70 + round]).await.expect("claimed");
        update(suite.replica(round), &leads[80 + round], 10 + round as i32).await;
        let arrived = route(suite.replica(round), 2_000 + round, 50).await;
        watcher.resume(suite.replica(round + 1), FILTER).await;
        assert!(watcher.leads.contains_key(&arrived));
        assert_eq!(watcher.leads, listed(suite.replica(round), FILTER).await);
        assert_eq!(watcher.snapshots, 1, "it is told what changed only");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_clock_changes_is_told_and_a_new_policy_begins_anew() {
    const FILTER: &str = "now - lead.pooled_at >= duration('1h')";
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = route(suite.replica(0), 1, 50).await;
    let mut watcher = Watcher::open(suite.replica(0), FILTER).await;
    assert!(watcher.leads.is_empty());
    suite.clock.advance(3_600_000);
    watcher.until(|known| known.contains_key(&lead)).await;

    // And what the clock has changed while nobody listened.
    let other = route(suite.replica(0), 2, 50).await;
    watcher.resume(suite.replica(1), FILTER).await;
    suite.clock.advance(3_600_000);
    watcher.resume(suite.replica(0), FILTER).await;
    watcher.until(|known| known.contains_key(&other)).await;
    assert_eq!(watcher.snapshots, 1);

    apply_policy(suite.replica(0), &POLICY.replace("1000", "999")).await;
    while watcher.snapshots < 2 {
        watcher.next().await.expect("no error");
    }
    watcher.catch_up().await;
    assert_eq!(watcher.leads, listed(suite.replica(1), FILTER).await);

    apply_policy(suite.replica(0), &POLICY.replace("{id: ana}, ", "")).await;
    let gone = loop {
        if let Err(status) = watcher.next().await {
            break status;
        }
    };
    assert_eq!((gone.code(), &*told(&gone).reason), (Code::NotFound, "REP_UNKNOWN"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_resumed_begins_anew_and_what_is_not_there_is_refused() {
    let mut suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut watcher = Watcher::open(suite.replica(0), "").await;
    let lead = route(suite.replica(0), 1, 50).await;
    let mut redis = suite.redis.connection().await;
    let mut trim = redis::cmd("XTRIM");
    trim.arg(format!("{{{WORKSPACE}}}:events"))
        .arg("MAXLEN")
        .arg(0)
        .query_async::<i64>(&mut redis)
        .await
        .expect("trimmed");
    watcher.resume(suite.replica(1), "").await;
    assert_eq!((watcher.leads.len(), watcher.snapshots), (1, 2));
    assert!(watcher.leads.contains_key(&lead));

    let foreign = request("lead.score > 1", &watcher.position);
    let status = suite.replica(0).pool().watch_pool(foreign).await.expect_err("another filter");
    assert_eq!(told(&status).fields.first().map(|field| field.field.as_str()), Some("after"));
    for (request, reason) in [
        (WatchPoolRequest { rep_id: "eve".into(), ..request("", "") }, "REP_UNKNOWN"),
        (WatchPoolRequest { pool_id: "shut".into(), ..request("", "") }, "POOL_UNKNOWN"),
    ] {
        let status = suite.replica(0).pool().watch_pool(request).await.expect_err(reason);
        assert_eq!((status.code(), &*told(&status).reason), (Code::NotFound, reason));
    }

    // A replica that ends says so, and another goes on.
    let mut left = Watcher::open(suite.replica(1), "").await;
    let (ended, ()) = tokio::join!(left.next(), suite.stop_replica(1));
    let ended = ended.expect_err("it ends");
    assert_eq!((ended.code(), &*told(&ended).reason), (Code::Unavailable, "SHUTTING_DOWN"));
    left.resume(suite.replica(0), "").await;
    assert_eq!((left.leads, left.snapshots), (watcher.leads, 1));
}

/// Whoever reads slower than the pool changes is told what there is in the end, at no cost in memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_falls_behind_knows_everything_in_the_end() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = route(suite.replica(0), 1, 0).await;
    let mut watcher = Watcher::open(suite.replica(0), "").await;
    for score in 1..=100 {
        update(suite.replica(0), &lead, score).await;
    }
    watcher.until(|known| known[&lead].score == Some(100)).await;
    assert_eq!(watcher.snapshots, 1);
}
