//! How specific a match is, and the cells of the world that rules are filed under.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Area, Kind, SizeRange};
use crate::geography::{Country, Group, Place, Region, Town, Zone};

/// How specific an area is; the later, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grain {
    Anywhere,
    /// How many countries it holds, and how many regions of others.
    Group(Reverse<usize>, Reverse<usize>),
    Country,
    TimeZone,
    /// How many regions it holds.
    Regions(Reverse<usize>),
    Region,
    Metro,
    City,
    CityInRegion,
}

impl Grain {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Anywhere => Kind::Anywhere,
            Self::Group(..) | Self::Regions(_) => Kind::Group,
            Self::Country => Kind::Country,
            Self::TimeZone => Kind::TimeZone,
            Self::Region => Kind::Region,
            Self::Metro => Kind::Metro,
            Self::City | Self::CityInRegion => Kind::City,
        }
    }

    fn of(group: &Group) -> Self {
        match (group.countries().len(), group.regions().len()) {
            (0, regions) => Self::Regions(Reverse(regions)),
            (countries, regions) => Self::Group(Reverse(countries), Reverse(regions)),
        }
    }
}

/// How specific a match is: geography before industry before size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) grain: Grain,
    /// The pattern's specificity; `None`, any industry, is the least.
    pub(super) industry: Option<u8>,
    /// How many employees more than the least the range allows; `None`, any size, is the least specific.
    pub(super) width: Option<Reverse<u32>>,
}

/// The narrower range first; an open one ends where numbers do, so that of two the one that begins later is narrower.
pub(super) fn width(size: Option<SizeRange>) -> Option<Reverse<u32>> {
    size.map(|size| Reverse(size.most().unwrap_or(u32::MAX) - size.least()))
}

/// A part of the world that rules are filed under. A lead is in at most six.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    Anywhere,
    Country(Country),
    Zone(Zone),
    Region(Region),
    /// With and without its region, a city is two cells.
    Town(Town),
}

/// The cells that a lead at `place` is in.
pub(super) fn cells(place: &Place) -> impl Iterator<Item = Cell> {
    let [town, town_in_region] = place.towns();
    [
        Some(Cell::Anywhere),
        place.country().map(Cell::Country),
        place.zone().map(Cell::Zone),
        place.region().map(Cell::Region),
        town.map(Cell::Town),
        town_in_region.map(Cell::Town),
    ]
    .into_iter()
    .flatten()
}

/// The cells that areas cover, and how specific the areas are there; no areas are anywhere.
pub(super) fn covered(areas: &[Area]) -> BTreeSet<(Cell, Grain)> {
    let mut covered = BTreeSet::new();
    if areas.is_empty() {
        covered.insert((Cell::Anywhere, Grain::Anywhere));
    }
    for area in areas {
        match area {
            Area::City(town) => {
                let grain = if town.region().is_some() { Grain::CityInRegion } else { Grain::City };
                covered.insert((Cell::Town(town.clone()), grain));
            }
            Area::Metro(towns) => covered.extend(towns.iter().map(|town| (Cell::Town(town.clone()), Grain::Metro))),
            Area::Region(region) => {
                covered.insert((Cell::Region(*region), Grain::Region));
            }
            Area::TimeZone(zone) => {
                covered.insert((Cell::Zone(*zone), Grain::TimeZone));
            }
            Area::Country(country) => {
                covered.insert((Cell::Country(*country), Grain::Country));
            }
            Area::Group(group) => {
                let grain = Grain::of(group);
                covered.extend(group.countries().iter().map(|country| (Cell::Country(*country), grain)));
                covered.extend(group.regions().iter().map(|region| (Cell::Region(*region), grain)));
            }
            Area::Anywhere => {
                covered.insert((Cell::Anywhere, Grain::Anywhere));
            }
        }
    }
    covered
}
