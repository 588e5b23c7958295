//! Watching how reps stand.

use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::availability::v1::watch_availability_response::Item;
use leadhand_proto::availability::v1::{
    Pause, RepStatus, UnavailableReason, WatchAvailabilityRequest, WatchAvailabilityResponse,
};
use leadhand_proto::status::told;
use leadhand_proto::time::millis;
use leadhand_rep_availability::Config;
use leadhand_testkit::{PATIENCE, Redis};
use tonic::{Code, Status, Streaming};

use crate::common::{NOW, REPS, Served, WORKSPACE, busy, cancelled, stated};

const MINUTE: i64 = 60_000;

struct Watching(Streaming<WatchAvailabilityResponse>);

/// A rep's reason, if any, and until how many minutes after the start.
type Line = (String, UnavailableReason, Option<i64>);

fn line(rep: RepStatus) -> Line {
    let status = rep.status.unwrap();
    assert_eq!(status.available, status.reason() == UnavailableReason::Unspecified);
    let until = status.until.map(|until| (millis(&until).unwrap().0 - NOW) / MINUTE);
    (rep.rep_id, status.reason(), until)
}

impl Watching {
    /// What is told until all has been; and where to resume.
    async fn next(&mut self) -> (Vec<Line>, String) {
        let mut told = Vec::new();
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.message()).await.expect("word, in time");
            match message.unwrap().unwrap().item.unwrap() {
                Item::Rep(rep) => told.push(line(rep)),
                Item::CaughtUp(all) => return (told, all.position),
            }
        }
    }
}

async fn watch(served: &Served, reps: &[&str], after: &str) -> Result<Watching, Status> {
    let rep_ids = reps.iter().map(|rep| (*rep).to_owned()).collect();
    let request = WatchAvailabilityRequest { workspace: WORKSPACE.into(), rep_ids, after: after.into() };
    Ok(Watching(served.client().watch_availability(request).await?.into_inner()))
}

fn here(rep: &str, until: Option<i64>) -> Line {
    (rep.into(), UnavailableReason::Unspecified, until)
}

fn out(rep: &str, until: i64) -> Line {
    (rep.into(), UnavailableReason::OutOfOffice, Some(until))
}

#[tokio::test]
async fn a_watcher_is_told_how_all_stand_then_what_is_said_and_what_the_clock_makes() {
    let served = Served::start().await;
    let mut all = watch(&served, &[], "").await.unwrap();
    assert_eq!(all.next().await.0, REPS.map(|rep| here(rep, None)));
    let mut only_bo = watch(&served, &["bo"], "").await.unwrap();
    assert_eq!(only_bo.next().await.0, [here("bo", None)]);

    served.send_all(vec![busy(1, "ana", "a", 1, (10, 20))]).await.1.unwrap();
    assert_eq!(all.next().await.0, [here("ana", Some(10))]);
    served.ctx.clock.advance(10 * MINUTE);
    assert_eq!(all.next().await.0, [out("ana", 20)], "nobody said anything");
    served.ctx.clock.advance(10 * MINUTE);
    assert_eq!(all.next().await.0, [here("ana", None)]);

    let pause = Pause { manager_id: "max".into(), reason: "a talk".into(), ..Pause::default() };
    served.send_all(vec![stated(1, "console", "bo", 1, Told::Pause(pause))]).await.1.unwrap();
    let paused = ("bo".to_owned(), UnavailableReason::Paused, None);
    assert_eq!((all.next().await.0, only_bo.next().await.0), (vec![paused.clone()], vec![paused]));
}

#[tokio::test]
async fn who_was_away_is_told_what_changed_meanwhile_by_word_or_by_the_clock() {
    let served = Served::start().await;
    served.send_all(vec![busy(1, "ana", "a", 1, (10, 20)), busy(2, "bo", "b", 1, (10, 90))]).await.1.unwrap();
    let (_, position) = watch(&served, &[], "").await.unwrap().next().await;
    let resumed = async || watch(&served, &[], &position).await.unwrap().next().await.0;
    assert_eq!(resumed().await, [], "nothing has changed");
    served.send_all(vec![busy(1, "cy", "c", 1, (40, 50)), cancelled(2, "bo", "b", 2)]).await.1.unwrap();
    assert_eq!(resumed().await, [here("bo", None), here("cy", Some(40))]);
    served.ctx.clock.advance(30 * MINUTE);
    assert_eq!(resumed().await, [here("ana", None), here("bo", None), here("cy", Some(40))], "back meanwhile");
    // With another policy anybody may stand otherwise.
    served.apply_policy(WORKSPACE).await;
    assert_eq!(resumed().await.len(), REPS.len());
    // The store has lost what it said, or never said it.
    let lost = format!("99999999999999-0@{NOW}");
    assert_eq!(watch(&served, &[], &lost).await.unwrap().next().await.0.len(), REPS.len());
}

#[tokio::test]
async fn a_watch_is_refused_that_could_tell_nothing() {
    let served = Served::start().await;
    let unknown = watch(&served, &["ana", "zoe"], "").await.err().unwrap();
    assert_eq!((unknown.code(), told(&unknown).reason.as_str()), (Code::NotFound, "REP_UNKNOWN"));
    let request = WatchAvailabilityRequest { workspace: "empty".into(), ..Default::default() };
    let none = served.client().watch_availability(request).await.err().unwrap();
    assert_eq!((none.code(), told(&none).reason.as_str()), (Code::FailedPrecondition, "POLICY_MISSING"));

    let narrow = Served::with(Redis::start(), Config { max_watchers: 1, ..Config::default() }).await;
    let first = watch(&narrow, &[], "").await.unwrap();
    let second = watch(&narrow, &[], "").await.err().unwrap();
    assert_eq!((second.code(), told(&second).reason.as_str()), (Code::Unavailable, "OVERLOADED"));
    drop(first);
    leadhand_testkit::eventually!(watch(&narrow, &[], "").await.is_ok(), "a place is free again");
}

#[tokio::test]
async fn a_watch_ends_with_the_service() {
    let served = Served::start().await;
    let mut watching = watch(&served, &[], "").await.unwrap();
    watching.next().await;
    served.ctx.shutdown.cancel();
    let ended = tokio::time::timeout(PATIENCE, watching.0.message()).await.expect("an end, in time").unwrap_err();
    assert_eq!((ended.code(), told(&ended).reason.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_watch_ends_when_the_store_is_gone_and_resumes_when_it_is_back() {
    let mut served = Served::over(Redis::durable(leadhand_store::local::Durability::Always)).await;
    let mut watching = watch(&served, &[], "").await.unwrap();
    let (_, position) = watching.next().await;
    served.redis.kill();
    let ended = loop {
        if let Err(status) = tokio::time::timeout(PATIENCE, watching.0.message()).await.expect("an end, in time") {
            break status;
        }
    };
    assert_eq!((ended.code(), told(&ended).reason.as_str()), (Code::Unavailable, "STORE_UNAVAILABLE"));
    served.redis.restart().unwrap();
    leadhand_testkit::eventually!(served.free(WORKSPACE, "ana", 0).await.is_ok());
    served.send_all(vec![busy(1, "di", "d", 1, (0, 20))]).await.1.unwrap();
    leadhand_testkit::eventually!(match watch(&served, &[], &position).await {
        Ok(mut resumed) => resumed.next().await.0 == [out("di", 20)],
        Err(_) => false,
    });
}
