//! The real program from end to end: its own services, its own Redis, real sockets.
#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod accounts;
mod acts;
mod conduct;
mod support;

use std::fs;

use serde_json::{Value, json};
use support::{Ran, Running, Up, demo, program};

#[test]
fn a_lead_is_routed_claimed_contacted_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");

    let missing = up.run(&["pool"]);
    assert_eq!((missing.code, &missing.error()["reason"]), (1, &Value::from("POLICY_MISSING")));
    assert_eq!(up.run(&["status"]).json()["state"], Value::Null);
    let policy = demo("policy.yaml");
    assert_eq!(up.run(&["policy", "apply", policy.to_str().unwrap()]).json()["number"], 1);
    assert_eq!(up.run(&["policy", "show"]).json()["document"], fs::read_to_string(&policy).unwrap());

    let hot =
        ["route", "--source", "Demo Request", "--score", "91", "--email", "jo@acme.example", "--request-id", "r1"];
    let would = up.run(&["route", "--dry-run", "--source", "Demo Request", "--score", "91"]).json();
    let pushed = up.run(&hot).json();
    assert_eq!(would["would_be"]["assigned"]["rep_id"], pushed["assigned"]["rep_id"]);
    assert_eq!((&would["would_be"]["lead_id"], &would["decision"]["route"]), (&json!(""), &pushed["route"]));
    assert_eq!(pushed["assigned"]["team_id"], "enterprise");
    assert_eq!(up.run(&hot).json(), pushed, "the same request has the same answer");
    let content = [
        "route",
        "--source",
        "content_download",
        "--company",
        "Acme",
        "--budget",
        "20 k",
        "--authority",
        "CFO",
        "--opens",
        "3",
    ];
    let pooled = up.run(&content).json();
    assert_eq!(pooled["pooled"]["pool_id"], "open");
    let refused = up.run(&["route", "--source", "web", "--email", "nobody"]);
    assert_eq!((refused.code, &refused.error()["fields"][0]["field"]), (2, &Value::from("lead.contact.email")));

    assert_eq!(up.run(&["pool"]).json()[0]["leads"], 1);
    let listed = up.run(&["pool", "open", "--rep", "cy"]).json();
    assert_eq!(listed[0]["company_name"], "Acme");
    let lead = listed[0]["lead_id"].as_str().unwrap();
    assert_eq!(listed[0]["qualification"], json!({"budget": "20 k", "timeline": "", "authority": "CFO"}));
    let found = ["--filter", "lead.qualification.budget != ''", "--search", "acm", "--sort", "score"];
    assert_eq!(up.run(&[&["pool", "open", "--rep", "cy"][..], &found].concat()).json(), listed);
    assert_eq!(up.run(&["pool", "open", "--rep", "cy", "--search", "other"]).json(), json!([]));
    let bad = up.run(&["pool", "open", "--rep", "cy", "--filter", "lead.score > 'x'"]);
    assert_eq!((bad.code, &bad.error()["fields"][0]["field"]), (2, &Value::from("filter")));
    assert_eq!(up.run(&["lead", "--rep", "cy", lead]).json()["state"]["place"], "pooled");
    let viewed = up.run(&["view", "--rep", "cy", lead]).json();
    assert_eq!(viewed["lead"]["engagement"]["opens"], 3);
    assert_eq!(up.run(&["lead", "--rep", "dee", lead]).json()["state"]["hold"]["rep_id"], "cy");
    let on_hold = up.run(&["view", "--rep", "dee", lead]);
    assert_eq!((on_hold.code, &on_hold.error()["reason"]), (1, &Value::from("LEAD_ON_HOLD")));
    assert_eq!(up.run(&["standing", "cy"]).json()["hold"]["lead_id"], lead);
    assert!(up.run(&["skip", "--rep", "dee", "--reason", "language", lead]).json()["position"].is_string());
    let claimed = up.run(&["claim", "--rep", "cy", lead]).json();
    let lost = up.run(&["claim", "--rep", "dee", lead]);
    assert_eq!((lost.code, &lost.error()["reason"]), (1, &Value::from("LEAD_ALREADY_CLAIMED")));
    let fence = claimed["fence"].to_string();
    let contacted = up.run(&["contact", "--rep", "cy", "--fence", &fence, lead]).json();
    assert_eq!((&contacted["lead_id"], &contacted["in_time"]), (&json!(lead), &json!(true)));
    assert_eq!(up.run(&["contact", "--rep", "dee", "--fence", &fence, lead]).code, 1);
    let standing = up.run(&["standing", "cy"]).json();
    assert_eq!([&standing["open"], &standing["uncontacted"], &standing["claims_left"]], [1, 0, 2]);

    let busy = up.run(&["busy", "--rep", "ana", "--from", "now", "--to", "+1h"]).json();
    assert_eq!(busy["changed"], true);
    let event_id = busy["event_id"].as_str().unwrap();
    assert_eq!(up.run(&["busy", "--rep", "ana", "--cancel", "--event-id", event_id]).json()["changed"], true);
    assert_eq!(up.run(&["busy", "--rep", "nobody", "--from", "now", "--to", "+1h"]).code, 2);

    let events = up.run(&["watch", "--from-beginning", "--until-caught-up"]).rows();
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "policy_activated",
            "lead_assigned",
            "lead_pooled",
            "hold_began",
            "lead_skipped",
            "lead_claimed",
            "lead_contacted",
            "availability_changed",
            "availability_changed"
        ]
    );
    let after = events[2]["position"].as_str().unwrap();
    let rest = up.run(&["watch", "--after", after, "--limit", "2"]).rows();
    assert_eq!(rest, events[3..5]);

    let status = up.run(&["status"]).json();
    assert!(status["services"].as_array().unwrap().iter().all(|service| service["health"] == "serving"));
    assert_eq!(status["state"]["reps"].as_array().unwrap().len(), 7);
}

#[test]
fn a_decision_is_explained_and_chosen_again() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    let policy = folder.path().join("policy.yaml");
    let document = "teams:
  - {id: inbound, capacity: 1, reps: [{id: ana, weight: 100}, {id: bo}]}
  - {id: field, reps: [{id: cy}]}
pools: [{id: open}]
routes: [{name: content, sources: [content_download], pool: open}]
default: {rotate: inbound}
";
    fs::write(&policy, document).unwrap();
    up.run(&["policy", "apply", policy.to_str().unwrap()]).json();
    let route = |source: &str| up.run(&["route", "--source", source]).json()["lead_id"].as_str().unwrap().to_owned();
    let (first, second, pooled) = (route("webinar"), route("webinar"), route("content_download"));

    let explained = up.run(&["explain", &first]).json();
    assert_eq!(explained["replay"], json!({"verdict": "same", "rep_id": "ana"}));
    let decision = &explained["event"]["decision"];
    assert_eq!((&decision["policy_version"], &decision["route"]), (&1.into(), &"default".into()));
    let rotation = &decision["rotation"];
    assert_eq!(
        (&rotation["by"], &rotation["present"], &rotation["total_weight"]),
        (&"weight".into(), &2.into(), &101.into())
    );
    let candidates = rotation["candidates"].as_array().unwrap();
    let shown: Vec<_> =
        candidates.iter().map(|it| (it["rep_id"].as_str().unwrap(), it["weight"].as_u64().unwrap())).collect();
    assert_eq!(shown, [("ana", 100), ("bo", 1)]);
    let pool = up.run(&["explain", &pooled]).json();
    assert_eq!(pool["replay"], json!({"verdict": "no_rotation", "rep_id": null}));

    let why = |lead: &str, rep: &str| up.run(&["why-not", lead, rep]).json();
    assert_eq!(why(&first, "ana")["reason"], "got_it");
    assert_eq!((&why(&first, "bo")["reason"], &why(&first, "bo")["turn"]), (&"not_the_turn".into(), &2.into()));
    assert_eq!(why(&first, "cy")["reason"], "other_route");
    assert_eq!(why(&second, "ana")["skip"], json!({"rep_id": "ana", "reason": "at_capacity", "unavailable": null}));
    assert_eq!(why(&pooled, "bo")["reason"], "pooled");
    let unknown = up.run(&["why-not", &first, "zoe"]);
    assert_eq!((unknown.code, &unknown.error()["reason"]), (2, &Value::from("REP_UNKNOWN")));
    assert_eq!(up.run(&["explain", "nothing"]).code, 2);

    // For people.
    let table = Ran::of(program(&["--server", &up.server, "explain", &second]));
    for told in ["to bo of inbound", "version 1", "chosen again  bo, the same", "passed over", "at capacity", "owed"] {
        assert!(table.out.contains(told), "{told} is not in {}", table.out);
    }
    let sentence = Ran::of(program(&["--server", &up.server, "why-not", &second, "ana"])).out;
    assert_eq!(sentence, "ana was passed over: at capacity; the lead went to bo of inbound\n");
}

#[test]
fn calendars_come_in_and_who_is_available_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    up.run(&["policy", "apply", demo("policy.yaml").to_str().unwrap()]).json();
    let file = folder.path().join("calendar.ics");
    let event = |lines: &str| format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTART:{lines}\r\nEND:VEVENT\r\n");
    let import = |events: &str, more: &[&str]| {
        fs::write(&file, format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n")).unwrap();
        let command = ["availability", "import", file.to_str().unwrap(), "--rep", "ana", "--source", "outlook"];
        up.run(&[&command, more].concat())
    };
    // Days without an end.
    let away = event("20200101T000000Z\r\nDURATION:P1D\r\nRRULE:FREQ=DAILY");
    assert_eq!(import(&away, &["--kind", "pto"]).json()["changed"], true);
    assert_eq!(import(&away, &["--kind", "pto"]).json()["changed"], false);
    let status = up.run(&["availability", "status", "ana"]).json();
    assert_eq!((&status["available"], &status["reason"]), (&json!(false), &json!("pto")));
    let faulty = format!("{away}{}", event("soon"));
    assert_eq!(import(&faulty, &[]).code, 2, "by the line");
    assert_eq!(import(&faulty, &["--lenient"]).code, 4);
    let clear = ["availability", "clear", "--rep", "ana", "--source", "outlook"];
    assert_eq!(up.run(&clear).json()["changed"], true);
    assert_eq!(up.run(&["availability", "pause", "bo", "--manager", "max"]).json()["changed"], true);
    let all = up.run(&["availability", "status"]).rows();
    let of = |rep: &str| all.iter().find(|told| told["rep_id"] == rep).unwrap()["reason"].clone();
    assert_eq!((of("ana"), of("bo")), (Value::Null, json!("paused")));
    assert_eq!(up.run(&["availability", "watch", "bo", "--limit", "1"]).rows()[0]["reason"], "paused");
    assert_eq!(up.run(&["availability", "resume", "bo"]).json()["changed"], true);
}

#[test]
fn a_file_is_imported_as_far_as_it_can_be_and_again_without_harm() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    up.run(&["policy", "apply", demo("policy.yaml").to_str().unwrap()]).json();
    let file = folder.path().join("leads.csv");
    let import = |content: &str| {
        fs::write(&file, content).unwrap();
        up.run(&["route", "--csv", file.to_str().unwrap(), "--map", "source=Origin", "--in-flight", "4"])
    };

    let first = import("Origin;E-Mail;Score\nwebinar;a@x.example;50\nwebinar;nobody;50\nwebinar;b@x.example;high\n");
    assert_eq!(first.code, 4, "{first:?}");
    let rows: Vec<Value> = first.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_row = |rows: &[Value], row: u64| rows.iter().find(|told| told["row"] == row).cloned().unwrap();
    assert_eq!(of_row(&rows, 3)["error"]["fields"][0]["field"], "lead.contact.email");
    assert_eq!(of_row(&rows, 4)["error"]["fields"][0]["field"], "lead.score");
    assert_eq!(rows[3]["summary"]["assigned"], 1);

    // Mended, sorted anew and with one more row: what was routed stays as it was.
    let again =
        import("Origin;E-Mail;Score\nwebinar;b@x.example;40\nwebinar;a@x.example;50\nwebinar;c@x.example;1\n").rows();
    assert_eq!(again[3]["summary"]["assigned"], 3);
    assert_eq!(of_row(&again, 3)["routed"], of_row(&rows, 2)["routed"]);
    let standings = ["cy", "dee", "eli", "fay"].map(|rep| up.run(&["standing", rep]).json()["open"].as_u64().unwrap());
    assert_eq!(standings.iter().sum::<u64>(), 3);
}

#[test]
fn the_data_outlives_the_process_and_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::start(folder.path(), "127.0.0.1:0");
    up.run(&["policy", "apply", demo("policy.yaml").to_str().unwrap()]).json();
    let route = ["route", "--source", "webinar", "--request-id", "r1"];
    let routed = up.run(&route).json();

    let second = Ran::of(program(&["up", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()]));
    assert_eq!(second.code, 2, "{second:?}");
    assert!(second.err.contains("another `leadhand up`"), "{second:?}");

    up.process.terminate();
    assert_eq!(up.process.ended(), 0);
    let up = Up::start(folder.path(), "127.0.0.1:0");
    assert_eq!(up.run(&["policy", "show"]).json()["number"], 1);
    assert_eq!(up.run(&route).json(), routed);
}

#[test]
fn a_watch_goes_on_where_it_stopped_when_the_server_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::start(folder.path(), "127.0.0.1:0");
    let mut watch = Running::start(up.command(&["watch", "--from-beginning", "--limit", "3"]));
    up.run(&["policy", "apply", demo("policy.yaml").to_str().unwrap()]).json();
    up.run(&["route", "--source", "webinar"]).json();
    assert_eq!(watch.next()["kind"], "policy_activated");
    assert_eq!(watch.next()["kind"], "lead_assigned");

    let address = up.address();
    up.process.terminate();
    assert_eq!(up.process.ended(), 0);
    let up = Up::start(folder.path(), &address);
    let routed = up.run(&["route", "--source", "content_download"]).json();
    let told = watch.next();
    assert_eq!(told["lead_pooled"]["lead_id"], routed["lead_id"]);
    assert_eq!(watch.ended(), 0);
}

#[test]
fn without_a_server_or_a_redis_it_says_what_to_do() {
    let nobody = Ran::of(program(&["status", "--server", "http://127.0.0.1:1"]));
    assert_eq!(nobody.code, 3, "{nobody:?}");
    assert!(nobody.err.contains("start one with `leadhand up`"), "{nobody:?}");

    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&["up", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()]);
    command.env("LEADHAND_REDIS_SERVER", folder.path().join("nothing"));
    let missing = Ran::of(command);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.err.contains("redis-server is not installed: run"), "{missing:?}");
}

#[test]
fn the_demo_accounts_for_every_lead() {
    let report = Ran::of(program(&["demo", "--pace", "2s", "--json"])).json();
    assert_eq!(report["routed"], 400, "{report}");
    assert_eq!(report["changes"], report["events"]);
    assert_eq!(report["owned"], report["contacted"]);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() == 4 && checks.iter().all(|check| check["holds"] == true), "{report}");
    assert!(report["reps"].as_array().unwrap().iter().all(|rep| rep["given"].as_u64().unwrap() > 0));
}

#[test]
fn a_policy_is_checked_compared_listed_and_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let first = file("first.yaml", "pools: [{id: open}]\ndefault: {pool: open}\n");
    let second = file("second.yaml", "pools: [{id: open}, {id: more}]\ndefault: {pool: more}\n");
    let bad = file("bad.yaml", "pools: [{id: open}]\ndefault: {pool: shut}\n");

    // Without a server.
    let offline = |args: &[&str]| Ran::of(program(&[&["--server", "http://127.0.0.1:1", "--json"], args].concat()));
    let checked = offline(&["policy", "check", &bad]);
    let shut = json!({"line": 2, "column": 17, "message": "no pool `shut`"});
    let told: Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!((checked.code, told), (2, json!({"faults": [shut], "warnings": []})));
    let warned = offline(&["policy", "check", &second]);
    assert_eq!((warned.code, warned.json()["warnings"].as_array().unwrap().len()), (0, 1));
    for name in ["geographic", "vertical", "segments"] {
        let example = file(name, &offline(&["policy", "example", name]).out);
        assert_eq!(offline(&["policy", "check", &example]).json(), json!({"faults": [], "warnings": []}), "{name}");
    }

    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    up.run(&["policy", "apply", &first, "--author", "ana", "--comment", "begin"]).json();
    assert_eq!(up.run(&["policy", "diff"]).code, 2, "there is no version before");
    up.run(&["policy", "apply", &second, "--author", "bo"]).json();
    let changed = up.run(&["policy", "diff"]).json()["diff"].as_str().unwrap().to_owned();
    let expected = "--- version 1\n+++ version 2\n@@ -1,2 +1,2 @@\n-pools: [{id: open}]\n-default: {pool: open}\n\
                    +pools: [{id: open}, {id: more}]\n+default: {pool: more}\n";
    assert_eq!(changed, expected);
    let files = up.run(&["policy", "diff", &first]).json();
    assert_eq!((&files["old"], &files["new"]), (&json!("version 2"), &json!(first)));
    assert_eq!(up.run(&["policy", "diff", "1", &first]).json()["diff"], "");

    let back = ["policy", "rollback", "1", "--author", "cy", "--comment", "too many pools", "--request-id", "back"];
    assert_eq!(up.run(&back).json()["number"], 3);
    assert_eq!(up.run(&back).json()["number"], 3, "the same request has the same answer");
    assert_eq!(up.run(&["policy", "show"]).json()["document"], fs::read_to_string(&first).unwrap());
    assert_eq!(up.run(&["policy", "show", "2"]).json()["document"], fs::read_to_string(&second).unwrap());
    let unknown = up.run(&["policy", "rollback", "4", "--comment", "x"]);
    assert_eq!((unknown.code, &unknown.error()["reason"]), (2, &json!("POLICY_VERSION_UNKNOWN")));
    let listed = up.run(&["policy", "log"]).json();
    let listed: Vec<_> =
        listed.as_array().unwrap().iter().map(|version| (&version["number"], &version["author"])).collect();
    let expected = [(json!(3), json!("cy")), (json!(2), json!("bo")), (json!(1), json!("ana"))];
    assert_eq!(listed, expected.iter().map(|(number, author)| (number, author)).collect::<Vec<_>>());
    assert_eq!(up.run(&["policy", "log", "--limit", "1"]).json()[0]["comment"], "too many pools");
    let told =
        |args: &[&str]| -> Vec<Value> { up.run(args).rows().into_iter().map(|mut row| row["number"].take()).collect() };
    assert_eq!(told(&["policy", "watch", "--limit", "1"]), [json!(3)], "the active one");
    assert_eq!(told(&["policy", "watch", "--after", "1", "--limit", "2"]), [json!(2), json!(3)]);
}

#[test]
fn a_bad_lead_is_credited_and_shown_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(folder.path(), "127.0.0.1:0");
    let policy = folder.path().join("managed.yaml");
    let managed = fs::read_to_string(demo("policy.yaml")).unwrap() + "\nmanager: max\nreps: [{id: max}]\n";
    fs::write(&policy, managed).unwrap();
    up.run(&["policy", "apply", policy.to_str().unwrap()]).json();
    let routed = up.run(&["route", "--source", "webinar"]).json();
    let lead = routed["lead_id"].as_str().unwrap();
    let credit = ["credit", "--by", "max", "--reason", "not-a-lead", lead];
    let first = up.run(&credit).json();
    assert_eq!((&first["already_credited"], &first["rep_id"]), (&json!(false), &routed["assigned"]["rep_id"]));
    assert_eq!((&first["lead_id"], &up.run(&credit).json()["already_credited"]), (&json!(lead), &json!(true)));
    let rep = first["rep_id"].as_str().unwrap();
    assert_eq!(up.run(&["lead", "--rep", rep, lead]).json()["state"]["credited"], true);
    let told = up.run(&["watch", "--from-beginning", "--until-caught-up"]).rows();
    let credited = &told.last().unwrap()["lead_credited"];
    assert_eq!((&credited["reason"], &credited["requested_by"]), (&json!("not_a_lead"), &json!("max")));
}

#[test]
fn a_policy_with_people_beside_the_teams_is_applied_with_its_warnings_and_shown_whole() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    let policy = folder.path().join("policy.yaml");
    let document = "manager: mia\nreps: [{id: mia}, {id: lou, left: true}]
teams: [{id: west, reps: [{id: wes}, {id: lou}]}]\ndefault: {rotate: west}\n";
    fs::write(&policy, document).unwrap();
    let applied = up.run(&["policy", "apply", policy.to_str().unwrap()]).json();
    assert!(applied["warnings"][0]["message"].as_str().unwrap().contains("`lou` has left"), "{applied}");
    let status = up.run(&["status"]).json();
    let reps: Vec<_> = status["state"]["reps"].as_array().unwrap().iter().map(|rep| rep["rep_id"].clone()).collect();
    assert_eq!(reps, [json!("wes"), json!("mia")], "who has left has no standing");
}

#[test]
fn what_up_cannot_use_is_wrong_input() {
    let folder = tempfile::tempdir().unwrap();
    let feeds = folder.path().join("feeds.yaml");
    let refused = |text: &str, endpoint: &str| {
        fs::write(&feeds, text).unwrap();
        let data = folder.path().join("data");
        let paths = [feeds.to_str().unwrap(), data.to_str().unwrap()];
        let mut command = program(&["up", "--listen", "127.0.0.1:0", "--feeds", paths[0], "--data", paths[1]]);
        command.env("LEADHAND__ENRICHMENT__ENDPOINT", endpoint);
        let ran = Ran::of(command);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.err
    };
    let feed = "feeds: [{workspace: w, rep: ana, source: g, url: 'ftp://a.example/secret'}]";
    let told = refused(feed, "");
    assert!(told.contains("feeds[0].url: not a URL") && !told.contains("secret"), "{told}");
    assert!(refused("fetch: {timeout_ms: 0}", "").contains("fetch.timeout_ms"));
    assert!(refused("[]", "nowhere").contains("enrichment.endpoint"));
}
