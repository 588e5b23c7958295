//! Which time zone a `TZID` names.

use std::collections::HashMap;
use std::sync::LazyLock;

use calcard::common::timezone::Tz;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, civil};

use crate::component::{Component, Kind, Property};
use crate::fault::{Fault, Reason};
use crate::limit::{self, Budget, Spent};
use crate::value::Written;
use leadhand_domain::time::Millis;

mod observance;

/// The tables that are compiled in, so that a file means the same on every machine.
static TABLES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zones of one calendar.
#[derive(Debug)]
pub(crate) struct Zones {
    /// For times without a zone.
    default: TimeZone,
    /// Those that the calendar defines and the tables do not; `None` for a definition that cannot be read.
    own: HashMap<String, Option<TimeZone>>,
}

impl Zones {
    /// Reads the definitions of a calendar, as far as times before `until` need them.
    pub(crate) fn of(
        calendar: &Component,
        default: &TimeZone,
        until: Timestamp,
        budget: &mut Budget,
    ) -> Result<Self, Fault> {
        let mut own = HashMap::new();
        for definition in
            calendar.children.iter().filter(|child| child.kind == Kind::TimeZone && child.broken.is_none())
        {
            budget.next_event();
            let Some(id) = definition.first("TZID").filter(|id| iana(&id.value).is_none()) else { continue };
            let located = definition.first("X-LIC-LOCATION").and_then(|place| iana(&place.value));
            let zone = match located {
                Some(zone) => Some(zone),
                None => match observance::zone(definition, until, budget) {
                    Err(Spent::File) => return Err(definition_fault(definition)),
                    Err(Spent::Event) | Ok(None) => None,
                    Ok(zone) => zone,
                },
            };
            own.insert(id.value.clone(), zone);
        }
        Ok(Self { default: default.clone(), own })
    }

    /// The zone of that name: an IANA zone by the tables, whatever the file says of it; else as the file defines it; else
    /// by the names that Windows, Outlook and Exchange give to zones.
    fn named(&self, id: &str) -> Option<TimeZone> {
        // It is looked up for every value of a list.
        if id.len() > limit::ZONE_BYTES {
            return None;
        }
        let own = || self.own.get(id).cloned().flatten();
        iana(id).or_else(own).or_else(|| iana_inside(id)).or_else(|| vendor(id))
    }

    /// A date or a moment that a property says, in the zone that it says. A time without a zone is in `floating`, which is
    /// the rep's zone where nothing is known, and the zone of the start within an event.
    pub(crate) fn moment(
        &self,
        property: &Property,
        written: Written,
        floating: Option<&TimeZone>,
    ) -> Result<Moment, Fault> {
        let floating = floating.unwrap_or(&self.default).clone();
        let zone = match (written, property.parameter("TZID")) {
            (Written::Utc(_), _) => TimeZone::UTC,
            (Written::Local(_), Some(id)) => self.named(id).ok_or_else(|| property.fault(Reason::UnknownZone))?,
            (Written::Local(_), None) => floating,
            // A day is a day of the one whose calendar it is, also where a zone stands beside it.
            (Written::Date(_), _) => self.default.clone(),
        };
        let moment = Moment { civil: written.civil(), zone, is_date: matches!(written, Written::Date(_)) };
        // The last hours of the year 9999 may lie beyond what can be counted.
        moment.at().map(|_| moment).ok_or_else(|| property.fault(Reason::Malformed))
    }
}

fn definition_fault(definition: &Component) -> Fault {
    Spent::File.reason().at(definition.line)
}

/// A zone of the tables.
fn iana(id: &str) -> Option<TimeZone> {
    TABLES.get(id).ok()
}

/// A zone at the end of a path: `/softwarestudio.org/Olson_20011030_5/America/Chicago`.
fn iana_inside(id: &str) -> Option<TimeZone> {
    // No zone has more than three parts.
    id.match_indices('/').rev().take(3).filter_map(|(at, _)| iana(&id[at + 1..])).last()
}

/// A zone by a name that some vendor gave it.
fn vendor(id: &str) -> Option<TimeZone> {
    iana(&id.parse::<Tz>().ok()?.name()?)
}

/// What a wall clock shows, and where it hangs.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) civil: civil::DateTime,
    pub(crate) zone: TimeZone,
    /// Whether a date stands for it; `civil` is its midnight then.
    pub(crate) is_date: bool,
}

impl Moment {
    pub(crate) fn at(&self) -> Option<Millis> {
        instant(self.civil, &self.zone)
    }
}

/// The moment at which the wall clock shows that. Where it is put forward past it, by the offset before; where it shows it
/// twice, the first time (RFC 5545 3.3.5). `None` beyond the year 9999.
pub(crate) fn instant(civil: civil::DateTime, zone: &TimeZone) -> Option<Millis> {
    let moment = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    Some(Millis(moment.as_millisecond()))
}
