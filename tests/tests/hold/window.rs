//! Every length of the time to choose, to the millisecond.

use leadhand_proto::pool::v1::WatchPoolRequest;
use leadhand_proto::pool::v1::watch_pool_response::Item;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};

use crate::choosing::{
    AGAIN, HOLD, WAIT, WINDOW, at, fill, list, policy, refused, since_start, skip, standing, until, view,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_window_lasts_a_minute_and_then_claims_wait_half_a_minute() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy("", ""), 3).await;
    let (first, second) = (suite.replica(0), suite.replica(1));
    at(&suite, 1_000);
    list(first, "ana").await.expect("a list");
    let end = 1_000 + WINDOW;
    at(&suite, end - 1);
    list(second, "ana").await.expect("a list");
    assert_eq!(since_start(&standing(second, "ana").await.window_until), Some(end), "it is not extended");
    at(&suite, end);
    assert_eq!(refused(claim(first, "ana", &leads[0]).await), until("SELECTION_LAPSED", WAIT));
    assert_eq!(since_start(&standing(first, "ana").await.claims_wait_until), Some(end + WAIT));
    list(first, "ana").await.expect("browsing does not wait");
    claim(first, "bo", &leads[1]).await.expect("who looked at nothing has no window");
    at(&suite, end + WAIT - 1);
    assert_eq!(refused(claim(second, "ana", &leads[0]).await), until("SELECTION_LAPSED", 1));
    at(&suite, end + WAIT);
    claim(second, "ana", &leads[0]).await.expect("the wait is over");
    let stands = standing(first, "ana").await;
    assert_eq!((stands.window_until, stands.claims_wait_until), (None, None), "a claim uses it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_in_the_last_moment_of_a_window_is_in_time() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 2).await;
    at(&suite, 1_000);
    list(suite.replica(0), "ana").await.expect("a list");
    at(&suite, 1_000 + WINDOW - 1);
    claim(suite.replica(0), "ana", &leads[0]).await.expect("in time");
    at(&suite, 1_000 + WINDOW);
    list(suite.replica(0), "ana").await.expect("a list");
    at(&suite, 1_000 + 2 * WINDOW - 1);
    view(suite.replica(0), "ana", &leads[1]).await.expect("a new list, a new window");
    at(&suite, 1_000 + 3 * WINDOW);
    claim(suite.replica(0), "ana", &leads[1]).await.expect("a detail uses the window");
}

/// Who lists for ever, and never chooses, never has longer than a window at a time.
#[tokio::test(flavor = "multi_thread")]
async fn browsing_for_ever_extends_nothing() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    at(&suite, 10_000);
    let mut waited = 0;
    for n in 0..90 {
        list(suite.replica(n), "ana").await.expect("a list");
        let stands = standing(suite.replica(n), "ana").await;
        let now = 10_000 + 10_000 * n as i64;
        // A window, a wait, a window, a wait: nothing in between.
        let round = (now - 10_000) % (WINDOW + WAIT);
        assert_eq!(stands.claims_wait_until.is_some(), round >= WINDOW, "{round}");
        let next = now - round + if round >= WINDOW { 2 * WINDOW + WAIT } else { WINDOW };
        assert_eq!(since_start(&stands.window_until), Some(next), "{round}");
        if round >= WINDOW {
            assert_eq!(refused(claim(suite.replica(n), "ana", &leads[0]).await).0, "SELECTION_LAPSED");
            waited += 1;
        }
        suite.clock.advance(10_000);
    }
    assert_eq!(waited, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_lasts_three_minutes_and_nobody_else_gets_in() {
    let suite = Suite::start(2).await;
    let leads = fill(&suite, &policy("", ""), 3).await;
    let (first, second) = (suite.replica(0), suite.replica(1));
    at(&suite, 1_000);
    let seen = view(first, "ana", &leads[0]).await.expect("a detail");
    let end = 1_000 + HOLD;
    assert_eq!(since_start(&seen.held_until), Some(end));
    at(&suite, end - 1);
    assert_eq!(refused(view(second, "bo", &leads[0]).await), until("LEAD_ON_HOLD", 1));
    assert_eq!(refused(claim(second, "bo", &leads[0]).await), until("LEAD_ON_HOLD", 1));
    assert_eq!(refused(view(second, "ana", &leads[1]).await), until("HOLD_OPEN", 1));
    let again = view(second, "ana", &leads[0]).await.expect("whose hold it is");
    assert_eq!((again.held_until, again.lead, again.position.as_str()), (seen.held_until, seen.lead, ""));
    let stands = standing(second, "ana").await;
    assert_eq!(stands.hold.as_ref().map(|hold| hold.lead_id.as_str()), Some(leads[0].as_str()));
    let line = |page: leadhand_proto::pool::v1::ListLeadsResponse| page.leads[0].held_until;
    assert_eq!(since_start(&line(list(second, "cy").await.expect("a list"))), Some(end));

    at(&suite, end);
    assert_eq!(line(list(second, "cy").await.expect("a list")), None);
    assert_eq!(standing(second, "ana").await.hold, None);
    assert_eq!(refused(claim(first, "ana", &leads[0]).await), until("SELECTION_LAPSED", WAIT), "a stale hold");
    assert_eq!(refused(claim(first, "ana", &leads[1]).await), until("SELECTION_LAPSED", WAIT));
    assert_eq!(refused(view(first, "ana", &leads[0]).await), until("HELD_LATELY", AGAIN));
    view(first, "bo", &leads[0]).await.expect("it is free");
    skip(first, "bo", &leads[0]).await.expect("and free again");
    at(&suite, end + WAIT - 1);
    assert_eq!(refused(claim(first, "ana", &leads[1]).await), until("SELECTION_LAPSED", 1));
    at(&suite, end + WAIT);
    claim(first, "ana", &leads[1]).await.expect("the wait is over");
    at(&suite, end + AGAIN - 1);
    assert_eq!(refused(view(second, "ana", &leads[0]).await), until("HELD_LATELY", 1));
    at(&suite, end + AGAIN);
    view(second, "ana", &leads[0]).await.expect("ten minutes after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_in_the_last_moment_of_a_hold_is_in_time_and_ends_it() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 2).await;
    at(&suite, 1_000);
    view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    at(&suite, 1_000 + HOLD - 1);
    claim(suite.replica(0), "ana", &leads[0]).await.expect("in time");
    view(suite.replica(0), "ana", &leads[1]).await.expect("nothing is held any more");
    assert_eq!(refused(view(suite.replica(0), "bo", &leads[0]).await).0, "LEAD_ALREADY_CLAIMED");
    let held = leadhand_tests::held::Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.leads[&leads[0]].hold, None);
}

/// Holding a lead again and again, by letting go in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_not_held_again_and_again() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    at(&suite, 1_000);
    view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    at(&suite, 2_000);
    skip(suite.replica(0), "ana", &leads[0]).await.expect("skipped");
    assert_eq!(refused(view(suite.replica(0), "ana", &leads[0]).await), until("HELD_LATELY", AGAIN));
    claim(suite.replica(0), "ana", &leads[0]).await.expect("a skip bars the detail, not the claim, and nothing lapsed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_limit_nobody_holds_and_nothing_waits() {
    let suite = Suite::start(1).await;
    let free = policy("", ", guardrails: {selection: {limited: false}}");
    let leads = fill(&suite, &free, 1).await;
    list(suite.replica(0), "ana").await.expect("a list");
    let seen = view(suite.replica(0), "bo", &leads[0]).await.expect("a detail");
    assert_eq!((seen.held_until, seen.position.as_str()), (None, ""));
    suite.clock.advance(WINDOW);
    view(suite.replica(0), "ana", &leads[0]).await.expect("a detail");
    assert_eq!(standing(suite.replica(0), "ana").await.window_until, None);
    claim(suite.replica(0), "ana", &leads[0]).await.expect("claimed");
}

/// A policy says other lengths, and those that run keep theirs.
#[tokio::test(flavor = "multi_thread")]
async fn the_lengths_are_the_policy_s() {
    let suite = Suite::start(1).await;
    let short = policy("", ", guardrails: {selection: {window: 10s, hold: 20s, wait: 5s, no_hold_again: 0s}}");
    let leads = fill(&suite, &short, 2).await;
    let replica = suite.replica(0);
    at(&suite, 1_000);
    list(replica, "ana").await.expect("a list");
    view(replica, "bo", &leads[0]).await.expect("a detail");
    at(&suite, 11_000);
    assert_eq!(refused(claim(replica, "ana", &leads[1]).await), until("SELECTION_LAPSED", 5_000));
    apply_policy(replica, &policy("", "")).await;
    assert_eq!(refused(view(replica, "cy", &leads[0]).await), until("LEAD_ON_HOLD", 10_000));
    at(&suite, 21_000);
    assert_eq!(refused(view(replica, "bo", &leads[0]).await), until("HELD_LATELY", AGAIN));
    apply_policy(replica, &short).await;
    view(replica, "bo", &leads[0]).await.expect("at once, by this policy");
}

/// What a watch shows starts the window as a list does, and again when the one before is over.
#[tokio::test(flavor = "multi_thread")]
async fn who_watches_a_pool_chooses_within_a_window_too() {
    let suite = Suite::start(1).await;
    let leads = fill(&suite, &policy("", ""), 1).await;
    at(&suite, 1_000);
    let request = WatchPoolRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "open".into(),
        ..WatchPoolRequest::default()
    };
    let mut stream = suite.replica(0).pool().watch_pool(request).await.expect("a stream").into_inner();
    let mut shown = async || {
        loop {
            let item = stream.message().await.expect("no failure").expect("no end").item.expect("an item");
            match item {
                Item::Snapshot(page) if !page.leads.is_empty() => break,
                Item::Entered(_) => break,
                _ => {}
            }
        }
    };
    shown().await;
    let end = 1_000 + WINDOW;
    assert_eq!(since_start(&standing(suite.replica(0), "ana").await.window_until), Some(end));
    at(&suite, end);
    assert_eq!(refused(claim(suite.replica(0), "ana", &leads[0]).await), until("SELECTION_LAPSED", WAIT));
    route(suite.replica(0), "webinar", "another").await.expect("pooled");
    shown().await;
    let next = end + WAIT + WINDOW;
    assert_eq!(since_start(&standing(suite.replica(0), "ana").await.window_until), Some(next), "after the wait");
}
