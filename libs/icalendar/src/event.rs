//! One `VEVENT`, read but not yet expanded.

use crate::component::{Component, Property};
use crate::fault::{Fault, Reason};
use crate::occurrence::{Kind, Revision};
use crate::rule::{Frequency, Rule};
use crate::value::{Duration, Written, number};
use crate::zone::{Moment, Zones};

/// How long each occurrence of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many milliseconds, whatever the clocks do meanwhile: what `DTEND` says of a time (RFC 5545 3.8.5.3).
    Exact(i64),
    /// As the calendar counts: what `DURATION` says, and `DTEND` of a date.
    Nominal(Duration),
}

impl Length {
    /// At most how many milliseconds that is; a day has at most 25 hours, but one was left out in some places.
    pub(crate) fn at_most(self) -> i64 {
        match self {
            Self::Exact(millis) => millis,
            Self::Nominal(Duration { days, seconds }) => (i64::from(days) + 2) * 86_400_000 + seconds * 1000,
        }
    }
}

/// The occurrence of the series that a component is about.
#[derive(Debug, Clone)]
pub(crate) struct Recurrence {
    pub(crate) of: Moment,
    /// Whether it is about all later ones too.
    pub(crate) and_later: bool,
}

/// A date of its own beside the rules, with the length that it may have.
pub(crate) type Extra = (Moment, Option<Length>);

/// A component of a series, or an event by itself.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) line: u64,
    pub(crate) uid: Option<String>,
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) start: Moment,
    pub(crate) length: Length,
    pub(crate) rules: Vec<Rule>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) exceptions: Vec<Moment>,
    pub(crate) revision: Revision,
    /// `None`: it keeps nobody busy.
    pub(crate) kind: Option<Kind>,
    pub(crate) all_day: bool,
}

impl Event {
    /// Reads a component. What makes it unusable is the error; what can be left out of it goes to `skipped`.
    pub(crate) fn of(component: &Component, zones: &Zones, skipped: &mut Vec<Fault>) -> Result<Self, Fault> {
        let kind = kind(component);
        let own = component.single("DTSTART")?.map(|p| moment(p, &p.value, zones, None)).transpose()?;
        let recurrence = component.single("RECURRENCE-ID")?.map(|p| recurrence(p, zones, own.as_ref())).transpose()?;
        // A cancellation needs to say no more than what it cancels.
        let cancelled = || recurrence.as_ref().filter(|_| kind.is_none()).map(|recurrence| recurrence.of.clone());
        let start = own.or_else(cancelled).ok_or_else(|| Reason::Malformed.at(component.line))?;
        let length = length(component, &start, zones)?;
        let rules = component.all("RRULE").map(|property| rule(property, &start)).collect::<Result<_, _>>()?;
        // An exception, or a date more, that cannot be read costs an hour too much or too little, not the event.
        let extras = kept(component.all("RDATE").flat_map(values), skipped, |(property, value)| {
            extra(property, value, zones, &start)
        });
        let exceptions = kept(component.all("EXDATE").flat_map(values), skipped, |(property, value)| {
            moment(property, value, zones, Some(&start))
        });
        skipped.extend(component.all("EXRULE").map(|property| property.fault(Reason::Unsupported)));
        let all_day = start.is_date || says(component, "X-MICROSOFT-CDO-ALLDAYEVENT", "TRUE");
        Ok(Self {
            line: component.line,
            uid: component.single("UID")?.map(|uid| uid.value.clone()).filter(|uid| !uid.is_empty()),
            recurrence,
            start,
            length,
            rules,
            extras,
            exceptions,
            revision: revision(component, zones),
            kind,
            all_day,
        })
    }
}

/// The values that are right; what is wrong with the others is told.
fn kept<V, T>(
    values: impl Iterator<Item = V>,
    skipped: &mut Vec<Fault>,
    mut read: impl FnMut(V) -> Result<T, Fault>,
) -> Vec<T> {
    let mut right = Vec::new();
    for value in values {
        match read(value) {
            Ok(value) => right.push(value),
            // Once a line is enough.
            Err(fault) if skipped.last() == Some(&fault) => {}
            Err(fault) => skipped.push(fault),
        }
    }
    right
}

/// The values of a list. One that says nothing has none.
pub(crate) fn values(property: &Property) -> impl Iterator<Item = (&Property, &str)> {
    property.value.split(',').map(str::trim).filter(|value| !value.is_empty()).map(move |value| (property, value))
}

fn says(component: &Component, name: &str, word: &str) -> bool {
    component.first(name).is_some_and(|property| property.is(word))
}

/// How the event keeps somebody busy, if at all.
fn kind(component: &Component) -> Option<Kind> {
    let status = |word| says(component, "X-MICROSOFT-CDO-BUSYSTATUS", word);
    let free = says(component, "TRANSP", "TRANSPARENT")
        || says(component, "STATUS", "CANCELLED")
        || status("FREE")
        // At work, only elsewhere.
        || status("WORKINGELSEWHERE");
    match () {
        () if free => None,
        () if status("OOF") => Some(Kind::OutOfOffice),
        () if status("TENTATIVE") || says(component, "STATUS", "TENTATIVE") => Some(Kind::Tentative),
        () => Some(Kind::Busy),
    }
}

/// Reads a date or a time. Within an event a time without a zone is in that of its start.
fn moment(property: &Property, value: &str, zones: &Zones, start: Option<&Moment>) -> Result<Moment, Fault> {
    let written = Written::parse(value).ok_or_else(|| property.fault(Reason::Malformed))?;
    let promised = property.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE"));
    if promised && !matches!(written, Written::Date(_)) {
        return Err(property.fault(Reason::Malformed));
    }
    zones.moment(property, written, start.map(|start| &start.zone))
}

fn recurrence(property: &Property, zones: &Zones, start: Option<&Moment>) -> Result<Recurrence, Fault> {
    let and_later = match property.parameter("RANGE") {
        None => false,
        Some(range) if range.eq_ignore_ascii_case("THISANDFUTURE") => true,
        // `THISANDPRIOR` went with RFC 2445.
        Some(_) => return Err(property.fault(Reason::Unsupported)),
    };
    Ok(Recurrence { of: moment(property, &property.value, zones, start)?, and_later })
}

fn length(component: &Component, start: &Moment, zones: &Zones) -> Result<Length, Fault> {
    if let Some(property) = component.single("DTEND")? {
        let end = moment(property, &property.value, zones, Some(start))?;
        let malformed = || property.fault(Reason::Malformed);
        if end.is_date != start.is_date {
            return Err(malformed());
        }
        return between(start, &end).ok_or_else(malformed);
    }
    if let Some(property) = component.single("DURATION")? {
        let length = Duration::parse(&property.value).ok_or_else(|| property.fault(Reason::Malformed))?;
        return Ok(Length::Nominal(length));
    }
    // A day without an end is a day, a time without one is a moment (RFC 5545 3.6.1).
    Ok(Length::Nominal(Duration::days(i32::from(start.is_date))))
}

/// From a start to an end that is not before it.
fn between(start: &Moment, end: &Moment) -> Option<Length> {
    if start.is_date {
        let days = start.civil.date().until(end.civil.date()).ok()?.get_days();
        // A day that ends when it begins is meant to be one, and written so by many.
        return (days >= 0).then(|| Length::Nominal(Duration::days(days.max(1))));
    }
    let millis = end.at()?.since(start.at()?).0;
    (millis >= 0).then_some(Length::Exact(millis))
}

fn rule(property: &Property, start: &Moment) -> Result<Rule, Fault> {
    let rule = Rule::parse(&property.value).map_err(|reason| property.fault(reason))?;
    let hourly = rule.frequency >= Frequency::Hourly;
    if start.is_date && hourly {
        return Err(property.fault(Reason::Malformed));
    }
    Ok(match start.is_date {
        // A date has no time of day to recur at (RFC 5545 3.3.10).
        true => Rule { hours: 0, minutes: 0, seconds: 0, ..rule },
        false => rule,
    })
}

fn extra(property: &Property, value: &str, zones: &Zones, start: &Moment) -> Result<Extra, Fault> {
    match value.split_once('/') {
        Some((from, to)) => {
            let (from, length) = period(property, from, to, zones, Some(start))?;
            Ok((from, Some(length)))
        }
        None => Ok((moment(property, value, zones, Some(start))?, None)),
    }
}

/// A period of time: from when, and until when or for how long.
pub(crate) fn period(
    property: &Property,
    from: &str,
    to: &str,
    zones: &Zones,
    start: Option<&Moment>,
) -> Result<(Moment, Length), Fault> {
    let malformed = || property.fault(Reason::Malformed);
    let from = moment(property, from, zones, start)?;
    let length = match Duration::parse(to) {
        Some(length) => Length::Nominal(length),
        None => {
            let to = moment(property, to, zones, start)?;
            (to.is_date == from.is_date).then(|| between(&from, &to)).flatten().ok_or_else(malformed)?
        }
    };
    Ok((from, length))
}

/// A stamp or a number that cannot be read is as good as none.
fn revision(component: &Component, zones: &Zones) -> Revision {
    let sequence = component.first("SEQUENCE").and_then(|property| number(property.value.as_bytes())).unwrap_or(0);
    let stamp = |name| component.first(name).and_then(|p| moment(p, &p.value, zones, None).ok()?.at());
    Revision::new(sequence, stamp("LAST-MODIFIED").or_else(|| stamp("DTSTAMP")))
}
