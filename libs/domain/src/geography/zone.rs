//! Time zones of places.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Country, Region};
use crate::invalid::Invalid;

/// A time zone of one country, by an IANA name.
///
/// Zones of one country whose clocks agree from now on are one: `America/Detroit` is read as `America/New_York`. Zones of
/// two countries are two, even if they agree. Names, not UTC offsets: an offset is another one in summer. How the tables
/// are made is told in `data/geography/README.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(&'static str);

type Table = HashMap<&'static str, &'static str>;

static NAMES: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/geography/zone-names.tsv")));
static PLACES: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/geography/zones.tsv")));

fn table(text: &'static str) -> Table {
    text.lines().filter_map(|line| line.split_once('\t')).collect()
}

impl Zone {
    /// Takes an IANA name, an old one too. Refuses names that are no place's, such as `UTC` or `EST5EDT`.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let found = NAMES.get(name).map(|zone| Self(zone));
        found.ok_or_else(|| Invalid::new("the iana name of a place's time zone, such as Europe/Berlin"))
    }

    /// The name that stands for the zone.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The region's zone, unless it lies in several; for a region that is not in the table, or unknown, the country's.
    pub(super) fn of(region: Option<Region>, country: Option<Country>) -> Option<Self> {
        let listed = region.and_then(|region| PLACES.get(region.as_str()));
        let zone = listed.or_else(|| PLACES.get(country?.as_str()))?;
        (*zone != "-").then_some(Self(zone))
    }
}

#[cfg(test)]
pub(super) fn tables() -> (&'static Table, &'static Table) {
    (&NAMES, &PLACES)
}
