//! Who sees what of a lead. Every field of a lead is walked, so a field that is added must be decided on here.

use std::collections::BTreeMap;

use leadhand_proto::lead::v1::{Company, Contact, Engagement, Lead, Qualification, Stage};
use leadhand_proto::pool::v1::{GetLeadRequest, GetLeadResponse, ListLeadsRequest, ViewLeadRequest};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::status::told;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim};
use leadhand_tests::held::{events, everything};
use leadhand_tests::{START, Suite};
use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet, Timestamp};
use tonic::{Code, Status};

const POLICY: &str = "{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], default: {pool: open}}";

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Shown {
    /// To everybody, while the lead is in the pool.
    Preview,
    /// To who opens the detail, where the pool shows what the prospect did.
    Engagement,
    /// To who opens the detail, where the pool shows all of it.
    Full,
    /// To the owner only.
    Owner,
}

use Shown::{Full, Owner, Preview};

/// Every field of a lead, what it holds in this test, and who sees it.
const FIELDS: [(&str, &str, Shown); 26] = [
    ("company.name", "Marker Company", Preview),
    ("company.domain", "marker-domain.example", Owner),
    ("company.employees", "4242", Preview),
    ("company.industry", "marker-industry", Preview),
    ("company.country", "BR", Owner),
    ("company.region", "BR-RJ", Owner),
    ("company.city", "Marker City", Owner),
    ("contact.name", "Marker Person", Preview),
    ("contact.title", "Marker Title", Preview),
    ("contact.email", "marker-mail@example.com", Owner),
    ("contact.phone", "+12133734253", Owner),
    ("source", "marker_source", Preview),
    ("stage", "2", Preview),
    ("score", "77", Preview),
    ("grade", "Marker-Grade", Preview),
    ("product_interest", "Marker Interest", Owner),
    ("notes", "Marker Notes", Full),
    ("attributes", "marker_name=Marker Value", Owner),
    ("captured_at", "1772442000", Owner),
    ("qualification.budget", "Marker Budget", Preview),
    ("qualification.timeline", "Marker Timeline", Preview),
    ("qualification.authority", "Marker Authority", Preview),
    ("engagement.opens", "31415", Shown::Engagement),
    ("engagement.visits", "27182", Shown::Engagement),
    ("engagement.counters", "marker_counter=16180", Shown::Engagement),
    ("form_responses", "Marker Question=Marker Response", Full),
];

/// Personal data never leaves the lead's own records.
const PERSONAL: [&str; 10] = [
    "Marker Person",
    "Marker Title",
    "marker-mail@example.com",
    "+12133734253",
    "Marker Notes",
    "marker_name",
    "Marker Value",
    "marker_counter",
    "Marker Question",
    "Marker Response",
];

fn lead() -> Lead {
    Lead {
        company: Some(Company {
            name: "Marker Company".into(),
            domain: "marker-domain.example".into(),
            employees: Some(4242),
            industry: "marker-industry".into(),
            country: "BR".into(),
            region: "BR-RJ".into(),
            city: "Marker City".into(),
        }),
        contact: Some(Contact {
            name: "Marker Person".into(),
            title: "Marker Title".into(),
            email: "marker-mail@example.com".into(),
            phone: "+12133734253".into(),
        }),
        source: "marker_source".into(),
        stage: Stage::Mql.into(),
        score: Some(77),
        grade: "Marker-Grade".into(),
        product_interest: "Marker Interest".into(),
        notes: "Marker Notes".into(),
        attributes: [("marker_name".to_owned(), "Marker Value".to_owned())].into(),
        captured_at: Some(Timestamp { seconds: START / 1000 - 3_600, nanos: 0 }),
        engagement: Some(Engagement {
            opens: Some(31_415),
            visits: Some(27_182),
            counters: [("marker_counter".to_owned(), 16_180)].into(),
        }),
        form_responses: [("Marker Question".to_owned(), "Marker Response".to_owned())].into(),
        qualification: Some(Qualification {
            budget: "Marker Budget".into(),
            timeline: "Marker Timeline".into(),
            authority: "Marker Authority".into(),
        }),
    }
}

/// The fields that a lead has set, as texts.
fn set_fields(lead: &Lead) -> BTreeMap<&'static str, String> {
    let company = lead.company.clone().unwrap_or_default();
    let contact = lead.contact.clone().unwrap_or_default();
    let known = lead.qualification.clone().unwrap_or_default();
    let number = |value: Option<i32>| value.map(|value| value.to_string()).unwrap_or_default();
    let entries = lead.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect::<String>();
    let engagement = lead.engagement.clone().unwrap_or_default();
    let counters = engagement.counters.iter().map(|(name, count)| format!("{name}={count}")).collect::<String>();
    let responses = lead.form_responses.iter().map(|(asked, told)| format!("{asked}={told}")).collect::<String>();
    let all = [
        ("company.name", company.name),
        ("company.domain", company.domain),
        ("company.employees", number(company.employees)),
        ("company.industry", company.industry),
        ("company.country", company.country),
        ("company.region", company.region),
        ("company.city", company.city),
        ("contact.name", contact.name),
        ("contact.title", contact.title),
        ("contact.email", contact.email),
        ("contact.phone", contact.phone),
        ("source", lead.source.clone()),
        ("stage", number((lead.stage != 0).then_some(lead.stage))),
        ("score", number(lead.score)),
        ("grade", lead.grade.clone()),
        ("product_interest", lead.product_interest.clone()),
        ("notes", lead.notes.clone()),
        ("attributes", entries),
        ("captured_at", lead.captured_at.map(|at| at.seconds.to_string()).unwrap_or_default()),
        ("engagement.opens", number(engagement.opens)),
        ("engagement.visits", number(engagement.visits)),
        ("engagement.counters", counters),
        ("form_responses", responses),
        ("qualification.budget", known.budget),
        ("qualification.timeline", known.timeline),
        ("qualification.authority", known.authority),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn seen(by: Shown) -> BTreeMap<&'static str, String> {
    let visible = FIELDS.iter().filter(|(_, _, shown)| *shown <= by);
    visible.map(|(name, value, _)| (*name, (*value).to_owned())).collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Neither under a field nor anywhere else does a message hold what is not shown to such a viewer.
fn assert_holds_nothing_beyond(message: &impl Message, seen: Shown) {
    let bytes = message.encode_to_vec();
    for (name, value, shown) in FIELDS {
        let told = value.len() > 4 && value.split('=').any(|part| contains(&bytes, part));
        assert!(shown <= seen || !told, "{name} is told");
    }
}

#[test]
fn every_field_of_a_lead_is_decided_on() {
    let set = FileDescriptorSet::decode(leadhand_proto::FILE_DESCRIPTOR_SET).expect("what was compiled in");
    let messages: BTreeMap<String, &DescriptorProto> = set
        .file
        .iter()
        .filter(|file| file.package() == "leadhand.lead.v1")
        .flat_map(|file| {
            file.message_type.iter().map(|message| (format!(".leadhand.lead.v1.{}", message.name()), message))
        })
        .collect();
    let mut fields = Vec::new();
    for field in &messages[".leadhand.lead.v1.Lead"].field {
        match messages.get(field.type_name()).filter(|_| field.r#type() == Type::Message) {
            Some(inner) => fields.extend(inner.field.iter().map(|leaf| format!("{}.{}", field.name(), leaf.name()))),
            None => fields.push(field.name().to_owned()),
        }
    }
    assert_eq!(fields, FIELDS.map(|(name, ..)| name));
    assert_eq!(set_fields(&lead()), seen(Owner), "and each of them is set in this test");
}

async fn get(suite: &Suite, rep: &str, lead: &str) -> Result<GetLeadResponse, Status> {
    let request = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: rep.into(), lead_id: lead.into() };
    Ok(suite.replica(0).pool().get_lead(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn private_fields_are_the_owner_s_and_a_pooled_lead_shows_its_preview() {
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;
    let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: "r1".into(), lead: Some(lead()) };
    let id = suite.replica(0).router().route_lead(request).await.expect("pooled").into_inner().lead_id;

    for rep in ["ana", "bo"] {
        let shown = get(&suite, rep, &id).await.expect("a preview");
        assert_eq!(set_fields(shown.lead.as_ref().expect("a lead")), seen(Preview), "to {rep}");
        assert_holds_nothing_beyond(&shown, Preview);
    }
    let list = ListLeadsRequest {
        workspace: WORKSPACE.into(),
        rep_id: "bo".into(),
        pool_id: "open".into(),
        ..ListLeadsRequest::default()
    };
    let page = suite.replica(0).pool().list_leads(list).await.expect("a page").into_inner();
    assert_holds_nothing_beyond(&page, Preview);
    let [line] = &page.leads[..] else { panic!("{page:?}") };
    assert_eq!(
        (&*line.company_name, &*line.industry, line.employees, &*line.contact_name, &*line.contact_title),
        ("Marker Company", "marker-industry", Some(4242), "Marker Person", "Marker Title")
    );
    assert_eq!(
        (&*line.source, line.stage(), line.score, &*line.grade, line.pooled_at.map(|at| at.seconds)),
        ("marker_source", Stage::Mql, Some(77), "Marker-Grade", Some(START / 1000))
    );
    assert_eq!(line.qualification, self::lead().qualification);

    suite.clock.advance(5_000);
    claim(suite.replica(0), "ana", &id).await.expect("claimed");
    let whole = get(&suite, "ana", &id).await.expect("the owner's");
    assert_eq!(whole.lead, Some(lead()));
    let state = whole.state.expect("a state");
    assert_eq!((&*state.owner_rep_id, &*state.pool_id, state.fence), ("ana", "open", 1));
    assert_eq!(state.assigned_at.map(|at| at.seconds), Some(START / 1000 + 5));
    let status = get(&suite, "bo", &id).await.expect_err("another rep owns it");
    assert_eq!((status.code(), &*told(&status).reason), (Code::FailedPrecondition, "NOT_OWNER"));
    assert!(FIELDS.iter().all(|(_, value, _)| value.len() <= 4 || !status.message().contains(value)));
    for (rep, lead, reason) in
        [("eve", id.as_str(), "REP_UNKNOWN"), ("bo", "00000000-0000-7000-8000-000000000000", "LEAD_UNKNOWN")]
    {
        let status = get(&suite, rep, lead).await.expect_err(reason);
        assert_eq!((status.code(), &*told(&status).reason), (Code::NotFound, reason));
    }

    // Personal data is in one record of its own: not in keys, events, answers, indexes or the lead's other record.
    for event in events(&suite.redis).await {
        let bytes = event.encode_to_vec();
        assert!(PERSONAL.iter().all(|text| !contains(&bytes, text)), "{event:?}");
    }
    let kept: Vec<_> = everything(&suite.redis)
        .await
        .into_iter()
        .filter(|(key, bytes)| PERSONAL.iter().any(|text| contains(key.as_bytes(), text) || contains(bytes, text)))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(kept, [format!("{{{WORKSPACE}}}:person:{id}")]);
}

/// The detail of a pooled lead, by what its pool shows; and the list of a pool of cherries shows it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_detail_shows_what_its_pool_says_and_never_what_is_the_owner_s() {
    for (pool, shown, listed) in [
        ("{id: open}", Shown::Engagement, Preview),
        ("{id: open, kind: queue}", Shown::Engagement, Preview),
        ("{id: open, transparency: preview}", Preview, Preview),
        ("{id: open, transparency: full}", Full, Preview),
        ("{id: open, kind: cherry_pick}", Full, Full),
        ("{id: open, kind: cherry_pick, transparency: engagement}", Shown::Engagement, Shown::Engagement),
    ] {
        let suite = Suite::start(1).await;
        apply_policy(suite.replica(0), &POLICY.replace("{id: open}", pool)).await;
        let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: "r1".into(), lead: Some(lead()) };
        let id = suite.replica(0).router().route_lead(request).await.expect("pooled").into_inner().lead_id;
        let list = ListLeadsRequest {
            workspace: WORKSPACE.into(),
            rep_id: "ana".into(),
            pool_id: "open".into(),
            ..ListLeadsRequest::default()
        };
        let page = suite.replica(0).pool().list_leads(list.clone()).await.expect("a page").into_inner();
        assert_holds_nothing_beyond(&page, listed);
        let detail = page.leads[0].detail.clone();
        assert_eq!(detail.is_some(), listed > Preview, "{pool}");
        let detail = detail.unwrap_or_default();
        assert_eq!(detail.engagement, lead().engagement.filter(|_| listed >= Shown::Engagement), "{pool}");
        assert_eq!(
            (detail.notes.is_empty(), detail.form_responses.is_empty()),
            (listed < Full, listed < Full),
            "{pool}"
        );

        let view = ViewLeadRequest {
            workspace: WORKSPACE.into(),
            request_id: "v1".into(),
            rep_id: "ana".into(),
            lead_id: id.clone(),
        };
        let viewed = suite.replica(0).pool().view_lead(view.clone()).await.expect("a detail").into_inner();
        assert_eq!(set_fields(viewed.lead.as_ref().expect("a lead")), seen(shown), "{pool}");
        assert_holds_nothing_beyond(&viewed, shown);
        // Neither is remembered in what a repetition is answered from, nor told.
        for (key, bytes) in everything(&suite.redis).await {
            let personal = PERSONAL.iter().any(|text| contains(&bytes, text));
            assert!(!personal || key == format!("{{{WORKSPACE}}}:person:{id}"), "{key}");
        }
        // To who does not hold it, a held lead shows what it did.
        let page = suite.replica(0).pool().list_leads(list).await.expect("a page").into_inner();
        assert!(page.leads[0].held_until.is_some());
        assert_holds_nothing_beyond(&get(&suite, "bo", &id).await.expect("a preview"), Preview);
        claim(suite.replica(0), "ana", &id).await.expect("claimed");
        let again = suite.replica(0).pool().view_lead(view).await.expect("who owns it").into_inner();
        assert_holds_nothing_beyond(&again, shown);
    }
}
