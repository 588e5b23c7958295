//! Redis over TLS: a real one, with certificates made for the test.
#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use std::net::TcpListener;
use std::path::Path;

use leadhand_store::{Config, Store};
use leadhand_testkit::Redis;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Writes an authority of its own into the folder, and certificates of it for a server and a client.
fn certificates(folder: &Path, name: &str) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let write = |of: &str, pem: String| std::fs::write(folder.join(format!("{name}-{of}.pem")), pem).unwrap();
    write("ca", authority.self_signed(&key).unwrap().pem());
    let issuer = Issuer::new(authority, key);
    for (of, names) in [("server", vec!["127.0.0.1".to_owned()]), ("client", vec!["client".to_owned()])] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        // Named as its issuer, it would pass for one that signed itself.
        params.distinguished_name.push(DnType::CommonName, of);
        write(of, params.signed_by(&key, &issuer).unwrap().pem());
        write(&format!("{of}-key"), key.serialize_pem());
    }
}

/// Has the Redis listen with TLS as well; where, or `None` when it was built without.
async fn listen(redis: &Redis, folder: &Path, clients: &str) -> Option<u16> {
    let mut connection = redis.connection().await;
    let file = |of: &str| folder.join(format!("ours-{of}.pem")).display().to_string();
    let mut set = redis::cmd("CONFIG");
    set.arg("SET").arg("tls-cert-file").arg(file("server")).arg("tls-key-file").arg(file("server-key"));
    set.arg("tls-ca-cert-file").arg(file("ca")).arg("tls-auth-clients").arg(clients).arg("bind").arg("127.0.0.1");
    if let Err(error) = set.query_async::<()>(&mut connection).await {
        let without = error.to_string().contains("Unknown option");
        assert!(without, "{error}");
        return None;
    }
    // Another process may take a port between the asking and the listening.
    for _ in 0..20 {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut set = redis::cmd("CONFIG");
        if set.arg("SET").arg("tls-port").arg(port).query_async::<()>(&mut connection).await.is_ok() {
            return Some(port);
        }
    }
    panic!("no port to listen on");
}

fn at(port: u16, folder: &Path, ca: &str) -> Config {
    Config { ca_file: Some(folder.join(format!("{ca}-ca.pem"))), ..Config::at(format!("rediss://127.0.0.1:{port}/0")) }
}

#[tokio::test]
async fn a_redis_that_the_ca_file_vouches_for_is_used_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certificates(folder, "ours");
    certificates(folder, "theirs");
    for clients in ["no", "yes"] {
        let redis = Redis::start();
        let Some(port) = listen(&redis, folder, clients).await else {
            println!("skipped: this redis-server was built without TLS");
            return;
        };
        let bare = at(port, folder, "ours");
        let shown = Config {
            client_cert_file: Some(folder.join("ours-client.pem")),
            client_key_file: Some(folder.join("ours-client-key.pem")),
            ..bare.clone()
        };
        Store::new(shown).unwrap().time().await.expect("with a certificate of its own");
        let answer = Store::new(bare.clone()).unwrap().time().await;
        assert_eq!(answer.is_ok(), clients == "no", "without one, where it is asked for: {clients}; {answer:?}");
        // Another authority's, nobody's, another name, and no TLS at all.
        let another_name = Config { url: format!("rediss://localhost:{port}/0"), ..bare.clone() };
        let plain = Config::at(format!("redis://127.0.0.1:{port}/0"));
        let nobody = Config::at(bare.url.clone());
        for config in [at(port, folder, "theirs"), nobody, another_name, plain] {
            let refused = Store::new(config.clone()).unwrap().time().await;
            assert!(refused.is_err(), "{config:?}");
        }
    }
}

#[test]
fn settings_of_tls_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certificates(folder, "ours");
    let file = |name: &str| Some(folder.join(name));
    std::fs::write(folder.join("text"), "no certificate").unwrap();
    let tls = || Config::at("rediss://127.0.0.1:1/0");
    for (config, field) in [
        (Config { ca_file: file("ours-ca.pem"), ..Config::default() }, "ca_file"),
        (Config { ca_file: file("missing"), ..tls() }, "ca_file"),
        (Config { ca_file: file("text"), ..tls() }, "ca_file"),
        (Config { client_cert_file: file("ours-client.pem"), ..tls() }, "client_key_file"),
        (
            Config { client_cert_file: file("ours-client.pem"), client_key_file: file("text"), ..tls() },
            "client_key_file",
        ),
        (Config::at("rediss://127.0.0.1:1/#insecure"), "url"),
    ] {
        let refused = config.check().expect_err(field).to_string();
        assert!(refused.contains(field), "{refused}");
    }
    tls().check().unwrap();
}
