//! What becomes of a lead after it was handed over: offers are answered or lapse, contact is made or missed, the held are tried
//! again, each once.

use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, Cancelled, IntervalKind, StreamAvailabilityRequest};
use leadhand_proto::event::v1::Cause;
use leadhand_proto::event::v1::HeldReason;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::{DeclineReason, Outcome, Place};
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, AcceptOfferResponse, DeclineOfferRequest, DeclineOfferResponse, ListMyLeadsRequest,
    RecordContactRequest, RecordOutcomeRequest, RecordOutcomeResponse, UpdateLeadRequest,
};
use leadhand_proto::status::told;
use leadhand_proto::time::timestamp;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, route};
use leadhand_tests::held::{ASSIGNED, CLOSED, HELD, Held, OFFERED, events};
use leadhand_tests::{START, Suite};
use tonic::{Code, Status};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Leads are offered, in turn; nobody behind the team but the manager.
const OFFERS: &str = "
reps: [{id: max}]
teams: [{id: inbound, manager: max, reps: [{id: ana, weight: 10000}, {id: bo, weight: 100}, {id: cy}]}]
default: {rotate: inbound, offer: {within: 5m, refusable: true}}
";

/// Leads are pushed.
const PUSHES: &str = "
reps: [{id: max}]
teams: [{id: inbound, manager: max, reps: [{id: ana, weight: 10000}, {id: bo, weight: 100}, {id: cy}]}]
default: {rotate: inbound}
";

/// One rep with room for one lead, and nobody behind.
const NARROW: &str = "
teams: [{id: inbound, capacity: 1, reps: [{id: ana}]}]
default: {rotate: inbound}
";

async fn accept(suite: &Suite, rep: &str, lead: &str, fence: u64) -> Result<AcceptOfferResponse, Status> {
    let request = AcceptOfferRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("accept-{lead}"),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
    };
    Ok(suite.replica(0).pool().accept_offer(request).await?.into_inner())
}

async fn decline(suite: &Suite, rep: &str, lead: &str, fence: u64) -> Result<DeclineOfferResponse, Status> {
    let request = DeclineOfferRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("no-{lead}"),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
        reason: DeclineReason::Busy.into(),
    };
    Ok(suite.replica(0).pool().decline_offer(request).await?.into_inner())
}

async fn end(suite: &Suite, rep: &str, lead: &str, fence: u64) -> Result<RecordOutcomeResponse, Status> {
    let request = RecordOutcomeRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("end-{lead}"),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
        outcome: Outcome::Won.into(),
        amount: 1_200,
    };
    Ok(suite.replica(0).pool().record_outcome(request).await?.into_inner())
}

/// A calendar says that a rep is busy from the suite's start, or no longer so.
async fn busy(suite: &Suite, rep: &str, until: Option<i64>, revision: u64) {
    let change = match until {
        Some(end) => Change::Busy(BusyInterval {
            start: Some(timestamp(leadhand_domain::time::Millis(START))),
            end: Some(timestamp(leadhand_domain::time::Millis(end))),
            kind: IntervalKind::OutOfOffice.into(),
        }),
        None => Change::Cancelled(Cancelled {}),
    };
    let message = StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: 1,
        source: "google".into(),
        rep_id: rep.into(),
        event_id: "leave".into(),
        revision,
        change: Some(change),
    };
    let stream = suite.replica(0).availability().stream_availability(tokio_stream::iter([message])).await;
    let answer = stream.expect("a stream").into_inner().message().await.expect("no error");
    assert!(answer.is_some());
}

/// Who has the lead, under which fence, and where it is.
async fn at(suite: &Suite, lead: &str) -> (String, u64, u32) {
    let held = Held::read(&suite.redis).await;
    let lead = &held.leads[lead];
    (lead.owner.clone(), lead.fence, lead.place)
}

fn is_refused<T: std::fmt::Debug>(answer: Result<T, Status>, reason: &str) {
    let status = answer.expect_err(reason);
    assert_eq!((status.code(), told(&status).reason.as_str()), (Code::FailedPrecondition, reason));
}

async fn count(suite: &Suite, of: impl Fn(&Kind) -> bool) -> usize {
    events(&suite.redis).await.iter().filter_map(|event| event.kind.as_ref()).filter(|kind| of(kind)).count()
}

async fn start(replicas: usize, policy: &str) -> Suite {
    let suite = Suite::with_timers(replicas).await;
    apply_policy(suite.replica(0), policy).await;
    suite
}

/// Waits for the place, then for the deadlines to be quiet and everything to agree.
async fn assert_sound(suite: &Suite) {
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_accepted_makes_an_owner_who_has_all_the_time_for_contact() {
    let suite = start(1, OFFERS).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("offered").lead_id;
    assert_eq!(at(&suite, &lead).await, ("ana".into(), 1, OFFERED));
    suite.clock.advance(5 * MINUTE - 1);
    is_refused(accept(&suite, "bo", &lead, 1).await, "NOT_OWNER");
    is_refused(accept(&suite, "ana", &lead, 2).await, "FENCE_STALE");
    let accepted = accept(&suite, "ana", &lead, 1).await.expect("in time");
    assert_eq!(accepted.fence, 1);
    assert_eq!(accept(&suite, "ana", &lead, 1).await.expect("the same answer"), accepted);
    assert_eq!(at(&suite, &lead).await, ("ana".into(), 1, ASSIGNED));
    let told = events(&suite.redis).await.pop().and_then(|event| event.kind);
    assert!(matches!(&told, Some(Kind::LeadAssigned(told)) if told.cause() == Cause::Accepted), "{told:?}");
    suite.clock.advance(MINUTE);
    assert_sound(&suite).await;
    is_refused(decline(&suite, "ana", &lead, 1).await, "NOT_OFFERED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_goes_on_to_the_next_until_the_manager_has_it() {
    let suite = start(1, OFFERS).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("offered").lead_id;
    // Declined; once, also when the rep says so twice.
    let declined = decline(&suite, "ana", &lead, 1).await.expect("declined");
    assert_eq!(decline(&suite, "ana", &lead, 1).await.expect("the same answer"), declined);
    assert_eq!(at(&suite, &lead).await, ("bo".into(), 2, OFFERED));
    assert_sound(&suite).await;
    // Not answered.
    suite.clock.advance(5 * MINUTE);
    let late = accept(&suite, "bo", &lead, 2).await.expect_err("too late");
    // Before or after the deadline was carried out.
    assert!(["OFFER_EXPIRED", "FENCE_STALE"].contains(&told(&late).reason.as_str()), "{late:?}");
    eventually!(at(&suite, &lead).await == ("cy".into(), 3, OFFERED), "{:?}", at(&suite, &lead).await);
    assert_sound(&suite).await;
    // The third time it is the manager's.
    suite.clock.advance(5 * MINUTE);
    eventually!(at(&suite, &lead).await.0 == "max", "{:?}", at(&suite, &lead).await);
    assert_sound(&suite).await;
    assert_eq!(count(&suite, |kind| matches!(kind, Kind::OfferDeclined(_))).await, 1);
    assert_eq!(count(&suite, |kind| matches!(kind, Kind::OfferLapsed(_))).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_owner_is_reminded_then_loses_the_lead_and_the_third_time_it_is_the_manager_s() {
    // Each replica looks after the deadlines: everything happens once all the same.
    let suite = start(2, PUSHES).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    let soon = |kind: &Kind| matches!(kind, Kind::ContactDueSoon(_));
    let missed = |kind: &Kind| matches!(kind, Kind::ContactMissed(_));
    for (n, owner, next) in [(1, "ana", "bo"), (2, "bo", "cy"), (3, "cy", "max")] {
        assert_eq!(at(&suite, &lead).await.0, owner);
        suite.clock.advance(90 * MINUTE);
        eventually!(count(&suite, soon).await == n);
        assert_eq!(at(&suite, &lead).await.0, owner, "a reminder takes nothing away");
        assert_sound(&suite).await;
        suite.clock.advance(30 * MINUTE);
        eventually!(at(&suite, &lead).await.0 == next, "{:?}", at(&suite, &lead).await);
        assert_eq!((count(&suite, soon).await, count(&suite, missed).await), (n, n));
        assert_sound(&suite).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_in_time_stops_the_clock() {
    let suite = start(1, PUSHES).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    let other = route(suite.replica(0), "webinar", "r2").await.expect("assigned").lead_id;
    let request = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: "c".into(),
        rep_id: "ana".into(),
        lead_id: lead.clone(),
        fence: 1,
    };
    suite.replica(0).pool().record_contact(request).await.expect("in time");
    suite.clock.advance(3 * HOUR);
    eventually!(at(&suite, &other).await.1 == 2, "the other one is missed");
    assert_eq!(at(&suite, &lead).await, ("ana".into(), 1, ASSIGNED));
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lead_is_handed_out_when_an_appointment_is_cancelled() {
    let suite = start(1, NARROW).await;
    busy(&suite, "ana", Some(START + 8 * HOUR), 1).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("held").lead_id;
    assert_eq!(at(&suite, &lead).await.2, HELD);
    busy(&suite, "ana", None, 2).await;
    eventually!(at(&suite, &lead).await == ("ana".into(), 1, ASSIGNED));
    eventually!(Held::read(&suite.redis).await.timers.keys().all(|timer| timer != "drain"));
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lead_is_handed_out_when_a_leave_ends_by_the_clock() {
    let suite = start(2, NARROW).await;
    busy(&suite, "ana", Some(START + 10 * MINUTE), 1).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("held").lead_id;
    suite.clock.advance(10 * MINUTE - 1);
    assert_eq!(at(&suite, &lead).await.2, HELD);
    suite.clock.advance(1);
    eventually!(at(&suite, &lead).await == ("ana".into(), 1, ASSIGNED));
    assert_eq!(count(&suite, |kind| matches!(kind, Kind::LeadAssigned(_))).await, 1);
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lead_is_handed_out_when_an_outcome_makes_room() {
    let suite = start(2, NARROW).await;
    let first = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    let second = route(suite.replica(0), "webinar", "r2").await.expect("held").lead_id;
    suite.clock.advance(1);
    let third = route(suite.replica(0), "webinar", "r3").await.expect("held").lead_id;
    assert_eq!(at(&suite, &second).await.2, HELD);
    let full = |kind: &Kind| matches!(kind, Kind::LeadHeld(held) if held.reason() == HeldReason::AtCapacity);
    assert_eq!(count(&suite, full).await, 2, "and it is told why");
    for replica in &suite.replicas {
        eventually!(replica.metric("leadhand_holding_leads", "").await == Some(2.0));
    }
    is_refused(end(&suite, "ana", &first, 2).await, "FENCE_STALE");
    let ended = end(&suite, "ana", &first, 1).await.expect("ended");
    assert_eq!(end(&suite, "ana", &first, 1).await.expect("the same answer"), ended);
    assert_eq!(at(&suite, &first).await.2, CLOSED);
    eventually!(at(&suite, &second).await == ("ana".into(), 1, ASSIGNED), "the one that waits longest");
    eventually!(Held::read(&suite.redis).await.timers.keys().all(|timer| timer != "drain"));
    assert_eq!(at(&suite, &third).await.2, HELD, "there is room for one");
    assert_sound(&suite).await;
    assert_eq!(count(&suite, |kind| matches!(kind, Kind::LeadAssigned(_))).await, 2);
}

/// Somebody deleted them: each lead that waits for something gets its own again, at its moment.
#[tokio::test(flavor = "multi_thread")]
async fn deadlines_that_are_lost_are_set_again_from_the_leads() {
    let suite = start(2, NARROW).await;
    let owned = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    let held = route(suite.replica(0), "webinar", "r2").await.expect("held").lead_id;
    let before = Held::read(&suite.redis).await.timers;
    let mut redis = suite.redis.connection().await;
    let gone: i64 = redis::cmd("DEL").arg("{acme}:timers").query_async(&mut redis).await.expect("deleted");
    assert_eq!(gone, 1);
    let restored = async || Held::read(&suite.redis).await.timers;
    // One of them is the calendar's.
    eventually!(restored().await.len() == 3);
    let (contact, waiting) = (format!("contact:{owned}"), format!("held:{held}"));
    let timers = restored().await;
    assert_eq!(timers.get(&contact), before.get(&contact), "the reminder, at its moment");
    assert!(timers.contains_key(&waiting), "{timers:?}");
    assert_eq!(timers.get("tiers"), before.get("tiers"));
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_that_came_while_nobody_looked_are_kept_by_the_next_replica() {
    let mut suite = start(1, PUSHES).await;
    let mut leads = Vec::new();
    for n in 0..200 {
        leads.push(route(suite.replica(0), "webinar", format!("r{n}")).await.expect("assigned").lead_id);
    }
    suite.stop_replica(0).await;
    suite.clock.advance(2 * HOUR);
    for _ in 0..2 {
        suite.add_replica().await;
    }
    let missed = |kind: &Kind| matches!(kind, Kind::ContactMissed(_));
    eventually!(count(&suite, missed).await >= leads.len());
    assert_eq!(count(&suite, missed).await, leads.len());
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert!(leads.iter().all(|lead| held.leads[lead].reroutes == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rep_sees_what_is_owned_and_offered_in_pages() {
    let suite = start(1, OFFERS).await;
    let mut leads = Vec::new();
    for n in 0..9 {
        leads.push(route(suite.replica(0), "webinar", format!("r{n}")).await.expect("offered").lead_id);
        suite.clock.advance(1);
    }
    accept(&suite, "ana", &leads[0], 1).await.expect("accepted");
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request =
            ListMyLeadsRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), page_size: 2, page_token };
        let page = suite.replica(0).pool().list_my_leads(request).await.expect("a page").into_inner();
        seen.extend(page.leads);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let places: Vec<_> = seen.iter().map(|mine| mine.state.clone().expect("a state").place()).collect();
    assert_eq!(places[0], Place::Assigned);
    assert!(places[1..].iter().all(|place| *place == Place::Offered), "{places:?}");
    let ids: Vec<_> = seen.into_iter().map(|mine| mine.lead_id).collect();
    assert_eq!(ids, leads, "by her weight all are hers, the longest first");
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_better_of_a_held_lead_hands_it_out() {
    let suite = start(
        1,
        "
teams: [{id: inbound, reps: [{id: ana}]}, {id: hot, reps: [{id: bo}]}]
routes: [{name: hot, min_score: 80, rotate: hot}]
default: {rotate: inbound}
",
    )
    .await;
    busy(&suite, "ana", Some(START + 8 * HOUR), 1).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("held").lead_id;
    let request = UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "u".into(),
        lead_id: lead.clone(),
        score: Some(90),
        ..UpdateLeadRequest::default()
    };
    let first = suite.replica(0).pool().update_lead(request.clone()).await.expect("updated").into_inner();
    assert_eq!(suite.replica(0).pool().update_lead(request).await.expect("the same answer").into_inner(), first);
    eventually!(at(&suite, &lead).await == ("bo".into(), 1, ASSIGNED));
    assert_sound(&suite).await;
}
