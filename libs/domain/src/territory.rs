//! Territories: geography × industry × size, and which of them a lead falls into.
//!
//! A rule matches a lead that is in one of its areas, of one of its industries, with one of its sizes; a list that is empty
//! asks for nothing. A missing attribute matches no rule that asks for it. Of the rules that match, the most specific wins:
//!
//! 1. by geography: city within a region, city within a country, metro, region, group of regions only (the fewer, the more
//!    specific), time zone, country, group with countries (fewer countries, then fewer regions), anywhere;
//! 2. then by industry: the higher specificity of its pattern; any industry comes last;
//! 3. then by size: the narrower range, of open ones the one that begins later; any size comes last.
//!
//! A group of regions comes before the time zone and the country, because it is a part of one: `us-west` before `US`.
//! When two rules can win the same lead equally, that is a fault of the policy, and [`Index::build`] tells it.
//!
//! **Industries** are known here by number only. A rule lists patterns by [`PatternId`]; a look-up gets the ids of all
//! patterns that match the lead; how specific a pattern is, and how two relate, is told once, in [`Industries`]: by the
//! build alone, so that a look-up cannot contradict what was checked.

use std::fmt;
use std::sync::Arc;

use crate::geography::{Country, Group, Place, Region, Town, Zone};
use crate::id::TerritoryId;
use crate::invalid::Invalid;

mod conflict;
mod index;
mod rank;
mod reach;

pub use index::{Index, MAX_ENTRIES};
pub use reach::Reach;

/// The most conflicts that one build tells.
pub const MAX_CONFLICTS: usize = 1_000;

/// What a rule asks of a lead's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// In this city.
    City(Town),
    /// In one of these cities.
    Metro(Arc<[Town]>),
    /// In this region.
    Region(Region),
    /// In this time zone.
    TimeZone(Zone),
    /// In this country.
    Country(Country),
    /// In one of this group's countries or regions.
    Group(Arc<Group>),
    /// No matter where, also if that is not known.
    Anywhere,
}

/// Which kind of area matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Area::City`]
    City,
    /// [`Area::Metro`]
    Metro,
    /// [`Area::Region`]
    Region,
    /// [`Area::TimeZone`]
    TimeZone,
    /// [`Area::Country`]
    Country,
    /// [`Area::Group`]
    Group,
    /// [`Area::Anywhere`]
    Anywhere,
}

/// An industry pattern of the policy, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatternId(pub u32);

/// How the leads that a first pattern matches relate to those of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// No lead is matched by both.
    Disjoint,
    /// Some lead is matched by both, and some only by the first.
    Overlapping,
    /// Every lead that the first matches, the second matches too.
    Within,
}

/// What a build must know of industry patterns.
#[derive(Clone, Copy)]
pub struct Industries<'a> {
    /// How specific a pattern is; the higher wins.
    pub specificity: &'a dyn Fn(PatternId) -> u8,
    /// How two different patterns relate. It is taken that for any two that are not disjoint there is a lead that matches
    /// them, the patterns that either is within, and no others.
    pub relation: &'a dyn Fn(PatternId, PatternId) -> Relation,
}

/// A range of employees, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SizeRange {
    min: u32,
    max: Option<u32>,
}

impl SizeRange {
    /// Fewer than 50 employees.
    pub const SMB: Self = Self { min: 0, max: Some(49) };
    /// 50 to 499 employees.
    pub const MID_MARKET: Self = Self { min: 50, max: Some(499) };
    /// 500 employees and more.
    pub const ENTERPRISE: Self = Self { min: 500, max: None };

    /// From `min` to `max`; without `max`, as many as there may be.
    pub fn new(min: u32, max: Option<u32>) -> Result<Self, Invalid> {
        match max {
            Some(max) if max < min => Err(Invalid::new("the most must not be below the least")),
            _ => Ok(Self { min, max }),
        }
    }

    /// `smb`, `mid-market` or `enterprise`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "smb" => Self::SMB,
            "mid-market" => Self::MID_MARKET,
            "enterprise" => Self::ENTERPRISE,
            _ => return None,
        })
    }

    /// The least number of employees.
    pub fn least(self) -> u32 {
        self.min
    }

    /// The most; `None` without an end.
    pub fn most(self) -> Option<u32> {
        self.max
    }
}

/// A territory's rule. Empty lists ask for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The territory; whoever makes the rules sees to it that an id stands once.
    pub id: TerritoryId,
    /// Any of these places.
    pub areas: Vec<Area>,
    /// Any of these industries.
    pub industries: Vec<PatternId>,
    /// Any of these sizes.
    pub sizes: Vec<SizeRange>,
}

/// The answer to a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The territory, if any matches.
    pub found: Option<Found>,
    /// Which attributes the lead lacks though some rule of the policy asks for them.
    pub missing: Vec<Attribute>,
}

/// The territory that a lead falls into, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The territory.
    pub territory: TerritoryId,
    /// The most specific of its areas that the lead is in.
    pub area: Kind,
    /// The most specific of its patterns that match; `None` when it asks for no industry.
    pub industry: Option<PatternId>,
    /// The narrowest of its ranges that match; `None` when it asks for no size.
    pub size: Option<SizeRange>,
}

/// What a rule may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The country.
    Country,
    /// The region.
    Region,
    /// The city.
    City,
    /// The time zone: unknown also where region and country lie in several.
    TimeZone,
    /// The industry.
    Industry,
    /// The number of employees.
    Employees,
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::TimeZone => "time zone",
            Self::Industry => "industry",
            Self::Employees => "employees",
        })
    }
}

/// Why rules make no index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Territories that can win the same lead equally; at most [`MAX_CONFLICTS`] of them, each pair once.
    #[error("{} pairs of territories can win the same lead equally", .0.len())]
    Conflicts(Vec<Conflict>),
    /// The product of areas, industries and sizes, with groups written out, is too large.
    #[error("the territories' areas, industries and sizes make more than {MAX_ENTRIES} combinations")]
    TooLarge,
}

/// Two territories that can win the same lead equally, and such a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The one whose rule stands first.
    pub first: TerritoryId,
    /// The other.
    pub second: TerritoryId,
    /// Where a lead is that both win.
    pub place: Place,
    /// The patterns that the two rules match it by: none, one, or two that overlap.
    pub industries: Vec<PatternId>,
    /// How many employees it has; `None` when that is unknown.
    pub employees: Option<u32>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second, place, .. } = self;
        write!(f, "territories `{first}` and `{second}` are equally specific for a lead in {place}")?;
        if let Some(employees) = self.employees {
            write!(f, " with {employees} employees")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
