//! Getting a calendar over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{StatusCode, Url};

use super::Config;

/// The most redirects that are followed.
const REDIRECTS: usize = 5;

/// The longest name of a version, in bytes; what a server calls longer is not remembered.
const VERSION: usize = 256;

/// What a server answered.
#[derive(Debug)]
pub(super) enum Answered {
    /// It is still the version that was asked about.
    Unchanged,
    /// A calendar, with what the server calls the version and when it was changed; empty where it does not say.
    Body { text: Vec<u8>, etag: String, last_modified: String },
}

/// Why there is no calendar. Never tells the URL.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("longer than {0} bytes")]
    TooLarge(usize),
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection")]
    NoConnection,
    #[error("redirected too often, from https to http, or to an address inside")]
    Redirected,
    #[error("the answer broke off")]
    Broken,
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        match error {
            error if error.is_timeout() => Self::TimedOut,
            error if error.is_redirect() => Self::Redirected,
            error if error.is_connect() => Self::NoConnection,
            _ => Self::Broken,
        }
    }
}

/// Gets calendars; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    max_bytes: usize,
}

impl Client {
    pub(super) fn new(config: &Config) -> Result<Self, reqwest::Error> {
        let timeout = Duration::from_millis(config.timeout_ms);
        let http = reqwest::Client::builder()
            .user_agent(concat!("leadhand/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::custom(redirect))
            // Wherever a redirect leads must not be told the address.
            .referer(false)
            .connect_timeout(timeout)
            .timeout(timeout)
            .build()?;
        Ok(Self { http, max_bytes: config.max_bytes })
    }

    /// Gets a calendar unless it is still the version named; an empty name is none.
    pub(super) async fn get(&self, url: &Url, etag: &str, last_modified: &str) -> Result<Answered, Fault> {
        let mut request = self.http.get(url.clone()).header(ACCEPT, "text/calendar, */*;q=0.1");
        let asks = !etag.is_empty() || !last_modified.is_empty();
        if !etag.is_empty() {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if !last_modified.is_empty() {
            request = request.header(IF_MODIFIED_SINCE, last_modified);
        }
        let mut answer = request.send().await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if asks => return Ok(Answered::Unchanged),
            status => return Err(Fault::Status(status)),
        }
        let (etag, last_modified) = (version(answer.headers(), ETAG), version(answer.headers(), LAST_MODIFIED));
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if text.len() + chunk.len() > self.max_bytes {
                return Err(Fault::TooLarge(self.max_bytes));
            }
            text.extend_from_slice(&chunk);
        }
        Ok(Answered::Body { text, etag, last_modified })
    }
}

/// A calendar's address is a secret, and stays under TLS.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_safe = attempt.previous().iter().any(|url| url.scheme() == "https");
    // The address that is listed is the operator's word, one that it leads to is the calendar server's.
    let leads_inside = is_inside(attempt.url()) && !attempt.previous().first().is_some_and(is_inside);
    if attempt.previous().len() > REDIRECTS || (was_safe && attempt.url().scheme() != "https") || leads_inside {
        return attempt.error("not followed");
    }
    attempt.follow()
}

/// Whether an address is of this machine or of a network of its own, as far as it says so itself; names are not looked up.
fn is_inside(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared
        }
        Ok(IpAddr::V6(v6)) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
        // A name without a dot is one of the network that it is asked in.
        Err(_) => {
            !host.contains('.') || [".localhost", ".local", ".internal", ".svc"].iter().any(|end| host.ends_with(end))
        }
    }
}

fn version(headers: &HeaderMap, name: HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.filter(|value| value.len() <= VERSION).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_told_from_those_of_the_world() {
        let inside = |url: &str| is_inside(&Url::parse(url).unwrap());
        for url in [
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:6379",
            "http://0x7f.1/",
            "http://10.1.2.3",
            "http://192.168.0.1",
            "http://100.64.0.1",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fd00::1]/",
            "http://localhost:8080",
            "https://redis",
            "https://printer.local",
            "http://metadata.google.internal./",
        ] {
            assert!(inside(url), "{url}");
        }
        for url in ["https://calendar.example/a.ics", "http://93.184.215.14", "https://[2606:2800::1]/"] {
            assert!(!inside(url), "{url}");
        }
    }
}
