//! Refusals, a Redis that dies, a service that goes away.

use leadhand_proto::status::told;
use leadhand_store::local::Durability;
use leadhand_testkit::{PATIENCE, Redis, eventually};
use tonic::{Code, Status};

use crate::common::{REPS, Served, busy, cancelled};

fn reason(status: &Status) -> (Code, String) {
    (status.code(), told(status).reason)
}

#[tokio::test]
async fn a_rep_who_is_in_no_policy_ends_the_stream_after_earlier_acknowledgements() {
    let served = Served::start().await;
    let earlier = (0..20).map(|n| busy(n, REPS[n as usize % 4], &n.to_string(), 1, (0, 5)));
    let messages = earlier.chain([busy(20, "eve", "a", 1, (0, 5))]).collect();
    let (acknowledged, end) = served.send_all(messages).await;
    assert_eq!(acknowledged.len(), 20);
    assert_eq!(reason(&end.unwrap_err()), (Code::NotFound, "REP_UNKNOWN".into()));

    let mut elsewhere = busy(1, "ana", "a", 1, (0, 5));
    elsewhere.workspace = "nobody".into();
    let (_, end) = served.send_all(vec![elsewhere]).await;
    assert_eq!(reason(&end.unwrap_err()), (Code::FailedPrecondition, "POLICY_MISSING".into()));
}

#[tokio::test]
async fn a_full_calendar_says_so_and_can_be_emptied() {
    let served = Served::start().await;
    served.fill("ana").await;
    let (acknowledged, end) = served.send_all(vec![busy(1, "ana", "new", 1, (5, 10))]).await;
    assert_eq!(acknowledged, []);
    assert_eq!(reason(&end.unwrap_err()), (Code::FailedPrecondition, "CALENDAR_FULL".into()));
    let (acknowledged, end) = served.send_all(vec![cancelled(1, "ana", "7", 2), busy(2, "ana", "8", 2, (0, 1))]).await;
    end.unwrap();
    assert_eq!(acknowledged, [(1, true), (2, true)]);
}

#[tokio::test]
async fn a_redis_that_is_killed_loses_nothing_acknowledged_and_the_caller_goes_on() {
    let mut served = Served::over(Redis::durable(Durability::Always)).await;
    let messages: Vec<_> = (0..300).map(|n| busy(n, REPS[n as usize % 4], &n.to_string(), 1, (5, 10))).collect();
    let mut sending = served.open().await;
    for message in &messages {
        sending.send(message.clone()).await;
    }
    for n in 0..50 {
        assert_eq!(sending.next().await.unwrap(), Some((n, true)));
    }
    served.redis.kill();
    let mut acknowledged = 50;
    let end = loop {
        match sending.next().await {
            Ok(Some((sequence, _))) => {
                assert_eq!(sequence, acknowledged as u64);
                acknowledged += 1;
            }
            Ok(None) => panic!("ended as if all were well"),
            Err(status) => break status,
        }
    };
    assert_eq!(reason(&end), (Code::Unavailable, "STORE_UNAVAILABLE".into()));
    assert!(told(&end).retry_after.is_some());
    assert!(acknowledged < messages.len());
    served.redis.restart().unwrap();
    // As a caller does: again from the first one that was not acknowledged, until all are.
    eventually!({
        let (more, _) = served.send_all(messages[acknowledged..].to_vec()).await;
        acknowledged += more.len();
        acknowledged == messages.len()
    });
    assert_eq!(served.held().await, messages.len());
    assert_eq!(served.events().await, 1 + 300);
}

#[tokio::test]
async fn a_shutdown_ends_streams_at_once_and_acknowledges_what_is_under_way() {
    let mut served = Served::start().await;
    let mut idle = served.open().await;
    idle.send(busy(1, "ana", "a", 1, (5, 10))).await;
    assert_eq!(idle.next().await.unwrap(), Some((1, true)));
    let mut full = served.open().await;
    for n in 0..500 {
        full.send(busy(n, REPS[n as usize % 4], &n.to_string(), 1, (5, 10))).await;
    }
    assert_eq!(full.next().await.unwrap(), Some((0, true)));
    served.ctx.shutdown.cancel();
    let end = idle.next().await.unwrap_err();
    assert_eq!(reason(&end), (Code::Unavailable, "SHUTTING_DOWN".into()));
    assert!(told(&end).retry_after.is_some());
    let mut acknowledged = 1;
    while let Ok(Some(_)) = full.next().await {
        acknowledged += 1;
    }
    tokio::time::timeout(PATIENCE, &mut served.ended).await.unwrap().unwrap().unwrap();
    let held = served.held().await;
    // One is the idle stream's.
    assert_eq!(held, acknowledged + 1);
}
