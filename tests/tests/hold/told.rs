//! What watchers are told, and what survives what.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::LeadSkipReason;
use leadhand_proto::pool::v1::{GetLeadRequest, UpdateLeadRequest};
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, claim, events};
use leadhand_tests::held::{Held, everything};
use leadhand_tests::{START, Suite};
use redis::cmd;

use crate::choosing::{HOLD, at, fill, list, policy, refused, since_start, skip, standing, view, view_as};

/// The kinds of the events after the leads came in.
async fn kinds(suite: &Suite) -> Vec<Kind> {
    let all = events(suite.replica(0)).await.into_iter().filter_map(|event| event.kind);
    all.filter(|kind| !matches!(kind, Kind::PolicyActivated(_) | Kind::LeadPooled(_))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_see_a_hold_begin_and_end() {
    let suite = Suite::with_timers(2).await;
    let leads = fill(&suite, &policy("", ""), 2).await;
    at(&suite, 1_000);
    let seen = view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    at(&suite, 1_000 + HOLD - 1);
    skip(suite.replica(1), "bo", &leads[1]).await.expect("skipped");
    at(&suite, 1_000 + HOLD);
    eventually!(kinds(&suite).await.len() == 3);
    let told = kinds(&suite).await;
    let [Kind::HoldBegan(began), Kind::LeadSkipped(skipped), Kind::HoldLapsed(lapsed)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(
        (&began.lead_id, &*began.rep_id, &*began.pool_id, began.until),
        (&leads[0], "ana", "open", seen.held_until)
    );
    assert_eq!((&skipped.lead_id, &*skipped.rep_id, &*skipped.pool_id), (&leads[1], "bo", "open"));
    assert_eq!(skipped.reason(), LeadSkipReason::PoorFit);
    assert_eq!((&lapsed.lead_id, &*lapsed.rep_id, &*lapsed.pool_id), (&leads[0], "ana", "open"));
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    let kept = &held.selections["ana"];
    assert_eq!((&held.leads[&leads[0]].hold, &kept.hold, kept.skipped), (&None, &None, 1));
    assert_eq!(kept.lapsed_at, Some(START + 1_000 + HOLD));
    assert_eq!(
        suite.replica(0).metric("leadhand_timers_fired_total", "kind=\"hold\"").await.unwrap_or_default()
            + suite.replica(1).metric("leadhand_timers_fired_total", "kind=\"hold\"").await.unwrap_or_default(),
        1.0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_hold_that_is_lost_is_set_again() {
    let suite = Suite::with_timers(1).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    let mut redis = suite.redis.connection().await;
    let (timers, name) = (format!("{{{WORKSPACE}}}:timers"), format!("hold:{}", leads[0]));
    cmd("ZREM").arg(&timers).arg(&name).exec_async(&mut redis).await.expect("removed");
    eventually!(Held::read(&suite.redis).await.timers.contains_key(&name));
    suite.clock.advance(HOLD);
    eventually!(kinds(&suite).await.iter().any(|kind| matches!(kind, Kind::HoldLapsed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_keeps_a_hold_and_a_lead_shows_it() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    at(&suite, 1_000);
    view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    let update = UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "better".into(),
        lead_id: leads[0].clone(),
        score: Some(90),
        ..UpdateLeadRequest::default()
    };
    suite.replica(0).pool().update_lead(update).await.expect("updated");
    assert_eq!(refused(claim(suite.replica(0), "bo", &leads[0]).await).0, "LEAD_ON_HOLD");
    let get = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: "bo".into(), lead_id: leads[0].clone() };
    let shown = suite.replica(0).pool().get_lead(get).await.expect("a preview").into_inner();
    let hold = shown.state.expect("a state").hold.expect("a hold");
    assert_eq!((&*hold.rep_id, since_start(&hold.until)), ("ana", Some(1_000 + HOLD)));
    let seen = view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    assert_eq!(seen.lead.and_then(|lead| lead.score), Some(90), "as it is now");
    claim(suite.replica(0), "ana", &leads[0]).await.expect("claimed");
}

/// Without the window there is no list; a list within a window writes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_cannot_be_written_is_not_granted() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    list(suite.replica(0), "bo").await.expect("a list");
    let before = everything(&suite.redis).await;
    let mut redis = suite.redis.connection().await;
    cmd("CONFIG").arg("SET").arg("maxmemory").arg(1).exec_async(&mut redis).await.expect("a setting");
    assert_eq!(refused(list(suite.replica(0), "ana").await).0, "STORE_UNAVAILABLE");
    assert_eq!(refused(view(suite.replica(0), "ana", &leads[0]).await).0, "STORE_UNAVAILABLE");
    list(suite.replica(0), "bo").await.expect("whose window runs");
    cmd("CONFIG").arg("SET").arg("maxmemory").arg(0).exec_async(&mut redis).await.expect("a setting");
    assert_eq!(everything(&suite.redis).await, before);
    assert_eq!(standing(suite.replica(0), "ana").await.window_until, None);
    list(suite.replica(0), "ana").await.expect("a list");
}

/// A repeated call tells its first answer, but for what the rep may not see any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_detail_shows_what_may_be_seen_then() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy(", transparency: full", ""), 1).await;
    let update = UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "notes".into(),
        lead_id: leads[0].clone(),
        notes: "secret".into(),
        ..UpdateLeadRequest::default()
    };
    suite.replica(0).pool().update_lead(update).await.expect("updated");
    let again = async |n: usize| view_as(suite.replica(n), "ana", &leads[0], "once".into()).await.expect("an answer");
    let first = again(0).await;
    assert_eq!(first.lead.as_ref().map(|lead| lead.notes.as_str()), Some("secret"));
    suite.clock.advance(HOLD - 1);
    assert_eq!(again(1).await, first);
    suite.clock.advance(1);
    let late = again(1).await;
    assert_eq!((late.held_until, &late.position), (first.held_until, &first.position));
    assert_eq!(late.lead.map(|lead| (lead.source, lead.notes)), Some(("webinar".into(), String::new())));
    claim(suite.replica(0), "bo", &leads[0]).await.expect("claimed");
    assert_eq!(again(0).await.lead, None);
}

/// Who is not of the policy, and a pool that is not, start no window.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_refused_starts_nothing() {
    let suite = Suite::start(1).await;
    fill(&suite, &policy("", ""), 1).await;
    let before = everything(&suite.redis).await;
    assert_eq!(refused(list(suite.replica(0), "eve").await).0, "REP_UNKNOWN");
    let elsewhere = leadhand_proto::pool::v1::ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "nowhere".into(),
        ..Default::default()
    };
    assert_eq!(refused(suite.replica(0).pool().list_leads(elsewhere).await).0, "POOL_UNKNOWN");
    assert_eq!(everything(&suite.redis).await, before);
}
