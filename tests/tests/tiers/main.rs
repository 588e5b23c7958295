//! What comes by the calendar: tiers each Monday, from what reps have made of their leads, and the activity floor each day of a
//! rep's own; to the millisecond, once, by however many replicas.

use leadhand_domain::answer::Answer;
use leadhand_domain::change::{Change, Timer};
use leadhand_domain::id::Workspace;
use leadhand_domain::record::{Key, Record};
use leadhand_domain::rounds::Rounds;
use leadhand_domain::time::Millis;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{ActivityBelowFloor, TierChanged};
use leadhand_proto::lead::v1::Outcome;
use leadhand_proto::pool::v1::{
    GetStandingRequest, GetStandingResponse, ListLeadsRequest, RecordContactRequest, RecordOutcomeRequest,
};
use leadhand_proto::router::v1::route_lead_response;
use leadhand_store::Store;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, route};
use leadhand_tests::held::{Held, events};

mod figures;
mod floor;
mod lists;
mod week;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// 2026-03-09 00:00 UTC: the first Monday after the suites' start.
const MONDAY: i64 = leadhand_tests::START + 6 * DAY + 14 * HOUR;

/// Each rep is pushed the leads of a source of the rep's own; all else is pooled.
fn policy(more: &str) -> String {
    let reps = ["ana", "bo", "cy", "di", "ed", "few"];
    let of = |each: &dyn Fn(&str) -> String| reps.map(each).join(", ");
    format!(
        "
manager: max
reps: [{{id: max}}]
teams: [{{id: t, capacity: 1000, reps: [{}]}}]
pools: [{{id: open}}]
routes: [{}]
default: {{pool: open}}
quotas: {{hour: 1000, day: 1000, week: 1000}}
{more}
",
        of(&|rep| format!("{{id: {rep}}}")),
        of(&|rep| format!("{{name: {rep}, sources: [{rep}], rep: {rep}}}")),
    )
}

/// Two leads are enough to be ranked.
const FEW_LEADS: &str = "guardrails: {tiers: {at_least: 2}}";

fn unique() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Replicas that look after deadlines, under this policy.
async fn start(replicas: usize, policy: &str) -> Suite {
    let suite = Suite::with_timers(replicas).await;
    apply_policy(suite.replica(0), policy).await;
    suite
}

/// Routes a lead to the rep of this name; its id and fence.
async fn give(suite: &Suite, rep: &str) -> (String, u64) {
    let answer = route(suite.replica(0), rep, unique()).await.expect("routed");
    match answer.outcome {
        Some(route_lead_response::Outcome::Assigned(to)) if to.rep_id == rep => (answer.lead_id, to.fence),
        other => panic!("{other:?}"),
    }
}

/// Routes a lead into the pool.
async fn pooled(suite: &Suite) -> String {
    route(suite.replica(0), "webinar", unique()).await.expect("pooled").lead_id
}

async fn contact(suite: &Suite, rep: &str, (lead, fence): &(String, u64)) {
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        rep_id: rep.into(),
        lead_id: lead.clone(),
        fence: *fence,
    };
    suite.replica(0).pool().record_contact(request).await.expect("a contact");
}

async fn outcome(suite: &Suite, rep: &str, (lead, fence): &(String, u64), outcome: Outcome, amount: u64) {
    let request = RecordOutcomeRequest {
        workspace: WORKSPACE.into(),
        request_id: unique(),
        rep_id: rep.into(),
        lead_id: lead.clone(),
        fence: *fence,
        outcome: outcome.into(),
        amount,
    };
    suite.replica(0).pool().record_outcome(request).await.expect("an outcome");
}

/// Everybody but few, who has one, is given two leads; ana makes opportunities of both, and each one's contact takes a minute longer than that of
/// the one before: a clear order, of which ana is the first and ed the last.
async fn a_week_of_work(suite: &Suite) {
    let mut given = Vec::new();
    for rep in ["ana", "bo", "cy", "di", "ed"] {
        given.push((rep, [give(suite, rep).await, give(suite, rep).await]));
    }
    let only = give(suite, "few").await;
    contact(suite, "few", &only).await;
    for (rep, leads) in given {
        suite.clock.advance(MINUTE);
        for lead in &leads {
            match rep {
                "ana" => outcome(suite, rep, lead, Outcome::Opportunity, 0).await,
                _ => contact(suite, rep, lead).await,
            }
        }
    }
}

async fn standing(suite: &Suite, rep: &str) -> GetStandingResponse {
    let request = GetStandingRequest { workspace: WORKSPACE.into(), rep_id: rep.into(), lead_id: String::new() };
    suite.replica(0).pool().get_standing(request).await.expect("a standing").into_inner()
}

async fn tiers(suite: &Suite) -> Vec<u32> {
    let mut tiers = Vec::new();
    for rep in ["ana", "bo", "cy", "di", "ed", "few"] {
        tiers.push(standing(suite, rep).await.tier);
    }
    tiers
}

/// Whose pool has how many leads, by the list of each.
async fn listed(suite: &Suite, rep: &str) -> usize {
    let (rep_id, pool_id) = (rep.into(), "open".into());
    let request = ListLeadsRequest { workspace: WORKSPACE.into(), rep_id, pool_id, ..ListLeadsRequest::default() };
    suite.replica(1).pool().list_leads(request).await.expect("a page").into_inner().leads.len()
}

/// What was told of tiers.
async fn changed(suite: &Suite) -> Vec<TierChanged> {
    let told = events(&suite.redis).await.into_iter().filter_map(|event| match event.kind {
        Some(Kind::TierChanged(told)) => Some(told),
        _ => None,
    });
    told.collect()
}

/// What was told of the floor.
async fn below(suite: &Suite) -> Vec<ActivityBelowFloor> {
    let told = events(&suite.redis).await.into_iter().filter_map(|event| match event.kind {
        Some(Kind::ActivityBelowFloor(told)) => Some(told),
        _ => None,
    });
    told.collect()
}

/// When a deadline of the calendar is set to.
async fn timer(suite: &Suite, name: &str) -> Option<i64> {
    Held::read(&suite.redis).await.timers.get(name).copied()
}

async fn forget(suite: &Suite, keys: &[&str]) {
    let mut redis = suite.redis.connection().await;
    let keys: Vec<_> = keys.iter().map(|key| format!("{{{WORKSPACE}}}:{key}")).collect();
    redis::cmd("DEL").arg(keys).query_async::<()>(&mut redis).await.expect("deleted");
}

/// Sets back, or forward, what comes by the calendar.
async fn put_rounds(suite: &Suite, rounds: Rounds) {
    let store = Store::new(leadhand_store::Config::at(suite.redis.url())).expect("a store");
    let workspace = Workspace::parse(WORKSPACE).expect("a name");
    let decide = |_: &_, _: Option<&_>| {
        let mut change = Change::answering(Answer::Done);
        change.puts.push(Record::Rounds(rounds));
        change.timers.extend(rounds.needed().map(|(due, at)| Timer::Set(due, at)));
        Ok(change)
    };
    store.transact(&workspace, None, &[Key::Rounds], decide).await.expect("put");
}
