//! Calendars stream in, and the router passes over whoever is busy.

use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, Cancelled, GetAvailabilityRequest, IntervalKind, Seen, StreamAvailabilityRequest,
    StreamAvailabilityResponse, UnavailableReason,
};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{Event, SkipReason};
use leadhand_proto::router::v1::RouteLeadResponse;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::time::timestamp;
use leadhand_tests::call::{WORKSPACE, apply_policy, events, route};
use leadhand_tests::held::Held;
use leadhand_tests::{START, Suite};

const POLICY: &str = "
teams: [{id: inbound, capacity: 100000, reps: [{id: ana}, {id: bo}, {id: cy}]}]
pools: [{id: open}]
default: {rotate: inbound, otherwise: {pool: open}}
";

const HOUR: i64 = 3_600_000;

fn message(rep: &str, event: &str, revision: u64, change: Change) -> StreamAvailabilityRequest {
    StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: 0,
        source: "google".into(),
        rep_id: rep.into(),
        event_id: event.into(),
        revision,
        change: Some(change),
    }
}

fn busy(from: i64, to: i64) -> Change {
    let at = |ms| Some(timestamp(Millis(ms)));
    Change::Busy(BusyInterval { start: at(from), end: at(to), kind: IntervalKind::OutOfOffice.into() })
}

/// Streams messages in; whether each changed anything, in order.
async fn stream(suite: &Suite, replica: usize, mut messages: Vec<StreamAvailabilityRequest>) -> Vec<bool> {
    for (n, message) in (1..).zip(&mut messages) {
        message.sequence = n;
    }
    let sent = messages.len() as u64;
    let mut client = suite.replica(replica).availability();
    let mut answers = client.stream_availability(tokio_stream::iter(messages)).await.expect("a stream").into_inner();
    let mut changed = Vec::new();
    while let Some(StreamAvailabilityResponse { sequence, changed: did, .. }) =
        answers.message().await.expect("no error")
    {
        changed.push(did);
        assert_eq!(sequence, changed.len() as u64, "acknowledged in order");
    }
    assert_eq!(changed.len() as u64, sent, "every message is acknowledged");
    changed
}

async fn routed(suite: &Suite, from: usize, leads: usize) -> Vec<RouteLeadResponse> {
    let mut answers = Vec::new();
    for n in from..from + leads {
        answers.push(route(suite.replica(n), "webinar", format!("r{n}")).await.expect("routed"));
    }
    answers
}

fn owner(answer: &RouteLeadResponse) -> &str {
    match answer.outcome.as_ref().expect("an outcome") {
        Outcome::Assigned(assigned) => &assigned.rep_id,
        Outcome::Pooled(pooled) => &pooled.pool_id,
        other => panic!("not by this policy: {other:?}"),
    }
}

/// Who got them, sorted: whose turn comes first is for the rotation's seed to say.
fn owners(answers: &[RouteLeadResponse]) -> Vec<&str> {
    let mut owners: Vec<_> = answers.iter().map(owner).collect();
    owners.sort_unstable();
    owners
}

/// Who was passed over in the decision on each of these leads.
fn skipped(events: &[Event], answers: &[RouteLeadResponse]) -> Vec<Vec<String>> {
    let skips = |answer: &RouteLeadResponse| {
        let event = events.iter().find(|event| event.position == answer.position).expect("its event");
        let decision = event.decision.as_ref().expect("a decision");
        let rep = |skip: &leadhand_proto::event::v1::Skip| {
            assert_eq!((skip.reason(), skip.unavailable()), (SkipReason::Busy, UnavailableReason::OutOfOffice));
            skip.rep_id.clone()
        };
        decision.skips.iter().map(rep).collect()
    };
    answers.iter().map(skips).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_busy_is_passed_over_until_just_when_they_are_free() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    assert_eq!(owners(&routed(&suite, 0, 3).await), ["ana", "bo", "cy"]);

    let meeting = message("bo", "meeting", 1, busy(START + HOUR, START + 2 * HOUR));
    assert_eq!(stream(&suite, 1, vec![meeting]).await, [true]);
    suite.clock.set(START + HOUR - 1);
    let before = routed(&suite, 10, 3).await;
    assert_eq!(owners(&before), ["ana", "bo", "cy"], "not yet");

    suite.clock.set(START + HOUR);
    let during = routed(&suite, 20, 4).await;
    assert!(during.iter().all(|answer| owner(answer) != "bo"), "{:?}", owners(&during));
    suite.clock.set(START + 2 * HOUR - 1);
    let last = routed(&suite, 30, 2).await;
    assert!(last.iter().all(|answer| owner(answer) != "bo"), "{:?}", owners(&last));

    suite.clock.set(START + 2 * HOUR);
    let after = routed(&suite, 40, 6).await;
    let back = owners(&after).iter().filter(|rep| **rep == "bo").count();
    assert_eq!(back, 2, "back at once, and not flooded: {:?}", owners(&after));

    let events = events(suite.replica(0)).await;
    assert_eq!(skipped(&events, &during), vec![vec!["bo"]; 4]);
    assert_eq!(skipped(&events, &last), vec![vec!["bo"]; 2]);
    assert!(skipped(&events, &before).into_iter().chain(skipped(&events, &after)).all(|skips| skips.is_empty()));
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            Some(Kind::AvailabilityChanged(changed)) => Some((changed.rep_id.as_str(), changed.source.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(told, [("bo", "google")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_everybody_is_busy_the_lead_waits_in_the_pool() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let all = ["ana", "bo", "cy"].map(|rep| message(rep, "offsite", 1, busy(START, START + HOUR)));
    assert_eq!(stream(&suite, 0, all.into()).await, [true; 3]);
    let during = routed(&suite, 0, 2).await;
    assert_eq!(owners(&during), ["open", "open"]);
    suite.clock.set(START + HOUR);
    assert_eq!(owners(&routed(&suite, 10, 3).await), ["ana", "bo", "cy"]);
    let events = events(suite.replica(0)).await;
    assert_eq!(skipped(&events, &during), vec![vec!["ana", "bo", "cy"]; 2]);
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_revisions_the_later_counts_in_whatever_order_they_come() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let moved = message("ana", "m", 3, busy(START + HOUR, START + 2 * HOUR));
    let first = message("ana", "m", 1, busy(START, START + HOUR));
    assert_eq!(stream(&suite, 0, vec![moved.clone(), first, moved]).await, [true, false, false]);
    assert!(owners(&routed(&suite, 0, 3).await).contains(&"ana"), "the meeting was moved away");
    suite.clock.set(START + HOUR);
    assert!(!owners(&routed(&suite, 10, 4).await).contains(&"ana"));

    let gone = message("ana", "m", 4, Change::Cancelled(Cancelled {}));
    assert_eq!(stream(&suite, 1, vec![gone]).await, [true]);
    let back = routed(&suite, 20, 3).await;
    assert!(owners(&back).contains(&"ana"), "{:?}", owners(&back));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_meeting_keeps_nobody_from_a_lead() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let Change::Busy(mut meeting) = busy(START, START + HOUR) else { unreachable!() };
    meeting.kind = IntervalKind::Meeting.into();
    assert_eq!(stream(&suite, 0, vec![message("ana", "standup", 1, Change::Busy(meeting))]).await, [true]);
    assert_eq!(owners(&routed(&suite, 0, 3).await), ["ana", "bo", "cy"]);
}

/// Heartbeats do not make a rotation's decisions stale, and yet none rests on a heartbeat that is out of date.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_seen_for_a_day_is_passed_over_until_just_when_they_are_seen() {
    // One replica: of two, each would make the other look again.
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let seen = |rep| StreamAvailabilityRequest {
        source: "chat".into(),
        event_id: String::new(),
        ..message(rep, "", 0, Change::Seen(Seen::default()))
    };
    assert_eq!(stream(&suite, 0, vec![seen("ana"), seen("bo")]).await, [true, true]);
    assert_eq!(owners(&routed(&suite, 0, 3).await), ["ana", "bo", "cy"]);
    // ana is seen again; the router has no reason to look again, and does not know.
    suite.clock.set(START + 12 * HOUR);
    assert_eq!(stream(&suite, 0, vec![seen("ana")]).await, [true]);
    assert_eq!(owners(&routed(&suite, 10, 3).await), ["ana", "bo", "cy"]);

    // By what it has read ana is as little seen as bo.
    suite.clock.set(START + 24 * HOUR);
    let during = routed(&suite, 20, 4).await;
    let given =
        |answers: &[RouteLeadResponse], rep: &str| owners(answers).iter().filter(|owner| **owner == rep).count();
    assert_eq!((given(&during, "ana"), given(&during, "bo"), given(&during, "cy")), (2, 0, 2));
    let events_now = events(suite.replica(0)).await;
    for answer in &during {
        let event = events_now.iter().find(|event| event.position == answer.position).expect("its event");
        let skips = &event.decision.as_ref().expect("a decision").skips;
        let told: Vec<_> = skips.iter().map(|skip| (skip.rep_id.as_str(), skip.unavailable())).collect();
        assert_eq!(told, [("bo", UnavailableReason::NotSeen)]);
    }

    assert_eq!(stream(&suite, 0, vec![seen("bo")]).await, [true]);
    assert_eq!(given(&routed(&suite, 30, 3).await, "bo"), 1, "at once");
}

/// What GetAvailability says is what the router does.
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_for_a_moment_is_what_the_router_does_at_that_moment() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let day = vec![
        message("ana", "a", 1, busy(START + 10, START + 20)),
        message("ana", "b", 1, busy(START + 20, START + 30)),
        message("ana", "c", 1, busy(START + 25, START + 40)),
        message("ana", "d", 1, busy(START + 50, START + 51)),
    ];
    stream(&suite, 0, day).await;
    for ms in 0..60 {
        let request = GetAvailabilityRequest {
            workspace: WORKSPACE.into(),
            rep_id: "ana".into(),
            at: Some(timestamp(Millis(START + ms))),
        };
        let told = suite.replica(0).availability().get_availability(request).await.expect("an answer").into_inner();
        suite.clock.set(START + ms);
        // Of three leads in a row, whoever is available gets one.
        let answers = routed(&suite, ms as usize * 10, 3).await;
        let given = owners(&answers).contains(&"ana");
        assert_eq!(told.available, given, "at {ms}: {:?}", owners(&answers));
        assert_eq!(told.available, !((10..40).contains(&ms) || ms == 50), "at {ms}");
        let until = match ms {
            0..10 => Some(10),
            10..40 => Some(40),
            40..50 => Some(50),
            50 => Some(51),
            _ => None,
        };
        assert_eq!(told.until, until.map(|ms| timestamp(Millis(START + ms))), "at {ms}");
    }
}
