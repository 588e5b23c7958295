//! What becomes of leads that nobody claims: pool first, then a rep, then the manager; and old leads to another pool.

use leadhand_domain::time::Millis;
use leadhand_proto::event::v1::{Cause, event::Kind};
use leadhand_proto::lead::v1::State;
use leadhand_proto::pool::v1::ListMyLeadsRequest;
use leadhand_proto::status::told;
use leadhand_proto::time::millis;
use leadhand_testkit::eventually;
use leadhand_tests::acts::activity;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};
use leadhand_tests::held::{ASSIGNED, Held, POOLED, events};
use leadhand_tests::{START, Suite};

use crate::{HOUR, MINUTE, Raw, pooled};

const POLICY: &str = "
reps: [{id: max}]
manager: max
teams: [{id: t, capacity: 1, reps: [{id: ana}]}]
pools:
  - {id: open, assign_after: 30m, assign_to: t, escalate_after: 60m}
  - {id: fresh, recycle_after: 24h, recycle_to: aged}
  - {id: aged}
routes: [{name: fresh, sources: [webinar], pool: fresh}]
default: {pool: open}
";

/// Who owns the lead, or which pool it is in.
async fn place(suite: &Suite, lead: &str) -> (u32, String) {
    let held = Held::read(&suite.redis).await;
    let lead = &held.leads[lead];
    (lead.place, if lead.place == ASSIGNED { lead.owner.clone() } else { lead.pool.clone() })
}

async fn mine(suite: &Suite, rep: &str) -> Vec<State> {
    let request =
        ListMyLeadsRequest { workspace: WORKSPACE.into(), rep_id: rep.into(), ..ListMyLeadsRequest::default() };
    let leads = suite.replica(0).pool().list_my_leads(request).await.expect("a list").into_inner().leads;
    leads.into_iter().filter_map(|lead| lead.state).collect()
}

fn owned(by: &str) -> (u32, String) {
    (ASSIGNED, by.to_owned())
}

fn in_pool(pool: &str) -> (u32, String) {
    (POOLED, pool.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_half_an_hour_a_rep_gets_it_and_after_an_hour_the_manager() {
    let suite = Suite::with_timers(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let first = pooled(&suite, "other", Raw::default()).await;
    suite.clock.advance(1);
    let second = pooled(&suite, "other", Raw::default()).await;
    suite.clock.advance(30 * MINUTE - 2);
    assert_eq!(place(&suite, &first).await, in_pool("open"), "one millisecond before");
    suite.clock.advance(1);
    eventually!(place(&suite, &first).await == owned("ana"));
    // The team has room for one: the other one stays and is tried again, and then goes to the manager.
    suite.clock.advance(30 * MINUTE);
    assert_eq!(place(&suite, &second).await, in_pool("open"), "one millisecond before");
    suite.clock.advance(1);
    eventually!(place(&suite, &second).await == owned("max"));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
    let kinds = events(&suite.redis).await.into_iter().filter_map(|event| event.kind);
    let given = kinds.filter_map(|kind| match kind {
        Kind::LeadAssigned(it) => Some((it.rep_id.clone(), it.cause(), it.escalated)),
        _ => None,
    });
    let given: Vec<_> = given.collect();
    assert_eq!(given, [("ana".into(), Cause::Unclaimed, false), ("max".into(), Cause::Unclaimed, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_claimed_is_left_alone() {
    let suite = Suite::with_timers(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = pooled(&suite, "other", Raw::default()).await;
    claim(suite.replica(0), "ana", &lead).await.expect("free");
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
    let witness = pooled(&suite, "other", Raw::default()).await;
    suite.clock.advance(60 * MINUTE);
    eventually!(place(&suite, &witness).await == owned("max"));
    assert_eq!(place(&suite, &lead).await, owned("ana"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_leads_move_to_another_pool() {
    let suite = Suite::with_timers(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = pooled(&suite, "webinar", Raw::default()).await;
    suite.clock.advance(24 * HOUR - 1);
    assert_eq!(place(&suite, &lead).await, in_pool("fresh"));
    suite.clock.advance(1);
    eventually!(place(&suite, &lead).await == in_pool("aged"));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// Whoever was away when several stages came does the last one.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_worker_goes_straight_to_the_manager() {
    let mut suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = pooled(&suite, "other", Raw::default()).await;
    suite.clock.advance(3 * HOUR);
    suite.timer_tick_ms = Some(10);
    suite.add_replica().await;
    eventually!(place(&suite, &lead).await == owned("max"));
    let kinds = events(&suite.redis).await.into_iter().filter_map(|event| event.kind);
    assert_eq!(kinds.filter(|kind| matches!(kind, Kind::LeadAssigned(_))).count(), 1, "nobody had it on the way");
}

/// Push first: half an hour for the rep, then the pool, and two hours after it was pushed the manager.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_first_goes_to_the_pool_and_then_to_the_manager() {
    let suite = Suite::with_timers(2).await;
    let policy = "
reps: [{id: max}]
manager: max
teams: [{id: t, reps: [{id: ana}]}, {id: others, reps: [{id: bo}]}]
pools: [{id: open, escalate_after: 2h}]
default: {rotate: t, push_first: {pool: open}}
";
    apply_policy(suite.replica(0), policy).await;
    let routed = async |id: &str| route(suite.replica(0), "webinar", id).await.expect("pushed").lead_id;
    let (idle, worked, taken) = (routed("idle").await, routed("worked").await, routed("taken").await);
    assert_eq!(place(&suite, &idle).await, owned("ana"));
    let mine = mine(&suite, "ana").await;
    assert!(
        mine.iter().all(|state| state.act_by.as_ref().is_some_and(|at| millis(at) == Ok(Millis(START + 30 * MINUTE))))
    );
    suite.clock.advance(30 * MINUTE - 1);
    let fence = Held::read(&suite.redis).await.leads[&worked].fence;
    activity(suite.replica(0), "ana", &worked, fence).await.expect("the owner");
    assert_eq!(place(&suite, &idle).await, owned("ana"));
    suite.clock.advance(1);
    eventually!(place(&suite, &idle).await == in_pool("open") && place(&suite, &taken).await == in_pool("open"));
    assert_eq!(place(&suite, &worked).await, owned("ana"), "something was done");
    let refused = claim(suite.replica(0), "ana", &idle).await.expect_err("who did nothing");
    assert_eq!(told(&refused).reason, "HAD_LATELY");
    claim(suite.replica(0), "bo", &taken).await.expect("another");
    suite.clock.advance(90 * MINUTE - 1);
    assert_eq!(place(&suite, &idle).await, in_pool("open"));
    suite.clock.advance(1);
    eventually!(place(&suite, &idle).await == owned("max"));
    assert_eq!(place(&suite, &taken).await, owned("bo"));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}
