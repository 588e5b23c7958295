//! Every method of every service: a good message of it, and for each field the bad ones.

use leadhand_proto::account::v1::{
    Account, AccountKind, DeleteAccountsRequest, GetAccountRequest, MatchAccountRequest, UpsertAccountsRequest,
};
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, CalendarFile, Employment, GetAvailabilityRequest, Pause, Seen, StreamAvailabilityRequest, Synced,
    WatchAvailabilityRequest, WorkingHours,
};
use leadhand_proto::explain::v1::{ExplainDecisionRequest, WhyNotRequest};
use leadhand_proto::lead::v1::{Company, Contact, Engagement, Lead, Qualification};
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use leadhand_proto::policy::v1::{
    ApplyPolicyRequest, CheckPolicyRequest, GetPolicyRequest, ListPolicyVersionsRequest, RollbackPolicyRequest,
    WatchPolicyRequest,
};
use leadhand_proto::router::v1::reroute_lead_request::Cause;
use leadhand_proto::router::v1::{
    CreditLeadRequest, Declined, Offboarded, Released, RerouteLeadRequest, RouteLeadRequest, Unclaimed,
};
use leadhand_tests::START;

use crate::spoil::{Method, Spoil, lead_ids, moment, moments, names, request_ids, texts};

mod account;
mod acts;
mod pool;
mod stream;

use account::account_methods;
use acts::{management_methods, record_methods};
use pool::{pool_methods, update_lead};
use stream::stream_methods;

pub(crate) const POLICY: &str = "
manager: max
reps: [{id: max}, {id: lea}, {id: cy}]
teams: [{id: inbound, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: partners, sources: [partner], rep: cy, offer: {within: 5m}}
  - {name: offers, sources: [referral], rep: ana, offer: {within: 5m}}
default: {rotate: inbound, otherwise: {pool: open}}
guardrails: {release: true, acceptance: {last: 1, at_least: 1, suspension: 1h}}
";

fn lead(request: &mut RouteLeadRequest) -> &mut Lead {
    request.lead.get_or_insert_default()
}

fn company(request: &mut RouteLeadRequest) -> &mut Company {
    lead(request).company.get_or_insert_default()
}

fn contact(request: &mut RouteLeadRequest) -> &mut Contact {
    lead(request).contact.get_or_insert_default()
}

fn engagement(request: &mut RouteLeadRequest) -> &mut Engagement {
    lead(request).engagement.get_or_insert_default()
}

fn qualification(request: &mut RouteLeadRequest) -> &mut Qualification {
    lead(request).qualification.get_or_insert_default()
}

/// `RouteLead`, and `DryRun`, which is asked the same without a request id.
fn route_lead(workspace: &str, dry: bool) -> Method {
    let good = RouteLeadRequest {
        workspace: workspace.into(),
        request_id: "good".into(),
        lead: Some(Lead {
            company: Some(Company {
                name: "Example".into(),
                domain: "www.example.com".into(),
                employees: Some(1),
                industry: "software".into(),
                country: "USA".into(),
                region: "CA".into(),
                city: "Los Angeles".into(),
            }),
            contact: Some(Contact {
                name: "Jo".into(),
                title: "CTO".into(),
                email: "jo@example.com".into(),
                phone: "(213) 373-4253".into(),
            }),
            source: "webinar".into(),
            stage: 2,
            score: Some(50),
            grade: "B".into(),
            product_interest: "everything".into(),
            notes: "two\nlines".into(),
            attributes: [("utm_source".to_owned(), "x".to_owned())].into(),
            captured_at: Some(moment(START)),
            engagement: Some(Engagement {
                opens: Some(1),
                visits: Some(i32::MAX),
                counters: [("downloads".to_owned(), 0)].into(),
            }),
            form_responses: [("How many seats?".to_owned(), "two\nor three".to_owned())].into(),
            qualification: Some(Qualification {
                budget: "20 k".into(),
                timeline: "Q3".into(),
                authority: "director".into(),
            }),
        }),
    };
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let entries =
        |names: Vec<String>, value: &str| names.into_iter().map(|name| (name, value.to_owned())).collect::<Vec<_>>();
    let captured: Vec<_> =
        moments().into_iter().chain([moment(START + 300_001), moment(-1), moment(-62_135_596_800_000)]).collect();
    let spoil = Spoil::new(good)
        .field("workspace", names(), |m, v| m.workspace = v)
        .named(&["lead"], "lead.source", |m| m.lead = None)
        .field("lead.company.name", texts(200), |m, v| company(m).name = v)
        .field(
            "lead.company.domain",
            strings(&[
                "localhost",
                "a b.com",
                "-a.com",
                "a..com",
                "http://",
                "a.com:80",
                "a@b.com",
                &"x.".repeat(1 << 19),
            ]),
            |m, v| company(m).domain = v,
        )
        .field("lead.company.employees", [0, -1, 10_000_001, i32::MIN, i32::MAX], |m, v| company(m).employees = Some(v))
        .field("lead.company.industry", texts(100), |m, v| company(m).industry = v)
        .field(
            "lead.company.country",
            strings(&["XX", "X", "USAA", "U\0", "99", "é", &"U".repeat(1 << 20)]),
            |m, v| {
                // A region or a phone would be told as well: they are read with the country.
                company(m).region.clear();
                contact(m).phone.clear();
                company(m).country = v;
            },
        )
        .field("lead.company.region", strings(&["XX", "DE-BY", "US-", "-", "US-CA-1", &"C".repeat(1 << 20)]), |m, v| {
            company(m).region = v;
        })
        .field("lead.company.city", texts(100), |m, v| company(m).city = v)
        .field("lead.contact.name", texts(200), |m, v| contact(m).name = v)
        .field("lead.contact.title", texts(100), |m, v| contact(m).title = v)
        .field(
            "lead.contact.email",
            strings(&[
                "jo",
                "@a.com",
                "jo@",
                "jo@localhost",
                "j o@a.com",
                "jo@a.com\0",
                ".jo@a.com",
                "a@b@c.com",
                &"x".repeat(1 << 20),
            ]),
            |m, v| contact(m).email = v,
        )
        .field(
            "lead.contact.phone",
            strings(&["call me", "1", "+", "+1", &"1".repeat(65), &"1".repeat(1 << 20)]),
            |m, v| {
                contact(m).phone = v;
            },
        )
        .field("lead.source", names().into_iter().filter(|name| name != "Ana" && name != "a\n"), |m, v| {
            lead(m).source = v
        })
        .field("lead.stage", [-1, 4, i32::MIN, i32::MAX], |m, v| lead(m).stage = v)
        .field("lead.score", [-1, 101, i32::MIN, i32::MAX], |m, v| lead(m).score = Some(v))
        .field("lead.grade", texts(16), |m, v| lead(m).grade = v)
        .field("lead.product_interest", texts(200), |m, v| lead(m).product_interest = v)
        .field("lead.notes", texts(10_000), |m, v| lead(m).notes = v)
        .field("lead.attributes", entries(names(), "x"), |m, (k, v)| drop(lead(m).attributes.insert(k, v)))
        .field("lead.attributes", texts(1_000), |m, v| drop(lead(m).attributes.insert("name".into(), v)))
        .field("lead.attributes", [51, 10_000], |m, n| {
            lead(m).attributes.extend((0..n).map(|n| (format!("name_{n}"), String::new())));
        })
        .field("lead.engagement.opens", [-1, i32::MIN], |m, v| engagement(m).opens = Some(v))
        .field("lead.engagement.visits", [-1, i32::MIN], |m, v| engagement(m).visits = Some(v))
        .field("lead.engagement.counters", entries(names(), "x"), |m, (k, _)| {
            engagement(m).counters.insert(k, 1);
        })
        .field("lead.engagement.counters", [-1, i32::MIN], |m, v| {
            engagement(m).counters.insert("name".into(), v);
        })
        .field("lead.engagement.counters", [21, 10_000], |m, n| {
            engagement(m).counters.extend((0..n).map(|n| (format!("name_{n}"), n)));
        })
        .field("lead.form_responses", texts(200).into_iter().chain(["".into(), " ".into()]), |m, v| {
            drop(lead(m).form_responses.insert(v, "x".into()));
        })
        .field("lead.form_responses", texts(2_000), |m, v| drop(lead(m).form_responses.insert("q".into(), v)))
        .field("lead.form_responses", [51, 10_000], |m, n| {
            lead(m).form_responses.extend((0..n).map(|n| (format!("question {n}"), String::new())));
        })
        .field("lead.qualification.budget", texts(100), |m, v| qualification(m).budget = v)
        .field("lead.qualification.timeline", texts(100), |m, v| qualification(m).timeline = v)
        .field("lead.qualification.authority", texts(100), |m, v| qualification(m).authority = v)
        .field("lead.captured_at", captured, |m, v| lead(m).captured_at = Some(v));
    if dry {
        return spoil.of("/leadhand.explain.v1.ExplainService/DryRun");
    }
    spoil.field("request_id", request_ids(), |m, v| m.request_id = v).of("/leadhand.router.v1.RouterService/RouteLead")
}

fn explain_methods(workspace: &str, lead: &str) -> Vec<Method> {
    let (workspace, lead_id) = (workspace.to_owned(), lead.to_owned());
    vec![
        Spoil::new(ExplainDecisionRequest { workspace: workspace.clone(), lead_id: lead_id.clone() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .of("/leadhand.explain.v1.ExplainService/ExplainDecision"),
        Spoil::new(WhyNotRequest { workspace, lead_id, rep_id: "ana".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .of("/leadhand.explain.v1.ExplainService/WhyNot"),
    ]
}

fn policy_methods(workspace: &str) -> Vec<Method> {
    let apply = ApplyPolicyRequest {
        workspace: workspace.into(),
        request_id: "good".into(),
        document: POLICY.into(),
        author: "test".into(),
        comment: "why".into(),
    };
    let aliases = format!("a: &a [x]\n{}", (0..2_000).map(|n| format!("b{n}: [*a, *a]\n")).collect::<String>());
    let documents = [
        "".to_owned(),
        " \n".into(),
        "default".into(),
        "default: {}".into(),
        "\0".into(),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        aliases,
        format!("{POLICY}unknown: 1\n"),
        POLICY.replace("{id: bo}", "{id: bo, weight: -9223372036854775808}"),
        POLICY.replace("{id: bo}", "{id: bo, weight: 99999999999999999999}"),
        POLICY.replace("{id: bo}", "{id: bo, weight: .nan}"),
        POLICY.replace("{id: bo}", "{id: 'b:o'}"),
        format!("{POLICY}contact_sla: -1h\n"),
        format!("{POLICY}contact_sla: 99999999999999999h\n"),
        "x".repeat((1 << 20) + 1),
    ];
    vec![
        Spoil::new(apply)
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("request_id", request_ids(), |m, v| m.request_id = v)
            .field("document", documents, |m, v| m.document = v)
            .field("author", texts(100).into_iter().chain(["".into(), " ".into()]), |m, v| m.author = v)
            .field("comment", texts(500), |m, v| m.comment = v)
            .of("/leadhand.policy.v1.PolicyService/ApplyPolicy"),
        Spoil::new(RollbackPolicyRequest {
            workspace: workspace.into(),
            request_id: "good".into(),
            version: 1,
            author: "test".into(),
            comment: "why".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("version", [0], |m, v| m.version = v)
        .field("author", texts(100).into_iter().chain(["".into(), " ".into()]), |m, v| m.author = v)
        .field("comment", texts(500).into_iter().chain(["".into(), " ".into()]), |m, v| m.comment = v)
        .of("/leadhand.policy.v1.PolicyService/RollbackPolicy"),
        Spoil::new(CheckPolicyRequest { document: POLICY.into() })
            .field("document", ["".to_owned(), " \n".into(), "x".repeat((1 << 20) + 1)], |m, v| m.document = v)
            .of("/leadhand.policy.v1.PolicyService/CheckPolicy"),
        Spoil::new(ListPolicyVersionsRequest { workspace: workspace.into(), page_size: 1, page_token: "1".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("page_size", [-1, 101, i32::MIN, i32::MAX], |m, v| m.page_size = v)
            .field("page_token", ["x", "0", "-1", "+1", " 1", "1.5", "18446744073709551616"], |m, v| {
                m.page_token = v.into();
            })
            .of("/leadhand.policy.v1.PolicyService/ListPolicyVersions"),
        Spoil::new(GetPolicyRequest { workspace: workspace.into(), version: Some(1) })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("version", [0], |m, v| m.version = Some(v))
            .of("/leadhand.policy.v1.PolicyService/GetPolicy"),
        Spoil::new(WatchPolicyRequest { workspace: workspace.into(), after: None })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("after", [0], |m, v| m.after = Some(v))
            .of("/leadhand.policy.v1.PolicyService/WatchPolicy"),
    ]
}

fn router_method(workspace: &str, offered: &str) -> Method {
    let declined = |rep: &str, reason| Some(Cause::Declined(Declined { rep_id: rep.into(), reason }));
    let released = |rep: &str, reason| Some(Cause::Released(Released { rep_id: rep.into(), reason }));
    let offboarded = |rep: &str, manager: &str| {
        Some(Cause::Offboarded(Offboarded { rep_id: rep.into(), manager_id: manager.into() }))
    };
    Spoil::new(RerouteLeadRequest {
        workspace: workspace.into(),
        request_id: "again".into(),
        lead_id: offered.into(),
        fence: 1,
        cause: declined("ana", 1),
    })
    .field("workspace", names(), |m, v| m.workspace = v)
    .field("request_id", request_ids(), |m, v| m.request_id = v)
    .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
    .field("declined.rep_id", names(), |m, v| m.cause = declined(&v, 1))
    .field("declined.reason", [0, -1, 6, i32::MIN, i32::MAX], |m, v| m.cause = declined("ana", v))
    .field("offboarded.rep_id", names(), |m, v| m.cause = offboarded(&v, "max"))
    .field("offboarded.manager_id", names(), |m, v| m.cause = offboarded("ana", &v))
    .field("released.rep_id", names(), |m, v| m.cause = released(&v, 1))
    .field("unclaimed.stage", [0, -1, 4, i32::MIN, i32::MAX], |m, v| {
        m.cause = Some(Cause::Unclaimed(Unclaimed { stage: v }));
    })
    .field("released.reason", [0, -1, 5, 7, i32::MIN, i32::MAX], |m, v| m.cause = released("ana", v))
    .named(&["offer_lapsed", "contact_missed", "retried", "not_acted_on"], "cause", |m| m.cause = None)
    .of("/leadhand.router.v1.RouterService/RerouteLead")
}

/// `CreditLead`, of a lead that a rotation gave.
fn credit_method(workspace: &str, pushed: &str) -> Method {
    Spoil::new(CreditLeadRequest {
        workspace: workspace.into(),
        request_id: "credit".into(),
        lead_id: pushed.into(),
        fence: Some(1),
        reason: 1,
        requested_by: "max".into(),
    })
    .field("workspace", names(), |m, v| m.workspace = v)
    .field("request_id", request_ids(), |m, v| m.request_id = v)
    .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
    .field("reason", [0, -1, 6, i32::MIN, i32::MAX], |m, v| m.reason = v)
    .field("requested_by", names(), |m, v| m.requested_by = v)
    .of("/leadhand.router.v1.RouterService/CreditLead")
}

/// Every method of every service, with good input for the suite and bad.
pub(crate) fn methods(
    workspace: &str,
    free: &str,
    owned: &str,
    offered: &[String; 3],
    pushed: &str,
    given: &[String; 2],
) -> Vec<Method> {
    let mut methods = vec![
        route_lead(workspace, false),
        route_lead(workspace, true),
        router_method(workspace, &offered[2]),
        credit_method(workspace, pushed),
        update_lead(workspace, free),
    ];
    methods.extend(explain_methods(workspace, owned));
    methods.extend(policy_methods(workspace));
    methods.extend(account_methods(workspace));
    methods.extend(management_methods(workspace, given));
    methods.extend(record_methods(workspace, free, owned));
    methods.extend(pool_methods(workspace, free, owned, offered));
    methods.extend(stream_methods(workspace));
    methods
}
