//! The path of a lead through all of it.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::pool::v1::RecordContactRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, events, route};

const POLICY: &str = "
teams: [{id: inbound, reps: [{id: ana, weight: 2}, {id: bo}]}]
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: inbound, otherwise: {pool: open}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_routed_claimed_contacted_and_announced() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;

    let pushed = route(replica, "demo_request", "r1").await.unwrap();
    let Some(Outcome::Assigned(assigned)) = pushed.outcome else { panic!("{pushed:?}") };
    assert_eq!((assigned.rep_id.as_str(), assigned.fence), ("ana", 1));

    let pooled = route(replica, "content_download", "r2").await.unwrap();
    assert!(matches!(pooled.outcome, Some(Outcome::Pooled(_))), "{pooled:?}");
    let claimed = claim(replica, "bo", &pooled.lead_id).await.unwrap();
    let contact = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: "c1".into(),
        rep_id: "bo".into(),
        lead_id: pooled.lead_id.clone(),
        fence: claimed.fence,
    };
    suite.clock.advance(90_000);
    let contacted = replica.pool().record_contact(contact).await.unwrap().into_inner();
    assert_eq!((contacted.contact_speed_ms, contacted.in_time), (90_000, true));

    let told = events(replica).await;
    let positions: Vec<_> = told.iter().skip(1).take(3).map(|event| event.position.as_str()).collect();
    assert_eq!(positions, [&pushed.position, &pooled.position, &claimed.position]);
    let kinds: Vec<_> = told.into_iter().map(|event| event.kind.unwrap()).collect();
    assert!(matches!(
        &kinds[..],
        [
            Kind::PolicyActivated(_),
            Kind::LeadAssigned(_),
            Kind::LeadPooled(_),
            Kind::LeadClaimed(_),
            Kind::LeadContacted(_)
        ]
    ));
}
