//! Clients that were not written here: Python, with stubs generated from `proto/`, and buf, which knows nothing but what
//! reflection tells it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use leadhand_testkit::tool;
use leadhand_tests::Suite;
use leadhand_tests::call::apply_policy;
use serde_json::{Value, json};

const POLICY: &str = "
teams: [{id: inbound, reps: [{id: ana, weight: 2}, {id: bo}, {id: cy}]}]
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: inbound, otherwise: {pool: open}}
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the repository")
}

/// Runs a command to its end, beside the suite's own threads.
async fn run(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.expect("no panic").expect("it runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// Every proto file, as `proto/` has it.
fn protos(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            protos(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
}

async fn stubs(python: &Path, into: &Path) {
    let source = root().join("proto");
    let mut files = Vec::new();
    protos(&source, &mut files);
    let mut generate = Command::new(python);
    generate.args(["-m", "grpc_tools.protoc"]).arg("-I").arg(&source);
    generate.arg(format!("--python_out={}", into.display())).arg(format!("--grpc_python_out={}", into.display()));
    let generated = run({
        generate.args(files);
        generate
    })
    .await;
    assert!(generated.status.success(), "{}", text(&generated.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_generated_from_the_protos_does_everything() {
    let Some(python) = tool("LEADHAND_PYTHON", "python/bin/python") else { return };
    let suite = Suite::start(1).await;
    let folder = tempfile::tempdir().expect("a folder");
    stubs(&python, folder.path()).await;
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, POLICY).expect("a file");

    let mut client = Command::new(&python);
    client.arg(root().join("tests/python/client.py")).arg(suite.replica(0).address.to_string());
    client.arg(folder.path()).arg(&policy);
    let output = run(client).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let saw: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    println!("{}", text(&output.stdout));

    assert_eq!(saw["policy"]["missing"]["reason"], "POLICY_MISSING");
    assert_eq!((&saw["policy"]["number"], &saw["policy"]["same_document"]), (&json!(1), &json!(true)));
    let broken = &saw["policy"]["broken"];
    assert_eq!((&broken["code"], &broken["fields"][0][0]), (&json!("INVALID_ARGUMENT"), &json!("document")));
    assert!(broken["fields"][0][1].as_str().is_some_and(|told| told.starts_with("2:17: ")), "{broken}");

    let route = &saw["route"];
    let seen = ["outcome", "rep", "fence", "same_again"].map(|name| route[name].clone());
    assert_eq!(seen, [json!("assigned"), json!("ana"), json!(1), json!(true)]);
    let reason = |told: &Value| (told["code"].clone(), told["reason"].clone(), told["domain"].clone());
    let refusal = |code: &str, reason: &str| (json!(code), json!(reason), json!("leadhand.dev"));
    assert_eq!(reason(&route["other_body"]), refusal("INVALID_ARGUMENT", "REQUEST_ID_REUSED"));
    let fields: Vec<_> = route["bad"]["fields"].as_array().expect("fields").iter().map(|field| &field[0]).collect();
    assert_eq!(fields, ["lead.contact.email", "lead.score", "lead.source"]);

    let claim = &saw["claim"];
    assert_eq!((&claim["same_leads"], &claim["pages"], &claim["empty"]), (&json!(true), &json!(2), &json!(true)));
    assert_eq!((&claim["fences"], &claim["used"]), (&json!([1, 1, 1]), &json!([3, 3, 3])));
    assert_eq!(claim["pools"], json!([["open", 1]]));
    assert_eq!(reason(&claim["quota"]), refusal("RESOURCE_EXHAUSTED", "QUOTA_EXHAUSTED"));
    assert_eq!(
        (&claim["quota"]["retry_after_s"], &claim["quota"]["quotas"]),
        (&json!(3600.0), &json!(["claims per 1 h"]))
    );
    assert_eq!(reason(&claim["taken"]), refusal("FAILED_PRECONDITION", "LEAD_ALREADY_CLAIMED"));

    let contact = &saw["contact"];
    assert_eq!((&contact["in_time"], &contact["contacted"]), (&json!(true), &json!(true)));
    assert_eq!(contact["place"], "PLACE_ASSIGNED");
    assert_eq!(reason(&contact["stranger"]), refusal("FAILED_PRECONDITION", "NOT_OWNER"));

    let calendar = &saw["calendar"];
    assert_eq!(calendar["acknowledged"], json!([[1, true], [2, false], [3, true]]));
    assert_eq!(calendar["available"], json!(false));
    let mut routed: Vec<_> = calendar["routed"].as_array().expect("reps").iter().filter_map(Value::as_str).collect();
    routed.sort_unstable();
    assert_eq!(routed, ["bo", "bo", "cy", "cy"]);

    let subscribe = &saw["subscribe"];
    let mut kinds = vec!["policy_activated", "lead_assigned"];
    kinds.extend(["lead_pooled"; 4].iter().chain(&["lead_claimed"; 3]));
    kinds.extend(["lead_contacted", "availability_changed", "availability_changed"]);
    kinds.extend(["lead_assigned"; 4]);
    assert_eq!((&subscribe["kinds"], &subscribe["resumed"]), (&json!(kinds), &json!(true)));
    assert_eq!(subscribe["skips"].as_array().map(|skips| skips.iter().all(|skip| skip == &json!(["ana"]))), Some(true));
    assert_eq!(subscribe["malformed"]["fields"][0][0], "after");
}

/// Asks by reflection, with prior knowledge of HTTP/2: the answer, or the error with its details.
async fn curl(buf: &Path, suite: &Suite, path: &str, arguments: &[&str]) -> Result<Value, Value> {
    let mut command = Command::new(buf);
    command.args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"]).args(arguments);
    command.arg(format!("http://{}{path}", suite.replica(0).address));
    let output = run(command).await;
    let json = |bytes| serde_json::from_slice(bytes).unwrap_or_else(|_| json!(text(bytes)));
    if output.status.success() { Ok(json(&output.stdout)) } else { Err(json(&output.stderr)) }
}

/// The details of an error, by their type. buf shows them as they came, in base64.
fn details(refused: &Value) -> HashMap<&str, &str> {
    let details = refused["details"].as_array().into_iter().flatten();
    details
        .map(|detail| (detail["type"].as_str().expect("a type"), detail["value"].as_str().expect("a value")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn buf_curl_finds_its_way_by_reflection() {
    let Some(buf) = tool("LEADHAND_BUF", "node_modules/.bin/buf") else { return };
    let suite = Suite::start(1).await;
    apply_policy(suite.replica(0), POLICY).await;

    let listed = curl(&buf, &suite, "", &["--list-services"]).await.expect("a list");
    let listed = listed.as_str().expect("text").lines().collect::<Vec<_>>();
    let services = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "leadhand.account.v1.AccountService",
        "leadhand.availability.v1.AvailabilityService",
        "leadhand.explain.v1.ExplainService",
        "leadhand.management.v1.ManagementService",
        "leadhand.notification.v1.NotificationService",
        "leadhand.policy.v1.PolicyService",
        "leadhand.pool.v1.PoolService",
        "leadhand.record.v1.RecordService",
        "leadhand.router.v1.RouterService",
    ];
    assert_eq!(listed, services);

    let route = "/leadhand.router.v1.RouterService/RouteLead";
    let lead = r#"{"workspace": "acme", "request_id": "r1", "lead": {"source": "demo_request"}}"#;
    let routed = curl(&buf, &suite, route, &["--data", lead]).await.expect("an answer");
    assert_eq!((&routed["assigned"]["repId"], &routed["assigned"]["fence"]), (&json!("ana"), &json!("1")));
    let active = "/leadhand.policy.v1.PolicyService/GetPolicy";
    let held = curl(&buf, &suite, active, &["--data", r#"{"workspace": "acme"}"#]).await.expect("an answer");
    assert_eq!((&held["document"], &held["version"]["number"]), (&json!(POLICY), &json!("1")));

    let refused = curl(&buf, &suite, active, &["--data", r#"{"workspace": "nobody"}"#]).await.expect_err("a refusal");
    assert_eq!(refused["code"], "failed_precondition");
    // An ErrorInfo with reason POLICY_MISSING and domain leadhand.dev.
    let info = "Cg5QT0xJQ1lfTUlTU0lORxIMbGVhZGhhbmQuZGV2";
    assert_eq!(details(&refused), [("google.rpc.ErrorInfo", info)].into());
    let bad = r#"{"workspace": "acme", "request_id": "r2", "lead": {"company": {"employees": 0}}}"#;
    let refused = curl(&buf, &suite, route, &["--data", bad]).await.expect_err("a refusal");
    let message = refused["message"].as_str().expect("a message");
    assert!(message.starts_with("lead.company.employees: ") && message.contains("; lead.source: "), "{message}");
    let kinds: BTreeSet<_> = details(&refused).into_keys().collect();
    assert_eq!(kinds, ["google.rpc.BadRequest", "google.rpc.ErrorInfo"].into());
}
