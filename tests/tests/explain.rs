//! Why leads went where they went, and where one would go.

use leadhand_proto::event::v1::SkipReason;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::explain::v1::explain_service_client::ExplainServiceClient;
use leadhand_proto::explain::v1::{DryRunRequest, ExplainDecisionRequest, ReplayVerdict, WhyNotReason, WhyNotRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::told;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, lead_from, route};
use leadhand_tests::held::everything;
use tonic::Code;
use tonic::transport::Channel;

/// ana may have one open lead; bo comes after her; cy is of another team; mia takes what is left.
const POLICY: &str = "
manager: mia
reps: [{id: mia}]
teams:
  - {id: inbound, capacity: 1, reps: [{id: ana, weight: 100}, {id: bo}]}
  - {id: field, reps: [{id: cy}]}
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: inbound}
";

async fn start() -> (Suite, ExplainServiceClient<Channel>) {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let explain = suite.replica(0).explain();
    (suite, explain)
}

async fn why_not(explain: &mut ExplainServiceClient<Channel>, lead: &str, rep: &str) -> (WhyNotReason, Option<i32>) {
    let request = WhyNotRequest { workspace: WORKSPACE.into(), lead_id: lead.into(), rep_id: rep.into() };
    let answer = explain.why_not(request).await.expect("a reason").into_inner();
    (answer.reason(), answer.skip.map(|skip| skip.reason))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rep_is_told_why_not() {
    let (suite, mut explain) = start().await;
    let first = route(suite.replica(0), "webinar", "r1").await.expect("routed").lead_id;
    let second = route(suite.replica(0), "webinar", "r2").await.expect("routed").lead_id;
    let pooled = route(suite.replica(0), "content_download", "r3").await.expect("routed").lead_id;

    assert_eq!(why_not(&mut explain, &first, "ana").await, (WhyNotReason::GotIt, None));
    assert_eq!(why_not(&mut explain, &first, "bo").await, (WhyNotReason::NotTheTurn, None));
    assert_eq!(why_not(&mut explain, &first, "cy").await, (WhyNotReason::OtherRoute, None));
    let full = Some(SkipReason::AtCapacity.into());
    assert_eq!(why_not(&mut explain, &second, "ana").await, (WhyNotReason::Skipped, full));
    assert_eq!(why_not(&mut explain, &pooled, "ana").await, (WhyNotReason::Pooled, None));

    let request = ExplainDecisionRequest { workspace: WORKSPACE.into(), lead_id: second.clone() };
    let explained = explain.explain_decision(request).await.expect("a decision").into_inner();
    let event = explained.event.expect("an event");
    let Some(Kind::LeadAssigned(to)) = &event.kind else { panic!("{event:?}") };
    assert_eq!((&to.lead_id, to.rep_id.as_str()), (&second, "bo"));
    let decision = event.decision.expect("why");
    let rotation = decision.rotation.expect("a choice");
    let shown: Vec<_> = rotation.candidates.iter().map(|it| (it.rep_id.as_str(), it.weight, it.given)).collect();
    assert_eq!((decision.route.as_str(), rotation.given, shown), ("default", 1, vec![("bo", 1, 0)]));
    let replay = explained.replay.expect("a verdict");
    assert_eq!((replay.verdict(), replay.rep_id.as_str()), (ReplayVerdict::Same, "bo"));
    let request = ExplainDecisionRequest { workspace: WORKSPACE.into(), lead_id: pooled };
    let explained = explain.explain_decision(request).await.expect("a decision").into_inner();
    assert_eq!(explained.replay.expect("a verdict").verdict(), ReplayVerdict::NoRotation);

    let unknown = "00000000-0000-7000-8000-000000000000";
    let request = ExplainDecisionRequest { workspace: WORKSPACE.into(), lead_id: unknown.into() };
    let refused = explain.explain_decision(request).await.expect_err("no such lead");
    assert_eq!((refused.code(), told(&refused).reason.as_str()), (Code::NotFound, "LEAD_UNKNOWN"));
    let request = WhyNotRequest { workspace: WORKSPACE.into(), lead_id: first, rep_id: "zoe".into() };
    let refused = explain.why_not(request).await.expect_err("no such rep");
    assert_eq!((refused.code(), told(&refused).reason.as_str()), (Code::NotFound, "REP_UNKNOWN"));
}

/// What a dry run says is what the next call does, through the whole chain of teams, manager and holding pool; and it
/// changes nothing itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let (suite, mut explain) = start().await;
    for n in 0..4 {
        let source = if n == 3 { "content_download" } else { "webinar" };
        let before = everything(&suite.redis).await;
        let request = DryRunRequest { workspace: WORKSPACE.into(), lead: lead_from(source, "dry").lead };
        let dry = explain.dry_run(request).await.expect("an answer").into_inner();
        assert_eq!(everything(&suite.redis).await, before, "nothing was written");
        let said = dry.response.expect("where to");
        assert!(said.lead_id.is_empty() && said.position.is_empty());

        let did = route(suite.replica(0), source, format!("r{n}")).await.expect("routed");
        let rep = |outcome: &Option<Outcome>| match outcome {
            Some(Outcome::Assigned(to)) => Some((to.rep_id.clone(), to.team_id.clone())),
            Some(Outcome::Pooled(_)) => None,
            other => panic!("not by this policy: {other:?}"),
        };
        assert_eq!((rep(&said.outcome), &said.route), (rep(&did.outcome), &did.route));
        let expected = [Some("ana"), Some("bo"), Some("mia"), None][n];
        assert_eq!(rep(&did.outcome).map(|(rep, _)| rep).as_deref(), expected);
        assert_eq!(dry.decision.expect("why").route, did.route);
    }
}
