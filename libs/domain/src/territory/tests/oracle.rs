//! The slow and obvious reading: every rule is asked whether and how specifically it matches, and the best are kept. Shares
//! no code with the index; specificity is written as plain numbers.

use std::sync::LazyLock;

use super::*;

/// Codes A, A1, A2, B and two keywords, which may stand beside any code.
pub(super) const PATTERNS: [PatternId; 6] =
    [PatternId(0), PatternId(1), PatternId(2), PatternId(3), PatternId(4), PatternId(5)];
const CODES: [&str; 4] = ["A", "A1", "A2", "B"];

pub(super) fn specificity(pattern: PatternId) -> u8 {
    [1, 2, 2, 1, 2, 2].get(pattern.0 as usize).copied().unwrap_or(1)
}

pub(super) fn relation(first: PatternId, second: PatternId) -> Relation {
    match (CODES.get(first.0 as usize), CODES.get(second.0 as usize)) {
        (Some(first), Some(second)) if first.starts_with(second) => Relation::Within,
        (Some(first), Some(second)) if second.starts_with(first) => Relation::Overlapping,
        (Some(_), Some(_)) => Relation::Disjoint,
        _ => Relation::Overlapping,
    }
}

/// The patterns that match a lead of these.
pub(super) fn with_wider(patterns: &[PatternId]) -> Vec<PatternId> {
    let is_wider = |wide: &PatternId| {
        patterns.iter().any(|pattern| pattern == wide || relation(*pattern, *wide) == Relation::Within)
    };
    PATTERNS.iter().copied().filter(is_wider).collect()
}

/// Areas that overlap, hide and miss each other.
pub(super) fn areas() -> Vec<Area> {
    vec![
        Area::Anywhere,
        country("DE"),
        country("ES"),
        country("US"),
        region("ES-CN"),
        region("ES-GC"),
        region("ES-TF"),
        region("US-CA"),
        region("US-TX"),
        zone("Europe/Berlin"),
        zone("Europe/Madrid"),
        zone("Atlantic/Canary"),
        zone("America/Chicago"),
        group(&["DE", "FR"]),
        group(&["DE", "ES"]),
        group(&["DE", "FR", "ES"]),
        group(&["DE", "US-CA"]),
        group(&["ES", "US-CA"]),
        group(&["US-CA", "US-TX"]),
        group(&["US-CA", "ES-CN"]),
        town("DE", "Berlin"),
        town("US", "Paris"),
        town("US-TX", "Paris"),
        metro(&[("DE", "Berlin"), ("US-TX", "Paris")]),
        metro(&[("US", "Paris")]),
        metro(&[("US-CA", "Paris")]),
    ]
}

/// One lead.
pub(super) struct Lead {
    pub(super) place: Place,
    pub(super) industries: Option<Vec<PatternId>>,
    pub(super) employees: Option<u32>,
}

/// Made once.
pub(super) static SMALL: LazyLock<Small> = LazyLock::new(Small::new);

/// Every lead that the rules made of [`areas`], [`PATTERNS`] and sizes up to 5 can tell from others.
pub(super) struct Small {
    places: Vec<Place>,
    industries: Vec<Option<Vec<PatternId>>>,
    employees: Vec<Option<u32>>,
    pub(super) leads: Vec<Lead>,
}

impl Small {
    fn new() -> Self {
        let within = [
            ("", ""),
            ("DE", ""),
            ("DE", "DE-BY"),
            ("FR", ""),
            ("ES", ""),
            ("ES", "ES-M"),
            ("ES", "ES-CN"),
            ("ES", "ES-GC"),
            ("ES", "ES-TF"),
            ("US", ""),
            ("US", "US-CA"),
            ("US", "US-TX"),
            ("US", "US-IL"),
            ("US", "US-NY"),
            ("US", "US-TN"),
        ];
        let cities = ["", "Berlin", "Paris", "Rome"];
        let places = within.iter().flat_map(|(country, region)| cities.map(|city| place(country, region, city)));
        let mut industries = vec![None];
        for code in std::iter::once(None).chain(PATTERNS[..4].iter().map(Some)) {
            for keywords in [&[][..], &PATTERNS[4..5], &PATTERNS[5..], &PATTERNS[4..]] {
                let matching: Vec<_> = code.into_iter().chain(keywords).copied().collect();
                industries.push(Some(with_wider(&matching)));
            }
        }
        let employees: Vec<_> = std::iter::once(None).chain((0..=6).map(Some)).collect();
        let places: Vec<_> = places.collect();
        let mut leads = Vec::new();
        for place in &places {
            for industries in &industries {
                leads.extend(employees.iter().map(|employees| Lead {
                    place: place.clone(),
                    industries: industries.clone(),
                    employees: *employees,
                }));
            }
        }
        Self { places, industries, employees, leads }
    }

    /// Every pair of rules that some lead is won by equally.
    pub(super) fn conflicts(&self, rules: &[Rule]) -> BTreeSet<(String, String)> {
        let scores = |score: &dyn Fn(&Rule) -> Option<i64>| -> Vec<Option<i64>> { rules.iter().map(score).collect() };
        let by_place: BTreeSet<_> = self.places.iter().map(|at| scores(&|rule| geography(rule, at))).collect();
        let by_industry: BTreeSet<_> = self
            .industries
            .iter()
            .map(|list| scores(&|rule| industry(rule, list.as_deref().unwrap_or_default())))
            .collect();
        let by_size: BTreeSet<_> = self.employees.iter().map(|count| scores(&|rule| employees(rule, *count))).collect();
        let mut pairs = BTreeSet::new();
        for place in &by_place {
            for industry in &by_industry {
                for size in &by_size {
                    let score = |n: usize| Some((place[n]?, industry[n]?, size[n]?));
                    let best = (0..rules.len()).filter_map(score).max();
                    let winners: Vec<_> = (0..rules.len()).filter(|n| best.is_some() && score(*n) == best).collect();
                    for (n, first) in winners.iter().enumerate() {
                        let name = |n: &usize| rules[*n].id.to_string();
                        pairs.extend(winners[n + 1..].iter().map(|second| (name(first), name(second))));
                    }
                }
            }
        }
        pairs
    }
}

/// The most specific rules of a lead.
pub(super) fn best(rules: &[Rule], at: &Place, patterns: &[PatternId], count: Option<u32>) -> BTreeSet<String> {
    let score = |rule: &Rule| Some((geography(rule, at)?, industry(rule, patterns)?, employees(rule, count)?));
    let most = rules.iter().filter_map(score).max();
    let winners = rules.iter().filter(|rule| most.is_some() && score(rule) == most);
    winners.map(|rule| rule.id.to_string()).collect()
}

/// The higher the more specific.
fn geography(rule: &Rule, at: &Place) -> Option<i64> {
    let in_town = |town: &Town| {
        at.city() == Some(town.city())
            && at.country() == Some(town.country())
            && (town.region().is_none() || town.region() == at.region())
    };
    let score = |area: &Area| match area {
        Area::City(town) => in_town(town).then_some(if town.region().is_some() { 9_000_000 } else { 8_000_000 }),
        Area::Metro(towns) => towns.iter().any(in_town).then_some(7_000_000),
        Area::Region(region) => (at.region() == Some(*region)).then_some(6_000_000),
        Area::TimeZone(zone) => (at.zone() == Some(*zone)).then_some(4_000_000),
        Area::Country(country) => (at.country() == Some(*country)).then_some(3_000_000),
        Area::Group(group) => {
            let countries = i64::try_from(group.countries().len()).unwrap();
            let regions = i64::try_from(group.regions().len()).unwrap();
            let inside = at.country().is_some_and(|country| group.countries().contains(&country))
                || at.region().is_some_and(|region| group.regions().contains(&region));
            let base = if countries == 0 { 6_000_000 } else { 3_000_000 };
            inside.then_some(base - countries * 10_000 - regions)
        }
        Area::Anywhere => Some(0),
    };
    if rule.areas.is_empty() { Some(0) } else { rule.areas.iter().filter_map(score).max() }
}

fn industry(rule: &Rule, patterns: &[PatternId]) -> Option<i64> {
    let matching = rule.industries.iter().filter(|pattern| patterns.contains(pattern));
    if rule.industries.is_empty() { Some(-1) } else { matching.map(|pattern| specificity(*pattern).into()).max() }
}

fn employees(rule: &Rule, count: Option<u32>) -> Option<i64> {
    let fits = |size: &&SizeRange| {
        count.is_some_and(|count| size.least() <= count && size.most().is_none_or(|max| count <= max))
    };
    let width = |size: &SizeRange| i64::from(size.most().unwrap_or(u32::MAX)) - i64::from(size.least());
    if rule.sizes.is_empty() { Some(i64::MIN) } else { rule.sizes.iter().filter(fits).map(|size| -width(size)).max() }
}
