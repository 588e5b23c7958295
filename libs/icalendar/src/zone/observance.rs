//! Time zones as a file defines them (RFC 5545 3.6.5).
//!
//! The onsets of all observances until the end of the window, put into the form in which operating systems hold a zone
//! (TZif, RFC 9636), so that such a zone is like any other from there on.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::component::{Component, Kind};
use crate::limit::{Budget, Spent};
use crate::rule::Rule;
use crate::rule::expand::{expand, seconds};
use crate::value::{Written, offset};

/// From a moment on, in seconds since 1970 UTC, so many seconds east of it; and how many before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Onset {
    at: i64,
    before: i32,
    after: i32,
}

/// The zone, exact until `until`; `None` when the definition cannot be read.
pub(super) fn zone(definition: &Component, until: Timestamp, budget: &mut Budget) -> Result<Option<TimeZone>, Spent> {
    let until = TimeZone::UTC.to_datetime(until);
    let mut onsets = Vec::new();
    for part in definition.children.iter().filter(|part| part.kind == Kind::Observance) {
        match onsets_of(part, until, budget)? {
            Some(more) => onsets.extend(more),
            None => return Ok(None),
        }
    }
    onsets.sort_unstable();
    onsets.dedup_by_key(|onset| onset.at);
    Ok(tzif(&onsets).and_then(|data| TimeZone::tzif("", &data).ok()))
}

fn onsets_of(part: &Component, until: civil::DateTime, budget: &mut Budget) -> Result<Option<Vec<Onset>>, Spent> {
    let value = |name| part.first(name).map(|property| property.value.as_str());
    let offsets = value("TZOFFSETFROM").and_then(offset).zip(value("TZOFFSETTO").and_then(offset));
    let Some((before, after)) = offsets else { return Ok(None) };
    // Onsets are told by the clock that hung there until then.
    let Some(start) = value("DTSTART").and_then(Written::parse).map(Written::civil) else { return Ok(None) };
    let mut clocks = vec![start];
    for rule in part.all("RRULE") {
        let Ok(rule) = Rule::parse(&rule.value) else { return Ok(None) };
        let last = rule.until.map_or(i64::MAX, |until| match until {
            Written::Utc(at) => seconds(at) + i64::from(before),
            Written::Local(at) => seconds(at),
            Written::Date(_) => seconds(until.civil()) + 86_399,
        });
        let found = expand(&rule, start, &(start..until), budget)?;
        clocks.extend(found.into_iter().filter(|clock| seconds(*clock) <= last));
    }
    for dates in part.all("RDATE") {
        for date in dates.value.split(',').filter(|date| !date.is_empty()) {
            budget.spend(1)?;
            let Some(date) = Written::parse(date) else { return Ok(None) };
            clocks.push(date.civil());
        }
    }
    let onset = |clock| Onset { at: seconds(clock) - i64::from(before), before, after };
    Ok(Some(clocks.into_iter().map(onset).collect()))
}

/// The zone as TZif, version 2; `None` without an onset, or with more offsets than the form has room for.
fn tzif(onsets: &[Onset]) -> Option<Vec<u8>> {
    let mut offsets = vec![onsets.first()?.before];
    let mut kinds = Vec::with_capacity(onsets.len());
    for onset in onsets {
        let known = offsets.iter().position(|offset| *offset == onset.after);
        let kind = known.unwrap_or_else(|| {
            offsets.push(onset.after);
            offsets.len() - 1
        });
        kinds.push(u8::try_from(kind).ok()?);
    }
    let header = |times: usize, types: usize, names: usize| {
        let mut header = b"TZif2".to_vec();
        header.extend([0; 15]);
        for count in [0, 0, 0, times, types, names] {
            header.extend(u32::try_from(count).ok()?.to_be_bytes());
        }
        Some(header)
    };
    // The block for readers of 1993 holds one type, as it must.
    let mut data = header(0, 1, 1)?;
    data.extend([0; 7]);
    data.extend(header(onsets.len(), offsets.len(), 1)?);
    data.extend(onsets.iter().flat_map(|onset| onset.at.to_be_bytes()));
    data.extend(kinds);
    // An offset, whether it is daylight saving time, which nobody asks here, and where its name, which is none, begins.
    data.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes().into_iter().chain([0, 0])));
    data.extend(b"\0\n\n");
    Some(data)
}
