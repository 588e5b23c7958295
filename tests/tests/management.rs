//! What managers order by hand, while others claim, make contact and lose their connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{Pause, StreamAvailabilityRequest};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{Cause, Event};
use leadhand_proto::management::v1::offboard_rep_response::Step;
use leadhand_proto::management::v1::{AssignLeadRequest, OffboardRepRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::told;
use leadhand_tests::acts::{assign, contact, leaver, transfer};
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, lead_from, patiently, route};
use leadhand_tests::held::{ASSIGNED, Held, OFFERED, events};
use leadhand_tests::{Replica, START, Suite, history};
use tonic::{Code, Status};

const POLICY: &str = "
reps: [{id: mia}, {id: top, manager: mia}]
teams:
  - {id: in, manager: mia, capacity: 100000, reps: [{id: ana, weight: 10}, {id: bo}, {id: cy}]}
  - {id: out, reps: [{id: dee}]}
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: offers, sources: [referral], rep: ana, offer: {within: 5m}, otherwise: {rotate: in}}
default: {rotate: in}
quotas: {hour: 1000, day: 1000, week: 1000}
guardrails: {hoarding: 1000}
";

async fn suite(replicas: usize) -> Arc<Suite> {
    let suite = Suite::start(replicas).await;
    apply_policy(suite.replica(0), POLICY).await;
    Arc::new(suite)
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    told(&answer.expect_err("refused")).reason
}

/// Everything in Redis agrees, and histories with the stream. Answers with all events.
async fn sound(suite: &Suite) -> (Held, Vec<Event>) {
    let (held, events) = (Held::read(&suite.redis).await, events(&suite.redis).await);
    held.assert_each_lead_in_one_place();
    history::assert_whole(&held, &events);
    (held, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_claim_and_an_assignment_at_once_one_wins() {
    let suite = suite(2).await;
    let mut won = BTreeMap::new();
    for n in 0..60_usize {
        let lead = route(suite.replica(n), "content_download", format!("r{n}")).await.expect("pooled").lead_id;
        let (first, second) = (suite.replica(n), suite.replica(n + 1));
        let (claimed, given) = tokio::join!(claim(first, "ana", &lead), assign(second, "mia", &lead, "bo"));
        let winner = match (claimed, given) {
            (Ok(claimed), Err(lost)) => {
                assert_eq!((claimed.fence, told(&lost).reason.as_str()), (1, "LEAD_ALREADY_CLAIMED"));
                "ana"
            }
            (Err(lost), Ok(given)) => {
                assert_eq!((given.fence, told(&lost).reason.as_str()), (1, "LEAD_ALREADY_CLAIMED"));
                "bo"
            }
            both => panic!("{both:?}"),
        };
        won.insert(lead, winner);
    }
    let (held, _) = sound(&suite).await;
    for (lead, winner) in won {
        assert_eq!((held.leads[&lead].place, held.leads[&lead].owner.as_str()), (ASSIGNED, winner));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_transfers_and_a_contact_at_once_each_counts_once_or_is_late() {
    let suite = suite(2).await;
    let mut late = 0;
    for n in 0..60_usize {
        let lead = route(suite.replica(n), "content_download", format!("r{n}")).await.expect("pooled").lead_id;
        let fence = claim(suite.replica(n), "ana", &lead).await.expect("claimed").fence;
        let (made, to_bo, to_cy) = tokio::join!(
            contact(suite.replica(n), "ana", &lead, fence),
            transfer(suite.replica(n + 1), "mia", &lead, fence, "bo"),
            transfer(suite.replica(n), "mia", &lead, fence, "cy"),
        );
        if let Err(status) = &made {
            assert_eq!(told(status).reason, "FENCE_STALE", "the lead was gone");
            late += 1;
        }
        let (given, refused) = match (to_bo, to_cy) {
            (Ok(given), Err(refused)) | (Err(refused), Ok(given)) => (given, refused),
            both => panic!("{both:?}"),
        };
        assert_eq!((given.fence, told(&refused).reason.as_str()), (fence + 1, "FENCE_STALE"));
    }
    let (held, events) = sound(&suite).await;
    let contacts = events.iter().filter(|event| matches!(event.kind, Some(Kind::LeadContacted(_)))).count();
    assert_eq!(contacts, 60 - late);
    let given: u32 = ["bo", "cy"].iter().filter_map(|rep| held.open.get(*rep)).sum();
    assert_eq!((given, held.open.get("ana")), (60, Some(&0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_gives_what_is_offered_and_what_is_held_and_the_act_is_told() {
    let suite = suite(1).await;
    let replica = suite.replica(0);
    let offered = route(replica, "referral", "o1").await.expect("offered").lead_id;
    let given = assign(replica, "mia", &offered, "cy").await.expect("given");
    assert_eq!(given.fence, 2, "the offer was the first");
    assert_eq!(reason(assign(replica, "mia", &offered, "bo").await), "LEAD_ALREADY_CLAIMED");
    assert_eq!(reason(transfer(replica, "mia", &offered, 2, "cy").await), "ALREADY_OWNER");
    assert_eq!(reason(transfer(replica, "mia", &offered, 1, "bo").await), "FENCE_STALE");
    let pooled = route(replica, "content_download", "p1").await.expect("pooled").lead_id;
    assert_eq!(reason(transfer(replica, "mia", &pooled, 1, "bo").await), "NOT_OWNER");
    for nobody in ["bo", "dee", "top", "eve"] {
        assert_eq!(reason(assign(replica, nobody, &pooled, "bo").await), "NOT_MANAGER", "{nobody}");
    }
    assert_eq!(reason(assign(replica, "mia", &pooled, "eve").await), "REP_UNKNOWN");
    // Nobody is there at all: the lead is held, and the manager takes it.
    let nobody = POLICY.replace("default: {rotate: in}", "default: {rotate: out}");
    let nobody = nobody.replace("{id: out,", "{id: out, capacity: 1,");
    apply_policy(replica, &nobody).await;
    route(replica, "webinar", "h0").await.expect("the one that dee has room for");
    let held = route(replica, "webinar", "h1").await.expect("held");
    assert!(matches!(held.outcome, Some(Outcome::Held(_))), "{held:?}");
    assert_eq!(assign(replica, "mia", &held.lead_id, "mia").await.expect("given").fence, 1);
    let (held, events) = sound(&suite).await;
    assert!(held.held.is_empty());
    let orders: Vec<_> = events
        .iter()
        .filter_map(|event| if let Some(Kind::AssignmentOrdered(it)) = &event.kind { Some(it) } else { None })
        .collect();
    let of = |lead: &str| {
        let it = orders.iter().find(|it| it.lead_id == lead).expect("told");
        (it.manager_id.clone(), it.rep_id.clone(), it.from_rep_id.clone(), it.fence)
    };
    assert_eq!(of(&offered), ("mia".into(), "cy".into(), "ana".into(), 1));
    let assigned = events.iter().find_map(|event| match &event.kind {
        Some(Kind::LeadAssigned(it)) if it.lead_id == offered && it.rep_id == "cy" => Some((event, it)),
        _ => None,
    });
    let (event, it) = assigned.expect("told");
    assert_eq!((it.cause(), it.manager_id.as_str(), &event.position), (Cause::Ordered, "mia", &given.position));
    assert_eq!(held.leads[&offered].position, given.position, "the decision that put it there");
}

/// What an offboarding told until it ended.
#[derive(Debug, Default)]
struct Offboarded {
    routed: u64,
    position: Option<String>,
    end: Option<Status>,
}

async fn offboard(replica: &Replica, request: OffboardRepRequest, until: u64) -> Offboarded {
    let mut told = Offboarded::default();
    let mut steps = match replica.management().offboard_rep(request).await {
        Ok(steps) => steps.into_inner(),
        Err(status) => return Offboarded { end: Some(status), ..told },
    };
    while told.routed < until {
        match steps.message().await {
            Ok(None) => break,
            Ok(Some(response)) => match response.step.expect("a step") {
                Step::Progress(progress) => {
                    assert!(progress.routed > told.routed, "each batch comes to something");
                    told.routed = progress.routed;
                }
                Step::Done(done) => told.position = Some(done.position),
            },
            Err(status) => {
                told.end = Some(status);
                break;
            }
        }
    }
    told
}

/// Over a thousand leads, contacted and not, and offers; leads keep coming, the rep works on, and the replica goes away.
#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_s_leads_are_all_routed_again_across_a_restart_and_under_load() {
    let mut suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let routed = stream::iter(0..1_300_usize).map(|n| {
        let (suite, source) = (&suite, if n % 13 == 0 { "referral" } else { "webinar" });
        async move {
            let mut request = lead_from(source, format!("r{n}"));
            request.lead.get_or_insert_default().score = Some(50);
            suite.replica(n).router().route_lead(patiently(request)).await.expect("routed").into_inner()
        }
    });
    let routed: Vec<_> = routed.buffer_unordered(32).collect().await;
    let hers = routed.iter().filter_map(|routed| match &routed.outcome {
        Some(Outcome::Assigned(to)) if to.rep_id == "ana" => Some((routed.lead_id.clone(), to.fence)),
        _ => None,
    });
    let hers: Vec<_> = hers.collect();
    for (lead, fence) in hers.iter().step_by(5) {
        contact(suite.replica(1), "ana", lead, *fence).await.expect("contacted");
    }
    let before = Held::read(&suite.redis).await;
    let had: BTreeSet<_> = before.owned["ana"].keys().cloned().collect();
    assert!(had.len() > 1_000 && before.leads.values().any(|lead| lead.place == OFFERED), "{}", had.len());

    // What goes on meanwhile.
    let (mut router, mut pool) = (suite.replica(1).router(), suite.replica(1).pool());
    let load = tokio::spawn(async move {
        for n in 0..150 {
            router.route_lead(patiently(lead_from("webinar", format!("new{n}")))).await.expect("routed");
        }
    });
    let works_on = tokio::spawn(async move {
        let mut late = 0;
        for (lead, fence) in hers.into_iter().rev().step_by(7) {
            let request = leadhand_proto::pool::v1::RecordContactRequest {
                workspace: WORKSPACE.into(),
                request_id: format!("c.{lead}"),
                rep_id: "ana".into(),
                lead_id: lead,
                fence,
            };
            match pool.record_contact(patiently(request)).await {
                Ok(_) => {}
                Err(status) => {
                    assert!(["FENCE_STALE", "NOT_OWNER"].contains(&&*told(&status).reason), "{status:?}");
                    late += 1;
                }
            }
        }
        late
    });
    let request = leaver("leaving", "mia", "ana");
    let first = offboard(suite.replica(0), request.clone(), 200).await;
    assert!(first.routed >= 200 && first.position.is_none() && first.end.is_none(), "{first:?}");
    // One that is still listening when its replica goes away is told so.
    let mut listening =
        suite.replica(0).management().offboard_rep(request.clone()).await.expect("goes on").into_inner();
    suite.stop_replica(0).await;
    let mut end = None;
    while end.is_none() {
        match listening.message().await {
            Ok(Some(_)) => {}
            ended => end = Some(ended),
        }
    }
    let gone = end.expect("an end").expect_err("not done");
    assert_eq!(gone.code(), Code::Unavailable, "{gone:?}");
    suite.add_replica().await;
    let second = offboard(suite.replica(1), request.clone(), u64::MAX).await;
    load.await.expect("no panic");
    works_on.await.expect("no panic");
    let position = second.position.as_ref().unwrap_or_else(|| panic!("{second:?}"));

    let (held, events) = sound(&suite).await;
    assert_eq!((held.open["ana"], held.owned.get("ana").is_none_or(BTreeMap::is_empty)), (0, true));
    let begun: Vec<_> = events.iter().filter(|event| matches!(event.kind, Some(Kind::RepOffboarded(_)))).collect();
    let [begun] = begun[..] else { panic!("{begun:?}") };
    assert_eq!(begun.position, *position, "the beginning is told once, whoever goes on");
    let begun = events.iter().position(|event| event.position == *position).expect("among them");
    let left: Vec<_> = events
        .iter()
        .filter_map(|event| if let Some(Kind::OwnerOffboarded(it)) = &event.kind { Some(it) } else { None })
        .collect();
    assert!(left.iter().all(|it| (it.rep_id.as_str(), it.manager_id.as_str()) == ("ana", "mia")));
    let each: BTreeSet<_> = left.iter().map(|it| it.lead_id.clone()).collect();
    assert_eq!(each.len(), left.len(), "each lead leaves once");
    assert!(had.is_subset(&each), "all that she had");
    for event in &events[begun..] {
        if let Some(Kind::LeadAssigned(it)) = &event.kind {
            assert_ne!(it.rep_id, "ana", "nothing new comes: {event:?}");
        }
    }
    // Once more, under whatever name: an ordinary answer, and nobody is routed.
    for id in ["leaving", "again"] {
        let again = offboard(suite.replica(0), leaver(id, "mia", "ana"), u64::MAX).await;
        assert_eq!((again.routed, again.position.is_some(), again.end.is_none()), (0, true, true), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_resumed_and_who_left_the_policy_can_still_be_offboarded() {
    let suite = suite(1).await;
    let replica = suite.replica(0);
    let end = |told: Offboarded| told.end.map(|status| leadhand_proto::status::told(&status).reason);
    for (manager, rep, why) in [
        ("bo", "ana", "NOT_MANAGER"),
        ("top", "ana", "NOT_MANAGER"),
        ("mia", "mia", "NOT_MANAGER"),
        ("mia", "eve", "REP_UNKNOWN"),
    ] {
        assert_eq!(end(offboard(replica, leaver("r", manager, rep), 1).await).as_deref(), Some(why), "{manager} {rep}");
    }
    let done = offboard(replica, leaver("r", "mia", "ana"), u64::MAX).await;
    assert!(done.position.is_some(), "{done:?}");
    let claimed = claim(replica, "ana", &route(replica, "content_download", "p").await.expect("pooled").lead_id).await;
    assert_eq!(reason(claimed), "REP_PAUSED");
    let gets = async |id: &str| match route(replica, "webinar", id).await.expect("routed").outcome {
        Some(Outcome::Assigned(to)) => to.rep_id,
        other => panic!("{other:?}"),
    };
    for n in 0..8 {
        assert_ne!(gets(&format!("a{n}")).await, "ana");
    }
    let resumed = StreamAvailabilityRequest {
        workspace: WORKSPACE.into(),
        sequence: 1,
        source: "offboarding".into(),
        rep_id: "ana".into(),
        event_id: String::new(),
        revision: u64::try_from(START).expect("after 1970") + 1,
        change: Some(Change::Pause(Pause::default())),
    };
    let mut taken =
        replica.availability().stream_availability(tokio_stream::once(resumed)).await.expect("a stream").into_inner();
    let taken = taken.message().await.expect("taken in");
    assert!(taken.is_some_and(|taken| taken.changed));
    let mut got = Vec::new();
    for n in 0..12 {
        got.push(gets(&format!("b{n}")).await);
    }
    assert!(got.contains(&"ana".to_owned()), "{got:?}");
    // Out of the policy altogether: any manager may.
    apply_policy(replica, &POLICY.replace("{id: ana, weight: 10}, ", "").replace("rep: ana,", "rep: bo,")).await;
    let done = offboard(replica, leaver("gone", "mia", "ana"), u64::MAX).await;
    assert!(done.position.is_some() && done.routed > 0, "{done:?}");
    sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_managers_request_ids_are_two() {
    let suite = suite(1).await;
    let replica = suite.replica(0);
    let policy = POLICY.replace("teams:", "manager: top\nteams:");
    apply_policy(replica, &policy).await;
    for (n, manager) in ["mia", "top"].into_iter().enumerate() {
        let lead = route(replica, "content_download", format!("r{n}")).await.expect("pooled").lead_id;
        let request = AssignLeadRequest {
            workspace: WORKSPACE.into(),
            request_id: "same".into(),
            manager_id: manager.into(),
            lead_id: lead.clone(),
            rep_id: "bo".into(),
            reason: 1,
            note: String::new(),
        };
        assert_eq!(replica.management().assign_lead(request).await.expect("given").into_inner().lead_id, lead);
    }
}
