//! A year of real leads through the front door: 8,000 leads of a marketplace's funnel, routed by concurrent callers over
//! two routers to 22 reps of unequal weights.
//!
//! Real are each lead's id (its request id), its day and its origin (its source; blank is `unknown`). The data set has no
//! more than that, so company, contact and score are made up here, with a fixed seed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use futures_util::{StreamExt, stream};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{Event, LeadAssigned, LeadPooled};
use leadhand_proto::lead::v1::{Company, Contact, Lead, Stage};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use leadhand_testkit::shared_data;
use leadhand_tests::call::{WORKSPACE, apply_policy, events};
use leadhand_tests::held::{ASSIGNED, Held, POOLED};
use leadhand_tests::{Replica, Suite};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const FILE: &str = "olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv";
const LEADS: usize = 8_000;
const SEED: u64 = 20_180_601;
const CALLERS: usize = 64;

/// The weights of the 22 reps; prime to each other, so that no small cycle repeats.
const WEIGHTS: [i64; 22] = [1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 997];

/// The sources that the second policy puts into the pool.
const POOLED_SOURCES: [&str; 3] = ["organic_search", "social", "unknown"];

fn rep(n: usize) -> String {
    format!("rep-{n:02}")
}

fn policy(routes: &str) -> String {
    let reps: Vec<_> = WEIGHTS.iter().enumerate().map(|(n, w)| format!("{{id: {}, weight: {w}}}", rep(n))).collect();
    format!(
        "teams: [{{id: sales, capacity: 10000, reps: [{}]}}]\npools: [{{id: open}}]\nroutes: [{routes}]\n\
         default: {{rotate: sales, otherwise: {{pool: open}}}}\n",
        reps.join(", ")
    )
}

/// The data set's leads, completed.
fn leads(path: &Path) -> Vec<RouteLeadRequest> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut file = csv::Reader::from_path(path).expect("the data set");
    let rows: Vec<[String; 4]> = file.deserialize().collect::<Result<_, _>>().expect("four columns a row");
    rows.into_iter().map(|[id, day, _page, origin]| request(id, &day, &origin, &mut rng)).collect()
}

fn request(id: String, day: &str, origin: &str, rng: &mut StdRng) -> RouteLeadRequest {
    const INDUSTRIES: [&str; 5] = ["health_beauty", "household", "toys", "construction", "food"];
    // The data set's own id, so that no lead is taken for another.
    let n = id.clone();
    let day: jiff::civil::Date = day.parse().expect("a day");
    let captured = day.to_zoned(jiff::tz::TimeZone::UTC).expect("a moment").timestamp();
    let lead = Lead {
        company: Some(Company {
            name: format!("Loja {n}"),
            domain: format!("loja-{n}.example"),
            employees: rng.random_bool(0.8).then(|| rng.random_range(1..2_000)),
            industry: INDUSTRIES[rng.random_range(0..INDUSTRIES.len())].into(),
            country: "BR".into(),
            region: "SP".into(),
            city: "São Paulo".into(),
        }),
        contact: Some(Contact {
            name: format!("Pessoa {n}"),
            title: "Dono".into(),
            email: format!("contato@loja-{n}.example"),
            phone: String::new(),
        }),
        source: if origin.is_empty() { "unknown".into() } else { origin.into() },
        stage: Stage::Mql.into(),
        score: rng.random_bool(0.9).then(|| rng.random_range(0..=100)),
        captured_at: Some(prost_types::Timestamp { seconds: captured.as_second(), nanos: 0 }),
        ..Lead::default()
    };
    RouteLeadRequest { workspace: WORKSPACE.into(), request_id: id, lead: Some(lead) }
}

/// Routes all, by concurrent callers who take turns at the replicas.
async fn route_all(suite: &Suite, leads: &[RouteLeadRequest]) -> Vec<RouteLeadResponse> {
    let calls = leads.iter().enumerate().map(|(n, lead)| {
        let mut router = suite.replica(n).router();
        async move { router.route_lead(lead.clone()).await.expect("routed").into_inner() }
    });
    stream::iter(calls).buffered(CALLERS).collect().await
}

#[derive(Debug, PartialEq, Clone)]
enum Placed {
    To(LeadAssigned),
    Into(LeadPooled),
}

/// The events about leads, by position, in the stream's order.
fn placements(events: Vec<Event>) -> Vec<(String, Placed)> {
    let placed = |event: Event| match event.kind {
        Some(Kind::LeadAssigned(assigned)) => Some((event.position, Placed::To(assigned))),
        Some(Kind::LeadPooled(pooled)) => Some((event.position, Placed::Into(pooled))),
        Some(Kind::PolicyActivated(_)) => None,
        other => panic!("nothing else happened: {other:?}"),
    };
    events.into_iter().filter_map(placed).collect()
}

/// After every lead that the rotation gave, in the order of the commits, each rep's count is less than one from its share:
/// `|count − k·w/W| < 1`, in whole numbers.
fn assert_fair(placed: &[(String, Placed)]) -> i64 {
    let total: i64 = WEIGHTS.iter().sum();
    let places: HashMap<_, _> = (0..WEIGHTS.len()).map(|n| (rep(n), n)).collect();
    let mut counts = [0i64; WEIGHTS.len()];
    let mut given = 0;
    for (position, placed) in placed {
        let Placed::To(assigned) = placed else { continue };
        counts[places[&assigned.rep_id]] += 1;
        given += 1;
        for (n, weight) in WEIGHTS.iter().enumerate() {
            let off = counts[n] * total - given * weight;
            assert!(off.abs() < total, "after {given} leads, at {position}, {} is {off}/{total} off", rep(n));
        }
    }
    given
}

/// Answers, events and records tell the same, lead by lead.
async fn assert_told_alike(suite: &Suite, asked: &[RouteLeadRequest], answers: &[RouteLeadResponse]) -> Held {
    let placed: BTreeMap<String, Placed> = placements(events(suite.replica(0)).await).into_iter().collect();
    assert_eq!(placed.len(), asked.len(), "one event a lead");
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.leads.len(), asked.len(), "one record a lead");
    assert_eq!(answers.iter().map(|answer| &answer.lead_id).collect::<BTreeSet<_>>().len(), asked.len());
    for (asked, answer) in asked.iter().zip(answers) {
        let record = &held.leads[&answer.lead_id];
        let source = &asked.lead.as_ref().expect("a lead").source;
        assert_eq!((&record.source, &record.position), (source, &answer.position));
        match (answer.outcome.as_ref().expect("an outcome"), &placed[&answer.position]) {
            (Outcome::Assigned(to), Placed::To(event)) => {
                assert_eq!((&event.lead_id, &event.rep_id), (&answer.lead_id, &to.rep_id));
                assert_eq!((record.place, &record.owner, record.fence), (ASSIGNED, &to.rep_id, 1));
                assert_eq!((event.fence, to.fence, &event.source), (1, 1, source));
            }
            (Outcome::Pooled(into), Placed::Into(event)) => {
                assert_eq!((&event.lead_id, &event.pool_id), (&answer.lead_id, &into.pool_id));
                assert_eq!((record.place, &record.pool, record.fence), (POOLED, &into.pool_id, 0));
            }
            other => panic!("{answer:?} against {other:?}"),
        }
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lead_of_a_year_is_owned_once_and_shares_are_kept_after_every_one() {
    let Some(path) = shared_data(FILE) else { return };
    let leads = leads(&path);
    assert_eq!(leads.len(), LEADS);
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), &policy("")).await;
    let answers = route_all(&suite, &leads).await;

    let held = assert_told_alike(&suite, &leads, &answers).await;
    assert!(held.leads.values().all(|lead| lead.place == ASSIGNED));
    let placed = placements(leadhand_tests::held::events(&suite.redis).await);
    assert_eq!(assert_fair(&placed), LEADS as i64);
    for (n, weight) in WEIGHTS.iter().enumerate() {
        let total: i64 = WEIGHTS.iter().sum();
        let off = i64::from(held.open[&rep(n)]) * total - LEADS as i64 * weight;
        assert!(off.abs() < total, "{} ends {off}/{total} off", rep(n));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_of_some_sources_go_to_the_pool_and_the_others_keep_their_shares() {
    let Some(path) = shared_data(FILE) else { return };
    let leads: Vec<_> = leads(&path).into_iter().step_by(4).collect();
    let suite = Suite::start(2).await;
    let sources = POOLED_SOURCES.join(", ");
    let routes = format!("{{name: browse, sources: [{sources}], pool: open}}");
    apply_policy(suite.replica(0), &policy(&routes)).await;
    let answers = route_all(&suite, &leads).await;

    let held = assert_told_alike(&suite, &leads, &answers).await;
    let source = |request: &RouteLeadRequest| request.lead.as_ref().expect("a lead").source.clone();
    for (asked, answer) in leads.iter().zip(&answers) {
        let pooled = POOLED_SOURCES.contains(&source(asked).as_str());
        assert_eq!(answer.route, if pooled { "browse" } else { "default" });
        assert_eq!(held.leads[&answer.lead_id].place, if pooled { POOLED } else { ASSIGNED });
    }
    let listed = listed(suite.replica(1)).await;
    assert_eq!(listed, held.pools["open"].keys().cloned().collect(), "the pool lists what it holds");
    let placed = placements(leadhand_tests::held::events(&suite.redis).await);
    assert_eq!(assert_fair(&placed) as usize + listed.len(), leads.len());
}

/// The pool's leads, page by page; none of them twice.
async fn listed(replica: &Replica) -> BTreeSet<String> {
    let mut leads = BTreeSet::new();
    let mut request = leadhand_proto::pool::v1::ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: rep(0),
        pool_id: "open".into(),
        page_size: 500,
        ..Default::default()
    };
    loop {
        let page = replica.pool().list_leads(request.clone()).await.expect("a page").into_inner();
        for lead in page.leads {
            assert!(leads.insert(lead.lead_id.clone()), "{} is listed twice", lead.lead_id);
        }
        if page.next_page_token.is_empty() {
            return leads;
        }
        request.page_token = page.next_page_token;
    }
}
