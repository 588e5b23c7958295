//! Several want the same at once.

use std::sync::Arc;

use leadhand_proto::event::v1::event::Kind;
use leadhand_tests::Suite;
use leadhand_tests::call::claim;
use leadhand_tests::held::{Held, events};
use tokio::sync::Barrier;

use crate::choosing::{HOLD, fill, list, refused, skip, standing, view, view_as};

const REPS: usize = 24;

fn rep(n: usize) -> String {
    format!("rep-{n}")
}

fn many(rest: &str) -> String {
    let reps: Vec<_> = (0..REPS).map(|n| format!("{{id: {}}}", rep(n))).collect();
    format!("{{teams: [{{id: t, reps: [{}]}}], pools: [{{id: open}}], default: {{pool: open}}{rest}}}", reps.join(", "))
}

/// Does it `times` times at once.
async fn at_once<T, F>(times: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let start = Arc::new(Barrier::new(times));
    let calls = (0..times).map(|n| {
        let (start, call) = (start.clone(), call(n));
        tokio::spawn(async move {
            start.wait().await;
            call.await
        })
    });
    let mut ended = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        ended.push(call.await.expect("no panic"));
    }
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_open_a_lead_one_holds_it() {
    let suite = Arc::new(Suite::start(2).await);
    let leads = Arc::new(fill(&suite, &many(""), 5).await);
    for lead in 0..5 {
        let (suite_of, leads_of) = (suite.clone(), leads.clone());
        let views = at_once(REPS, move |n| {
            let (suite, leads) = (suite_of.clone(), leads_of.clone());
            async move { view(suite.replica(n), &rep(n), &leads[lead]).await }
        });
        let (won, lost): (Vec<_>, Vec<_>) = views.await.into_iter().enumerate().partition(|(_, seen)| seen.is_ok());
        let [(winner, _)] = &won[..] else { panic!("{won:?}") };
        for (_, lost) in lost {
            assert_eq!(refused(lost).0, "LEAD_ON_HOLD");
        }
        // All claim, the holder too.
        let (suite_of, leads_of) = (suite.clone(), leads.clone());
        let claims = at_once(REPS, move |n| {
            let (suite, leads) = (suite_of.clone(), leads_of.clone());
            async move { claim(suite.replica(n + 1), &rep(n), &leads[lead]).await }
        });
        for (n, claimed) in claims.await.into_iter().enumerate() {
            match n == *winner {
                true => drop(claimed.expect("whose hold it is")),
                false => {
                    let reason = refused(claimed).0;
                    assert!(["LEAD_ON_HOLD", "LEAD_ALREADY_CLAIMED"].contains(&&*reason), "{reason}");
                }
            }
        }
    }
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

/// One rep at two devices: one window, one hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_rep_at_many_devices_has_one_window_and_one_hold() {
    let suite = Arc::new(Suite::start(2).await);
    let leads = Arc::new(fill(&suite, &many(""), REPS).await);
    let suite_of = suite.clone();
    let lists = at_once(REPS, move |n| {
        let suite = suite_of.clone();
        async move { list(suite.replica(n), "rep-0").await }
    });
    // Who loses every try is asked to come back; whoever is shown a list has the window.
    assert!(lists.await.iter().any(Result::is_ok));
    let window = standing(suite.replica(0), "rep-0").await.window_until;
    assert!(window.is_some());
    let (suite_of, leads_of) = (suite.clone(), leads.clone());
    let views = at_once(REPS, move |n| {
        let (suite, leads) = (suite_of.clone(), leads_of.clone());
        async move { view(suite.replica(n), "rep-0", &leads[n]).await }
    });
    let mut won = 0;
    for seen in views.await {
        match seen {
            Ok(_) => won += 1,
            Err(status) => {
                let reason = refused::<()>(Err(status)).0;
                assert!(["HOLD_OPEN", "CONTENTION"].contains(&&*reason), "{reason}");
            }
        }
    }
    assert_eq!(won, 1);
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.leads.values().filter(|lead| lead.hold.is_some()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_is_one() {
    let suite = Arc::new(Suite::start(2).await);
    let leads = Arc::new(fill(&suite, &many(", guardrails: {skips: 100}"), 1).await);
    let (suite_of, leads_of) = (suite.clone(), leads.clone());
    // Half of them under one request id.
    let views = at_once(REPS, move |n| {
        let (suite, leads) = (suite_of.clone(), leads_of.clone());
        let id = if n % 2 == 0 { "same".to_owned() } else { format!("view-{n}") };
        async move { view_as(suite.replica(n), "rep-0", &leads[0], id).await }
    });
    let views: Vec<_> = views.await.into_iter().map(|seen| seen.expect("a detail")).collect();
    assert!(views.iter().all(|seen| seen.held_until == views[0].held_until && seen.lead == views[0].lead));
    let (suite_of, leads_of) = (suite.clone(), leads.clone());
    let skips = at_once(REPS, move |n| {
        let (suite, leads) = (suite_of.clone(), leads_of.clone());
        async move { skip(suite.replica(n), "rep-0", &leads[0]).await }
    });
    for skipped in skips.await {
        skipped.expect("skipped");
    }
    assert_eq!(standing(suite.replica(0), "rep-0").await.skips_left, Some(99));
    let kinds: Vec<_> = events(&suite.redis).await.into_iter().filter_map(|event| event.kind).collect();
    let count = |is: fn(&Kind) -> bool| kinds.iter().filter(|kind| is(kind)).count();
    assert_eq!(count(|kind| matches!(kind, Kind::HoldBegan(_))), 1);
    assert_eq!(count(|kind| matches!(kind, Kind::LeadSkipped(_))), 1);
}

/// At the very end of a hold everybody tries, and one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_a_hold_one_of_the_others_gets_the_lead() {
    let suite = Arc::new(Suite::with_timers(2).await);
    let leads = Arc::new(fill(&suite, &many(""), 1).await);
    view(suite.replica(0), "rep-0", &leads[0]).await.expect("a detail");
    suite.clock.advance(HOLD);
    let (suite_of, leads_of) = (suite.clone(), leads.clone());
    let claims = at_once(REPS, move |n| {
        let (suite, leads) = (suite_of.clone(), leads_of.clone());
        async move { claim(suite.replica(n), &rep(n), &leads[0]).await }
    });
    let (mut won, mut late) = (0, 0);
    for (n, claimed) in claims.await.into_iter().enumerate() {
        match claimed {
            Ok(_) => {
                assert_ne!(n, 0, "whose hold has passed must wait");
                won += 1;
            }
            Err(status) => late += usize::from(refused::<()>(Err(status)).0 == "SELECTION_LAPSED"),
        }
    }
    assert_eq!((won, late <= 1), (1, true));
    let kinds: Vec<_> = events(&suite.redis).await.into_iter().filter_map(|event| event.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| matches!(kind, Kind::HoldLapsed(_))).count(), 1, "told once, by whomever");
}
