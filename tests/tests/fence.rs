//! A lock that has expired protects nothing: whoever comes back after a pause is refused by the records and their fences.

use std::time::Duration;

use leadhand_domain::answer::{Answer, Claimed};
use leadhand_domain::change::{Change, Count, Index};
use leadhand_domain::id::{LeadId, RepId, Workspace};
use leadhand_domain::lead::{Lead, Place};
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Counter, Key, Record, Snapshot};
use leadhand_domain::time::Millis;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::pool::v1::{ClaimLeadRequest, RecordContactRequest};
use leadhand_proto::status::told;
use leadhand_store::{Config, Store};
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, events, route};
use leadhand_tests::held::{Held, everything};
use leadhand_tests::{START, Suite, Valve};
use tonic::{Code, Status};

const POLICY: &str = "{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], default: {pool: open}}";

/// How long a claim's lock lives.
const LOCK_TTL_MS: i64 = 2_000;

fn lock(lead: &str) -> String {
    format!("{{{WORKSPACE}}}:lock:claim:{lead}:1")
}

async fn contact(suite: &Suite, rep: &str, lead: &str, fence: u64) -> Result<(), Status> {
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("{rep}-{fence}"),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
    };
    suite.replica(0).pool().record_contact(request).await.map(drop)
}

#[track_caller]
fn assert_refused(answer: Result<(), Status>, reason: &str) {
    let status = answer.expect_err(reason);
    assert_eq!((status.code(), told(&status).reason.as_str()), (Code::FailedPrecondition, reason));
}

/// Makes `rep` the next owner of a lead. By the store, as a missed contact would in hours, so that the
/// owner changes just when the test wants it.
async fn hand_over(suite: &Suite, lead: &str, rep: &str) {
    let store = Store::new(Config::at(suite.redis.url())).expect("a url");
    let (lead, to) = (LeadId::parse(lead).expect("an id"), RepId::parse(rep).expect("an id"));
    let from = RepId::parse("ana").expect("an id");
    let keys = [Key::Lead(lead)];
    let decide = |snapshot: &Snapshot, _: Option<&Policy>| {
        let held = snapshot.lead(lead).expect("the lead").clone();
        let Place::Assigned { via, remind_at, contact_due, .. } = &held.place else { panic!("owned by ana") };
        let (via, remind_at, contact_due) = (via.clone(), *remind_at, *contact_due);
        let place = Place::Assigned { owner: to.clone(), via, remind_at, contact_due, contacted_at: None };
        let fence = held.fence.next();
        let mut change = Change::answering(Answer::Claimed(Claimed { lead, fence, contact_due }));
        change.expects.extend(keys.clone());
        change.puts.push(Record::from(Lead { place, fence, placed_at: Millis(START), ..held }));
        for (rep, delta) in [(&from, -1), (&to, 1)] {
            for counter in [Counter::Open, Counter::Uncontacted, Counter::Hoarded].map(|of| of(rep.clone())) {
                change.counts.push(Count { counter, delta, most: None });
            }
        }
        change.index.push(Index::Disown { rep: from.clone(), lead });
        change.index.push(Index::Own { rep: to.clone(), lead, at: Millis(START) });
        Ok(change)
    };
    let workspace = Workspace::parse(WORKSPACE).expect("a name");
    store.transact(&workspace, None, &keys, decide).await.expect("handed over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_comes_back_after_the_lead_has_moved_on_is_refused_by_its_fence() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("pooled").lead_id;
    let claimed = claim(suite.replica(0), "ana", &lead).await.expect("claimed");
    assert_eq!(claimed.fence, 1);
    hand_over(&suite, &lead, "bo").await;

    let before = everything(&suite.redis).await;
    assert_refused(contact(&suite, "ana", &lead, 1).await, "FENCE_STALE");
    assert_refused(contact(&suite, "bo", &lead, 1).await, "FENCE_STALE");
    assert_refused(contact(&suite, "ana", &lead, 2).await, "NOT_OWNER");
    assert_refused(contact(&suite, "bo", &lead, u64::MAX).await, "FENCE_STALE");
    assert_eq!(everything(&suite.redis).await, before, "who is refused changes nothing");
    contact(&suite, "bo", &lead, 2).await.expect("the owner at the current fence");
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_decided_before_a_pause_is_not_committed_after_it() {
    let mut suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("pooled").lead_id;
    // A replica that can be paused between decision and commit, for longer than the lock lives.
    let valve = Valve::before(&suite.redis).await;
    let patient = Config { response_timeout_ms: 20_000, ..Config::at(valve.url()) };
    suite.add_replica_with(patient).await;
    let warm = claim(suite.replica(1), "ana", "00000000-0000-7000-8000-000000000000").await;
    assert_eq!(warm.expect_err("no such lead").code(), Code::NotFound);

    valve.shut();
    let mut pool = suite.replica(1).pool();
    let request = ClaimLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "paused".into(),
        rep_id: "ana".into(),
        lead_id: lead.clone(),
    };
    let again = request.clone();
    let paused = tokio::spawn(async move {
        let mut request = tonic::Request::new(request);
        request.set_timeout(Duration::from_secs(20));
        pool.claim_lead(request).await
    });
    valve.holds(1).await;
    let claimed = claim(suite.replica(0), "bo", &lead).await.expect("claimed meanwhile");
    let mut redis = suite.redis.connection().await;
    let locked = async |redis: &mut redis::aio::MultiplexedConnection| {
        redis::cmd("EXISTS").arg(lock(&lead)).query_async::<bool>(redis).await.expect("an answer")
    };
    assert!(locked(&mut redis).await, "the pause begins with the lock held");
    eventually!(!locked(&mut redis).await);
    let before = everything(&suite.redis).await;
    valve.open();

    let status = paused.await.expect("no panic").expect_err("refused");
    assert_refused(Err(status), "LEAD_ALREADY_CLAIMED");
    let status = suite.replica(0).pool().claim_lead(again).await.expect_err("the retry as well");
    assert_refused(Err(status), "LEAD_ALREADY_CLAIMED");
    assert_eq!(everything(&suite.redis).await, before, "what was decided before the pause is not applied");
    let claims = events(suite.replica(0)).await;
    let claims = claims.iter().filter(|event| matches!(event.kind, Some(Kind::LeadClaimed(_))));
    assert_eq!(claims.map(|event| &event.position).collect::<Vec<_>>(), [&claimed.position]);
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!((held.leads[&lead].owner.as_str(), held.leads[&lead].fence), ("bo", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_takes_a_lock_that_expires_and_respects_another_s() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut redis = suite.redis.connection().await;
    let mut leads = Vec::new();
    for n in 0..4 {
        leads.push(route(suite.replica(n), "webinar", format!("r{n}")).await.expect("pooled").lead_id);
    }
    // It is taken with the claim, for the claimer, for two seconds.
    claim(suite.replica(0), "ana", &leads[0]).await.expect("free");
    let (holder, ttl): (String, i64) =
        redis::pipe().get(lock(&leads[0])).pttl(lock(&leads[0])).query_async(&mut redis).await.expect("a lock");
    assert_eq!(holder, "ana");
    assert!((1..=LOCK_TTL_MS).contains(&ttl), "{ttl}");

    // Another's lock is waited for a little, then the claimer is told to come back; nothing is written meanwhile.
    let hold = async |lead: &str, holder: &str, ttl_ms: i64, redis: &mut redis::aio::MultiplexedConnection| {
        let mut command = redis::cmd("SET");
        command.arg(lock(lead)).arg(holder).arg("NX").arg("PX").arg(ttl_ms);
        assert_eq!(command.query_async::<String>(redis).await.expect("a lock"), "OK");
    };
    hold(&leads[1], "bo", 600_000, &mut redis).await;
    let before = everything(&suite.redis).await;
    let request = ClaimLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "c1".into(),
        rep_id: "ana".into(),
        lead_id: leads[1].clone(),
    };
    let status = suite.replica(0).pool().claim_lead(request.clone()).await.expect_err("locked");
    assert_eq!((status.code(), told(&status).reason.as_str()), (Code::Aborted, "CONTENTION"));
    assert!(told(&status).retry_after.is_some());
    assert_eq!(everything(&suite.redis).await, before);
    claim(suite.replica(1), "bo", &leads[1]).await.expect("its own lock does not keep the holder out");
    let status = suite.replica(0).pool().claim_lead(request).await.expect_err("taken");
    assert_refused(Err(status), "LEAD_ALREADY_CLAIMED");

    // A lock that nobody gives back expires, and the same request goes through.
    hold(&leads[2], "bo", 150, &mut redis).await;
    let request = ClaimLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "c2".into(),
        rep_id: "ana".into(),
        lead_id: leads[2].clone(),
    };
    eventually!(match suite.replica(1).pool().claim_lead(request.clone()).await {
        Ok(claimed) => claimed.into_inner().fence == 1,
        Err(status) => {
            assert_eq!(status.code(), Code::Aborted, "{status:?}");
            false
        }
    });
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    let owners: Vec<_> = leads.iter().map(|lead| held.leads[lead].owner.as_str()).collect();
    assert_eq!(owners, ["ana", "bo", "ana", ""]);
}
