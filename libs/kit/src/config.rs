//! Configuration: one YAML file, then the environment over it.
//!
//! `LEADHAND__REDIS__URL=…` sets `redis.url`; a list or a map is given as YAML. Every field has a default, an unknown one
//! is refused, and no error quotes a value: it may be a secret.

mod overlay;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::run::BindError;
use crate::{server, telemetry};
use overlay::Node;

/// What variables that set a field begin with.
const PREFIX: &str = "LEADHAND__";

/// What the configuration of every service contains.
pub trait Settings {
    /// How it is served.
    fn server(&self) -> &server::Config;
    /// What it tells of itself.
    fn telemetry(&self) -> &telemetry::Config;

    /// Whether the rest can be used, as far as that shows without using it.
    ///
    /// # Errors
    /// When it cannot; the text names the field, and never its value.
    fn check(&self) -> Result<(), BindError> {
        Ok(())
    }
}

/// Why a configuration cannot be used. Names files, fields and variables, never values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}:{line}:{column}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The line, from 1; 0 when unknown.
        line: u64,
        /// The column, from 1; 0 when unknown.
        column: u64,
        /// What is wrong.
        reason: String,
    },
    /// A variable is not what it should be.
    #[error("environment variable {variable}: {reason}")]
    Environment {
        /// Which variable.
        variable: String,
        /// What is wrong.
        reason: String,
    },
    /// A field has a value of the right kind that cannot be used.
    #[error("{field}: {reason}")]
    Unusable {
        /// Which field, e.g. `server.max_open_streams`.
        field: &'static str,
        /// What it is to be.
        reason: &'static str,
    },
}

/// Refuses the first of these fields that is 0.
///
/// # Errors
/// When there is one.
pub fn at_least_one(zero: &[(&'static str, bool)]) -> Result<(), Error> {
    match zero.iter().find(|(_, zero)| *zero) {
        Some((field, _)) => Err(Error::Unusable { field, reason: "at least 1" }),
        None => Ok(()),
    }
}

/// Reads the configuration from the file, if any, and puts the variables of `env` that begin with `LEADHAND__` over it.
///
/// # Errors
/// When the file cannot be read, or either has an unknown field or a value of the wrong kind.
pub fn load<T: DeserializeOwned + Default>(
    path: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<T, Error> {
    let mut base = Node::empty();
    let mut config = T::default();
    if let Some(path) = path {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
        match parse(path, &text)? {
            // Nothing but comments.
            serde_json::Value::Null => {}
            tree => {
                config = parse(path, &text)?;
                base = tree.into();
            }
        }
    }

    let mut overrides: Vec<(String, String)> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    if overrides.is_empty() {
        return Ok(config);
    }
    overrides.sort();
    let with = |overrides: &[(String, String)]| {
        let mut tree = base.clone();
        for (name, value) in overrides {
            tree.put(&keys(name), value);
        }
        T::deserialize(tree)
    };
    with(&overrides).map_err(|together| {
        // Which one is to blame: the first that fails alone, else the last.
        let alone = overrides.iter().find_map(|one| Some((one, with(std::slice::from_ref(one)).err()?)));
        let (variable, error) = match alone {
            Some((one, error)) => (one.0.clone(), error),
            None => (overrides.last().map(|last| last.0.clone()).unwrap_or_default(), together),
        };
        Error::Environment { variable, reason: reason(&error.to_string()) }
    })
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    let mut options = serde_saphyr::Options::default();
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location();
        Error::File {
            path: path.into(),
            line: at.as_ref().map_or(0, |at| at.line()),
            column: at.as_ref().map_or(0, |at| at.column()),
            reason: reason(&error.to_string()),
        }
    })
}

/// `LEADHAND__REDIS__URL` → `redis`, `url`.
fn keys(variable: &str) -> Vec<String> {
    variable[PREFIX.len()..].split("__").map(str::to_lowercase).collect()
}

/// What a deserializer's message says, without the value that it quotes.
fn reason(message: &str) -> String {
    const ABOUT_NAMES: [&str; 3] = ["unknown field", "missing field", "duplicate"];
    // Where it stands is told apart from the message, and the parser's settings are not the reader's.
    let message = message.lines().next().unwrap_or_default();
    let message = [" at line ", ", set DuplicateKeyPolicy"]
        .iter()
        .fold(message, |message, end| message.split_once(end).map_or(message, |(message, _)| message));
    if let Some(at) = ABOUT_NAMES.iter().filter_map(|start| message.find(start)).min() {
        return message[at..].to_owned();
    }
    match message.rfind("expected ") {
        Some(at) => format!("not a value this field can have: {}", &message[at..]),
        None => "neither well-formed nor a value this field can have".into(),
    }
}

#[cfg(test)]
mod tests;
