//! Bad input is refused field by field, wherever it comes in, and leaves no trace.
//!
//! The protos are walked, so a field that is added without a case in [`methods`] fails a test.

use std::collections::{BTreeMap, BTreeSet};

use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{Cancelled, GetAvailabilityRequest, StreamAvailabilityRequest};
use leadhand_proto::notification::v1::SubscribeRequest;
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::pool::v1::{GetLeadRequest, ListMyLeadsRequest, RecordContactRequest};
use leadhand_proto::status::told;
use leadhand_tests::accounts::{account, take_in};
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, route, suspend};
use leadhand_tests::held::everything;
use leadhand_tests::{Suite, raw};
use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::{Code, Status};

mod methods;
mod spoil;

use methods::{POLICY, methods};
use spoil::{Method, moment};

/// Fields for which every value is good, and why.
const ANYTHING_GOES: [(&str, &str); 10] = [
    ("CreditLead.fence", "any number may be the fence of a lead; another than the lead's is told so"),
    ("RerouteLead.fence", "any number may be the fence of a lead, 0 that of one that nobody has had"),
    ("StreamAvailability.sequence", "the caller's own number, only repeated to it"),
    ("StreamAvailability.revision", "any number can be the first revision"),
    ("StreamAvailability.calendar.lenient", "it is or it is not"),
    ("UpsertAccounts.sequence", "the caller's own number, only repeated to it"),
    ("UpsertAccounts.account.revision", "any number can be the first revision"),
    ("UpsertAccounts.account.strategic", "it is or it is not"),
    ("DeleteAccounts.sequence", "the caller's own number, only repeated to it"),
    ("DeleteAccounts.revision", "any number can be the first revision"),
];

/// Services that others implement and the router calls: what they answer is tested where it is taken in.
const NOT_OURS: [&str; 1] = ["EnrichmentService"];

/// A running suite with a policy, a lead in the pool and one that ana owns; cy is suspended.
async fn suite() -> (Suite, Vec<Method>) {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let free = route(replica, "content_download", "r1").await.expect("pooled").lead_id;
    route(replica, "content_download", "next").await.expect("pooled");
    let owned = route(replica, "content_download", "r2").await.expect("pooled").lead_id;
    claim(replica, "ana", &owned).await.expect("claimed");
    take_in(replica, [account("known", "ana", 0)]).await;
    let mut offered: [String; 3] = Default::default();
    for (n, offered) in offered.iter_mut().enumerate() {
        *offered = route(replica, "referral", format!("o{n}")).await.expect("offered").lead_id;
    }
    let pushed = route(replica, "webinar", "p1").await.expect("pushed").lead_id;
    suspend(replica, "cy", "partner").await;
    let given = [
        route(replica, "content_download", "g1").await.expect("pooled").lead_id,
        route(replica, "webinar", "g2").await.expect("pushed").lead_id,
    ];
    let methods = methods(WORKSPACE, &free, &owned, &offered, &pushed, &given);
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
        for service in file.service.iter().filter(|service| !NOT_OURS.contains(&service.name())) {
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
    let methods = methods("acme", "", "", &Default::default(), "", &Default::default());
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
        let list = ListMyLeadsRequest {
            workspace: WORKSPACE.into(),
            rep_id: "ana".into(),
            page_size: 500,
            page_token: format!("{at}.ffffffff-ffff-ffff-ffff-ffffffffffff"),
        };
        assert!(send("ListMyLeads", list.encode_to_vec()).await.is_ok(), "{at}");
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
    let answer = raw::send(suite.replica(0), &get.path, get.good.clone()).await;
    assert!(matches!(answer, Ok(Some(_))), "{answer:?}");
    claim_one_more(suite).await;
}

async fn claim_one_more(suite: &Suite) {
    suite.clock.advance(24 * 3_600_000);
    let lead = route(suite.replica(0), "content_download", "after").await.expect("still routes").lead_id;
    claim(suite.replica(0), "ana", &lead).await.expect("still lets claim");
}
