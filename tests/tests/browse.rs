//! The list of a pool is what filtering and sorting everything gives, through whatever replica, whatever happens to the
//! connections, and without what was claimed before the call.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use leadhand_proto::lead::v1::{Company, Contact, Lead, Preview};
use leadhand_proto::pool::v1::{LeadSort, ListLeadsRequest, ListLeadsResponse};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::status::told;
use leadhand_testkit::eventually;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, patiently, route};
use tonic::{Code, Status};

const POLICY: &str = "
teams: [{id: t, capacity: 100000, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}, {id: empty}]
default: {pool: open}
quotas: {hour: 1000, day: 1000, week: 1000}
guardrails: {hoarding: 1000}
";

const LEADS: usize = 2_100;

/// The `n`th of many leads, which differ in what lists are sorted and filtered by.
fn lead(n: usize) -> Lead {
    let word = ["Acme", "Müller", "Zweig", "Northwind"][n % 4];
    Lead {
        company: Some(Company {
            name: format!("{word} {n} GmbH"),
            employees: (!n.is_multiple_of(5)).then_some((n * 37 % 900) as i32 + 1),
            industry: ["Software", "Retail", ""][n % 3].into(),
            ..Company::default()
        }),
        contact: Some(Contact { name: format!("Jo Doe-{n}"), title: "CTO".into(), ..Contact::default() }),
        source: ["webinar", "referral"][n % 2].into(),
        score: (!n.is_multiple_of(7)).then_some((n * 13 % 101) as i32),
        ..Lead::default()
    }
}

async fn fill(suite: &Suite, leads: usize) {
    let calls = stream::iter((0..leads).map(|n| async move {
        let request =
            RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("r{n}"), lead: Some(lead(n)) };
        suite.replica(n).router().route_lead(patiently(request)).await.expect("pooled")
    }));
    calls.buffer_unordered(64).collect::<Vec<_>>().await;
}

fn ask(filter: &str, search: &str, sort: LeadSort) -> ListLeadsRequest {
    ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "ana".into(),
        pool_id: "open".into(),
        page_size: 500,
        page_token: String::new(),
        filter: filter.into(),
        sort: sort.into(),
        search: search.into(),
    }
}

fn everything() -> ListLeadsRequest {
    ask("", "", LeadSort::Unspecified)
}

async fn page(suite: &Suite, replica: usize, request: ListLeadsRequest) -> Result<ListLeadsResponse, Status> {
    Ok(suite.replica(replica).pool().list_leads(patiently(request)).await?.into_inner())
}

/// The whole list, in pages, each through the next replica.
async fn walk(suite: &Suite, mut request: ListLeadsRequest) -> Vec<Preview> {
    let mut listed = Vec::new();
    for turn in 0.. {
        let page = page(suite, turn, request.clone()).await.expect("a page");
        assert!(!page.behind);
        listed.extend(page.leads);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    listed
}

fn ids(leads: &[Preview]) -> Vec<&str> {
    leads.iter().map(|lead| lead.lead_id.as_str()).collect()
}

/// Sorted anew by a key, of which what is not known comes last.
fn sorted(leads: &[Preview], key: impl Fn(&Preview) -> Option<i32>) -> Vec<Preview> {
    let mut sorted = leads.to_vec();
    sorted.sort_by_key(|lead| key(lead).unwrap_or(i32::MAX));
    sorted
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_what_filtering_and_sorting_everything_gives_through_any_replica() {
    let mut suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    fill(&suite, LEADS).await;
    let all = walk(&suite, everything()).await;
    assert_eq!(all.len(), LEADS);

    assert_eq!(walk(&suite, ask("", "", LeadSort::ScoreHighFirst)).await, sorted(&all, |lead| lead.score.map(|n| -n)));
    assert_eq!(walk(&suite, ask("", "", LeadSort::ScoreLowFirst)).await, sorted(&all, |lead| lead.score));
    assert_eq!(walk(&suite, ask("", "", LeadSort::CompanySize)).await, sorted(&all, |lead| lead.employees.map(|n| -n)));
    let mut newest = all.clone();
    newest.reverse();
    assert_eq!(walk(&suite, ask("", "", LeadSort::Newest)).await, newest);

    let only = |wanted: &dyn Fn(&Preview) -> bool| all.iter().filter(|lead| wanted(lead)).cloned().collect::<Vec<_>>();
    let software = only(&|lead| lead.industry == "Software" && lead.score.is_some_and(|score| score >= 60));
    let filter = "lead.company.industry == 'Software' && lead.score >= 60";
    assert!(!software.is_empty());
    assert_eq!(walk(&suite, ask(filter, "", LeadSort::Unspecified)).await, software);
    let found = only(&|lead| lead.company_name.starts_with("Müller") && lead.source == "referral");
    assert!(!found.is_empty());
    assert_eq!(walk(&suite, ask("", "REF mull", LeadSort::Unspecified)).await, found);
    let one = only(&|lead| lead.contact_name == "Jo Doe-1234");
    assert_eq!(walk(&suite, ask("", "1234 cto", LeadSort::Newest)).await, one);
    assert!(walk(&suite, ask("now - lead.pooled_at > duration('1h')", "", LeadSort::Unspecified)).await.is_empty());
    suite.clock.advance(3_600_001);
    assert_eq!(walk(&suite, ask("now - lead.pooled_at > duration('1h')", "", LeadSort::Unspecified)).await, all);

    // After a restart it is the same.
    suite.stop_replica(0).await;
    suite.add_replica().await;
    assert_eq!(walk(&suite, ask(filter, "", LeadSort::Unspecified)).await, software);
    assert_eq!(walk(&suite, everything()).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lists_after_a_claim_or_an_arrival_sees_it_through_any_replica() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    let mut there = BTreeSet::new();
    for n in 0..150 {
        let arrived = route(suite.replica(n), "webinar", format!("r{n}")).await.expect("pooled").lead_id;
        there.insert(arrived.clone());
        if n % 3 == 2 {
            let gone = there.iter().nth(n % there.len()).cloned().expect("one");
            claim(suite.replica(n + 1), "bo", &gone).await.expect("claimed");
            there.remove(&gone);
        }
        let page = page(&suite, n + 1, everything()).await.expect("a page");
        assert!(!page.behind);
        assert_eq!(ids(&page.leads).into_iter().collect::<BTreeSet<_>>(), there.iter().map(String::as_str).collect());
    }
}

/// Every connection is cut again and again while leads come and go; once, the events meanwhile are dropped from the stream.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_and_a_trimmed_stream_leave_nothing_wrong() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    fill(&suite, 100).await;
    let mut redis = suite.redis.connection().await;
    for round in 0..6 {
        let before = walk(&suite, everything()).await;
        let _: i64 = redis::cmd("CLIENT")
            .arg("KILL")
            .arg("TYPE")
            .arg("normal")
            .arg("SKIPME")
            .arg("yes")
            .query_async(&mut redis)
            .await
            .expect("killed");
        let (mut arrived, mut gone) = (None, false);
        eventually!(
            {
                let routed = route(suite.replica(0), "webinar", format!("late{round}")).await;
                arrived = routed.ok().map(|routed| routed.lead_id);
                arrived.is_some()
            },
            "it is pooled in the end"
        );
        eventually!(
            {
                gone = gone || claim(suite.replica(1), "bo", &before[round].lead_id).await.is_ok();
                gone
            },
            "it is claimed in the end"
        );
        if round % 2 == 1 {
            let events = format!("{{{WORKSPACE}}}:events");
            let _: i64 =
                redis::cmd("XTRIM").arg(events).arg("MAXLEN").arg(0).query_async(&mut redis).await.expect("trimmed");
        }
        let mut expected: BTreeSet<_> = ids(&before).into_iter().map(str::to_owned).collect();
        expected.remove(&before[round].lead_id);
        expected.extend(arrived);
        for replica in 0..2 {
            eventually!(
                {
                    let page = page(&suite, replica, everything()).await;
                    page.is_ok_and(|page| {
                        !page.behind
                            && page.leads.iter().map(|lead| lead.lead_id.clone()).collect::<BTreeSet<_>>() == expected
                    })
                },
                "replica {replica} lists what is there"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asks_for_leaves_memory_and_comes_back() {
    let mut suite = Suite::start(0).await;
    // Dropped whenever it is looked at.
    suite.browse.idle_ms = 1;
    suite.add_replica().await;
    apply_policy(suite.replica(0), POLICY).await;
    fill(&suite, 40).await;
    let all = walk(&suite, everything()).await;
    assert_eq!(all.len(), 40);
    claim(suite.replica(0), "bo", &all[0].lead_id).await.expect("claimed");
    eventually!(
        {
            assert_eq!(walk(&suite, everything()).await, all[1..]);
            suite.replica(0).metric("leadhand_browse_loads_total", "").await >= Some(2.0)
        },
        "it is dropped and read anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_goes_with_its_request_only_and_an_update_moves_a_lead() {
    let suite = Suite::start(2).await;
    apply_policy(suite.replica(0), POLICY).await;
    fill(&suite, 30).await;
    let request = ListLeadsRequest { page_size: 10, ..ask("has(lead.score)", "gmbh", LeadSort::ScoreHighFirst) };
    let first = page(&suite, 0, request.clone()).await.expect("a page");
    let next = ListLeadsRequest { page_token: first.next_page_token, page_size: 5, ..request };
    assert_eq!(page(&suite, 1, next.clone()).await.expect("another size is fine").leads.len(), 5);
    for foreign in [
        ListLeadsRequest { filter: String::new(), ..next.clone() },
        ListLeadsRequest { search: "gmb".into(), ..next.clone() },
        ListLeadsRequest { sort: LeadSort::ScoreLowFirst.into(), ..next.clone() },
        ListLeadsRequest { pool_id: "empty".into(), ..next.clone() },
        ListLeadsRequest { rep_id: "bo".into(), ..next.clone() },
    ] {
        let status = page(&suite, 0, foreign).await.expect_err("another request");
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(told(&status).fields.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), ["page_token"]);
    }
    let bad =
        page(&suite, 0, ask("lead.score >= 'x' || lead.company.country == 'DE'", "", LeadSort::Unspecified)).await;
    let told = told(&bad.expect_err("a fault"));
    let faults: Vec<_> = told.fields.iter().map(|fault| (fault.field.as_str(), fault.description.as_str())).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().all(|(field, _)| *field == "filter") && faults[1].1.starts_with("1:"), "{faults:?}");

    let last = walk(&suite, ask("", "", LeadSort::ScoreHighFirst)).await.pop().expect("a lead");
    let update = leadhand_proto::pool::v1::UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: "better".into(),
        lead_id: last.lead_id.clone(),
        score: Some(100),
        qualification: Some(leadhand_proto::lead::v1::Qualification { budget: "20 k".into(), ..Default::default() }),
        ..Default::default()
    };
    suite.replica(0).pool().update_lead(update).await.expect("updated");
    let listed = walk(&suite, ask("lead.qualification.budget == '20 k'", "", LeadSort::ScoreHighFirst)).await;
    assert_eq!((ids(&listed), listed[0].score), (vec![last.lead_id.as_str()], Some(100)));
}
