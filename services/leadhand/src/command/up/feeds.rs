//! The file that `up --feeds` reads.

use std::fmt;
use std::path::Path;

use leadhand_rep_availability::feeds::{Config, Listed};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::failure::Failure;

/// Calendars to be fetched, and how: `feeds` and `fetch` as the rep-availability service's configuration has them, or the list
/// of the feeds alone.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    /// The calendars.
    pub(crate) feeds: Vec<Listed>,
    /// How they are fetched.
    pub(crate) fetch: Config,
}

/// Reads the file. What is wrong with it is told without its text: an address is a secret.
pub(super) fn read(path: &Path) -> Result<Feeds, Failure> {
    let listed = serde_saphyr::from_str(&crate::command::read_text(path)?);
    listed.map_err(|error| Failure::input(format!("{}: {}", path.display(), error.without_snippet())))
}

impl<'de> Deserialize<'de> for Feeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListOrSettings)
    }
}

struct ListOrSettings;

impl<'de> Visitor<'de> for ListOrSettings {
    type Value = Feeds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of feeds, or `feeds` and `fetch`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Feeds, A::Error> {
        let feeds = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(Feeds { feeds, ..Feeds::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, settings: A) -> Result<Feeds, A::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Settings {
            feeds: Vec<Listed>,
            fetch: Config,
        }
        let Settings { feeds, fetch } = Settings::deserialize(MapAccessDeserializer::new(settings))?;
        Ok(Feeds { feeds, fetch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_services_page_is_read_as_it_stands() {
        let page = include_str!("../../../../rep-availability/README.md");
        let example = page.split("```yaml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let read: Feeds = serde_saphyr::from_str(example).unwrap();
        assert_eq!((read.feeds.len(), read.fetch.horizon_days), (2, 92));
        let alone = "- {workspace: acme, rep: ana, source: google, url: \"https://a.example/secret\"}";
        let read: Feeds = serde_saphyr::from_str(alone).unwrap();
        assert_eq!((read.feeds[0].rep.as_str(), read.fetch.at_once), ("ana", Config::default().at_once));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_address() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.yaml");
        let told = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read(&path).unwrap_err().text()
        };
        let wrong =
            told("feeds:\n  - {workspace: acme, rap: ana, source: google, url: \"https://a.example/secret\"}\n");
        assert!(wrong.contains("rap") && !wrong.contains("secret"), "{wrong}");
        assert!(told("feed: []").contains("feed"));
    }
}
