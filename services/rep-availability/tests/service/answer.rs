//! Whether a rep is available.

use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::stream_availability_request::Change as Told;
use leadhand_proto::availability::v1::{
    Employment, GetAvailabilityRequest, IntervalKind, Pause, Seen, StreamAvailabilityRequest, Synced,
    UnavailableReason as Reason, WorkingHours,
};
use leadhand_proto::status::told;
use leadhand_proto::time::{millis, timestamp};
use tonic::Code;

use crate::common::{NOW, Served, busy, stated};

#[tokio::test]
async fn a_rep_is_free_between_events_and_now_is_the_moment_meant() {
    let served = Served::start().await;
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, None));
    let messages =
        vec![busy(1, "ana", "a", 1, (5, 10)), busy(2, "ana", "b", 1, (10, 15)), busy(3, "ana", "c", 1, (20, 25))];
    served.send_all(messages).await.1.unwrap();
    for (minute, expected) in [
        (-60, (true, Some(5))),
        (4, (true, Some(5))),
        (5, (false, Some(15))),
        (14, (false, Some(15))),
        (15, (true, Some(20))),
        (25, (true, None)),
    ] {
        assert_eq!(served.free("acme", "ana", minute).await.unwrap(), expected, "minute {minute}");
    }
    served.ctx.clock.set(NOW + 21 * 60_000);
    let request = GetAvailabilityRequest { workspace: "acme".into(), rep_id: "ana".into(), at: None };
    let now = served.client().get_availability(request).await.unwrap().into_inner();
    assert!(!now.available);
    assert_eq!(millis(&now.until.unwrap()).unwrap().0, NOW + 25 * 60_000);
}

#[tokio::test]
async fn a_rep_who_is_in_no_policy_is_unknown() {
    let served = Served::start().await;
    let unknown = served.free("acme", "eve", 0).await.unwrap_err();
    assert_eq!((unknown.code(), told(&unknown).reason.as_str()), (Code::NotFound, "REP_UNKNOWN"));
    let missing = served.free("nobody", "ana", 0).await.unwrap_err();
    assert_eq!((missing.code(), told(&missing).reason.as_str()), (Code::FailedPrecondition, "POLICY_MISSING"));
}

fn kind(mut message: StreamAvailabilityRequest, source: &str, kind: IntervalKind) -> StreamAvailabilityRequest {
    let Some(Told::Busy(busy)) = &mut message.change else { panic!() };
    busy.kind = kind.into();
    message.source = source.into();
    message
}

/// What the service answers for a rep of whom everything is known: it is 10:00 on a Monday.
#[tokio::test]
async fn the_answer_says_why_and_when_the_rep_is_back() {
    let served = Served::start().await;
    let hours = WorkingHours {
        hours: "mon-fri 09:00-17:00".into(),
        time_zone: "Europe/London".into(),
        holidays: vec!["2026-03-04".into()],
    };
    let pause =
        Pause { until: Some(timestamp(Millis(NOW + 30 * 60_000))), manager_id: "max".into(), reason: "1:1".into() };
    let (meeting, leave) = (IntervalKind::Meeting, IntervalKind::Leave);
    let messages = vec![
        stated(1, "hr", "ana", 1, Told::Hours(hours)),
        kind(busy(2, "ana", "standup", 1, (60, 120)), "google", meeting),
        kind(busy(3, "ana", "cold", 1, (24 * 60, 30 * 60)), "hr", leave),
        stated(4, "console", "ana", 1, Told::Pause(pause)),
        stated(
            5,
            "hr",
            "bo",
            1,
            Told::Employment(Employment { ends_at: Some(timestamp(Millis(NOW))), ..Default::default() }),
        ),
    ];
    let (acknowledged, end) = served.send_all(messages).await;
    end.unwrap();
    assert_eq!(acknowledged, [1, 2, 3, 4, 5].map(|n| (n, true)));
    let hour = 60;
    for (minute, reason, until, from) in [
        (0, Reason::Paused, Some(30), Some(30)),
        (30, Reason::Unspecified, Some(7 * hour), Some(30)),
        // One meeting keeps nobody away.
        (60, Reason::Unspecified, Some(7 * hour), Some(60)),
        (7 * hour, Reason::OutsideHours, Some(23 * hour), Some(23 * hour)),
        // Back at 10:00 on Thursday: the day between is a holiday.
        (24 * hour, Reason::Leave, Some(30 * hour), Some(30 * hour)),
        (31 * hour, Reason::OutsideHours, Some(71 * hour), Some(71 * hour)),
    ] {
        let answer = served.answer("acme", "ana", minute).await.unwrap();
        let minutes = |at: Option<_>| at.map(|at| (millis(&at).unwrap().0 - NOW) / 60_000);
        assert_eq!(answer.reason(), reason, "{minute}");
        assert_eq!(answer.available, reason == Reason::Unspecified, "{minute}");
        assert_eq!((minutes(answer.until), minutes(answer.available_from)), (until, from), "{minute}");
    }
    let left = served.answer("acme", "bo", 0).await.unwrap();
    assert_eq!((left.reason(), left.until, left.available_from), (Reason::Left, None, None));
    // Taken back, by messages without any field.
    let back = vec![
        stated(1, "console", "ana", 2, Told::Pause(Pause::default())),
        stated(2, "hr", "ana", 2, Told::Hours(WorkingHours::default())),
        stated(3, "hr", "bo", 1, Told::Employment(Employment::default())),
    ];
    assert_eq!(served.send_all(back).await.0, [(1, true), (2, true), (3, false)]);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some(24 * hour)));
}

#[tokio::test]
async fn a_heartbeat_is_taken_once_a_minute_and_brings_a_rep_back_who_was_not_seen() {
    let served = Served::start().await;
    let seen = |sequence, at| stated(sequence, "chat", "ana", 0, Told::Seen(Seen { at }));
    let before = Some(timestamp(Millis(NOW - 24 * 3_600_000)));
    let (acknowledged, end) = served.send_all(vec![seen(1, before), seen(2, before)]).await;
    end.unwrap();
    assert_eq!(acknowledged, [(1, true), (2, false)]);
    let answer = served.answer("acme", "ana", 0).await.unwrap();
    assert_eq!((answer.reason(), answer.available_from), (Reason::NotSeen, None));
    assert_eq!(served.free("acme", "bo", 0).await.unwrap(), (true, None), "never seen, and not held to it");
    let told = served.events().await;
    let (acknowledged, end) = served.send_all(vec![seen(3, None), seen(4, None)]).await;
    end.unwrap();
    assert_eq!(acknowledged, [(3, true), (4, false)]);
    assert_eq!(served.free("acme", "ana", 0).await.unwrap(), (true, Some(24 * 60)));
    assert_eq!(served.events().await, told + 1, "told, as the rep is back");
    served.ctx.clock.set(NOW + 60_000);
    assert_eq!(served.send_all(vec![seen(5, None)]).await.0, [(5, true)]);
    assert_eq!(served.send_all(vec![stated(6, "google", "ana", 0, Told::Synced(Synced {}))]).await.0, [(6, true)]);
    assert_eq!(served.events().await, told + 1, "nothing has changed for anybody");
}
