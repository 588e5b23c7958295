//! Everybody is away for a reason of their own: each is passed over with exactly that, nothing is lost, and whoever comes back
//! takes what waits.

use std::collections::BTreeMap;

use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, CalendarFile, IntervalKind, Pause, Seen, StreamAvailabilityRequest, UnavailableReason, WorkingHours,
};
use leadhand_proto::event::v1::SkipReason;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::router::v1::RouteLeadResponse;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::told;
use leadhand_proto::time::timestamp;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};
use leadhand_tests::held::{ASSIGNED, HELD, Held, events};
use leadhand_tests::{START, Suite};
use tonic::Code;

const HOUR: i64 = 3_600_000;

/// The suite's clock starts on a Monday at 10:00.
const POLICY: &str = "
manager: max
reps: [{id: max}]
contact_sla: 720h
teams:
  - id: inbound
    capacity: 1
    backup: relief
    reps: [{id: pto}, {id: day}, {id: late}, {id: full}, {id: unseen}, {id: paused}]
  - {id: relief, reps: [{id: meets}], availability: {meetings: any}}
routes: [{name: direct, sources: [referral], rep: full}]
default: {rotate: inbound}
";

fn said(source: &str, rep: &str, event: &str, change: Change) -> StreamAvailabilityRequest {
    StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: 1,
        source: source.into(),
        rep_id: rep.into(),
        event_id: event.into(),
        revision: 1,
        change: Some(change),
    }
}

fn busy(kind: IntervalKind, hours: i64) -> Change {
    let at = |hour: i64| Some(timestamp(Millis(START + hour * HOUR)));
    Change::Busy(BusyInterval { start: at(0), end: at(hours), kind: kind.into() })
}

fn pause(until: Option<i64>) -> Change {
    let until = until.map(|hours| timestamp(Millis(START + hours * HOUR)));
    Change::Pause(Pause { until, manager_id: "max".into(), reason: "training".into() })
}

async fn tell(suite: &Suite, messages: Vec<StreamAvailabilityRequest>) {
    let sent = messages.len();
    let stream = suite.replica(1).availability().stream_availability(tokio_stream::iter(messages)).await;
    let mut answers = stream.expect("a stream").into_inner();
    for _ in 0..sent {
        assert!(answers.message().await.expect("no error").expect("an answer").changed);
    }
}

/// Everybody of the team is away, each for another reason.
async fn all_away() -> Suite {
    let suite = Suite::with_timers(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260302\r\n\
                END:VEVENT\r\nEND:VCALENDAR\r\n";
    let day = Change::Calendar(CalendarFile { content: file.into(), ..CalendarFile::default() });
    let hours = WorkingHours { hours: "mon-fri 12:00-20:00".into(), ..WorkingHours::default() };
    let yesterday = timestamp(Millis(START - 24 * HOUR));
    let messages = vec![
        said("hr", "pto", "holiday", busy(IntervalKind::Pto, 4)),
        said("outlook", "day", "", day),
        said("hr", "late", "", Change::Hours(hours)),
        said("chat", "unseen", "", Change::Seen(Seen { at: Some(yesterday) })),
        said("console", "paused", "", pause(None)),
        said("outlook", "meets", "standup", busy(IntervalKind::Meeting, 24)),
        said("outlook", "max", "trip", busy(IntervalKind::OutOfOffice, 24)),
    ];
    tell(&suite, messages).await;
    let full = route(suite.replica(0), "referral", "first").await.expect("assigned");
    assert!(matches!(full.outcome, Some(Outcome::Assigned(to)) if to.rep_id == "full"));
    suite
}

/// Why each was passed over in the decision on a lead.
async fn skips(suite: &Suite, answer: &RouteLeadResponse) -> BTreeMap<String, (SkipReason, UnavailableReason)> {
    let events = events(&suite.redis).await;
    let event = events.iter().find(|event| event.position == answer.position).expect("its event");
    assert!(matches!(event.kind, Some(Kind::LeadHeld(_))), "{:?}", event.kind);
    let skips = &event.decision.as_ref().expect("a decision").skips;
    let told: BTreeMap<_, _> =
        skips.iter().map(|skip| (skip.rep_id.clone(), (skip.reason(), skip.unavailable()))).collect();
    assert_eq!(told.len(), skips.len(), "each once");
    told
}

async fn owner(suite: &Suite, lead: &str) -> (String, u32) {
    let held = Held::read(&suite.redis).await;
    (held.leads[lead].owner.clone(), held.leads[lead].place)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_passed_over_for_their_own_reason_and_the_lead_waits() {
    let suite = all_away().await;
    let answer = route(suite.replica(0), "webinar", "r1").await.expect("held");
    let away = |reason| (SkipReason::Busy, reason);
    let wanted = [
        ("day", away(UnavailableReason::AllDay)),
        ("full", (SkipReason::AtCapacity, UnavailableReason::Unspecified)),
        ("late", away(UnavailableReason::OutsideHours)),
        ("max", away(UnavailableReason::OutOfOffice)),
        ("meets", away(UnavailableReason::Meeting)),
        ("paused", away(UnavailableReason::Paused)),
        ("pto", away(UnavailableReason::Pto)),
        ("unseen", away(UnavailableReason::NotSeen)),
    ];
    assert_eq!(skips(&suite, &answer).await, wanted.map(|(rep, why)| (rep.to_owned(), why)).into());
    assert_eq!(owner(&suite, &answer.lead_id).await.1, HELD);
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_by_word_or_by_the_clock_takes_what_waits() {
    let suite = all_away().await;
    let mut leads = Vec::new();
    for n in 0..4 {
        leads.push(route(suite.replica(n), "webinar", format!("r{n}")).await.expect("held").lead_id);
        suite.clock.advance(1);
    }
    let takes_one = async |rep: &str, waiting: usize| {
        let of = |held: &Held, is: &dyn Fn(&(String, u32)) -> bool| {
            let places = leads.iter().map(|lead| (held.leads[lead].owner.clone(), held.leads[lead].place));
            places.filter(|place| is(place)).count()
        };
        let held = async || Held::read(&suite.redis).await;
        eventually!(of(&held().await, &|place| *place == (rep.to_owned(), ASSIGNED)) == 1, "{rep} takes one");
        assert_eq!(of(&held().await, &|place| place.1 == HELD), waiting, "there is room for one");
    };
    tell(&suite, vec![said("chat", "unseen", "", Change::Seen(Seen::default()))]).await;
    takes_one("unseen", 3).await;
    suite.clock.set(START + 2 * HOUR);
    takes_one("late", 2).await;
    suite.clock.set(START + 4 * HOUR);
    takes_one("pto", 1).await;
    let back =
        StreamAvailabilityRequest { revision: 2, ..said("console", "paused", "", Change::Pause(Pause::default())) };
    tell(&suite, vec![back]).await;
    takes_one("paused", 0).await;
    eventually!(Held::read(&suite.redis).await.timers.keys().all(|timer| timer != "drain"));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// The request ids of held leads that were tried again, of the last minute.
async fn tries(suite: &Suite) -> Vec<String> {
    let tries = format!("{{{WORKSPACE}}}:answer:RerouteLead::retry-*");
    redis::cmd("KEYS").arg(&tries).query_async(&mut suite.redis.connection().await).await.expect("keys")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_takes_what_waits_behind_whatever_else_waits() {
    let suite = Suite::with_timers(2).await;
    let policy = "
teams: [{id: far, reps: [{id: fay}]}, {id: near, reps: [{id: ned}]}]
routes: [{name: near, sources: [referral], rotate: near}]
default: {rotate: far}
";
    apply_policy(suite.replica(0), policy).await;
    tell(&suite, vec![said("console", "fay", "", pause(None)), said("console", "ned", "", pause(None))]).await;
    for n in 0..210 {
        route(suite.replica(n), "webinar", format!("far-{n}")).await.expect("held");
    }
    let waits = route(suite.replica(0), "referral", "near").await.expect("held").lead_id;
    assert_eq!(Held::read(&suite.redis).await.held.len(), 211);
    eventually!(Held::read(&suite.redis).await.timers.keys().all(|timer| timer != "drain"));
    let before = tries(&suite).await.len();
    let back = StreamAvailabilityRequest { revision: 2, ..said("console", "ned", "", Change::Pause(Pause::default())) };
    tell(&suite, vec![back]).await;
    eventually!(owner(&suite, &waits).await == ("ned".to_owned(), ASSIGNED));
    eventually!(Held::read(&suite.redis).await.timers.keys().all(|timer| timer != "drain"));
    let tried = tries(&suite).await.len() - before;
    assert_eq!(tried, 2, "the first of those of fay's team tells of the others");
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// A held lead is tried again and again, and what it was told each time must not fill the store.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_with_room_takes_what_waits_and_one_without_leaves_little_behind() {
    let suite = Suite::with_timers(1).await;
    let policy =
        |room: u32| format!("{{teams: [{{id: t, capacity: {room}, reps: [{{id: ana}}]}}], default: {{rotate: t}}}}");
    apply_policy(suite.replica(0), &policy(1)).await;
    route(suite.replica(0), "webinar", "r1").await.expect("assigned");
    let waits = route(suite.replica(0), "webinar", "r2").await.expect("held").lead_id;
    assert_eq!(owner(&suite, &waits).await.1, HELD);
    apply_policy(suite.replica(0), &policy(1)).await;
    let mut connection = suite.redis.connection().await;
    eventually!(!tries(&suite).await.is_empty());
    for key in tries(&suite).await {
        let left: i64 = redis::cmd("PTTL").arg(key).query_async(&mut connection).await.expect("a time");
        assert!(left <= 60_000, "{left} ms");
    }
    apply_policy(suite.replica(0), &policy(2)).await;
    eventually!(owner(&suite, &waits).await == ("ana".to_owned(), ASSIGNED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_stops_claims_too_and_until_it_ends() {
    let suite = Suite::start(2).await;
    apply_policy(
        suite.replica(0),
        "{reps: [{id: max}], teams: [{id: t, reps: [{id: ana}]}], pools: [{id: open}], default: {pool: open}}",
    )
    .await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("pooled").lead_id;
    tell(&suite, vec![said("console", "ana", "", pause(Some(1)))]).await;
    let refused = claim(suite.replica(0), "ana", &lead).await.expect_err("paused");
    let why = told(&refused);
    assert_eq!((refused.code(), why.reason.as_str()), (Code::FailedPrecondition, "REP_PAUSED"));
    assert_eq!(why.retry_after.expect("until when").as_millis(), 3_600_000);
    assert!(!refused.message().contains("training"), "{}", refused.message());
    suite.clock.advance(HOUR);
    claim(suite.replica(1), "ana", &lead).await.expect("the pause is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_is_due_in_the_owner_s_working_time_where_the_policy_says_so() {
    let suite = Suite::with_timers(1).await;
    let policy = "
contact_sla_in_working_time: true
availability: {hours: mon-fri 09:00-11:00}
teams: [{id: t, reps: [{id: ana, weight: 10000}, {id: bo}]}]
default: {rotate: t}
";
    apply_policy(suite.replica(0), policy).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    assert_eq!(owner(&suite, &lead).await, ("ana".into(), ASSIGNED));
    let told = async |of: fn(&Kind) -> bool| {
        events(&suite.redis).await.iter().filter_map(|event| event.kind.as_ref()).filter(|kind| of(kind)).count()
    };
    let (soon, missed) =
        (|kind: &Kind| matches!(kind, Kind::ContactDueSoon(_)), |kind: &Kind| matches!(kind, Kind::ContactMissed(_)));
    // An hour is left today, the other is tomorrow's first.
    suite.clock.set(START + 23 * HOUR + HOUR / 2);
    eventually!(told(soon).await == 1);
    assert_eq!(told(missed).await, 0);
    suite.clock.set(START + 24 * HOUR);
    eventually!(owner(&suite, &lead).await.0 == "bo");
    assert_eq!(told(missed).await, 1);
}
