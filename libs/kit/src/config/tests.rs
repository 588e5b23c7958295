use std::io::Write;
use std::net::SocketAddr;

use serde::Deserialize;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    server: server::Config,
    redis: Redis,
    names: Vec<String>,
    format: Option<telemetry::LogFormat>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Redis {
    url: String,
    password: Option<String>,
    pool_size: u32,
    replicas: bool,
}

fn load_text(text: &str, env: &[(&str, &str)]) -> Result<Config, Error> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("write");
    load(Some(file.path()), variables(env))
}

fn variables(env: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

#[test]
fn the_file_sets_what_it_names_and_the_rest_is_default() {
    let config = load_text("redis:\n  url: redis://store\n  pool_size: 4\n", &[]).expect("a configuration");
    assert_eq!(config.redis, Redis { url: "redis://store".into(), pool_size: 4, ..Redis::default() });
    assert_eq!(config.server, server::Config::default());
    assert_eq!(load_text("# nothing yet\n", &[]).expect("a configuration"), Config::default());
}

#[test]
fn an_unknown_field_is_refused_where_it_stands() {
    let error = load_text("redis:\n  url: redis://store\n  pool_sise: 4\n", &[]).expect_err("refused");
    let Error::File { line, column, reason, .. } = &error else { panic!("{error}") };
    assert_eq!((*line, *column), (3, 3));
    assert!(reason.contains("unknown field `pool_sise`"), "{reason}");
}

#[test]
fn the_environment_goes_over_the_file() {
    let config = load_text(
        "redis: {url: redis://file, pool_size: 4, password: 007}\nnames: [a]\n",
        &[
            ("LEADHAND__REDIS__URL", "redis://env"),
            ("LEADHAND__REDIS__REPLICAS", "true"),
            ("LEADHAND__SERVER__LISTEN", "127.0.0.1:9000"),
            ("LEADHAND__SERVER__METRICS_LISTEN", ""),
            ("LEADHAND__SERVER__DEFAULT_DEADLINE_MS", "250"),
            ("LEADHAND__NAMES", "[x, '2']"),
            ("LEADHAND__FORMAT", "text"),
            ("LEADHAND_CONFIG", "elsewhere"),
            ("PATH", "/bin"),
        ],
    )
    .expect("a configuration");
    assert_eq!(config.redis.url, "redis://env");
    assert_eq!(config.redis.pool_size, 4);
    assert!(config.redis.replicas);
    assert_eq!(config.names, ["x", "2"]);
    assert_eq!(config.format, Some(telemetry::LogFormat::Text));
    assert_eq!(config.server.listen, "127.0.0.1:9000".parse::<SocketAddr>().expect("an address"));
    assert_eq!(config.server.metrics_listen, None);
    assert_eq!(config.server.default_deadline_ms, 250);
}

#[test]
fn the_environment_alone_is_enough_and_digits_stay_a_password() {
    let config: Config = load(None, variables(&[("LEADHAND__REDIS__PASSWORD", "0123")])).expect("a configuration");
    assert_eq!(config.redis.password.as_deref(), Some("0123"));
}

#[test]
fn a_wrong_variable_is_named_and_its_value_is_not() {
    for (variable, told) in [
        ("LEADHAND__REDIS__POOL_SIZE", "expected u32"),
        ("LEADHAND__REDIS__REPLICAS", "expected bool"),
        ("LEADHAND__REDIS__PASWORD", "unknown field `pasword`"),
        ("LEADHAND__SERVER__LISTEN", "nor a value"),
        ("LEADHAND__FORMAT", "expected `json` or `text`"),
        ("LEADHAND__NAMES", "expected a sequence"),
    ] {
        let error = load::<Config>(None, variables(&[("LEADHAND__REDIS__URL", "x"), (variable, "hunter2")]))
            .expect_err(variable)
            .to_string();
        assert!(error.contains(variable) && error.contains(told), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_wrong_value_of_the_file_is_not_quoted() {
    for text in [
        "redis:\n  pool_size: hunter2\n",
        "redis: hunter2\n",
        "format: hunter2\n",
        "server:\n  listen: hunter2\n",
        "redis:\n  password: [hunter2]\n",
        "redis:\n  url: 'hunter2\n",
        "redis:\n  url: hunter2\n  url: hunter2\n",
        "redis:\n  url: *hunter2\n",
    ] {
        let error = load_text(text, &[]).expect_err(text);
        let mut told = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            told += &cause.to_string();
            source = cause.source();
        }
        assert!(!told.contains("hunter2"), "{told}");
    }
}
