//! Bad input is refused field by field, wherever it comes in, and leaves no trace.
//!
//! The protos are walked, so a field that is added without a case here fails a test.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, Cancelled, GetAvailabilityRequest, StreamAvailabilityRequest};
use leadhand_proto::lead::v1::{Company, Contact, Lead};
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use leadhand_proto::policy::v1::{ApplyPolicyRequest, GetPolicyRequest};
use leadhand_proto::pool::v1::{
    ClaimLeadRequest, GetLeadRequest, GetStandingRequest, ListLeadsRequest, ListPoolsRequest, RecordContactRequest,
};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::status::told;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route};
use leadhand_tests::held::everything;
use leadhand_tests::{START, Suite, raw};
use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::{Code, Status};

const POLICY: &str = "
teams: [{id: inbound, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: {team: inbound, otherwise: {pool: open}}}
";

/// Fields for which every value is good, and why.
const ANYTHING_GOES: [(&str, &str); 2] = [
    ("StreamAvailability.sequence", "the caller's own number, only repeated to it"),
    ("StreamAvailability.revision", "any number can be the first revision"),
];

/// A malformed message: every field of it is good but the named one.
struct Case {
    /// The field, as BadRequest must name it.
    names: String,
    /// The fields of the proto that it is a case for.
    covers: Vec<String>,
    message: Vec<u8>,
}

/// A method with a good message of it, and bad ones.
struct Method {
    path: String,
    good: Vec<u8>,
    cases: Vec<Case>,
}

impl Method {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().expect("a name")
    }
}

/// Makes bad messages out of a good one.
struct Spoil<M> {
    good: M,
    cases: Vec<Case>,
}

impl<M: Message + Clone> Spoil<M> {
    fn new(good: M) -> Self {
        Self { good, cases: Vec::new() }
    }

    /// A case for each of these values of a field.
    fn field<V>(mut self, name: &str, values: impl IntoIterator<Item = V>, set: impl Fn(&mut M, V)) -> Self {
        for value in values {
            let mut message = self.good.clone();
            set(&mut message, value);
            let case = Case { names: name.into(), covers: vec![name.into()], message: message.encode_to_vec() };
            self.cases.push(case);
        }
        self
    }

    /// A case in which a field is faulty in a way that another field's name tells.
    fn named(mut self, covers: &[&str], names: &str, set: impl Fn(&mut M)) -> Self {
        let mut message = self.good.clone();
        set(&mut message);
        let covers = covers.iter().map(|field| (*field).to_owned()).collect();
        self.cases.push(Case { names: names.into(), covers, message: message.encode_to_vec() });
        self
    }

    fn of(self, path: &str) -> Method {
        Method { path: path.into(), good: self.good.encode_to_vec(), cases: self.cases }
    }
}

/// What no name may be.
fn names() -> Vec<String> {
    let mut bad: Vec<String> =
        ["", " ", "a b", "Ana", "a:b", "{a}", "a}", "é", "a\0", "a\n", "../a", "*"].map(str::to_owned).into();
    bad.extend(["x".repeat(65), "x".repeat(1 << 20)]);
    bad
}

fn request_ids() -> Vec<String> {
    names().into_iter().filter(|name| name != "Ana").collect()
}

fn lead_ids() -> Vec<String> {
    let mut bad = names();
    bad.extend(
        [
            "00000000000070008000000000000000",
            "{00000000-0000-7000-8000-000000000000}",
            "urn:uuid:00000000-0000-7000-8000-000000000000",
            "g0000000-0000-7000-8000-000000000000",
            "00000000-0000-7000-8000-0000000000000",
        ]
        .map(str::to_owned),
    );
    bad
}

fn texts(most: usize) -> Vec<String> {
    vec!["x".repeat(most + 1), "é".repeat(most + 1), "x".repeat(1 << 20), "a\0b".into(), "a\u{1b}[31m".into()]
}

fn moments() -> Vec<Timestamp> {
    let at = |seconds, nanos| Timestamp { seconds, nanos };
    vec![
        at(i64::MIN, 0),
        at(i64::MAX, 0),
        at(i64::MAX, i32::MAX),
        at(253_402_300_800, 0),
        at(-62_135_596_801, 0),
        at(START / 1000, -1),
        at(START / 1000, 1_000_000_000),
        at(START / 1000, i32::MIN),
    ]
}

fn moment(ms: i64) -> Timestamp {
    Timestamp { seconds: ms.div_euclid(1000), nanos: (ms.rem_euclid(1000) * 1_000_000) as i32 }
}

fn lead(request: &mut RouteLeadRequest) -> &mut Lead {
    request.lead.get_or_insert_default()
}

fn company(request: &mut RouteLeadRequest) -> &mut Company {
    lead(request).company.get_or_insert_default()
}

fn contact(request: &mut RouteLeadRequest) -> &mut Contact {
    lead(request).contact.get_or_insert_default()
}

fn route_lead(workspace: &str) -> Method {
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
        }),
    };
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let entries =
        |names: Vec<String>, value: &str| names.into_iter().map(|name| (name, value.to_owned())).collect::<Vec<_>>();
    let captured: Vec<_> =
        moments().into_iter().chain([moment(START + 300_001), moment(-1), moment(-62_135_596_800_000)]).collect();
    Spoil::new(good)
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
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
        .field("lead.captured_at", captured, |m, v| lead(m).captured_at = Some(v))
        .of("/leadhand.router.v1.RouterService/RouteLead")
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
        Spoil::new(GetPolicyRequest { workspace: workspace.into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .of("/leadhand.policy.v1.PolicyService/GetPolicy"),
    ]
}

fn pool_methods(workspace: &str, free: &str, owned: &str) -> Vec<Method> {
    let workspace = || workspace.to_owned();
    let tokens: Vec<_> = [
        "x",
        ".",
        "0.",
        "0.x",
        ".00000000-0000-7000-8000-000000000000",
        "1e9.00000000-0000-7000-8000-000000000000",
        "9223372036854775808.00000000-0000-7000-8000-000000000000",
        "nan.00000000-0000-7000-8000-000000000000",
        "0.00000000-0000-7000-8000-000000000000.",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["0".repeat(1 << 20)])
    .collect();
    vec![
        Spoil::new(ListPoolsRequest { workspace: workspace() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .of("/leadhand.pool.v1.PoolService/ListPools"),
        Spoil::new(ListLeadsRequest {
            workspace: workspace(),
            rep_id: "ana".into(),
            pool_id: "open".into(),
            page_size: 10,
            page_token: String::new(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("pool_id", names(), |m, v| m.pool_id = v)
        .field("page_size", [-1, 501, i32::MIN, i32::MAX], |m, v| m.page_size = v)
        .field("page_token", tokens, |m, v| m.page_token = v)
        .of("/leadhand.pool.v1.PoolService/ListLeads"),
        Spoil::new(ClaimLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "bo".into(),
            lead_id: free.into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .of("/leadhand.pool.v1.PoolService/ClaimLead"),
        Spoil::new(RecordContactRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: owned.into(),
            fence: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .of("/leadhand.pool.v1.PoolService/RecordContact"),
        Spoil::new(GetLeadRequest { workspace: workspace(), rep_id: "ana".into(), lead_id: owned.into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .of("/leadhand.pool.v1.PoolService/GetLead"),
        Spoil::new(GetStandingRequest { workspace: workspace(), rep_id: "ana".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .of("/leadhand.pool.v1.PoolService/GetStanding"),
    ]
}

fn stream_methods(workspace: &str) -> Vec<Method> {
    let hour = 3_600_000;
    let busy = |start, end| Some(Change::Busy(BusyInterval { start, end }));
    let good = StreamAvailabilityRequest {
        workspace: workspace.into(),
        sequence: 1,
        source: "google".into(),
        rep_id: "ana".into(),
        event_id: "e1".into(),
        revision: 1,
        change: busy(Some(moment(START + hour)), Some(moment(START + 2 * hour))),
    };
    let starts = moments().into_iter().map(Some).chain([None]);
    let ends = moments().into_iter().map(Some).chain([None, Some(moment(START + hour)), Some(moment(START))]);
    let never = Some(moment(253_402_300_799_000));
    let event_ids =
        ["", "é", "a\0", "a\n"].map(str::to_owned).into_iter().chain(["x".repeat(256), "x".repeat(1 << 20)]);
    let positions: Vec<_> = ["", "x", "-", "1", "1-", "-1", "1-x", "1-0-0", "$", "+", "(1-0", "18446744073709551616-0"]
        .map(str::to_owned)
        .into_iter()
        .chain(["1".repeat(1 << 20)])
        .collect();
    vec![
        Spoil::new(good)
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("source", names(), |m, v| m.source = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("event_id", event_ids, |m, v| m.event_id = v)
            .named(&["cancelled"], "change", |m| m.change = None)
            .field("busy.start", starts, |m, v| m.change = busy(v, Some(moment(START + 2 * hour))))
            .field("busy.end", ends, |m, v| m.change = busy(Some(moment(START + hour)), v))
            .named(&["busy.end"], "busy.end", |m| m.change = busy(Some(moment(START)), never))
            .of("/leadhand.availability.v1.AvailabilityService/StreamAvailability"),
        Spoil::new(GetAvailabilityRequest {
            workspace: workspace.into(),
            rep_id: "ana".into(),
            at: Some(moment(START)),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("at", moments(), |m, v| m.at = Some(v))
        .of("/leadhand.availability.v1.AvailabilityService/GetAvailability"),
        Spoil::new(SubscribeRequest { workspace: workspace.into(), start: Some(Start::Beginning(Beginning {})) })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("after", positions, |m, v| m.start = Some(Start::After(v)))
            .named(&["beginning", "now"], "start", |m| m.start = None)
            .of("/leadhand.notification.v1.NotificationService/Subscribe"),
    ]
}

/// Every method of every service, with good input for the suite and bad.
fn methods(workspace: &str, free: &str, owned: &str) -> Vec<Method> {
    let mut methods = vec![route_lead(workspace)];
    methods.extend(policy_methods(workspace));
    methods.extend(pool_methods(workspace, free, owned));
    methods.extend(stream_methods(workspace));
    methods
}

/// A running suite with a policy, a lead in the pool and one that ana owns.
async fn suite() -> (Suite, Vec<Method>) {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let free = route(replica, "content_download", "r1").await.expect("pooled").lead_id;
    let owned = route(replica, "content_download", "r2").await.expect("pooled").lead_id;
    claim(replica, "ana", &owned).await.expect("claimed");
    let methods = methods(WORKSPACE, &free, &owned);
    (suite, methods)
}

fn descriptors() -> FileDescriptorSet {
    FileDescriptorSet::decode(leadhand_proto::FILE_DESCRIPTOR_SET).expect("what was compiled in")
}

/// Our services' methods with the fields of their requests, as paths; messages of ours are walked into.
fn fields_of_all_methods() -> BTreeMap<String, Vec<String>> {
    let set = descriptors();
    let mut messages: BTreeMap<String, &DescriptorProto> = BTreeMap::new();
    for file in &set.file {
        for message in &file.message_type {
            messages.insert(format!(".{}.{}", file.package(), message.name()), message);
        }
    }
    let mut methods = BTreeMap::new();
    for file in set.file.iter().filter(|file| file.package().starts_with("leadhand.")) {
        for service in &file.service {
            for method in &service.method {
                let mut paths = Vec::new();
                walk(&messages, method.input_type(), "", &mut paths);
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                methods.insert(path, paths);
            }
        }
    }
    methods
}

fn walk(messages: &BTreeMap<String, &DescriptorProto>, message: &str, prefix: &str, paths: &mut Vec<String>) {
    for field in &messages[message].field {
        let path = format!("{prefix}{}", field.name());
        let inner = (field.r#type() == Type::Message).then(|| field.type_name());
        match inner.filter(|inner| messages.get(*inner).is_some_and(|inner| !inner.field.is_empty())) {
            Some(inner) if inner.starts_with(".leadhand.") => walk(messages, inner, &format!("{path}."), paths),
            _ => paths.push(path),
        }
    }
}

#[test]
fn every_field_of_every_method_has_a_case() {
    let methods = methods("acme", "", "");
    let listed: BTreeMap<_, _> = methods.iter().map(|method| (method.path.clone(), method)).collect();
    let fields = fields_of_all_methods();
    assert_eq!(listed.keys().collect::<Vec<_>>(), fields.keys().collect::<Vec<_>>(), "every method is listed");
    let mut missing = Vec::new();
    for (path, fields) in fields {
        let method = listed[&path];
        let covered: BTreeSet<_> = method.cases.iter().flat_map(|case| &case.covers).collect();
        for field in fields {
            let name = format!("{}.{field}", method.name());
            if !covered.contains(&field) && !ANYTHING_GOES.iter().any(|(anything, _)| *anything == name) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "no bad input for {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_malformed_field_is_named_and_nothing_is_written() {
    let (suite, methods) = suite().await;
    let before = everything(&suite.redis).await;
    let mut tried = 0;
    for method in &methods {
        for case in &method.cases {
            let what = || {
                let shown = String::from_utf8_lossy(&case.message).chars().take(200).collect::<String>();
                format!("{} {} {shown:?}", method.path, case.names)
            };
            let status = raw::send(suite.replica(0), &method.path, case.message.clone()).await;
            let status = status.expect_err(&what());
            assert_eq!(status.code(), Code::InvalidArgument, "{}: {status:?}", what());
            let told = told(&status);
            assert_eq!(told.reason, "INVALID_FIELDS", "{}", what());
            let named: BTreeSet<_> = told.fields.iter().map(|field| field.field.as_str()).collect();
            assert_eq!(named, BTreeSet::from([case.names.as_str()]), "{}", what());
            assert!(told.fields.iter().all(|field| !field.description.is_empty()), "{}", what());
            tried += 1;
        }
        assert_eq!(everything(&suite.redis).await, before, "{} left something behind", method.path);
    }
    assert!(tried > 300, "{tried}");
    // The same messages, with the one field right, are taken: nothing else was wrong with them.
    for method in &methods {
        let answer = raw::send(suite.replica(0), &method.path, method.good.clone()).await;
        assert!(matches!(answer, Ok(Some(_))), "{}: {answer:?}", method.path);
    }
}

/// Values that are well formed and far out: the answer is a typed one, whatever it is, and nothing breaks.
#[tokio::test(flavor = "multi_thread")]
async fn extreme_values_get_an_ordinary_answer() {
    let (suite, methods) = suite().await;
    let send = async |method: &str, message: Vec<u8>| {
        let path = &methods.iter().find(|listed| listed.name() == method).expect("a method").path;
        raw::send(suite.replica(0), path, message).await
    };
    let owned = GetLeadRequest::decode(&*methods.iter().find(|m| m.name() == "GetLead").expect("listed").good);
    let owned = owned.expect("a request").lead_id;
    let contact = RecordContactRequest {
        workspace: WORKSPACE.into(),
        request_id: "far".into(),
        rep_id: "ana".into(),
        lead_id: owned,
        fence: u64::MAX,
    };
    let status = send("RecordContact", contact.encode_to_vec()).await.expect_err("no such fence");
    assert_eq!(told(&status).reason, "FENCE_STALE");
    for at in ["9223372036854775807", "-9223372036854775808", "0"] {
        let list = ListLeadsRequest {
            workspace: WORKSPACE.into(),
            rep_id: "ana".into(),
            pool_id: "open".into(),
            page_size: 500,
            page_token: format!("{at}.ffffffff-ffff-ffff-ffff-ffffffffffff"),
        };
        assert!(send("ListLeads", list.encode_to_vec()).await.is_ok(), "{at}");
    }
    for at in [-62_135_596_800_000, 253_402_300_799_999] {
        let ask = GetAvailabilityRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), at: Some(moment(at)) };
        assert!(send("GetAvailability", ask.encode_to_vec()).await.is_ok(), "{at}");
    }
    for (revision, change) in [(u64::MAX, Change::Cancelled(Cancelled {})), (0, Change::Cancelled(Cancelled {}))] {
        let message = StreamAvailabilityRequest {
            workspace: WORKSPACE.into(),
            sequence: u64::MAX,
            source: "google".into(),
            rep_id: "bo".into(),
            event_id: "far".into(),
            revision,
            change: Some(change),
        };
        assert!(matches!(send("StreamAvailability", message.encode_to_vec()).await, Ok(Some(_))), "{revision}");
    }
    let far = format!("{0}-{0}", u64::MAX);
    let subscribe = SubscribeRequest { workspace: WORKSPACE.into(), start: Some(Start::After(far)) };
    let status = send("Subscribe", subscribe.encode_to_vec()).await.expect_err("nothing was ever there");
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    assert_still_serves(&suite, &methods).await;
}

/// Bytes that are no message at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_refused_and_nothing_is_written() {
    let (suite, methods) = suite().await;
    let before = everything(&suite.redis).await;
    // Field 1, two bytes that are no UTF-8; a length beyond the end; a varint without end; field number 0; a group.
    let garbage: [&[u8]; 6] = [
        b"\x0a\x02\xff\xfe",
        b"\x0a\x7fab",
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00\x00",
        b"\x0b",
        b"\xff",
    ];
    for method in &methods {
        for bytes in garbage {
            let status = raw::send(suite.replica(0), &method.path, bytes).await.expect_err("garbage");
            assert_no_panic(&status);
        }
        let oversize = raw::send(suite.replica(0), &method.path, vec![b'\x0a'; (4 << 20) + 1]).await;
        let status = oversize.expect_err("too large");
        let refused = matches!(status.code(), Code::ResourceExhausted | Code::OutOfRange);
        assert!(refused, "{}: {status:?}", method.path);
    }
    let status = raw::send(suite.replica(0), "/leadhand.router.v1.RouterService/Nothing", b"".as_slice()).await;
    assert_eq!(status.expect_err("no such method").code(), Code::Unimplemented);
    assert_eq!(everything(&suite.redis).await, before);
    assert_still_serves(&suite, &methods).await;
}

/// Good messages with some bytes changed, at random with a fixed seed: whatever comes of it, it is an answer or a typed
/// refusal, and a refusal leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_messages_are_answered_or_refused_and_a_refusal_writes_nothing() {
    let (suite, methods) = suite().await;
    let mut rng = StdRng::seed_from_u64(7);
    for method in &methods {
        let mut before = everything(&suite.redis).await;
        for _ in 0..100 {
            let mut bytes = method.good.clone();
            for _ in 0..rng.random_range(1..4) {
                let place = rng.random_range(0..bytes.len());
                match rng.random_range(0..3) {
                    0 => bytes[place] = rng.random(),
                    1 => bytes[place] ^= 1 << rng.random_range(0..8),
                    _ => bytes.truncate(place.max(1)),
                }
            }
            match raw::send(suite.replica(0), &method.path, bytes.clone()).await {
                Ok(_) => before = everything(&suite.redis).await,
                Err(status) => {
                    assert_no_panic(&status);
                    assert_eq!(everything(&suite.redis).await, before, "{} {bytes:?}: {status:?}", method.path);
                }
            }
        }
    }
    assert_still_serves(&suite, &methods).await;
}

/// A handler that panicked answers INTERNAL with our own reason; bytes that do not parse answer it without.
#[track_caller]
fn assert_no_panic(status: &Status) {
    let parsed = status.code() != Code::Internal && status.code() != Code::Unknown;
    assert!(parsed || (told(status).reason.is_empty() && status.message().contains("decode")), "{status:?}");
}

async fn assert_still_serves(suite: &Suite, methods: &[Method]) {
    let get = methods.iter().find(|method| method.name() == "GetPolicy").expect("listed");
    let answer: Result<Option<Bytes>, Status> = raw::send(suite.replica(0), &get.path, get.good.clone()).await;
    assert!(matches!(answer, Ok(Some(_))), "{answer:?}");
    claim_one_more(suite).await;
}

async fn claim_one_more(suite: &Suite) {
    suite.clock.advance(24 * 3_600_000);
    let lead = route(suite.replica(0), "content_download", "after").await.expect("still routes").lead_id;
    claim(suite.replica(0), "ana", &lead).await.expect("still lets claim");
}
