//! The published JSON Schema is that of the types which read a policy.
#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use leadhand_domain::policy::Policy;
use serde_json::Value;

/// To bring it up to date: `cargo run -p leadhand -- policy schema > services/router/policy.schema.json`.
const PUBLISHED: &str = include_str!("../../router/policy.schema.json");

#[test]
fn the_published_schema_is_current() {
    let published: Value = serde_json::from_str(PUBLISHED).unwrap();
    assert_eq!(published, Policy::schema().to_value(), "print it anew with `leadhand policy schema`");
}

/// Every object is closed, as the reader refuses unknown keys, and every key says what it means.
#[test]
fn every_key_is_described_and_no_other_is_allowed() {
    let schema = Policy::schema().to_value();
    let objects = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let mut keys = 0;
    for object in objects.filter(|object| object["type"] == "object") {
        assert_eq!(object["additionalProperties"], false, "{object}");
        for (key, property) in object["properties"].as_object().unwrap() {
            assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{key} is not described");
            keys += 1;
        }
    }
    assert!(keys > 80, "{keys}");
    assert_eq!(schema["required"], serde_json::json!(["default"]));
}
