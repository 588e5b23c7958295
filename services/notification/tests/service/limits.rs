//! What the service holds on to, and what it refuses.

use leadhand_notification::Config;
use leadhand_proto::status::told;
use leadhand_testkit::{PATIENCE, Redis, eventually};
use tonic::Code;

use crate::common::{Sent, Served, beginning, now, reason};

#[tokio::test]
async fn one_subscriber_too_many_is_refused_until_another_leaves() {
    let served = Served::with(Redis::start(), Config { max_subscribers: 2, ..Config::default() }).await;
    let one = served.subscribe(now()).await.unwrap();
    let _two = served.subscribe_to("globex", Some(now())).await.unwrap();
    let refused = served.subscribe(now()).await.err().expect("refused");
    assert_eq!(reason(&refused), (Code::Unavailable, "OVERLOADED".into()));
    assert!(told(&refused).retry_after.is_some());
    drop(one);
    eventually!(served.subscribe(now()).await.is_ok());
}

#[tokio::test]
async fn one_workspace_too_many_is_refused_until_another_is_left() {
    let served = Served::with(Redis::start(), Config { max_workspaces: 1, ..Config::default() }).await;
    let one = served.subscribe(now()).await.unwrap();
    let same = served.subscribe(now()).await.unwrap();
    let refused = served.subscribe_to("globex", Some(now())).await.err().expect("refused");
    assert_eq!(reason(&refused), (Code::Unavailable, "OVERLOADED".into()));
    drop((one, same));
    eventually!(served.subscribe_to("globex", Some(now())).await.is_ok());
}

#[tokio::test]
async fn a_workspace_has_one_connection_while_it_has_subscribers() {
    let served = Served::start().await;
    let mut redis = served.redis.connection().await;
    let mut waiting = async || {
        let info: String = redis::cmd("INFO").arg("clients").query_async(&mut redis).await.unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix("blocked_clients:")).unwrap();
        line.parse::<usize>().unwrap()
    };
    assert_eq!(waiting().await, 0);
    let ours = [served.subscribe(now()).await.unwrap(), served.subscribe(beginning()).await.unwrap()];
    let theirs = served.subscribe_to("globex", Some(now())).await.unwrap();
    eventually!(waiting().await == 2);
    drop(theirs);
    eventually!(waiting().await == 1);
    let [mut first, second] = ours;
    drop(second);
    assert!(matches!(first.next().await.unwrap(), Sent::CaughtUp(_)));
    served.write("w", 1..2).await;
    assert_eq!(first.events(1).await[0].2, 1, "the one who stays");
    drop(first);
    eventually!(waiting().await == 0);
    // And again, from nothing.
    let mut again = served.subscribe(now()).await.unwrap();
    eventually!(waiting().await == 1);
    served.write("w", 2..3).await;
    assert_eq!(again.events(1).await[0].2, 2);
}

#[tokio::test]
async fn a_shutdown_ends_subscriptions_at_once() {
    let served = Served::start().await;
    let mut subscriber = served.subscribe(beginning()).await.unwrap();
    assert!(matches!(subscriber.next().await.unwrap(), Sent::CaughtUp(_)));
    served.ctx.shutdown.cancel();
    let (_, end) = subscriber.end().await;
    assert_eq!(reason(&end), (Code::Unavailable, "SHUTTING_DOWN".into()));
    assert!(told(&end).retry_after.is_some());
    tokio::time::timeout(PATIENCE, served.ended).await.unwrap().unwrap().unwrap();
}
