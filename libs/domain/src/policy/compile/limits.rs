//! Quotas and lengths of time.

use super::super::document::{Quotas, Spanned, Text};
use super::Check;
use crate::quota::Quota;
use crate::time::Span;

/// How long a rep has who is pushed a lead first: C11.
const PUSH_FIRST_WITHIN: Span = Span::minutes(30);

const CONTACT_SLA: Span = Span::hours(2);
const DUPLICATES_WITHIN: Span = Span::days(30);
const OFFER_WITHIN: Span = Span::minutes(5);

pub(super) fn quotas(raw: &Quotas, check: &mut Check) -> Vec<Quota> {
    let windows: [(&Option<Spanned<i64>>, _, _, _); 3] = [
        (&raw.hour, "hour", Span::hours(1), 3),
        (&raw.day, "day", Span::days(1), 10),
        (&raw.week, "week", Span::days(7), 40),
    ];
    let mut quotas = Vec::new();
    for (value, name, length, default) in windows {
        let limit = match value {
            None => default,
            // The most is what the claims record holds comfortably.
            Some(value) => check.number(value, name, 0, 1_000).unwrap_or(default),
        };
        quotas.push(Quota { length, limit });
    }
    quotas
}

pub(super) fn contact_sla(raw: Option<&Text>, check: &mut Check) -> Span {
    let Some(raw) = raw else { return CONTACT_SLA };
    let wrong = "contact_sla must be 1m to 720h, such as `2h` or `90m`";
    length(raw, Span::minutes(1), Span::days(30), wrong, check).unwrap_or(CONTACT_SLA)
}

pub(super) fn duplicates_within(raw: Option<&Text>, check: &mut Check) -> Span {
    let Some(raw) = raw else { return DUPLICATES_WITHIN };
    let wrong = "duplicates_within must be 0h to 8760h, such as `720h`";
    length(raw, Span(0), Span::days(365), wrong, check).unwrap_or(DUPLICATES_WITHIN)
}

pub(super) fn offer_within(raw: Option<&Text>, check: &mut Check) -> Span {
    let Some(raw) = raw else { return OFFER_WITHIN };
    let wrong = "within must be 10s to 24h, such as `5m`";
    length(raw, Span(10_000), Span::hours(24), wrong, check).unwrap_or(OFFER_WITHIN)
}

pub(super) fn push_first_within(raw: Option<&Text>, check: &mut Check) -> Span {
    let Some(raw) = raw else { return PUSH_FIRST_WITHIN };
    let wrong = "within must be 1m to 720h, such as `30m`";
    length(raw, Span::minutes(1), Span::days(30), wrong, check).unwrap_or(PUSH_FIRST_WITHIN)
}

/// A length of time in `h`, `m` and `s`.
pub(super) fn length(raw: &Text, least: Span, most: Span, wrong: &str, check: &mut Check) -> Option<Span> {
    let length = raw.value.parse::<jiff::SignedDuration>().ok();
    let length = length.and_then(|length| i64::try_from(length.as_millis()).ok()).map(Span);
    let known = length.filter(|length| (least..=most).contains(length));
    if known.is_none() {
        check.fault(raw.referenced, wrong);
    }
    known
}
