//! What a lead lacks of its company is asked for before it is routed, and whoever is asked costs no lead: hanging, failing,
//! lying or away.

use leadhand_proto::event::v1::{Decision, Enrichment, EnrichmentFailure};
use leadhand_proto::explain::v1::{DryRunRequest, ExplainDecisionRequest};
use leadhand_proto::lead::v1::{Company, Lead};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use leadhand_router::Enrichment as Settings;
use leadhand_testkit::eventually;
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::enrichment::{Behaviour, Knows};
use leadhand_tests::held::Held;
use leadhand_tests::{Replica, Suite};
use tonic::{Code, Status};

/// What is German goes to ana, all else to bo.
fn policy(enrich: bool) -> String {
    format!(
        "
enrich: {enrich}
reps: [{{id: ana}}, {{id: bo}}]
territories: [{{id: germany, countries: [DE], rep: ana}}]
default: {{rep: bo}}
"
    )
}

fn known() -> Company {
    Company {
        name: "Acme GmbH".into(),
        domain: "acme.example".into(),
        employees: Some(120),
        industry: "Steel".into(),
        country: "deu".into(),
        region: "by".into(),
        city: "Hof".into(),
    }
}

fn says(company: Company) -> Behaviour {
    Behaviour::Says(Box::new(company))
}

/// A suite whose routers ask this service.
async fn suite(replicas: usize, settings: Settings) -> Suite {
    let mut suite = Suite::start(0).await;
    suite.enrichment = settings;
    for _ in 0..replicas {
        suite.add_replica().await;
    }
    apply_policy(suite.replica(0), &policy(true)).await;
    suite
}

/// Asks with patience, so that no slow machine is taken for a hook that hangs.
fn at(hook: &Knows) -> Settings {
    Settings { endpoint: hook.endpoint(), deadline_ms: 10_000, ..Settings::default() }
}

fn request(id: &str, company: Company) -> RouteLeadRequest {
    let lead = Lead { source: "webinar".into(), company: Some(company), ..Lead::default() };
    RouteLeadRequest { workspace: WORKSPACE.into(), request_id: id.into(), lead: Some(lead) }
}

fn acme() -> Company {
    Company { domain: "acme.example".into(), city: "Bonn".into(), ..Company::default() }
}

async fn route(replica: &Replica, id: &str) -> RouteLeadResponse {
    replica.router().route_lead(request(id, acme())).await.expect("routed, whatever the hook does").into_inner()
}

fn owner(routed: &RouteLeadResponse) -> &str {
    match &routed.outcome {
        Some(Outcome::Assigned(assigned)) => &assigned.rep_id,
        other => panic!("{other:?}"),
    }
}

async fn decision(replica: &Replica, lead: &str) -> Decision {
    let ask = ExplainDecisionRequest { workspace: WORKSPACE.into(), lead_id: lead.into() };
    let event = replica.explain().explain_decision(ask).await.expect("kept").into_inner().event;
    event.expect("an event").decision.expect("a decision")
}

/// Routes a lead; who got it, and what the decision says of its enrichment.
async fn outcome(replica: &Replica, id: &str) -> (String, Enrichment) {
    let routed = route(replica, id).await;
    let enrichment = decision(replica, &routed.lead_id).await.enrichment.expect("told");
    (owner(&routed).to_owned(), enrichment)
}

async fn failure(replica: &Replica, id: &str) -> EnrichmentFailure {
    let (owner, enrichment) = outcome(replica, id).await;
    assert_eq!(owner, "bo", "by what the lead had");
    assert_eq!((&enrichment.filled[..], &enrichment.refused[..]), (&[][..], &[][..]));
    enrichment.failure()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_is_filled_in_before_routing_and_told() {
    let hook = Knows::start(says(known())).await;
    let suite = suite(1, at(&hook)).await;
    let replica = suite.replica(0);
    let dry = DryRunRequest { workspace: WORKSPACE.into(), lead: request("", acme()).lead };
    let dry = replica.explain().dry_run(dry).await.expect("an answer").into_inner();
    let routed = route(replica, "r1").await;
    assert_eq!(owner(&routed), "ana");
    let filled = ["name", "industry", "country", "region", "employees"].map(str::to_owned).to_vec();
    let told = decision(replica, &routed.lead_id).await.enrichment.expect("told");
    assert_eq!(told, Enrichment { filled, refused: vec![], failure: 0 });
    assert_eq!(dry.decision.expect("one").enrichment, Some(told), "a dry run says what the next call does");
    let held = Held::read(&suite.redis).await;
    let kept = held.leads[&routed.lead_id].company.clone().expect("a company");
    let texts = [&kept.name, &kept.country, &kept.region, &kept.city].map(String::as_str);
    assert_eq!(
        (texts, kept.employees),
        (["Acme GmbH", "DE", "DE-BY", "Bonn"], Some(120)),
        "in one form, what was known kept"
    );
    let asked = hook.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[1].workspace.as_str(), asked[1].company.clone()), (WORKSPACE, Some(acme())));

    // Nothing lacks, or nothing is there to know it by.
    for (id, company) in
        [("whole", Company { country: "DE".into(), region: "DE-BY".into(), ..known() }), ("none", Company::default())]
    {
        let routed = replica.router().route_lead(request(id, company)).await.expect("routed").into_inner();
        assert_eq!(decision(replica, &routed.lead_id).await.enrichment, None, "{id}");
    }
    assert_eq!(hook.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_has_its_first_answer_whatever_the_hook_says_now() {
    let hook = Knows::start(says(known())).await;
    let suite = suite(2, at(&hook)).await;
    let first = route(suite.replica(0), "same").await;
    assert_eq!(owner(&first), "ana");
    for behaviour in [says(Company { country: "FR".into(), ..Company::default() }), Behaviour::Hangs] {
        hook.does(behaviour);
        for n in 0..2 {
            assert_eq!(route(suite.replica(n), "same").await, first);
        }
    }
    assert_eq!(hook.asked().len(), 1, "it was not asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_are_left_out_field_by_field() {
    let lies = Company {
        name: "x".repeat(201),
        domain: "evil.example".into(),
        employees: Some(-5),
        industry: "\u{7}".into(),
        country: "XX".into(),
        region: "US-CA".into(),
        city: "Paris".into(),
    };
    let hook = Knows::start(says(lies)).await;
    let suite = suite(1, at(&hook)).await;
    let german = Company { country: "DE".into(), ..acme() };
    let routed = suite.replica(0).router().route_lead(request("r1", german)).await.expect("routed").into_inner();
    let told = decision(suite.replica(0), &routed.lead_id).await.enrichment.expect("told");
    assert_eq!((owner(&routed), &told.filled[..]), ("ana", &[][..]));
    assert_eq!(told.refused, ["name", "industry", "region", "employees"]);
    let held = Held::read(&suite.redis).await;
    let kept = held.leads[&routed.lead_id].company.clone().expect("a company");
    assert_eq!((kept.domain.as_str(), kept.country.as_str(), kept.city.as_str()), ("acme.example", "DE", "Bonn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_costs_a_few_deadlines_and_is_tried_again_later() {
    let hook = Knows::start(Behaviour::Hangs).await;
    let settings = Settings { deadline_ms: 20, failures: 3, rest_ms: 60_000, ..at(&hook) };
    let suite = suite(1, settings).await;
    let replica = suite.replica(0);
    for n in 0..3 {
        assert_eq!(failure(replica, &format!("slow-{n}")).await, EnrichmentFailure::TimedOut);
    }
    let asked = hook.asked().len();
    for n in 0..20 {
        assert_eq!(failure(replica, &format!("rest-{n}")).await, EnrichmentFailure::Resting);
    }
    assert_eq!(hook.asked().len(), asked, "left alone");
    // It hangs on, and is left alone again after one more question.
    suite.clock.advance(60_000);
    assert_eq!(failure(replica, "once").await, EnrichmentFailure::TimedOut);
    assert_eq!(failure(replica, "rest").await, EnrichmentFailure::Resting);
}

/// One caller's short deadlines must not have the hook left alone for all workspaces.
#[tokio::test(flavor = "multi_thread")]
async fn callers_in_a_hurry_are_no_failures_of_who_is_asked() {
    let hook = Knows::start(Behaviour::Hangs).await;
    let suite = suite(1, Settings { failures: 2, rest_ms: 60_000, ..at(&hook) }).await;
    let replica = suite.replica(0);
    for n in 0..4 {
        let mut hurried = tonic::Request::new(request(&format!("hurried-{n}"), acme()));
        hurried.set_timeout(std::time::Duration::from_millis(1_500));
        // Whether it is routed in what is left is not the matter.
        let _ = replica.router().route_lead(hurried).await;
    }
    assert!(hook.asked().len() >= 3, "asked each time");
    hook.does(says(known()));
    assert_eq!(outcome(replica, "patient").await.0, "ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_is_left_alone_and_asked_again_when_well() {
    let hook = Knows::start(Behaviour::Fails(Status::internal("a fault"))).await;
    let suite = suite(1, Settings { failures: 2, rest_ms: 60_000, ..at(&hook) }).await;
    let replica = suite.replica(0);
    assert_eq!(failure(replica, "r1").await, EnrichmentFailure::Failed);
    hook.does(Behaviour::Fails(Status::new(Code::Unavailable, "starting")));
    assert_eq!(failure(replica, "r2").await, EnrichmentFailure::Unavailable);
    assert_eq!(failure(replica, "r3").await, EnrichmentFailure::Resting);
    suite.clock.advance(60_000);
    hook.does(says(known()));
    for n in 0..3 {
        assert_eq!(outcome(replica, &format!("well-{n}")).await.0, "ana");
    }
    // Not to know a company is no failure.
    hook.does(Behaviour::Fails(Status::not_found("who?")));
    for n in 0..5 {
        assert_eq!(outcome(replica, &format!("unknown-{n}")).await, ("bo".to_owned(), Enrichment::default()));
    }
    assert_eq!(hook.asked().len(), 2 + 3 + 5);
    for (outcome, leads) in [("failed", 1.0), ("unavailable", 1.0), ("resting", 1.0), ("filled", 3.0), ("nothing", 5.0)]
    {
        let label = format!("outcome=\"{outcome}\"");
        assert_eq!(replica.metric("leadhand_enrichment_leads_total", &label).await, Some(leads), "{outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_or_not_configured_is_told_so() {
    let endpoint = Knows::start(Behaviour::Hangs).await.endpoint();
    let away = suite(1, Settings { endpoint, deadline_ms: 10_000, ..Settings::default() }).await;
    let told = failure(away.replica(0), "r1").await;
    assert_eq!(told, EnrichmentFailure::Unavailable);
    let nobody = suite(1, Settings::default()).await;
    assert_eq!(failure(nobody.replica(0), "r1").await, EnrichmentFailure::NotConfigured);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_so_many_at_once_a_lead_waits_for_nobody() {
    let hook = Knows::start(Behaviour::Hangs).await;
    let suite = std::sync::Arc::new(suite(1, Settings { max_in_flight: 2, ..at(&hook) }).await);
    let waiting: Vec<_> = (0..2)
        .map(|n| {
            let suite = suite.clone();
            tokio::spawn(async move { outcome(suite.replica(0), &format!("waiting-{n}")).await })
        })
        .collect();
    eventually!(hook.asked().len() == 2);
    assert_eq!(failure(suite.replica(0), "r1").await, EnrichmentFailure::Busy);
    hook.does(says(known()));
    for lead in waiting {
        assert_eq!(lead.await.expect("no panic").0, "ana");
    }
    assert_eq!(outcome(suite.replica(0), "r2").await.0, "ana");
}

/// The version that decides says whether to ask, not the one that the replica happens to know.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_wants_it_has_it_from_its_first_lead_on() {
    let hook = Knows::start(says(known())).await;
    let suite = suite(2, at(&hook)).await;
    for round in 0..10 {
        assert_eq!(owner(&route(suite.replica(0), &format!("on-{round}")).await), "ana");
        apply_policy(suite.replica(1), &policy(false)).await;
        let plain = route(suite.replica(0), &format!("off-{round}")).await;
        assert_eq!(plain.policy_version, 2 * round + 2);
        apply_policy(suite.replica(1), &policy(true)).await;
    }
}
