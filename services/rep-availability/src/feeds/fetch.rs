//! Getting a calendar over HTTP.

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
    #[error("redirected too often, or from https to http")]
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
    if attempt.previous().len() > REDIRECTS || (was_safe && attempt.url().scheme() != "https") {
        return attempt.error("not followed");
    }
    attempt.follow()
}

fn version(headers: &HeaderMap, name: HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.filter(|value| value.len() <= VERSION).unwrap_or_default().to_owned()
}
