//! Accounts on the command line.

use std::fs;

use serde_json::Value;

use crate::support::Up;

#[test]
fn accounts_are_loaded_once_matched_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder.path().join("data"), "127.0.0.1:0");
    let file = folder.path().join("accounts.csv");
    let rows = (0..300).map(|n| format!("a{n},Company {n} GmbH,c{n}.com,ana\n")).collect::<String>();
    fs::write(&file, format!("Account,Company,Website,Rep\n{rows}bad id,Other,,ana\na300,Other,other.com,ana\n"))
        .unwrap();
    let load = ["accounts", "load", file.to_str().unwrap(), "--columns", "owner=rep"];

    let first = up.run(&load);
    assert_eq!(first.code, 4, "{first:?}");
    let told: Vec<Value> = first.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&told[0]["row"], &told[0]["error"]["fields"][0]["field"]), (&302.into(), &"account.account_id".into()));
    assert_eq!([&told[1]["summary"]["changed"], &told[1]["summary"]["unchanged"]], [301, 0]);
    let again = up.run(&load);
    assert!(again.out.contains(r#""changed":0"#) && again.out.contains(r#""unchanged":301"#), "{again:?}");

    let found = up.run(&["accounts", "match", "--name", "company 7", "--domain", "www.c7.com"]).json();
    assert_eq!((&found["acting"]["account_id"], &found["acting"]["by"]), (&"a7".into(), &"domain".into()));
    assert_eq!(up.run(&["accounts", "get", "a7"]).json()["domain"], "c7.com");
    assert_eq!(up.run(&["accounts", "delete", "a7", "a8"]).json()["changed"], 2);
    let gone = up.run(&["accounts", "get", "a7"]);
    assert_eq!((gone.code, &gone.error()["reason"]), (2, &Value::from("ACCOUNT_UNKNOWN")));
    assert_eq!(up.run(&["accounts", "match", "--name", "company 7"]).json()["acting"], Value::Null);
}
