//! What managers order and owners record, by the real program.

use std::fs;

use serde_json::{Value, json};

use crate::support::Up;

const POLICY: &str = "
manager: mia
reps: [{id: mia}]
teams: [{id: in, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: in}
";

#[test]
fn a_manager_gives_takes_offboards_and_erases_and_the_history_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    let policy = folder.path().join("policy.yaml");
    fs::write(&policy, POLICY).unwrap();
    up.run(&["policy", "apply", policy.to_str().unwrap()]).json();
    let pooled = up.run(&["route", "--source", "content_download", "--email", "jo@acme.example"]).json();
    let lead = pooled["lead_id"].as_str().unwrap();

    let refused = up.run(&["assign", "--by", "ana", "--to", "bo", "--reason", "workload", lead]);
    assert_eq!((refused.code, &refused.error()["reason"]), (1, &json!("NOT_MANAGER")));
    let assign = ["assign", "--by", "mia", "--to", "ana", "--reason", "expertise", "--note", "knows her", lead];
    let given = up.run(&assign).json();
    assert_eq!((&given["rep_id"], &given["fence"]), (&json!("ana"), &json!(1)));
    up.run(&["activity", "--rep", "ana", "--fence", "1", lead, "call-attempt"]).json();
    let transfer = ["transfer", "--by", "mia", "--to", "bo", "--fence", "1", "--reason", "workload", lead];
    assert_eq!(up.run(&transfer).json()["fence"], 2);
    assert_eq!(up.run(&["offboard", "--by", "mia", "bo"]).json()["routed"], 1);
    assert_eq!(up.run(&["erase", "--reason", "requested", "--by", "mia", lead]).json()["already_erased"], false);
    assert_eq!(up.run(&["erase", "--reason", "requested", lead]).json()["already_erased"], true);
    let resume = ["availability", "resume", "--source", "offboarding", "bo"];
    assert_eq!(up.run(&resume).json()["changed"], true);
    let shown = up.run(&["lead", "--rep", "ana", lead]).json();
    assert!(shown["state"]["erased_at"].is_string() && shown["state"]["place"] == "pooled", "{shown}");

    let told = up.run(&["history", "--rep", "mia", lead]).json();
    let kinds: Vec<_> = told.as_array().unwrap().iter().map(|entry| entry["event"]["kind"].as_str().unwrap()).collect();
    let expected = [
        "lead_pooled",
        "assignment_ordered",
        "lead_assigned",
        "activity_recorded",
        "assignment_ordered",
        "lead_assigned",
        "owner_offboarded",
        "lead_pooled",
        "lead_erased",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(told[1]["event"]["assignment_ordered"]["reason"], "expertise");
    assert_eq!(told[1]["note"], Value::from(""), "erased with the rest");
    assert_eq!(told[2]["event"]["lead_assigned"]["cause"], "ordered");
    assert_eq!(told[3]["event"]["activity_recorded"]["kind"], "call_attempt");
    let events = up.run(&["watch", "--from-beginning", "--until-caught-up"]).rows();
    let offboarded = events.iter().find(|event| event["kind"] == "rep_offboarded").unwrap();
    assert_eq!(offboarded["rep_offboarded"]["open"], 1);
}
