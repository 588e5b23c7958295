//! The deadline of the call being handled.
//!
//! The server sets it for each call and [`client::Outbound`](crate::client::Outbound) sends it on; a handler hands what
//! [`remaining`] answers on to whatever else it waits for.

use std::time::Duration;

use crate::call::Call;
use crate::clock::instant;

/// How long the current call's caller still waits: zero once the deadline has passed, `None` without one (outside of any
/// call, and inside a stream whose caller set none).
pub fn remaining() -> Option<Duration> {
    Call::current_deadline().map(|at| at.saturating_duration_since(instant()))
}

/// Runs `future` with a deadline `limit` from now, or the current one if that is sooner. It does not stop the future: it
/// is what [`remaining`] answers inside. For background tasks and clients, which have no caller to set one.
pub async fn scope<F: Future>(limit: Duration, future: F) -> F::Output {
    let mut call = Call::current();
    let at = instant() + limit;
    call.deadline = Some(call.deadline.map_or(at, |current| current.min(at)));
    call.scope(future).await
}

/// The `grpc-timeout` header.
pub(crate) mod wire {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue};

    /// The most that eight digits hold.
    const MOST: u128 = 99_999_999;

    /// The timeout that a caller asks for; `None` without one, or with one that is not well formed.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get("grpc-timeout")?.to_str().ok()?;
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        if number.is_empty() || number.len() > 8 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u64 = number.parse().ok()?;
        match unit {
            "H" => Some(Duration::from_secs(number * 3_600)),
            "M" => Some(Duration::from_secs(number * 60)),
            "S" => Some(Duration::from_secs(number)),
            "m" => Some(Duration::from_millis(number)),
            "u" => Some(Duration::from_micros(number)),
            "n" => Some(Duration::from_nanos(number)),
            _ => None,
        }
    }

    /// The finest unit that holds `timeout` in eight digits.
    pub(crate) fn write(timeout: Duration) -> HeaderValue {
        let units = [
            (timeout.as_nanos(), 'n'),
            (timeout.as_micros(), 'u'),
            (timeout.as_millis(), 'm'),
            (u128::from(timeout.as_secs()), 'S'),
        ];
        let (number, unit) = units.into_iter().find(|(number, _)| *number <= MOST).unwrap_or((MOST, 'S'));
        // Digits and a letter are a legal header value.
        HeaderValue::try_from(format!("{number}{unit}")).expect("digits and a letter")
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[tokio::test]
    async fn the_sooner_deadline_holds() {
        assert_eq!(remaining(), None);
        scope(Duration::from_secs(10), async {
            scope(Duration::from_secs(60), async {
                assert!(remaining().expect("a deadline") <= Duration::from_secs(10));
            })
            .await;
            scope(Duration::ZERO, async { assert_eq!(remaining(), Some(Duration::ZERO)) }).await;
        })
        .await;
        assert_eq!(remaining(), None);
    }

    #[test]
    fn the_header_is_read_and_written() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_static(text));
            wire::read(&headers)
        };
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("2H"), Some(Duration::from_secs(7_200)));
        for malformed in ["", "m", "-1m", "+1m", "1", "1x", "123456789n"] {
            assert_eq!(read(malformed), None, "{malformed:?}");
        }
        assert_eq!(wire::write(Duration::from_millis(50)), "50000000n");
        assert_eq!(wire::write(Duration::from_secs(2)), "2000000u");
        assert_eq!(wire::write(Duration::MAX), "99999999S");
    }
}
