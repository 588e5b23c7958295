//! Deleting what is personal of a lead: nothing of it is left anywhere, and the lead goes on.

use std::sync::Arc;

use leadhand_proto::lead::v1::{Company, Contact, Lead};
use leadhand_proto::pool::v1::{GetLeadRequest, UpdateLeadRequest};
use leadhand_proto::router::v1::{RouteLeadRequest, RouteLeadResponse};
use leadhand_proto::status::told;
use leadhand_testkit::eventually;
use leadhand_tests::acts::{activity, assign, contact, erase, history};
use leadhand_tests::call::{WORKSPACE, apply_policy, claim};
use leadhand_tests::held::{Held, events, values};
use leadhand_tests::{Replica, Suite, history as histories};
use tonic::Status;

const POLICY: &str = "
reps: [{id: mia}]
teams: [{id: t, manager: mia, reps: [{id: ana}, {id: bo}]}, {id: u, manager: max, reps: [{id: cy}, {id: max}]}]
pools: [{id: open}]
default: {pool: open}
quotas: {hour: 1000, day: 1000, week: 1000}
guardrails: {hoarding: 1000}
";

/// What is personal in these tests, of the lead, of what is written to it later, and of what a manager notes.
const PERSONAL: [&str; 9] = [
    "Marker Person",
    "Marker Title",
    "marker-mail@example.com",
    "+12133734253",
    "Marker Notes",
    "marker_name",
    "Marker Value",
    "Marker Update",
    "Marker Act Note",
];

fn request(id: &str) -> RouteLeadRequest {
    let lead = Lead {
        company: Some(Company { name: "Acme".into(), domain: "acme.example".into(), ..Company::default() }),
        contact: Some(Contact {
            name: "Marker Person".into(),
            title: "Marker Title".into(),
            email: "marker-mail@example.com".into(),
            phone: "+12133734253".into(),
        }),
        source: "webinar".into(),
        score: Some(77),
        notes: "Marker Notes".into(),
        attributes: [("marker_name".to_owned(), "Marker Value".to_owned())].into(),
        ..Lead::default()
    };
    RouteLeadRequest { workspace: WORKSPACE.into(), request_id: id.into(), lead: Some(lead) }
}

async fn come(replica: &Replica, request: RouteLeadRequest) -> RouteLeadResponse {
    replica.router().route_lead(request).await.expect("routed").into_inner()
}

fn update(id: &str, lead: &str) -> UpdateLeadRequest {
    UpdateLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: id.into(),
        lead_id: lead.into(),
        ..UpdateLeadRequest::default()
    }
}

/// Where any of what is personal is found.
async fn found(suite: &Suite) -> Vec<String> {
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let all = values(&suite.redis).await;
    let personal = all.into_iter().filter(|(key, value)| {
        PERSONAL.iter().any(|text| holds(key.as_bytes(), text) || value.iter().any(|bytes| holds(bytes, text)))
    });
    personal.map(|(key, _)| key).collect()
}

async fn marks(suite: &Suite) -> usize {
    values(&suite.redis).await.iter().filter(|(key, _)| key.contains(":likeness:")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_left_and_the_lead_is_worked_on() {
    let suite = Suite::start(2).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let lead = come(replica, request("r1")).await.lead_id;
    let notes = UpdateLeadRequest { notes: "Marker Update".into(), ..update("u1", &lead) };
    replica.pool().update_lead(notes).await.expect("updated");
    let fence = assign(replica, "mia", &lead, "ana").await.expect("given").fence;
    assert_eq!(found(&suite).await, [format!("{{{WORKSPACE}}}:person:{lead}")], "in one place, until then");
    assert_eq!(marks(&suite).await, 3);

    for nobody in ["ana", "max", "eve"] {
        assert_eq!(told(&erase(replica, nobody, &lead).await.expect_err(nobody)).reason, "NOT_MANAGER", "{nobody}");
    }
    let first = erase(replica, "mia", &lead).await.expect("erased");
    assert!(!first.already_erased && !first.position.is_empty());
    assert_eq!(found(&suite).await, Vec::<String>::new());
    eventually!(marks(&suite).await == 0);
    // Once more, by a platform, elsewhere and later.
    suite.clock.advance(3_600_000);
    let again = erase(suite.replica(1), "", &lead).await.expect("erased");
    assert_eq!((again.already_erased, again.erased_at, again.position.as_str()), (true, first.erased_at, ""));

    // It is where it was, and is worked on; nothing personal comes back to it.
    activity(replica, "ana", &lead, fence).await.expect("recorded");
    contact(replica, "ana", &lead, fence).await.expect("contacted");
    let seen = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), lead_id: lead.clone() };
    let seen = replica.pool().get_lead(seen).await.expect("a lead").into_inner();
    let (shown, state) = (seen.lead.expect("a lead"), seen.state.expect("a state"));
    assert_eq!((shown.contact, shown.notes.as_str(), shown.attributes.len()), (Some(Contact::default()), "", 0));
    assert_eq!((shown.score, shown.company.map(|company| company.name).as_deref()), (Some(77), Some("Acme")));
    assert_eq!((state.erased_at, state.owner_rep_id.as_str()), (first.erased_at, "ana"));
    let refused =
        async |change: UpdateLeadRequest| told(&replica.pool().update_lead(change).await.expect_err("erased")).reason;
    assert_eq!(
        refused(UpdateLeadRequest { notes: "Marker Update".into(), ..update("u2", &lead) }).await,
        "LEAD_ERASED"
    );
    let attributes = [("marker_name".to_owned(), "Marker Value".to_owned())].into();
    assert_eq!(refused(UpdateLeadRequest { attributes, ..update("u2", &lead) }).await, "LEAD_ERASED");
    let form_responses = [("size".to_owned(), "ten".to_owned())].into();
    assert_eq!(refused(UpdateLeadRequest { form_responses, ..update("u3", &lead) }).await, "LEAD_ERASED");
    let better = UpdateLeadRequest { score: Some(12), ..update("u2", &lead) };
    replica.pool().update_lead(better).await.expect("what is not personal can be known better");
    let entries = history(replica, "ana", &lead, 0, "").await.expect("a history").entries;
    assert!(entries.iter().all(|entry| entry.note.is_empty()), "what the manager wrote is gone too");
    assert_eq!(found(&suite).await, Vec::<String>::new());

    // The same call as before has its first answer; the same person is a new lead.
    assert_eq!(come(replica, request("r1")).await.lead_id, lead);
    let new = come(replica, request("r2")).await;
    assert!(!new.duplicate && new.lead_id != lead, "{new:?}");
    assert_eq!(come(suite.replica(1), request("r3")).await.lead_id, new.lead_id);
    let (held, told) = (Held::read(&suite.redis).await, events(&suite.redis).await);
    held.assert_each_lead_in_one_place();
    histories::assert_whole(&held, &told);
}

/// The mark of company and name is that of the company before: it is found by nobody, and leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_cannot_be_worked_out_again_leads_nowhere() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let lead = come(replica, request("r1")).await.lead_id;
    let company = Some(Company { domain: "other.example".into(), ..Company::default() });
    replica.pool().update_lead(UpdateLeadRequest { company, ..update("u1", &lead) }).await.expect("updated");
    erase(replica, "", &lead).await.expect("erased");
    eventually!(marks(&suite).await == 1);
    let new = come(replica, request("r2")).await;
    assert!(!new.duplicate, "{new:?}");
    let again = come(replica, request("r3")).await;
    assert_eq!((again.duplicate, again.lead_id), (true, new.lead_id));
}

/// Whatever is written at the same moment: either it was before and is erased, or it comes after and is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_once_does_not_outlive_it() {
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), POLICY).await;
    for n in 0..40_usize {
        let mut request = request(&format!("r{n}"));
        let contact = request.lead.get_or_insert_default().contact.get_or_insert_default();
        // Each a person of their own.
        (contact.name, contact.email) = (format!("Marker Person {n}"), format!("{n}.marker-mail@example.com"));
        contact.phone.clear();
        let lead = come(suite.replica(n), request).await.lead_id;
        let notes = UpdateLeadRequest { notes: "Marker Update".into(), ..update(&format!("u{n}"), &lead) };
        let mut pool = suite.replica(n).pool();
        let (written, erased, given, claimed) = tokio::join!(
            pool.update_lead(notes),
            erase(suite.replica(n + 1), "", &lead),
            assign(suite.replica(n), "mia", &lead, "bo"),
            claim(suite.replica(n + 1), "ana", &lead),
        );
        erased.expect("erased");
        let late = |status: &Status| told(status).reason;
        assert!(written.as_ref().err().is_none_or(|status| late(status) == "LEAD_ERASED"), "{written:?}");
        let lost = ["LEAD_ERASED", "LEAD_ALREADY_CLAIMED"];
        assert!(given.as_ref().err().is_none_or(|status| lost.contains(&&*late(status))), "{given:?}");
        assert_eq!(u32::from(given.is_ok()) + u32::from(claimed.is_ok()), 1, "{given:?} {claimed:?}");
    }
    assert_eq!(found(&suite).await, Vec::<String>::new());
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}
