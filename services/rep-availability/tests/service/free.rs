//! Whether a rep is free.

use leadhand_proto::availability::v1::GetAvailabilityRequest;
use leadhand_proto::status::told;
use leadhand_proto::time::millis;
use tonic::Code;

use crate::common::{NOW, Served, busy};

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
