//! What an owner tells came of a lead: an opportunity is a milestone, and then it is won or lost.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::{Outcome, Place, State};
use leadhand_proto::pool::v1::{GetLeadRequest, ListMyLeadsRequest, RecordOutcomeRequest, RecordOutcomeResponse};
use leadhand_proto::status::told;
use leadhand_proto::time::timestamp;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy, route};
use leadhand_tests::held::{Held, events};
use leadhand_tests::{START, Suite};
use tonic::{Code, Status};

const MINUTE: i64 = 60_000;

const POLICY: &str = "
teams: [{id: inbound, reps: [{id: ana, weight: 10000}, {id: bo, weight: 1}]}]
default: {rotate: inbound}
";

async fn tell(
    suite: &Suite,
    id: &str,
    (rep, lead, fence): (&str, &str, u64),
    outcome: Outcome,
) -> Result<RecordOutcomeResponse, Status> {
    let request = RecordOutcomeRequest {
        workspace: WORKSPACE.into(),
        request_id: id.into(),
        rep_id: rep.into(),
        lead_id: lead.into(),
        fence,
        outcome: outcome.into(),
        amount: u64::from(outcome == Outcome::Won) * 1_200,
    };
    Ok(suite.replica(0).pool().record_outcome(request).await?.into_inner())
}

async fn state(suite: &Suite, lead: &str) -> State {
    let request = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), lead_id: lead.into() };
    let answer = suite.replica(0).pool().get_lead(request).await.expect("the owner's").into_inner();
    answer.state.expect("a state")
}

fn at(minutes: i64) -> Option<prost_types::Timestamp> {
    Some(timestamp(leadhand_domain::time::Millis(START + minutes * MINUTE)))
}

fn is_refused<T: std::fmt::Debug>(answer: Result<T, Status>, reason: &str) {
    let status = answer.expect_err(reason);
    assert_eq!((status.code(), told(&status).reason.as_str()), (Code::FailedPrecondition, reason));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opportunity_is_a_contact_and_then_the_lead_is_won() {
    let suite = Suite::with_timers(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let lead = route(suite.replica(0), "webinar", "r1").await.expect("assigned").lead_id;
    let other = route(suite.replica(0), "webinar", "r2").await.expect("assigned").lead_id;
    let ana = ("ana", lead.as_str(), 1);
    suite.clock.advance(30 * MINUTE);
    is_refused(tell(&suite, "x1", ("bo", &lead, 1), Outcome::Opportunity).await, "NOT_OWNER");
    is_refused(tell(&suite, "x2", ("ana", &lead, 2), Outcome::Opportunity).await, "FENCE_STALE");

    let first = tell(&suite, "o1", ana, Outcome::Opportunity).await.expect("told");
    assert_eq!((first.opportunity_at, first.closed_at, first.owned_ms), (at(30), None, 30 * MINUTE));
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
    // A second one answers with the first and tells nothing.
    suite.clock.advance(MINUTE);
    let before = events(&suite.redis).await;
    let second = tell(&suite, "o2", ana, Outcome::Opportunity).await.expect("told");
    assert_eq!(second, RecordOutcomeResponse { position: String::new(), ..first.clone() });
    assert_eq!(events(&suite.redis).await, before);
    let [.., contacted, opportunity] = &before[..] else { panic!("{before:?}") };
    assert!(
        matches!(&contacted.kind, Some(Kind::LeadContacted(it)) if it.in_time && it.contact_speed_ms == 30 * MINUTE),
        "{contacted:?}"
    );
    assert!(
        matches!(&opportunity.kind, Some(Kind::OpportunityRecorded(it))
            if (it.rep_id.as_str(), it.fence, it.source.as_str(), it.owned_ms) == ("ana", 1, "webinar", 30 * MINUTE)),
        "{opportunity:?}"
    );
    assert_eq!(opportunity.position, first.position);

    // It stays the owner's past the deadline, at which the other one is lost; and is listed, open.
    suite.clock.advance(120 * MINUTE);
    eventually!(Held::read(&suite.redis).await.leads[&other].owner == "bo");
    let now = state(&suite, &lead).await;
    assert_eq!((now.place(), now.contacted_at, now.opportunity_at), (Place::Assigned, at(30), at(30)));
    assert_eq!(now.outcome(), Outcome::Unspecified);
    let request = ListMyLeadsRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), ..Default::default() };
    let mine = suite.replica(0).pool().list_my_leads(request).await.expect("a page").into_inner().leads;
    assert!(mine.iter().any(|mine| mine.lead_id == lead), "{mine:?}");

    let won = tell(&suite, "w", ana, Outcome::Won).await.expect("won");
    assert_eq!((won.closed_at, won.opportunity_at, won.owned_ms), (at(151), None, 151 * MINUTE));
    let kept = Held::read(&suite.redis).await;
    kept.assert_each_lead_in_one_place();
    assert_eq!(kept.leads[&lead].opportunity_at, START + 30 * MINUTE, "a conversion, whatever came of it");
    is_refused(tell(&suite, "o3", ana, Outcome::Opportunity).await, "LEAD_CLOSED");
}
