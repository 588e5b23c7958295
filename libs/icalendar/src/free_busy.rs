//! `VFREEBUSY`: periods without events, as scheduling systems publish them.

use std::ops::Range;

use jiff::SignedDuration;
use leadhand_domain::time::Millis;

use crate::component::{Component, Property};
use crate::event::{Length, period, values};
use crate::fault::{Fault, Reason};
use crate::limit;
use crate::occurrence::{Kind, Occurrence, Revision, digest};
use crate::zone::{Zones, instant};

/// The busy periods inside the window.
pub(crate) fn occurrences(
    component: &Component,
    zones: &Zones,
    window: &Range<Millis>,
    found: &mut Vec<Occurrence>,
    skipped: &mut Vec<Fault>,
) -> Result<(), Fault> {
    for property in component.all("FREEBUSY") {
        let Some(kind) = kind(property) else { continue };
        for (property, value) in values(property) {
            match occurrence(property, value, kind, zones) {
                Ok(Some(one)) if one.end > window.start && one.start < window.end => found.push(one),
                Ok(_) => {}
                Err(fault) if skipped.last() == Some(&fault) => {}
                Err(fault) => skipped.push(fault),
            }
            if found.len() > limit::OCCURRENCES {
                return Err(property.fault(Reason::TooLarge));
            }
        }
    }
    Ok(())
}

/// What is not known counts as busy (RFC 5545 3.2.9).
fn kind(property: &Property) -> Option<Kind> {
    match property.parameter("FBTYPE").unwrap_or_default().to_ascii_uppercase().as_str() {
        "FREE" => None,
        "BUSY-TENTATIVE" => Some(Kind::Tentative),
        "BUSY-UNAVAILABLE" => Some(Kind::OutOfOffice),
        _ => Some(Kind::Busy),
    }
}

/// A period; `None` when it is over as it begins.
fn occurrence(property: &Property, value: &str, kind: Kind, zones: &Zones) -> Result<Option<Occurrence>, Fault> {
    let malformed = || property.fault(Reason::Malformed);
    let (from, to) = value.split_once('/').ok_or_else(malformed)?;
    let (from, length) = period(property, from, to, zones, None)?;
    let start = from.at().ok_or_else(malformed)?;
    let millis = match length {
        Length::Exact(millis) => Some(Millis(start.0.saturating_add(millis))),
        Length::Nominal(length) => {
            let days = SignedDuration::from_hours(24 * i64::from(length.days));
            let day = from.civil.checked_add(days).ok().and_then(|day| instant(day, &from.zone));
            day.map(|day| Millis(day.0.saturating_add(length.seconds * 1000)))
        }
    };
    let end = millis.ok_or_else(malformed)?;
    // Periods have no names. The same one is the same at every reading; another one is another.
    let id = digest(&format!("at {} {}", start.0, end.0));
    let revision = Revision::default();
    Ok((end > start).then_some(Occurrence { start, end, all_day: from.is_date, kind, id, revision }))
}
