use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index as Pick, subsequence};

use super::*;
use crate::geography::{City, Definition, Gazetteer};

mod oracle;

use oracle::{PATTERNS, relation, specificity};

const INDUSTRIES: Industries<'static> = Industries { specificity: &specificity, relation: &relation };

fn id(name: impl fmt::Display) -> TerritoryId {
    TerritoryId::parse(&name.to_string()).unwrap()
}

fn town(within: &str, city: &str) -> Area {
    Area::City(Town::parse(within, city).unwrap())
}

fn country(code: &str) -> Area {
    Area::Country(Country::parse(code).unwrap())
}

fn region(code: &str) -> Area {
    Area::Region(Region::parse(code).unwrap())
}

fn zone(name: &str) -> Area {
    Area::TimeZone(Zone::parse(name).unwrap())
}

fn built_in(name: &str) -> Area {
    Area::Group(Gazetteer::default().group(name).unwrap().clone())
}

fn group(members: &[&str]) -> Area {
    let members: Vec<_> = members.iter().map(ToString::to_string).collect();
    let gazetteer = Gazetteer::build(&[Definition { name: "own", members: &members }]).unwrap();
    Area::Group(gazetteer.group("own").unwrap().clone())
}

fn metro(towns: &[(&str, &str)]) -> Area {
    Area::Metro(towns.iter().map(|(within, city)| Town::parse(within, city).unwrap()).collect())
}

fn rule(name: &str, areas: &[Area]) -> Rule {
    Rule { id: id(name), areas: areas.to_vec(), industries: Vec::new(), sizes: Vec::new() }
}

fn size(min: u32, max: Option<u32>) -> SizeRange {
    SizeRange::new(min, max).unwrap()
}

fn place(country: &str, region: &str, city: &str) -> Place {
    Place::new(Country::parse(country).ok(), Region::parse(region).ok(), City::fold(city))
}

fn found(index: &Index, place: &Place) -> Option<(String, Kind)> {
    let found = index.find(place, None, None).found?;
    Some((found.territory.to_string(), found.area))
}

fn pairs(fault: &Fault) -> Vec<(&str, &str)> {
    let Fault::Conflicts(conflicts) = fault else { panic!("{fault}") };
    conflicts.iter().map(|conflict| (conflict.first.as_str(), conflict.second.as_str())).collect()
}

#[test]
fn the_most_specific_geography_wins() {
    let rules = [
        rule("anywhere", &[]),
        rule("emea", &[built_in("emea")]),
        rule("eu", &[built_in("eu")]),
        rule("dach", &[built_in("dach")]),
        rule("de", &[country("DE")]),
        rule("us", &[country("US")]),
        rule("central", &[zone("US/Central")]),
        rule("south", &[built_in("us-south")]),
        rule("texas", &[region("US-TX")]),
        rule("dfw", &[metro(&[("US-TX", "Dallas"), ("US", "Fort Worth")])]),
        rule("any-dallas", &[town("US", "Dallas"), town("US", "Paris")]),
        rule("paris", &[town("US-TX", "paris")]),
    ];
    let index = Index::build(&rules, INDUSTRIES).unwrap();
    for (place, territory, kind) in [
        (place("US", "US-TX", "Paris"), "paris", Kind::City),
        (place("US", "US-TX", "DALLAS"), "any-dallas", Kind::City),
        (place("US", "US-TX", "Fort-Worth"), "dfw", Kind::Metro),
        (place("US", "US-TX", "Austin"), "texas", Kind::Region),
        (place("US", "US-OK", ""), "south", Kind::Group),
        (place("US", "US-IL", ""), "central", Kind::TimeZone),
        (place("US", "US-CA", ""), "us", Kind::Country),
        (place("US", "", "Austin"), "us", Kind::Country),
        (place("DE", "DE-BY", "München"), "de", Kind::Country),
        (place("AT", "", ""), "dach", Kind::Group),
        (place("FR", "", "Paris"), "eu", Kind::Group),
        (place("NG", "", ""), "emea", Kind::Group),
        (place("JP", "", ""), "anywhere", Kind::Anywhere),
        (place("", "", "Dallas"), "anywhere", Kind::Anywhere),
    ] {
        assert_eq!(found(&index, &place), Some((territory.to_owned(), kind)), "{place}");
    }
}

#[test]
fn industry_comes_before_size_and_after_geography() {
    let [a, a1, ..] = PATTERNS;
    let of = |name: &str, areas: &[Area], industries: &[PatternId], sizes: &[SizeRange]| Rule {
        industries: industries.to_vec(),
        sizes: sizes.to_vec(),
        ..rule(name, areas)
    };
    let de = [country("DE")];
    let rules = [
        of("world", &[], &[a1], &[SizeRange::SMB]),
        of("any", &de, &[], &[]),
        of("small", &de, &[], &[SizeRange::SMB]),
        of("tiny", &de, &[], &[size(0, Some(9))]),
        of("big", &de, &[], &[SizeRange::ENTERPRISE]),
        of("bigger", &de, &[], &[size(5_000, None)]),
        of("wide", &de, &[a], &[]),
        of("wide-mid", &de, &[a], &[SizeRange::MID_MARKET]),
        of("narrow", &de, &[a1], &[]),
    ];
    let index = Index::build(&rules, INDUSTRIES).unwrap();
    let find = |industries: Option<&[PatternId]>, employees| {
        let found = index.find(&place("DE", "", ""), industries, employees).found.unwrap();
        found.territory.to_string()
    };
    assert_eq!(find(None, None), "any");
    assert_eq!(find(Some(&[]), Some(9)), "tiny");
    assert_eq!(find(Some(&[]), Some(10)), "small");
    assert_eq!(find(Some(&[]), Some(50)), "any");
    assert_eq!(find(Some(&[]), Some(500)), "big");
    assert_eq!(find(Some(&[]), Some(u32::MAX)), "bigger");
    assert_eq!(find(Some(&[a]), Some(9)), "wide");
    assert_eq!(find(Some(&[a]), Some(499)), "wide-mid");
    assert_eq!(find(Some(&[a, a1]), Some(9)), "narrow", "geography first, then the pattern, then the size");
    let answer = index.find(&place("", "", ""), Some(&[a, a1]), Some(9)).found;
    let world = Found { territory: id("world"), area: Kind::Anywhere, industry: Some(a1), size: Some(SizeRange::SMB) };
    assert_eq!(answer, Some(world));
}

#[test]
fn what_is_missing_is_told_where_a_rule_asks_for_it() {
    let rules = [Rule { sizes: vec![SizeRange::SMB], ..rule("a", &[country("DE"), town("US-TX", "Paris")]) }];
    let index = Index::build(&rules, INDUSTRIES).unwrap();
    let outcome = index.find(&place("DE", "", ""), None, None);
    assert_eq!(
        outcome,
        Outcome { found: None, missing: vec![Attribute::Region, Attribute::City, Attribute::Employees] }
    );
    let outcome = index.find(&place("US", "US-TX", "Rome"), None, Some(1));
    assert_eq!(outcome, Outcome { found: None, missing: vec![] });
    let zoned = Index::build(&[rule("a", &[zone("America/Chicago")])], INDUSTRIES).unwrap();
    assert_eq!(zoned.find(&place("US", "US-TN", ""), None, None).missing, [Attribute::TimeZone]);
}

#[test]
fn only_what_can_meet_conflicts() {
    let de = || rule("b", &[country("DE")]);
    let sized = |rule: Rule, min, max| Rule { sizes: vec![size(min, max)], ..rule };
    let [_, a1, a2, _, k1, _] = PATTERNS;
    let industry = |rule: Rule, pattern| Rule { industries: vec![pattern], ..rule };
    let a = || rule("a", &[country("DE")]);
    let conflict = |rules: &[Rule]| Index::build(rules, INDUSTRIES).is_err();
    assert!(conflict(&[a(), de()]));
    assert!(!conflict(&[a(), rule("b", &[country("AT")])]));
    assert!(!conflict(&[sized(a(), 0, Some(9)), sized(de(), 10, Some(19))]));
    assert!(conflict(&[sized(a(), 0, Some(9)), sized(de(), 9, Some(18))]));
    assert!(!conflict(&[sized(a(), 0, Some(9)), sized(de(), 9, Some(19))]), "one is narrower");
    assert!(!conflict(&[industry(a(), a1), industry(de(), a2)]), "disjoint codes");
    assert!(conflict(&[industry(a(), a1), industry(de(), k1)]), "a keyword meets a code");
    assert!(conflict(&[rule("a", &[built_in("amer")]), rule("b", &[built_in("americas")])]));
    assert!(!conflict(&[rule("a", &[built_in("dach")]), rule("b", &[built_in("baltics")])]), "no common country");
    assert!(conflict(&[rule("a", &[group(&["DE", "FR"])]), rule("b", &[group(&["DE", "ES"])])]));
    let settled = [rule("a", &[group(&["DE", "FR"])]), rule("b", &[group(&["DE", "ES"])]), rule("c", &[country("DE")])];
    assert!(!conflict(&settled.clone()), "where the two meet, a third always wins");
    let by_industry = |third: PatternId| {
        let [a, b, c] = settled.clone();
        conflict(&[industry(a, a1), industry(b, a1), industry(c, third)])
    };
    let [a_any, ..] = PATTERNS;
    assert!(!by_industry(a_any), "who is of the narrow industry is of the wide one too");
    assert!(by_industry(k1), "not all of the industry have the keyword");
    let zone_only =
        [rule("a", &[zone("Atlantic/Canary")]), rule("b", &[zone("Atlantic/Canary")]), rule("c", &[region("ES-CN")])];
    assert!(conflict(&zone_only), "two provinces lie in the zone, and are regions of their own");
}

#[test]
fn a_conflict_names_a_lead() {
    let rules = [
        Rule { sizes: vec![size(0, Some(9))], ..rule("north", &[town("DE", "Köln")]) },
        Rule { sizes: vec![size(5, Some(14))], ..rule("south", &[town("DE", "koln")]) },
    ];
    let Err(Fault::Conflicts(conflicts)) = Index::build(&rules, INDUSTRIES) else { panic!("no conflict") };
    let told: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["territories `north` and `south` are equally specific for a lead in koln, DE with 5 employees"]);
}

#[test]
fn what_is_too_large_or_conflicts_too_often_ends() {
    let patterns: Vec<_> = (0..2_000).map(PatternId).collect();
    let sizes = (0..10).map(|n| size(n * 10, Some(n * 10 + 9))).collect();
    let large = Rule { industries: patterns, sizes, ..rule("a", &[built_in("emea")]) };
    assert_eq!(Index::build(&[large], INDUSTRIES), Err(Fault::TooLarge));
    let same: Vec<_> = (0..3_000).map(|n| rule(&n.to_string(), &[])).collect();
    assert_eq!(pairs(&Index::build(&same, INDUSTRIES).unwrap_err()).len(), MAX_CONFLICTS);
}

/// A look-up takes as many hash look-ups among thousands of territories as among few: six cells at most, and in each one
/// for every pattern of the lead and one for none.
#[test]
fn a_look_up_does_not_grow_with_the_territories() {
    let [a, a1, ..] = PATTERNS;
    let codes: Vec<_> = Country::all().map(|country| country.to_string()).filter(|code| code != "DE").collect();
    let lead = place("DE", "DE-BY", "Town 7");
    let mut taken = BTreeSet::new();
    for count in [10_u32, 100, 4_000] {
        let mut rules = vec![Rule { industries: vec![a, a1], ..rule("all", &[]) }];
        for n in 0..count {
            rules.push(rule(
                &format!("town-{n}"),
                &[town("DE-BY", &format!("Town {n}")), town("DE", &format!("Town {n}"))],
            ));
            let by_size =
                |area: &[Area]| Rule { sizes: vec![size(n * 3, Some(n * 3 + 2))], ..rule(&format!("size-{n}"), area) };
            rules.push(by_size(&[region("DE-BY"), country("DE"), zone("Europe/Berlin")]));
        }
        for n in 0..count.min(200) as usize {
            let members: Vec<_> = std::iter::once("DE").chain(codes[..=n].iter().map(String::as_str)).collect();
            rules.push(rule(&format!("group-{n}"), &[group(&members)]));
        }
        let index = Index::build(&rules, INDUSTRIES).unwrap();
        let mut probes = 0;
        let outcome = index.probe(&lead, Some(&[a, a1]), Some(20), &mut probes);
        assert_eq!(outcome.found.unwrap().territory, id("town-7"));
        taken.insert(probes);
    }
    assert_eq!(taken, BTreeSet::from([6 * (1 + 1 + 2)]));
}

/// A few rules made of few areas, patterns and sizes, so that they meet often.
fn small_rules() -> impl Strategy<Value = Vec<Rule>> {
    let sizes = [(0, Some(2)), (2, Some(4)), (1, Some(3)), (3, Some(5)), (0, Some(5)), (3, None), (4, None)];
    let sizes: Vec<_> = sizes.map(|(min, max)| size(min, max)).to_vec();
    let used = (subsequence(oracle::areas(), 2..6), subsequence(PATTERNS.to_vec(), 0..4), subsequence(sizes, 0..4));
    used.prop_flat_map(|(areas, patterns, sizes)| {
        let lists = (of(areas), of(patterns), of(sizes));
        prop::collection::vec(lists, 1..7)
    })
    .prop_map(|lists| {
        let rules = lists.into_iter().enumerate().map(|(n, (areas, industries, sizes))| Rule {
            id: id(n),
            areas,
            industries,
            sizes,
        });
        rules.collect()
    })
}

/// None, one or two of `all`.
fn of<T: Clone + fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = all.len().min(2);
    subsequence(all, 0..=most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Conflicts are exactly those that some lead of the small universe shows; without any, every lead finds what a scan
    /// of all rules finds.
    #[test]
    fn the_index_agrees_with_a_scan_on_every_lead(
        mut rules in small_rules(), picks in prop::collection::vec(any::<Pick>(), 300),
    ) {
        let small = &*oracle::SMALL;
        // Rules that conflict are told right, then taken out until the rest can be looked up.
        let mut index = Index::build(&rules, INDUSTRIES);
        while let Err(Fault::Conflicts(conflicts)) = &index {
            let told: BTreeSet<_> = conflicts.iter().map(|c| (c.first.to_string(), c.second.to_string())).collect();
            prop_assert_eq!(told.len(), conflicts.len(), "each pair once");
            prop_assert_eq!(&told, &small.conflicts(&rules));
            for Conflict { first, second, place, industries, employees } in conflicts {
                let best = oracle::best(&rules, place, &oracle::with_wider(industries), *employees);
                prop_assert!(best.len() > 1 && [first, second].iter().all(|id| best.contains(&id.to_string())));
            }
            let second = conflicts[0].second.clone();
            rules.retain(|rule| rule.id != second);
            index = Index::build(&rules, INDUSTRIES);
        }
        let index = index.unwrap();
        prop_assert!(small.conflicts(&rules).is_empty());
        for lead in picks.iter().map(|pick| pick.get(&small.leads)) {
            let found = index.find(&lead.place, lead.industries.as_deref(), lead.employees).found;
            let best = oracle::best(&rules, &lead.place, lead.industries.as_deref().unwrap_or_default(), lead.employees);
            prop_assert!(best.len() <= 1);
            prop_assert_eq!(found.map(|found| found.territory.to_string()), best.into_iter().next());
        }
    }
}
