//! Where a lead is, and what places belong together.
//!
//! A [`Place`] is what a lead's normalised fields tell: country, region, city, each known or not. A [`Gazetteer`] holds
//! groups of countries and regions: built-in ones such as EMEA, and those of a policy. A place's time zone follows from
//! its region, or from its country where that has one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::invalid::Invalid;
use crate::lead::Company;

mod city;
mod gazetteer;
mod zone;

pub use city::City;
pub use gazetteer::{Definition, Fault, Gazetteer, Group, MAX_GROUPS, MAX_MEMBERS};
pub use zone::Zone;

/// A country, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// Takes a code in upper or lower case.
    pub fn parse(code: &str) -> Result<Self, Invalid> {
        let found = match code.len() {
            2 => rust_iso3166::from_alpha2(&code.to_ascii_uppercase()),
            _ => None,
        };
        found.map(|country| Self(country.alpha2)).ok_or_else(|| Invalid::new("an ISO 3166-1 alpha-2 code such as DE"))
    }

    /// The code in upper case.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Every country, in the order of ISO 3166-1's English names.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        rust_iso3166::ALL_ALPHA2.iter().map(|code| Self(code))
    }
}

/// A part of a country, by its ISO 3166-2 code. Where ISO 3166-2 has several levels (a province of a French region, a
/// borough of England) a code stands for itself only: a lead in `GB-LND` is not in `GB-ENG`. A policy group can say so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

impl Region {
    /// Takes a full code such as `US-CA` in upper or lower case.
    pub fn parse(code: &str) -> Result<Self, Invalid> {
        let found = match code.len() {
            4..=6 => rust_iso3166::iso3166_2::from_code(&code.to_ascii_uppercase()),
            _ => None,
        };
        found.map(|region| Self(region.code)).ok_or_else(|| Invalid::new("an ISO 3166-2 code such as US-CA"))
    }

    /// The code in upper case.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The country that the region is part of.
    pub fn country(self) -> Country {
        Country(self.0.split_once('-').map_or(self.0, |(country, _)| country))
    }

    /// All regions, those together that lie in one country and one time zone, or in none; sorted.
    pub(crate) fn alike() -> &'static Alike {
        static ALIKE: LazyLock<Alike> = LazyLock::new(|| {
            let mut alike = Alike::new();
            for region in rust_iso3166::iso3166_2::SUBDIVISION_MAP.values().map(|region| Region(region.code)) {
                let country = region.country();
                alike.entry((country, Zone::of(Some(region), Some(country)))).or_default().insert(region);
            }
            alike
        });
        &ALIKE
    }
}

/// Regions by country and time zone.
type Alike = BTreeMap<(Country, Option<Zone>), BTreeSet<Region>>;

/// A city as a policy names it: cities of one name are told apart by country, and by region where that is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Town {
    country: Country,
    region: Option<Region>,
    city: City,
}

impl Town {
    /// A city within a country, or within a region (`US-IL`), which is more specific.
    pub fn parse(within: &str, city: &str) -> Result<Self, Invalid> {
        let city = City::fold(city).ok_or_else(|| Invalid::new("a city's name"))?;
        if let Ok(country) = Country::parse(within) {
            return Ok(Self { country, region: None, city });
        }
        let region = Region::parse(within).map_err(|_| Invalid::new("an ISO 3166 code such as DE or US-IL"))?;
        Ok(Self { country: region.country(), region: Some(region), city })
    }

    /// The country it lies in.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The region it lies in, where the policy names one.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Its name.
    pub fn city(&self) -> &City {
        &self.city
    }

    /// The place of a lead of whom just this is known.
    pub(crate) fn place(&self) -> Place {
        Place { country: Some(self.country), region: self.region, city: Some(self.city.clone()) }
    }
}

/// Where a lead is, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    country: Option<Country>,
    region: Option<Region>,
    city: Option<City>,
}

impl Place {
    /// A place of which some attributes may be unknown. A region tells its country, whatever else is said.
    pub fn new(country: Option<Country>, region: Option<Region>, city: Option<City>) -> Self {
        Self { country: region.map(Region::country).or(country), region, city }
    }

    /// Where a company is, from fields that [`crate::intake`] has normalised; what is no code is unknown.
    pub fn of(company: &Company) -> Self {
        let (country, region) = (Country::parse(&company.country).ok(), Region::parse(&company.region).ok());
        Self::new(country, region, City::fold(&company.city))
    }

    /// The country.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// The region; its country is then known too.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// The city.
    pub fn city(&self) -> Option<&City> {
        self.city.as_ref()
    }

    /// The time zone, where the region, or else the country, lies in one.
    pub fn zone(&self) -> Option<Zone> {
        Zone::of(self.region, self.country)
    }

    /// How a policy would name the city, by its country alone and by its region.
    pub(crate) fn towns(&self) -> [Option<Town>; 2] {
        let town = |region| Some(Town { country: self.country?, region, city: self.city.clone()? });
        [town(None), self.region.and_then(|region| town(Some(region)))]
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.region.map(Region::as_str).or(self.country.map(Country::as_str));
        match (&self.city, code) {
            (Some(city), Some(code)) => write!(f, "{}, {code}", city.as_str()),
            (Some(city), None) => f.write_str(city.as_str()),
            (None, Some(code)) => f.write_str(code),
            (None, None) => f.write_str("an unknown place"),
        }
    }
}

macro_rules! text_of {
    ($($type:ident),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
text_of!(Country, Region, City, Zone);

/// A shared text.
type Text = Arc<str>;

#[cfg(test)]
mod tests;
