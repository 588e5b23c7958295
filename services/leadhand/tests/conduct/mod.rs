//! What is held against a rep on the command line: seen, lifted, told.

use std::fs;

use serde_json::{Value, json};

use crate::support::Up;

#[test]
fn a_suspension_is_shown_lifted_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    let policy = folder.path().join("policy.yaml");
    let document = "manager: max
reps: [{id: max}, {id: ana}]
pools: [{id: open}]
routes: [{name: offered, sources: [partner], rep: ana, offer: {within: 5m}}]
default: {pool: open}
guardrails: {acceptance: {last: 5, at_least: 1}}
";
    fs::write(&policy, document).unwrap();
    up.run(&["policy", "apply", policy.to_str().unwrap()]).json();
    let standing = || up.run(&["standing", "ana"]).json();
    assert_eq!((&standing()["suspended_until"], &standing()["claims_left"]), (&Value::Null, &json!(3)));
    let basis = standing()["tier_basis"].clone();
    assert_eq!(
        (&basis["stated"], &basis["calculated_at"], &basis["counts_from"]),
        (&json!(false), &Value::Null, &json!(20))
    );
    assert!(basis["next_at"].as_str().is_some_and(|at| at.contains("T00:00:00")), "{basis}");
    assert_eq!((&basis["figures"]["leads"], &basis["figures"]["contact_speed_ms"]), (&json!(0), &Value::Null));

    let offered = up.run(&["route", "--source", "partner"]).json()["lead_id"].as_str().unwrap().to_owned();
    up.run(&["decline", "--rep", "ana", "--fence", "1", "--reason", "busy", &offered]).json();
    let suspended = standing();
    assert!(suspended["suspended_until"].is_string(), "{suspended}");
    assert_eq!((&suspended["claims_left"], &suspended["suspensions"][0]["cause"]), (&json!(0), &json!("acceptance")));
    let refused = up.run(&["claim", "--rep", "ana", &offered]);
    assert_eq!((refused.code, &refused.error()["reason"]), (1, &json!("SUSPENDED")));

    let lift =
        |by: &str, more: &[&str]| up.run(&[&["lift", "ana", "--manager", by, "--reason", "goodwill"], more].concat());
    let refused = lift("ana", &[]);
    assert_eq!((refused.code, &refused.error()["reason"]), (1, &json!("NOT_MANAGER")));
    let refused = lift("max", &["--miss", &offered]);
    assert_eq!((refused.code, &refused.error()["reason"]), (1, &json!("NOTHING_TO_LIFT")));
    assert_eq!(lift("max", &["--miss", "no lead"]).code, 2);
    let lifted = lift("max", &["--suspension", "--request-id", "l1"]).json();
    assert_eq!(
        lift("max", &["--suspension", "--request-id", "l1"]).json(),
        lifted,
        "the same request has the same answer"
    );
    let free = standing();
    assert_eq!((&free["suspended_until"], &free["suspensions"][0]["lifted_by"]), (&Value::Null, &json!("max")));
    up.run(&["claim", "--rep", "ana", &offered]).json();

    let events = up.run(&["watch", "--from-beginning", "--until-caught-up"]).rows();
    let of = |kind: &str| events.iter().find(|event| event["kind"] == kind).unwrap()[kind].clone();
    assert_eq!((&of("rep_suspended")["accepted"], &of("rep_suspended")["offers"]), (&json!(0), &json!(1)));
    assert_eq!(of("suspension_ended")["lifted"], true);
    assert_eq!(
        (&of("penalty_lifted")["manager_id"], &of("penalty_lifted")["reason"]),
        (&json!("max"), &json!("goodwill"))
    );
}
