//! What the reader reads, and what it refuses.

use super::*;

fn one(text: &str) -> Yaml {
    let mut documents = read(text).unwrap();
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

fn refused(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_rendered_manifest_is_read() {
    let manifest = one(concat!(
        "apiVersion: apps/v1\n",
        "metadata:\n",
        "  annotations:\n",
        "    app.kubernetes.io/name: router\n",
        "    \"quoted: key\": 'it''s'\n",
        "  name: router\n",
        "spec:\n",
        "  replicas: 2\n",
        "  template:\n",
        "    spec:\n",
        "      containers:\n",
        "      - args:\n",
        "        - --config\n",
        "        - /etc/leadhand/router.yaml\n",
        "        env: []\n",
        "        image: ghcr.io/leadhand/leadhand:0.1.0\n",
        "        name: router\n",
        "        securityContext:\n",
        "          capabilities:\n",
        "            drop:\n",
        "            - ALL\n",
        "      - name: other\n",
        "      volumes:\n",
        "      - emptyDir: {}\n",
        "        name: tmp\n",
        "status: null\n",
    ));
    let pod = manifest.at("spec.template.spec");
    let containers = pod.get("containers").items();
    assert_eq!(containers.len(), 2);
    assert_eq!(containers[0].get("args").items()[1].text(), "/etc/leadhand/router.yaml");
    assert_eq!(containers[0].get("image").text(), "ghcr.io/leadhand/leadhand:0.1.0");
    assert_eq!(containers[0].at("securityContext.capabilities.drop").items()[0].text(), "ALL");
    assert_eq!(containers[0].get("env"), &Yaml::List(Vec::new()));
    assert_eq!(pod.get("volumes").items()[0].get("emptyDir"), &Yaml::Map(Vec::new()));
    let annotations = manifest.at("metadata.annotations");
    assert_eq!(annotations.get("app.kubernetes.io/name").text(), "router");
    assert_eq!(annotations.get("quoted: key").text(), "it's");
    assert_eq!(manifest.at("spec.replicas").number(), Some(2));
    assert!(manifest.get("status").is_null() && manifest.at("no.such.thing").is_null());
}

#[test]
fn literal_blocks_keep_their_lines() {
    let map = one(
        "data:\n  a.yaml: |\n    # comment\n    redis:\n      url: x\n\n    last: 1\n  b: |-\n    kept\nkind: ConfigMap\n",
    );
    assert_eq!(map.get("data").get("a.yaml").text(), "# comment\nredis:\n  url: x\n\nlast: 1\n");
    assert_eq!(map.at("data.b").text(), "kept");
    assert_eq!(map.get("kind").text(), "ConfigMap");
}

#[test]
fn documents_comments_and_long_scalars_are_read() {
    let documents =
        read("# first\na: 1 # one\n---\n\n---\nb: a text\n  that goes on\nc: \"say \\\"hi\\\"\"\n").unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0].get("a").text(), "1");
    assert_eq!(documents[1].get("b").text(), "a text that goes on");
    assert_eq!(documents[1].get("c").text(), "say \"hi\"");
}

#[test]
fn lists_nest() {
    let list = one("- - a\n  - b\n-\n  key: v\n- http://x:1/y\n");
    assert_eq!(list.items()[0].items()[1].text(), "b");
    assert_eq!(list.items()[1].get("key").text(), "v");
    assert_eq!(list.items()[2].text(), "http://x:1/y");
}

#[test]
fn what_is_not_read_is_refused_with_its_line() {
    for (text, line) in [
        ("a: 1\nb: &anchor 2\n", 2),
        ("a: {b: 1}\n", 1),
        ("a: [1, 2]\n", 1),
        ("a: >\n  folded\n", 1),
        ("a: !tag x\n", 1),
        ("a: 1\na: 2\n", 2),
        ("a: 'open\n", 1),
        ("a:\n  b: 1\n c: 2\n", 3),
        ("a: 1\nword\n", 2),
    ] {
        let said = refused(text);
        assert!(said.starts_with(&format!("line {line}: ")), "{text:?}: {said}");
    }
}
