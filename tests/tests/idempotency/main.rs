//! A request has one effect and one answer, however often it is sent, wherever it is sent, and whatever its caller saw.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use leadhand_proto::pool::v1::ClaimLeadRequest;
use leadhand_proto::status::told;
use leadhand_store::Config;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, lead_from, route};
use leadhand_tests::held::{events, everything};
use leadhand_tests::{Suite, Valve};
use tokio::sync::Barrier;
use tonic::Code;

mod calls;
mod each;
mod effects;

use calls::{Answer, Call, POLICY};
use each::one_of_each;
use effects::{and, effects};

const TIMES: usize = 50;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

async fn suite(replicas: usize) -> Arc<Suite> {
    let suite = Suite::start(replicas).await;
    apply_policy(suite.replica(0), POLICY).await;
    Arc::new(suite)
}

/// Sends a call many times at once to all replicas; the one answer.
async fn at_once(suite: &Arc<Suite>, call: &Call) -> Answer {
    let start = Arc::new(Barrier::new(TIMES));
    let sent = (0..TIMES).map(|n| {
        let (suite, start, call) = (suite.clone(), start.clone(), call.clone());
        tokio::spawn(async move {
            start.wait().await;
            call.send(suite.replica(n), None).await
        })
    });
    let mut answers = Vec::new();
    for answer in sent.collect::<Vec<_>>() {
        answers.push(answer.await.expect("no panic").expect("an answer"));
    }
    let first = answers[0].clone();
    for answer in answers {
        assert_eq!(answer, first, "two answers to {call:?}");
    }
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_fifty_times_at_once_and_again_after_a_restart() {
    let mut suite = suite(2).await;
    let mut answers = Vec::new();
    for call in one_of_each(suite.replica(0), "same").await {
        let expected = and(effects(&suite.redis).await, &call);
        let answer = at_once(&suite, &call).await;
        assert_eq!(effects(&suite.redis).await, expected, "{call:?}");
        answers.push((call, answer));
    }
    let before = everything(&suite.redis).await;
    {
        let suite = Arc::get_mut(&mut suite).expect("nobody else");
        suite.stop_replica(0).await;
        suite.add_replica().await;
    }
    // A day is a long time: the clock has moved on as well.
    suite.clock.advance(DAY_MS - 60_000);
    for (call, answer) in &answers {
        assert_eq!(at_once(&suite, call).await, *answer, "{call:?}");
    }
    assert_eq!(everything(&suite.redis).await, before);
}

/// How a caller loses an answer.
#[derive(Debug, Clone, Copy)]
enum Lost {
    /// Its deadline passes.
    Deadline,
    /// It hangs up.
    HangUp,
}

/// A call whose commit is on its way when its caller gives up.
async fn lose(suite: &Arc<Suite>, valve: &Valve, call: &Call, lost: Lost) {
    const SLOW: usize = 1;
    valve.shut();
    match lost {
        Lost::Deadline => {
            let status = call.clone().send(suite.replica(SLOW), Some(Duration::from_millis(1_200))).await;
            let status = status.expect_err("the answer is late");
            let late = matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled | Code::Unavailable);
            assert!(late, "{status:?}");
            valve.holds(1).await;
        }
        Lost::HangUp => {
            let (suite, call) = (suite.clone(), call.clone());
            let caller = tokio::spawn(async move { call.send(suite.replica(SLOW), None).await });
            valve.holds(1).await;
            caller.abort();
            assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        }
    }
}

/// A suite whose second replica reaches Redis through a valve.
async fn suite_with_valve() -> (Arc<Suite>, Valve) {
    let mut suite = suite(1).await;
    let valve = Valve::before(&suite.redis).await;
    let patient = Config { response_timeout_ms: 20_000, ..Config::at(valve.url()) };
    Arc::get_mut(&mut suite).expect("nobody else").add_replica_with(patient).await;
    (suite, valve)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_given_to_the_retry() {
    let (suite, valve) = suite_with_valve().await;
    for lost in [Lost::Deadline, Lost::HangUp] {
        for call in one_of_each(suite.replica(0), &format!("{lost:?}")).await {
            let expected = and(effects(&suite.redis).await, &call);
            lose(&suite, &valve, &call, lost).await;
            valve.open();
            // Nobody waits for it, and yet it is carried out.
            eventually!(events(&suite.redis).await.len() == expected.events, "{lost:?} {call:?}");
            let answer = call.clone().send(suite.replica(0), None).await.expect("an answer");
            assert_eq!(call.clone().send(suite.replica(1), None).await.expect("the same"), answer);
            assert_eq!(effects(&suite.redis).await, expected, "{lost:?} {call:?}");
        }
        suite.clock.advance(3_600_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_overtakes_its_own_first_try_is_the_one_that_counts() {
    let (suite, valve) = suite_with_valve().await;
    for (n, call) in one_of_each(suite.replica(0), "overtaken").await.into_iter().enumerate() {
        let expected = and(effects(&suite.redis).await, &call);
        lose(&suite, &valve, &call, Lost::HangUp).await;
        let answer = call.clone().send(suite.replica(0), None).await.expect("an answer");
        assert_eq!(effects(&suite.redis).await, expected, "{call:?}");
        let overtaken = tokio::spawn({
            let (suite, call) = (suite.clone(), call.clone());
            async move { call.send(suite.replica(1), None).await }
        });
        valve.open();
        assert_eq!(overtaken.await.expect("no panic").expect("an answer"), answer);
        // A fresh call on the same replica comes after the one that was kept.
        route(suite.replica(1), "demo_request", format!("after-{n}")).await.expect("routed");
        let told = effects(&suite.redis).await;
        assert_eq!(told.events, expected.events + 1, "{call:?}");
        assert_eq!((told.claims, told.leads), (expected.claims, expected.leads + 1), "{call:?}");
    }
}

/// A rotation's requests are decided in batches, and all over again when another replica was faster: then the repetitions
/// of a request meet in one batch.
#[tokio::test(flavor = "multi_thread")]
async fn repetitions_that_are_decided_again_together_have_one_effect() {
    let (suite, valve) = suite_with_valve().await;
    for source in ["demo_request", "content_download"] {
        let call = |id: &str| Call::Route(Box::new(lead_from(source, id)));
        let other = call(&format!("{source}.first"));
        let before = and(effects(&suite.redis).await, &other);
        lose(&suite, &valve, &other, Lost::HangUp).await;
        let same = call(&format!("{source}.same"));
        let sent = (0..TIMES).map(|_| {
            let (suite, same) = (suite.clone(), same.clone());
            tokio::spawn(async move { same.send(suite.replica(1), None).await })
        });
        let sent: Vec<_> = sent.collect();
        // The other replica is faster, so what is on its way is decided again.
        let faster = call(&format!("{source}.faster"));
        faster.clone().send(suite.replica(0), None).await.expect("an answer");
        let head = apply_policy(suite.replica(0), POLICY).await;
        valve.open();
        let mut answers = Vec::new();
        for answer in sent {
            answers.push(answer.await.expect("no panic").expect("an answer"));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "under version {head}: {answers:?}");
        let mut expected = and(and(before, &faster), &same);
        expected.events += 1;
        expected.answers += 1;
        assert_eq!(effects(&suite.redis).await, expected, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_another_body_is_refused() {
    let suite = suite(2).await;
    for call in one_of_each(suite.replica(0), "reused").await {
        call.clone().send(suite.replica(0), None).await.expect("the first");
        let before = everything(&suite.redis).await;
        for replica in 0..2 {
            let other = call.with_another_body();
            let status = other.send(suite.replica(replica), None).await.expect_err("another body");
            let told = told(&status);
            assert_eq!((status.code(), told.reason.as_str()), (Code::InvalidArgument, "REQUEST_ID_REUSED"));
            let fields: Vec<_> = told.fields.iter().map(|field| field.field.as_str()).collect();
            assert_eq!(fields, ["request_id"]);
        }
        assert_eq!(everything(&suite.redis).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_id_with_many_bodies_at_once_one_body_wins() {
    let suite = suite(2).await;
    for call in one_of_each(suite.replica(0), "both").await {
        let expected = and(effects(&suite.redis).await, &call);
        let sent = (0..TIMES).map(|n| {
            let (suite, call) = (suite.clone(), if n % 2 == 0 { call.clone() } else { call.with_another_body() });
            tokio::spawn(async move { call.send(suite.replica(n / 2), None).await })
        });
        let mut answers: BTreeMap<usize, Vec<Answer>> = BTreeMap::new();
        for (n, answer) in sent.collect::<Vec<_>>().into_iter().enumerate() {
            match answer.await.expect("no panic") {
                Ok(answer) => answers.entry(n % 2).or_default().push(answer),
                // The other body of a claim or a contact is refused by itself, when it comes first.
                Err(status) => assert!(
                    matches!(&*told(&status).reason, "REQUEST_ID_REUSED" | "LEAD_UNKNOWN" | "FENCE_STALE"),
                    "{status:?}"
                ),
            }
        }
        let all: Vec<_> = answers.values().collect();
        let [answers] = &all[..] else { panic!("both bodies had an answer: {answers:?}") };
        assert!(answers.len() == TIMES / 2 && answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(effects(&suite.redis).await, expected, "{call:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_different_callers_and_methods_are_different_ids() {
    let suite = suite(1).await;
    let replica = suite.replica(0);
    let first = route(replica, "content_download", "id").await.expect("routed").lead_id;
    let second = route(replica, "content_download", "id.2").await.expect("routed").lead_id;
    for (rep, lead) in [("ana", first), ("bo", second)] {
        let request = ClaimLeadRequest {
            workspace: WORKSPACE.into(),
            request_id: "id".into(),
            rep_id: rep.into(),
            lead_id: lead.clone(),
        };
        assert_eq!(replica.pool().claim_lead(request).await.expect("claimed").into_inner().lead_id, lead);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_not_remembered() {
    let suite = Suite::start(2).await;
    let status = route(suite.replica(0), "demo_request", "early").await.expect_err("no policy yet");
    assert_eq!(told(&status).reason, "POLICY_MISSING");
    apply_policy(suite.replica(0), POLICY).await;
    route(suite.replica(1), "demo_request", "early").await.expect("the same call, now that there is one");

    let mut leads = Vec::new();
    for n in 0..2 {
        leads.push(route(suite.replica(n), "content_download", format!("r{n}")).await.expect("pooled").lead_id);
    }
    claim(suite.replica(0), "ana", &leads[0]).await.expect("the one claim of the hour");
    let call = Call::Claim(ClaimLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "again".into(),
        rep_id: "ana".into(),
        lead_id: leads[1].clone(),
    });
    let before = everything(&suite.redis).await;
    for replica in 0..2 {
        let status = call.clone().send(suite.replica(replica), None).await.expect_err("too soon");
        assert_eq!((status.code(), &*told(&status).reason), (Code::ResourceExhausted, "QUOTA_EXHAUSTED"));
    }
    assert_eq!(everything(&suite.redis).await, before);
    suite.clock.advance(3_600_000);
    call.send(suite.replica(1), None).await.expect("an hour later, under the same id");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_remembered_for_a_day_and_no_longer() {
    let suite = suite(1).await;
    let mut redis = suite.redis.connection().await;
    let mut first = None;
    for call in one_of_each(suite.replica(0), "daily").await {
        let answer = call.clone().send(suite.replica(0), None).await.expect("an answer");
        let left: i64 = redis::cmd("PTTL").arg(call.answer_key()).query_async(&mut redis).await.expect("a time");
        assert!((DAY_MS - 60_000..=DAY_MS).contains(&left), "{call:?}: {left}");
        first.get_or_insert((call, answer));
    }
    // Rather than wait for a day, the day is made to end now.
    let (call, answer) = first.expect("a call");
    let key = call.answer_key();
    redis::cmd("PEXPIRE").arg(&key).arg(1).query_async::<()>(&mut redis).await.expect("a key");
    eventually!(!redis::cmd("EXISTS").arg(&key).query_async::<bool>(&mut redis).await.expect("an answer"));
    let expected = and(effects(&suite.redis).await, &call);
    let next = call.clone().send(suite.replica(0), None).await.expect("an answer");
    assert_ne!(next, answer, "a new request");
    assert_eq!(effects(&suite.redis).await, expected);
}
