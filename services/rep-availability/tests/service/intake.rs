//! What is sent is taken in: in order, once, whoever else sends.

use crate::common::{REPS, Served, busy, cancelled, send_all};

#[tokio::test]
async fn messages_are_acknowledged_in_order_whoever_they_are_about() {
    let served = Served::start().await;
    // Runs of one rep and turns of all of them: some wait for each other, some do not.
    let rep = |n: u64| if n % 50 < 25 { "ana" } else { REPS[n as usize % REPS.len()] };
    let messages = (0..400).map(|n| busy(1_000 + n, rep(n), &n.to_string(), 1, (5, 10))).collect();
    let (acknowledged, end) = served.send_all(messages).await;
    assert_eq!(acknowledged, (0..400).map(|n| (1_000 + n, true)).collect::<Vec<_>>());
    end.unwrap();
    assert_eq!(served.held().await, 400);
    assert_eq!(served.events().await, 401, "one event a message, and the policy's");
}

#[tokio::test]
async fn each_message_is_acknowledged_when_it_is_in_not_when_the_next_one_comes() {
    let served = Served::start().await;
    let mut sending = served.open().await;
    for n in 0..3 {
        sending.send(busy(n, "ana", &n.to_string(), 1, (10 * n as i64, 10 * n as i64 + 10))).await;
        assert_eq!(sending.next().await.unwrap(), Some((n, true)));
        assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (false, Some(10 * n as i64 + 10)));
    }
    sending.send = None;
    assert_eq!(sending.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_revision_that_is_not_newer_changes_nothing() {
    let served = Served::start().await;
    let (acknowledged, end) = served
        .send_all(vec![
            busy(1, "ana", "standup", 5, (0, 10)),
            busy(2, "ana", "standup", 5, (0, 99)),
            cancelled(3, "ana", "standup", 4),
            busy(4, "ana", "standup", 6, (0, 20)),
            // Another rep's event of the same id, and the same rep's of another source, are other events.
            busy(5, "bo", "standup", 1, (0, 30)),
        ])
        .await;
    end.unwrap();
    assert_eq!(acknowledged, [(1, true), (2, false), (3, false), (4, true), (5, true)]);
    let mut other = busy(6, "ana", "standup", 1, (0, 40));
    other.source = "hr".into();
    assert_eq!(served.send_all(vec![other]).await.0, [(6, true)]);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (false, Some(40)));
    assert_eq!(served.free("acme", "bo", 0).await.unwrap(), (false, Some(30)));
    assert_eq!(served.events().await, 1 + 4);
}

#[tokio::test]
async fn a_cancelled_event_frees_the_rep() {
    let served = Served::start().await;
    let messages = vec![
        busy(1, "ana", "standup", 1, (0, 10)),
        busy(2, "ana", "review", 1, (10, 20)),
        cancelled(3, "ana", "standup", 2),
        busy(4, "ana", "standup", 1, (0, 10)),
    ];
    let (acknowledged, _) = served.send_all(messages).await;
    assert_eq!(acknowledged, [(1, true), (2, true), (3, true), (4, false)]);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some(10)));
}

#[tokio::test]
async fn what_was_not_acknowledged_is_sent_again_and_counts_once() {
    let served = Served::start().await;
    let messages: Vec<_> = (0..120).map(|n| busy(n, REPS[n as usize % 3], &n.to_string(), 1, (5, 10))).collect();
    let mut acknowledged = 0;
    let mut again = 0;
    // Hangs up after ever more acknowledgements, with more messages sent than acknowledged.
    for patience in 1.. {
        let mut sending = served.open().await;
        for message in &messages[acknowledged..] {
            sending.send(message.clone()).await;
        }
        for _ in 0..patience.min(messages.len() - acknowledged) {
            let (sequence, changed) = sending.next().await.unwrap().unwrap();
            assert_eq!(sequence, acknowledged as u64);
            acknowledged += 1;
            again += usize::from(!changed);
        }
        if acknowledged == messages.len() {
            break;
        }
    }
    assert_eq!(served.held().await, messages.len());
    assert_eq!(served.events().await, 1 + 120, "an event for each change, none for the {again} repetitions");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_change_one_calendar_at_once_lose_nothing() {
    let served = Served::start().await;
    let other = served.another().await;
    let stream = |source: u64| {
        let messages = (0..50).map(|n| {
            let mut message = busy(n, "ana", &n.to_string(), 1, (5, 10));
            message.source = format!("calendar-{source}");
            message
        });
        let client = if source.is_multiple_of(2) { served.client() } else { other.clone() };
        send_all(client, messages.collect())
    };
    let ends = futures_util::future::join_all((0..6).map(stream)).await;
    for (acknowledged, end) in ends {
        end.unwrap();
        assert_eq!(acknowledged, (0..50).map(|n| (n, true)).collect::<Vec<_>>());
    }
    assert_eq!(served.calendar("ana").await.unwrap().events.len(), 6 * 50);
    assert_eq!(served.events().await, 1 + 6 * 50);
}
