//! The typed lead: which fields expressions see, and where each is found.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::id::Source;
use crate::lead::{Facts, Stage, Temperature};
use crate::time::Millis;

/// A field of the lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `lead.company.name`, text.
    CompanyName,
    /// `lead.company.domain`, text in lower case.
    Domain,
    /// `lead.company.employees`, a whole number.
    Employees,
    /// `lead.company.industry`, text.
    Industry,
    /// `lead.company.country`, ISO 3166-1 alpha-2.
    Country,
    /// `lead.company.region`, ISO 3166-2.
    Region,
    /// `lead.company.city`, text.
    City,
    /// `lead.source`, text.
    Source,
    /// `lead.stage`: `icp`, `mql` or `sql`.
    Stage,
    /// `lead.score`, a whole number from 0 to 100.
    Score,
    /// `lead.temperature`, from the score: `hot` from 80, `warm` from 50, else `cold`.
    Temperature,
    /// `lead.size`, from the employees: `smb` below 50, `mid_market` below 500, else `enterprise`.
    Size,
    /// `lead.grade`, text.
    Grade,
    /// `lead.product_interest`, text.
    ProductInterest,
    /// `lead.qualification.budget`, text.
    Budget,
    /// `lead.qualification.timeline`, text.
    Timeline,
    /// `lead.qualification.authority`, text.
    Authority,
    /// `lead.captured_at`, a moment.
    CapturedAt,
    /// `lead.pooled_at`, a moment: only in the conditions of lists.
    PooledAt,
    /// `lead.attributes.NAME` or `lead.attributes["NAME"]`, text.
    Attribute(Arc<str>),
}

/// Every field but the attributes, by its path.
pub(super) const FIELDS: [(&str, Field); 18] = [
    ("lead.company.name", Field::CompanyName),
    ("lead.company.domain", Field::Domain),
    ("lead.company.employees", Field::Employees),
    ("lead.company.industry", Field::Industry),
    ("lead.company.country", Field::Country),
    ("lead.company.region", Field::Region),
    ("lead.company.city", Field::City),
    ("lead.source", Field::Source),
    ("lead.stage", Field::Stage),
    ("lead.score", Field::Score),
    ("lead.temperature", Field::Temperature),
    ("lead.size", Field::Size),
    ("lead.grade", Field::Grade),
    ("lead.product_interest", Field::ProductInterest),
    ("lead.qualification.budget", Field::Budget),
    ("lead.qualification.timeline", Field::Timeline),
    ("lead.qualification.authority", Field::Authority),
    ("lead.captured_at", Field::CapturedAt),
];

/// The field that only lists have, by its path.
pub(super) const POOLED_AT: (&str, Field) = ("lead.pooled_at", Field::PooledAt);

impl Field {
    /// Whether who browses a pool sees it of a lead.
    pub(super) fn in_preview(&self) -> bool {
        match self {
            Self::CompanyName | Self::Employees | Self::Industry | Self::Source | Self::Stage | Self::Score => true,
            Self::Temperature | Self::Size | Self::Grade | Self::PooledAt => true,
            Self::Budget | Self::Timeline | Self::Authority => true,
            Self::Domain | Self::Country | Self::Region | Self::City | Self::ProductInterest => false,
            Self::CapturedAt | Self::Attribute(_) => false,
        }
    }

    /// Why the field never has this text; `None` when it may have it.
    pub(super) fn never(&self, text: &str) -> Option<String> {
        let one_of = |known: &[&str]| {
            let listed: Vec<_> = known.iter().map(|value| format!("`{value}`")).collect();
            (!known.contains(&text)).then(|| format!("`{self}` is one of {}", listed.join(", ")))
        };
        let unless = |known: bool, form: &str| (!known).then(|| format!("`{self}` is {form}"));
        match self {
            Self::Stage => one_of(&["icp", "mql", "sql"]),
            Self::Temperature => one_of(&["hot", "warm", "cold"]),
            Self::Size => one_of(&["smb", "mid_market", "enterprise"]),
            Self::Country => {
                let known = rust_iso3166::from_alpha2(text).is_some_and(|country| country.alpha2 == text);
                unless(known, "an ISO 3166-1 code of two capitals, such as DE")
            }
            Self::Region => {
                let known = rust_iso3166::iso3166_2::from_code(text).is_some_and(|region| region.code == text);
                unless(known, "an ISO 3166-2 code in capitals, such as US-CA")
            }
            Self::Source => unless(Source::parse(text).is_ok(), "1 to 64 characters of a-z 0-9 _ -"),
            Self::Domain => unless(!text.chars().any(char::is_uppercase), "in lower case"),
            _ => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, "lead.attributes[\"{name}\"]"),
            Self::PooledAt => f.write_str(POOLED_AT.0),
            named => match FIELDS.iter().find(|(_, field)| field == named) {
                Some((path, _)) => f.write_str(path),
                None => f.write_str("lead"),
            },
        }
    }
}

/// A lead as expressions see it.
#[derive(Debug, Clone, Copy)]
pub struct Lead<'a> {
    /// What decisions look at.
    pub facts: &'a Facts,
    /// The free attributes. They may be personal: who must not see them hands in none, and they are absent.
    pub attributes: &'a BTreeMap<String, String>,
    /// When it entered the pool that is listed; `None` where no pool is.
    pub pooled_at: Option<Millis>,
}

static NONE: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Lead<'a> {
    /// A lead with its attributes, in no pool.
    pub fn new(facts: &'a Facts, attributes: &'a BTreeMap<String, String>) -> Self {
        Self { facts, attributes, pooled_at: None }
    }

    /// A lead whose attributes are absent.
    pub fn without_attributes(facts: &'a Facts) -> Self {
        Self { facts, attributes: &NONE, pooled_at: None }
    }

    /// A lead of a pool, whose attributes are absent.
    pub fn pooled(facts: &'a Facts, at: Millis) -> Self {
        Self { facts, attributes: &NONE, pooled_at: Some(at) }
    }

    /// Whether the lead has the field.
    pub fn has(&self, field: &Field) -> bool {
        let moment = *field == Field::CapturedAt || (*field == Field::PooledAt && self.pooled_at.is_some());
        moment || self.number(field).is_some() || self.text(field).is_some()
    }

    /// The field's text, when it is one and is there.
    pub fn text(&self, field: &Field) -> Option<&'a str> {
        let Facts { company, source, stage, grade, product_interest, qualification, .. } = self.facts;
        let text = match field {
            Field::CompanyName => &company.name,
            Field::Domain => &company.domain,
            Field::Industry => &company.industry,
            Field::Country => &company.country,
            Field::Region => &company.region,
            Field::City => &company.city,
            Field::Source => source.as_str(),
            Field::Stage => match stage {
                Stage::Unknown => return None,
                Stage::Icp => "icp",
                Stage::Mql => "mql",
                Stage::Sql => "sql",
            },
            // Without a score it is not known.
            Field::Temperature => Temperature::of(Some(self.facts.score?)).as_str(),
            Field::Size => match company.employees? {
                500.. => "enterprise",
                50.. => "mid_market",
                _ => "smb",
            },
            Field::Grade => grade,
            Field::ProductInterest => product_interest,
            Field::Budget => &qualification.budget,
            Field::Timeline => &qualification.timeline,
            Field::Authority => &qualification.authority,
            Field::Attribute(name) => self.attributes.get(&**name)?,
            Field::Employees | Field::Score | Field::CapturedAt | Field::PooledAt => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The field's number, when it is one and is there.
    pub fn number(&self, field: &Field) -> Option<i64> {
        match field {
            Field::Employees => self.facts.company.employees.map(i64::from),
            Field::Score => self.facts.score.map(i64::from),
            _ => None,
        }
    }
}
