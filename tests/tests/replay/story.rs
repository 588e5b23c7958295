//! What happens: leads come in, and meanwhile everything that they rest on changes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use leadhand_domain::availability::{Command, Interval, Said};
use leadhand_domain::calendar::Kind;
use leadhand_domain::id::{CalendarSource, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, Cancelled, IntervalKind, StreamAvailabilityRequest};
use leadhand_proto::lead::v1::{Company, DeclineReason, Lead};
use leadhand_proto::pool::v1::DeclineOfferRequest;
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::time::timestamp;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::{START, Suite};
use tonic::{Code, Response, Status};

pub(crate) const LEADS: usize = 10_000;
const CALLERS: usize = 64;
const MAX_CALLS: usize = 20;

/// Something changes each time so many leads are routed.
const STEP: usize = 100;

/// Another version comes with every so many changes.
const VERSION_EVERY: usize = 9;

const MINUTE: i64 = 60_000;

const SOURCES: [&str; 8] =
    ["demo_request", "demo_request", "webinar", "referral", "trial", "event", "partner", "content_download"];

/// From which score on a demo request is pushed, under a version.
pub(crate) fn hot(version: u64) -> i32 {
    if version.is_multiple_of(2) { 40 } else { 60 }
}

/// The rep whose weight is another one in the what-if, and what it is by version, and then.
pub(crate) const WEIGHED: &str = "w1";

pub(crate) fn weight(version: u64) -> u32 {
    3 + (version % 3) as u32
}

pub(crate) const OTHER_WEIGHT: u32 = 8;

/// A team of five has a rep who is away in the what-if: the one of this number.
pub(crate) const AWAY: usize = 2;

/// Teams that take turns in every way; whoever is away comes back in both ways; one fills up.
pub(crate) fn policy(version: u64, weight: u32) -> String {
    let reps = |prefix: &str, count: usize, more: &dyn Fn(usize) -> String| -> String {
        let rep = |n| format!("{{id: {prefix}{n}{}}}", more(n));
        (0..count).map(rep).collect::<Vec<_>>().join(", ")
    };
    let plain = |_: usize| String::new();
    // Somebody joins and leaves with the versions.
    let many = reps("e", 11 + (version % 2) as usize, &plain);
    let weighted = reps("w", 5, &|n| format!(", weight: {}", if n == 1 { weight } else { [2, 0, 5, 1, 4][n] }));
    let attainment = reps("a", 5, &|n| format!(", attainment: {}", [0.5, 1.0, 0.8, 1.2, 0.9][n]));
    let conversion = reps("c", 5, &|n| format!(", conversion: {}", [0.11, 0.2, 0.17, 0.3, 0.05][n]));
    let (loaded, scored) = (reps("l", 5, &plain), reps("s", 5, &|n| format!(", weight: {}", 1 + n % 2)));
    let (few, asked) = (reps("f", 3, &plain), reps("o", 6, &plain));
    let hot = hot(version);
    format!(
        "manager: mia
reps: [{{id: mia}}]
teams:
  - {{id: equal, capacity: 100000, rotation: {{by: equal}}, reps: [{many}]}}
  - {{id: weight, capacity: 100000, reps: [{weighted}]}}
  - {{id: attainment, capacity: 100000, rotation: {{by: attainment}}, reps: [{attainment}]}}
  - {{id: conversion, capacity: 100000, rotation: {{by: conversion, returning: catch_up}}, reps: [{conversion}]}}
  - {{id: load, capacity: 100000, rotation: {{by: load}}, reps: [{loaded}]}}
  - {{id: score, capacity: 100000, rotation: {{by: score}}, reps: [{scored}]}}
  - {{id: few, capacity: 60, rotation: {{by: load}}, reps: [{few}]}}
  - {{id: asked, capacity: 100000, rotation: {{by: equal, returning: catch_up}}, reps: [{asked}]}}
pools: [{{id: open}}]
routes:
  - {{name: hot, sources: [demo_request], min_score: {hot}, rotate: weight}}
  - {{name: warm, sources: [demo_request], pool: open}}
  - {{name: webinar, sources: [webinar], rotate: equal}}
  - {{name: referral, sources: [referral], rotate: attainment, push: {{percent: 80, rest: open}}}}
  - {{name: trial, sources: [trial], when: 'lead.company.employees >= 50', rotate: conversion}}
  - {{name: event, sources: [event], when: 'lead.company.employees < 300', rotate: few, otherwise: {{next: true}}}}
  - {{name: partner, sources: [partner], rotate: asked, offer: {{within: 5m}}}}
  - {{name: rest, when: 'lead.company.country == \"DE\"', rotate: load}}
default: {{rotate: score}}
guardrails: {{acceptance: {{last: 10, at_least: 4, suspension: 1h}}}}
"
    )
}

fn request(n: usize) -> RouteLeadRequest {
    // Fixed, and of no period that a rotation has.
    let mixed = |salt: usize| (n + salt).wrapping_mul(2_654_435_761) >> 7;
    let lead = Lead {
        company: Some(Company {
            name: format!("Company {n}"),
            employees: (mixed(1) % 10 > 0).then(|| (1 + mixed(2) % 400) as i32),
            country: ["DE", "FR", "US"][mixed(3) % 3].into(),
            ..Company::default()
        }),
        source: SOURCES[mixed(4) % SOURCES.len()].into(),
        score: (mixed(5) % 12 > 0).then(|| (mixed(6) % 101) as i32),
        ..Lead::default()
    };
    RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("r{n}"), lead: Some(lead) }
}

/// All of it; what calendars said, in the order in which they said it.
pub(crate) async fn happens(suite: &Suite) -> VecDeque<Command> {
    assert_eq!(apply_policy(suite.replica(0), &policy(1, weight(1))).await, 1);
    let (routed, repeated) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let calls = (0..LEADS).map(|n| {
        let (routed, repeated) = (&routed, &repeated);
        async move {
            let mut router = suite.replica(n).router();
            let answer = answered(repeated, async || router.route_lead(request(n)).await).await;
            if let Some(Outcome::Offered(offered)) = answer.outcome
                && n % 3 == 0
            {
                let declined = DeclineOfferRequest {
                    workspace: WORKSPACE.into(),
                    request_id: format!("d{n}"),
                    rep_id: offered.rep_id,
                    lead_id: answer.lead_id,
                    fence: offered.fence,
                    reason: DeclineReason::Busy.into(),
                };
                let mut pool = suite.replica(n + 1).pool();
                answered(repeated, async || pool.decline_offer(declined.clone()).await).await;
            }
            routed.fetch_add(1, Ordering::AcqRel);
        }
    });
    let leads = stream::iter(calls).buffer_unordered(CALLERS).for_each(|()| async {});
    let ((), said) = tokio::join!(leads, changes(suite, &routed));
    println!("calls repeated: {}", repeated.into_inner());
    said
}

/// The answer to a call, which is repeated with its request id when its outcome is unknown, as its caller is told to do: on a
/// busy machine a replica may wait for its turn at a team longer than a call may take.
async fn answered<T>(repeated: &AtomicUsize, mut call: impl AsyncFnMut() -> Result<Response<T>, Status>) -> T {
    for _ in 0..MAX_CALLS {
        match call().await {
            Ok(answer) => return answer.into_inner(),
            Err(status) if matches!(status.code(), Code::DeadlineExceeded | Code::Unavailable) => {
                repeated.fetch_add(1, Ordering::AcqRel)
            }
            Err(status) => panic!("refused: {status:?}"),
        };
    }
    panic!("never answered");
}

/// Changes one thing after the other while leads are routed.
async fn changes(suite: &Suite, routed: &AtomicUsize) -> VecDeque<Command> {
    let mut said = VecDeque::new();
    for n in 1..LEADS / STEP {
        eventually!(routed.load(Ordering::Acquire) >= n * STEP, "{n} times {STEP} leads");
        suite.clock.set(START + n as i64 * 7 * MINUTE);
        if n % VERSION_EVERY == 0 {
            let version = 1 + (n / VERSION_EVERY) as u64;
            assert_eq!(apply_policy(suite.replica(n), &policy(version, weight(version))).await, version);
            continue;
        }
        let command = calendar(n);
        let message = StreamAvailabilityRequest {
            workspace: WORKSPACE.into(),
            sequence: 1,
            source: command.source.to_string(),
            rep_id: command.rep.to_string(),
            event_id: command.event.clone(),
            revision: command.revision,
            change: Some(change(n)),
        };
        let mut client = suite.replica(n).availability();
        let answers = client.stream_availability(tokio_stream::iter([message])).await.expect("a stream");
        let answer = answers.into_inner().message().await.expect("no error").expect("an answer");
        assert!(answer.changed, "{command:?}");
        said.push_back(command);
    }
    said
}

/// Whose calendar the `n`th change is of: of each team of five, and of the large one.
fn rep(n: usize) -> String {
    let team = ["w", "a", "c", "l", "s", "e", "o"][n % 7];
    format!("{team}{}", n / 7 % 5)
}

/// Busy from a while ahead, or from now on, for one to three of the changes to come; every fifth is taken back later.
fn busy(n: usize) -> (i64, i64) {
    let from = START + (n as i64 + n as i64 % 2) * 7 * MINUTE;
    (from, from + (1 + n as i64 % 3) * 20 * MINUTE)
}

fn calendar(n: usize) -> Command {
    // What was said ten changes before is taken back now and then.
    let (event, said) = match n {
        n if takes_back(n) => (n - 7, Said::Cancelled),
        n => {
            let (from, to) = busy(n);
            (n, Said::Busy(Interval::parse(Millis(from), Millis(to), Kind::OutOfOffice).expect("an interval")))
        }
    };
    Command {
        rep: RepId::parse(&rep(event)).expect("a rep"),
        source: CalendarSource::parse("google").expect("a source"),
        event: format!("event {event}"),
        revision: n as u64,
        said,
    }
}

/// The seventh change before was of a calendar too, and is not itself one that took something back.
fn takes_back(n: usize) -> bool {
    n.is_multiple_of(5) && n > 7 && !(n - 7).is_multiple_of(VERSION_EVERY)
}

fn change(n: usize) -> Change {
    if takes_back(n) {
        return Change::Cancelled(Cancelled {});
    }
    let (from, to) = busy(n);
    let at = |ms| Some(timestamp(Millis(ms)));
    Change::Busy(BusyInterval { start: at(from), end: at(to), kind: IntervalKind::OutOfOffice.into() })
}
