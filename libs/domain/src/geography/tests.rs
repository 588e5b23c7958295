use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn city(name: &str) -> City {
    City::fold(name).unwrap()
}

fn place(country: &str, region: &str) -> Place {
    Place::new(Country::parse(country).ok(), Region::parse(region).ok(), None)
}

fn zone_of(country: &str, region: &str) -> Option<&'static str> {
    place(country, region).zone().map(Zone::as_str)
}

#[test]
fn one_city_is_written_in_many_ways() {
    for spellings in [
        &["München", "munchen", " MÜNCHEN ", "Mu\u{308}nchen"][..],
        &["St. Louis", "st louis", "St.  Louis"],
        &["Saint-Étienne", "saint etienne"],
        &["Coeur d'Alene", "Cœur d’Alene"],
        &["Łódź", "LODZ"],
        &["İstanbul", "Istanbul", "istanbul"],
        &["Iğdır", "IGDIR"],
        &["Αθήνας", "ΑΘΗΝΑΣ"],
        &["Washington, D.C.", "washington DC"],
        &["Großenhain", "GROSSENHAIN"],
        &["ﬁrenze", "Firenze"],
    ] {
        for other in spellings {
            assert_eq!(city(spellings[0]), city(other), "{other}");
        }
    }
    assert_ne!(city("Muenchen"), city("München"));
    assert_ne!(city("ハラ"), city("バラ"), "the marks of other scripts tell words apart");
    assert_eq!(City::fold(" - . "), None);
}

proptest! {
    #[test]
    fn folding_is_folding_once(name in "\\PC{0,30}") {
        if let Some(city) = City::fold(&name) {
            prop_assert_eq!(City::fold(city.as_str()), Some(city.clone()));
            prop_assert_eq!(City::fold(&name.to_lowercase()), Some(city));
        }
    }
}

#[test]
fn a_region_tells_its_country() {
    assert_eq!(place("", "US-CA").country(), Country::parse("us").ok());
    assert_eq!(place("DE", "US-CA").country(), Country::parse("US").ok());
    let mut alike = Region::alike().iter();
    assert!(alike.all(|((country, _), regions)| {
        Country::parse(country.as_str()).is_ok() && regions.iter().all(|region| region.country() == *country)
    }));
    let company =
        Company { country: "FR".into(), region: "elsewhere".into(), city: "Nîmes".into(), ..Company::default() };
    let of = Place::of(&company);
    assert_eq!((of.country().map(Country::as_str), of.region(), of.city()), (Some("FR"), None, Some(&city("nimes"))));
    assert_eq!(of.to_string(), "nimes, FR");
}

#[test]
fn codes_are_refused_without_a_panic() {
    for bad in ["", "D", "XX", "DEU", "é", "U\u{1F600}", "US-", "US-ZZ", "US-CALIF", "ÄÄ-1"] {
        assert!(Country::parse(bad).is_err() && Region::parse(bad).is_err(), "{bad}");
        assert!(Town::parse(bad, "x").is_err(), "{bad}");
    }
    assert!(Town::parse("DE", "").is_err());
}

#[test]
fn a_zone_follows_from_the_region_or_else_from_the_country() {
    for (country, region, zone) in [
        ("DE", "", Some("Europe/Berlin")),
        ("DE", "DE-BY", Some("Europe/Berlin")),
        ("SE", "", Some("Europe/Stockholm")),
        ("US", "", None),
        ("US", "US-TX", Some("America/Chicago")),
        ("US", "US-MI", Some("America/New_York")),
        ("US", "US-AZ", Some("America/Phoenix")),
        ("US", "US-TN", None),
        ("CA", "CA-QC", Some("America/Toronto")),
        ("AU", "AU-VIC", Some("Australia/Sydney")),
        ("BR", "BR-AM", Some("America/Manaus")),
        ("BR", "", Some("America/Sao_Paulo")),
        ("ES", "ES-M", Some("Europe/Madrid")),
        ("ES", "ES-CN", Some("Atlantic/Canary")),
        ("CN", "CN-XJ", None),
        ("BV", "", None),
        ("", "", None),
    ] {
        assert_eq!(zone_of(country, region), zone, "{country} {region}");
    }
}

#[test]
fn zone_names_of_no_place_are_refused_and_old_ones_are_read() {
    for (name, zone) in [
        ("US/Eastern", "America/New_York"),
        ("America/Detroit", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("Europe/Stockholm", "Europe/Stockholm"),
    ] {
        assert_eq!(Zone::parse(name).map(Zone::as_str), Ok(zone));
    }
    for name in ["UTC", "EST5EDT", "CET", "Etc/GMT+5", "+01:00", "europe", ""] {
        assert!(Zone::parse(name).is_err(), "{name}");
    }
}

#[test]
fn the_tables_name_what_exists() {
    let (names, places) = zone::tables();
    for (name, zone) in names {
        assert_eq!(names.get(zone), Some(zone), "{name}");
    }
    for (code, zone) in places {
        assert!(Country::parse(code).is_ok() || Region::parse(code).is_ok(), "{code}");
        assert!(*zone == "-" || names.get(zone) == Some(zone), "{code} {zone}");
    }
    for line in include_str!("../../data/geography/groups.tsv").lines() {
        let [name, codes, source] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let unknown = codes.split(' ').find(|code| Country::parse(code).is_err() && Region::parse(code).is_err());
        assert!(unknown.is_none() && !source.is_empty(), "{name} {unknown:?}");
        assert!(Country::parse(name).is_err() && Region::parse(name).is_err(), "{name} is a code too");
        let group = Gazetteer::default().group(name).unwrap().clone();
        assert_eq!(group.countries().len() + group.regions().len(), codes.split(' ').count(), "{name}");
        assert!(group.countries().is_sorted() && group.regions().is_sorted());
    }
}

/// An independent reading: a time zone database knows the names too.
#[test]
fn every_zone_is_one_that_jiff_knows() {
    let (names, _) = zone::tables();
    let Ok(_) = jiff::tz::TimeZone::get("Europe/Berlin") else {
        println!("skipped: this machine has no time zone database");
        return;
    };
    let unknown: Vec<_> = names.values().filter(|zone| jiff::tz::TimeZone::get(zone).is_err()).collect();
    assert!(unknown.len() < 3, "the machine's database may be a little older: {unknown:?}");
}

fn held(gazetteer: &Gazetteer, name: &str) -> BTreeSet<Country> {
    gazetteer.group(name).unwrap().countries().iter().copied().collect()
}

#[test]
fn emea_apac_and_amer_share_out_the_world() {
    let built_in = Gazetteer::default();
    let [emea, apac, amer] = ["EMEA", "APAC", "AMER"].map(|name| held(&built_in, name));
    let everywhere: BTreeSet<_> = Country::all().filter(|country| country.as_str() != "AQ").collect();
    assert_eq!(emea.len() + apac.len() + amer.len(), everywhere.len());
    assert_eq!(&(&emea | &apac) | &amer, everywhere);
    assert_eq!(&held(&built_in, "NORAM") | &held(&built_in, "LATAM"), amer);
    assert_eq!(held(&built_in, "eu").len(), 27);
    assert_eq!(held(&built_in, "UK_IE").len(), 2);
    let census =
        |names: [&str; 4]| names.iter().map(|name| built_in.group(name).unwrap().regions().len()).sum::<usize>();
    assert_eq!(census(["us-northeast", "us-midwest", "us-south", "us-west"]), 51);
}

fn build(definitions: &[(&str, &[&str])]) -> Result<Gazetteer, Vec<Fault>> {
    let owned: Vec<_> =
        definitions.iter().map(|(_, members)| members.iter().map(ToString::to_string).collect()).collect();
    let groups =
        definitions.iter().zip(&owned).map(|((name, _), members): (_, &Vec<String>)| Definition { name, members });
    Gazetteer::build(&groups.collect::<Vec<_>>())
}

#[test]
fn groups_nest_in_any_order() {
    let own = build(&[("Outer", &["inner", "US-CA", "dach"]), ("inner", &["se", "DE-BY", "NORDICS"])]).unwrap();
    let outer = own.group("OUTER").unwrap();
    let codes: Vec<_> = outer.countries().iter().map(|country| country.as_str()).collect();
    assert_eq!(codes, ["AT", "AX", "CH", "DE", "DK", "FI", "FO", "GL", "IS", "NO", "SE"]);
    assert_eq!(outer.regions(), [Region::parse("US-CA").unwrap()], "a region of a whole country adds nothing");
    assert!(own.group("emea").is_some() && own.group("nowhere").is_none());
}

#[test]
fn every_fault_of_a_definition_is_told() {
    let faults = build(&[
        ("a", &["b"]),
        ("b", &["DE", "c"]),
        ("c", &["a"]),
        ("to-cycle", &["a"]),
        ("self", &["self"]),
        ("de", &["FR"]),
        ("E U", &["FR"]),
        ("emea", &["FR"]),
        ("twice", &["FR"]),
        ("Twice", &["FR"]),
        ("none", &[]),
        ("unknown", &["FR", "XX"]),
    ])
    .unwrap_err();
    let told: Vec<_> = faults.iter().map(|f| (f.group, f.member, f.message.0.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, Some(0), "group `a` would contain itself"),
            (4, Some(0), "group `self` would contain itself"),
            (5, None, "`de` is an ISO 3166 code"),
            (6, None, "1 to 64 characters of a-z 0-9 - _"),
            (7, None, "`emea` is a built-in group"),
            (9, None, "group `twice` is defined twice"),
            (10, None, "a group needs at least one member"),
            (11, Some(1), "no such ISO 3166 code, and no such group"),
        ]
    );
}

proptest! {
    /// The oracle follows names without end, as deep as there are groups, and finds a cycle by going deeper.
    #[test]
    fn nested_groups_hold_what_a_slow_reading_finds(
        named in prop::collection::vec(prop::collection::vec(0usize..12, 0..4), 1..8),
    ) {
        let count = named.len();
        let codes = ["DE", "FR", "SE", "US"];
        let text = |member: &usize| match codes.get(*member) {
            Some(code) => (*code).to_owned(),
            None => format!("group-{}", (member - codes.len()) % count),
        };
        let members: Vec<Vec<String>> =
            named.iter().map(|named| named.iter().map(text).chain(["NO".to_owned()]).collect()).collect();
        let names: Vec<_> = (0..count).map(|group| format!("group-{group}")).collect();
        let definitions: Vec<_> = names.iter().zip(&members).map(|(name, members)| Definition { name, members }).collect();
        fn read(group: usize, members: &[Vec<String>], depth: usize, held: &mut BTreeSet<String>) -> bool {
            depth <= members.len() && members[group].iter().all(|member| match member.strip_prefix("group-") {
                Some(inner) => read(inner.parse().unwrap(), members, depth + 1, held),
                None => { held.insert(member.clone()); true }
            })
        }
        let slow: Vec<_> = (0..count).map(|group| {
            let mut held = BTreeSet::new();
            read(group, &members, 1, &mut held).then_some(held)
        }).collect();
        match Gazetteer::build(&definitions) {
            Err(_) => prop_assert!(slow.iter().any(Option::is_none)),
            Ok(gazetteer) => for (name, slow) in names.iter().zip(slow) {
                let held: BTreeSet<_> = held(&gazetteer, name).iter().map(ToString::to_string).collect();
                prop_assert_eq!(Some(held), slow);
            }
        }
    }
}
