//! Feeds as the configuration lists them.

use std::collections::HashSet;
use std::path::PathBuf;

use leadhand_domain::calendar::Kind;
use leadhand_domain::feed::Order;
use leadhand_domain::id::{CalendarSource, RepId, Workspace};
use leadhand_domain::time::Span;
use leadhand_domain::working::Zone;
use reqwest::Url;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A calendar to be fetched.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The tenant.
    pub workspace: String,
    /// Whose calendar it is.
    pub rep: String,
    /// What the calendar is called: the source of its events.
    pub source: String,
    /// Where it is: `https://…`, `http://…` or `webcal://…`, which is https. Whoever has it can read the calendar.
    #[serde(default)]
    pub url: Option<String>,
    /// A file with the URL, instead of `url`.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// How often it is fetched, in seconds, at least 60. Default: 300.
    #[serde(default = "every_s")]
    pub every_s: u32,
    /// The IANA name of the zone of days, and of times without a zone. Default: that of the rep's working hours.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// What every event says of the rep, such as `pto` for a feed of absences: `meeting`, `all_day`, `out_of_office`, `pto`,
    /// `leave`, `tentative`, `free` or `working`. Default: what the calendar says.
    #[serde(default)]
    pub kind: Option<String>,
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { workspace, rep, source, .. } = self;
        f.debug_struct("Listed").field("workspace", workspace).field("rep", rep).field("source", source).finish()
    }
}

fn every_s() -> u32 {
    300
}

/// How feeds are fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a fetch may take, from the connection to the last byte, in milliseconds. Default: 20,000.
    pub timeout_ms: u64,
    /// The longest calendar, in bytes. Default: 8,388,608.
    pub max_bytes: usize,
    /// How many days ahead recurring events are worked out. Default: 92.
    pub horizon_days: u16,
    /// How many fetches are under way at once: that many times `max_bytes` is the most memory they take. Default: 4.
    pub at_once: usize,
    /// How often it is looked for feeds to be fetched, in milliseconds. Default: 1,000.
    pub tick_ms: u64,
    /// After so many hours without a good answer the log tells of a feed as an error. Default: 6.
    pub stale_after_hours: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            timeout_ms: 20_000,
            max_bytes: 8 << 20,
            horizon_days: 92,
            at_once: 4,
            tick_ms: 1_000,
            stale_after_hours: 6,
        }
    }
}

/// A feed, checked.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) workspace: Workspace,
    pub(crate) order: Order,
    pub(crate) url: Url,
    pub(crate) zone: Option<Zone>,
    pub(crate) kind: Option<Kind>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("workspace", &self.workspace).field("order", &self.order).finish()
    }
}

/// A feed that cannot be used; never tells a URL.
#[derive(Debug, thiserror::Error)]
#[error("feeds[{place}].{field}: {reason}")]
pub(crate) struct Fault {
    place: usize,
    field: &'static str,
    reason: String,
}

/// Checks what is listed.
pub(crate) fn all(listed: &[Listed]) -> Result<Vec<Place>, Fault> {
    let mut seen = HashSet::new();
    let mut places = Vec::new();
    for (place, feed) in listed.iter().enumerate() {
        let checked = check(feed).map_err(|(field, reason)| Fault { place, field, reason })?;
        if !seen.insert((checked.workspace.clone(), checked.order.key())) {
            return Err(Fault { place, field: "source", reason: "the rep has another feed of this source".to_owned() });
        }
        places.push(checked);
    }
    Ok(places)
}

fn check(feed: &Listed) -> Result<Place, (&'static str, String)> {
    let at = |field: &'static str| move |wrong: leadhand_domain::invalid::Invalid| (field, wrong.0);
    let workspace = Workspace::parse(&feed.workspace).map_err(at("workspace"))?;
    let rep = RepId::parse(&feed.rep).map_err(at("rep"))?;
    let source = CalendarSource::parse(&feed.source).map_err(at("source"))?;
    if feed.every_s < 60 {
        return Err(("every_s", "at least 60".to_owned()));
    }
    let zone = feed.time_zone.as_deref().map(Zone::parse).transpose().map_err(at("time_zone"))?;
    let kind = feed.kind.as_deref().map(kind).transpose()?;
    let url = url(feed)?;
    let digest = Sha256::digest(format!("{url} {zone:?} {kind:?}"));
    let mut shape = [0; 16];
    shape.copy_from_slice(&digest[..16]);
    let every = Span(i64::from(feed.every_s) * 1_000);
    Ok(Place { workspace, order: Order { rep, source, shape, every }, url, zone, kind })
}

fn kind(name: &str) -> Result<Kind, (&'static str, String)> {
    let spelled = |kind: &Kind| kind.as_str().replace(' ', "_");
    let known = Kind::ALL.iter().copied().find(|kind| spelled(kind) == name || (*kind == Kind::Pto && name == "pto"));
    known.ok_or_else(|| {
        let names = "meeting, all_day, out_of_office, pto, leave, tentative, free or working";
        ("kind", format!("expected {names}"))
    })
}

fn url(feed: &Listed) -> Result<Url, (&'static str, String)> {
    let (field, text) = match (&feed.url, &feed.url_file) {
        (Some(url), None) => ("url", url.clone()),
        (None, Some(file)) => {
            ("url_file", std::fs::read_to_string(file).map_err(|error| ("url_file", error.to_string()))?)
        }
        _ => return Err(("url", "needs exactly one of `url` and `url_file`".to_owned())),
    };
    let text = text.trim();
    let https = text.strip_prefix("webcal://").map(|rest| format!("https://{rest}"));
    let url = Url::parse(https.as_deref().unwrap_or(text)).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| (field, "not a URL of http, https or webcal".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(url: &str) -> Listed {
        let url = Some(url.to_owned());
        let (workspace, rep, source) = ("acme".into(), "ana".into(), "google".into());
        Listed { workspace, rep, source, url, url_file: None, every_s: 300, time_zone: None, kind: None }
    }

    #[test]
    fn what_cannot_be_used_is_named_and_no_url_is_told() {
        let refused = |feed: Listed| all(&[listed("https://a.example/1"), feed]).unwrap_err().to_string();
        let odd = Listed { source: "b".into(), ..listed("ftp://a.example/secret") };
        assert_eq!(refused(odd), "feeds[1].url: not a URL of http, https or webcal");
        assert!(refused(listed("https://a.example/2")).starts_with("feeds[1].source: "), "twice the same");
        assert!(refused(Listed { every_s: 59, ..listed("https://a.example") }).starts_with("feeds[1].every_s: "));
        let nap = Some("nap".to_owned());
        assert!(refused(Listed { kind: nap, ..listed("https://a.example") }).starts_with("feeds[1].kind: expected"));
        let zone = Some("Mars".to_owned());
        assert!(refused(Listed { time_zone: zone, ..listed("https://a.example") }).starts_with("feeds[1].time_zone: "));
        let both = Listed { url_file: Some("x".into()), ..listed("https://a.example") };
        assert_eq!(refused(both), "feeds[1].url: needs exactly one of `url` and `url_file`");
        assert!(!format!("{:?}", listed("https://a.example/secret")).contains("secret"));
    }

    #[test]
    fn a_feed_is_another_when_it_is_fetched_or_read_otherwise() {
        let shape = |feed: Listed| all(&[feed]).unwrap()[0].order.shape;
        let first = shape(listed("webcal://a.example/1"));
        assert_eq!(first, shape(Listed { every_s: 600, ..listed("https://a.example/1") }));
        assert_ne!(first, shape(listed("https://a.example/2")));
        assert_ne!(first, shape(Listed { kind: Some("pto".into()), ..listed("https://a.example/1") }));
    }
}
