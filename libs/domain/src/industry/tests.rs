use proptest::prelude::*;

use super::*;

fn industry(text: &str) -> Industry {
    Industry::parse(text).unwrap()
}

fn code(text: &str) -> String {
    industry(text).code().map(|code| code.to_string()).unwrap_or_default()
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

#[test]
fn codes_are_read_however_they_are_written() {
    for (text, expected) in [
        ("541511", "naics:541511"),
        (" 54 ", "naics:54"),
        ("NAICS 541511", "naics:541511"),
        ("naics:5415", "naics:5415"),
        ("NAICS Code: 511", ""),
        ("NAICS code 513", "naics:513"),
        ("541511 - Custom Computer Programming Services", "naics:541511"),
        ("541511 Custom computer programming services", "naics:541511"),
        ("541511: programming", "naics:541511"),
        ("31-33", "naics:31-33"),
        ("31–33 Manufacturing", "naics:31-33"),
        ("44 - 45 | Retail", "naics:44-45"),
        ("32", "naics:32"),
        ("5411", "naics:5411"),
        ("SIC 5411", "sic:5411"),
        ("SIC 7372", "sic:7372"),
        ("sic:73", "sic:73"),
        ("SIC Code 0111", "sic:0111"),
        ("sic7372 Prepackaged Software", "sic:7372"),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_known_code_is_text() {
    for text in [
        "Software",
        "7372",
        "99",
        "5",
        "5415111",
        "54x",
        "3D printing",
        "54 employees",
        "24/7 services",
        "SIC",
        "NAICS",
        "SIC 9",
        "sic 541511",
        "SICK",
        "sic transit",
        "54-59",
        "31-34",
        "54.1",
        "-54",
        "５４",
        "NAICS 54x",
    ] {
        let industry = industry(text);
        assert_eq!((industry.code(), industry.title()), (None, text));
    }
    assert_eq!(Industry::parse(" "), None);
    assert_eq!(industry("SIC 5411").title(), "Grocery Stores");
    assert_eq!(industry("5411").title(), "Legal Services");
    assert_eq!(industry("32").title(), "Manufacturing");
}

#[test]
fn a_code_pattern_matches_what_lies_under_it() {
    for (written, lead, expected) in [
        ("naics:54", "541511", true),
        ("naics:5415", "541511", true),
        ("naics:541511", "541511", true),
        ("naics:541511", "5415", false),
        ("naics:54", "SIC 5411", false),
        ("sic:54", "SIC 5411", true),
        ("sic:541", "SIC 5411", true),
        ("NAICS: 31-33", "32", true),
        ("naics:31-33", "336411", true),
        ("naics:31-33", "31-33", true),
        ("naics:31-33", "423", false),
        ("naics:31", "31-33", false),
        ("naics:31", "311", true),
        ("naics:54", "Legal services", false),
    ] {
        assert_eq!(pattern(written).matches(&industry(lead)), expected, "{written} {lead}");
    }
}

#[test]
fn a_keyword_matches_whole_words_of_text_or_title() {
    for (written, lead, expected) in [
        ("software", "Software & Services", true),
        ("SOFTWARE", "513210", true),
        ("software", "513210 Software Publishers", true),
        ("publishers", "513210", true),
        ("oil & gas", "Oil and Gas Extraction", true),
        ("oil and gas", "211", true),
        ("gas oil", "Oil and Gas", false),
        ("soft", "software", false),
        ("café", "Cafe, bar", true),
        ("health care", "Health-Care", true),
        ("grocery", "SIC 5411", true),
        ("legal", "SIC 5411", false),
    ] {
        assert_eq!(pattern(written).matches(&industry(lead)), expected, "{written} {lead}");
    }
}

#[test]
fn what_could_never_match_is_refused() {
    for bad in [
        "",
        " ",
        "54",
        "5415",
        "7372",
        "naics:",
        "naics:99",
        "naics:7372",
        "naics:31-34",
        "sic:541511",
        "isic:62",
        ":54",
        "naics 54",
        "SIC 7372",
        "31-33",
        "!!",
        "54: law",
        &"x".repeat(101),
    ] {
        assert!(Pattern::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(pattern("Oil & Gas").to_string(), "oil and gas");
    assert_eq!(pattern(" NAICS:54 ").to_string(), "naics:54");
}

#[test]
fn narrower_patterns_are_more_specific() {
    let order =
        ["health", "health care", "naics:31-33", "naics:54", "naics:541", "naics:5415", "naics:54151", "naics:541511"];
    assert!(order.iter().is_sorted_by(|a, b| pattern(a).specificity() < pattern(b).specificity()));
    assert_eq!(pattern("sic:7372").specificity(), pattern("naics:5415").specificity());
    assert!(pattern(&"a ".repeat(40)).specificity() < pattern("naics:31-33").specificity());
}

fn every_code() -> Vec<Code> {
    let tables =
        [(System::Naics, include_str!("../../data/naics.tsv")), (System::Sic, include_str!("../../data/sic.tsv"))];
    let lines = tables.into_iter().flat_map(|(system, table)| table.lines().map(move |line| (system, line)));
    lines.map(|(system, line)| Code::find(system, line.split('\t').next().unwrap()).unwrap()).collect()
}

#[test]
fn every_code_is_found_and_titled() {
    let codes = every_code();
    assert_eq!(codes.len(), 2_132 + 1_504);
    for code in &codes {
        assert!(!code.title().is_empty());
        assert_eq!(industry(&code.to_string()).code(), Some(*code));
        assert_eq!(pattern(&code.to_string()).to_string(), code.to_string());
    }
}

/// Under means: the digits begin with the other's, except that a range stands for each of its numbers.
#[test]
fn every_code_is_under_its_prefixes() {
    let codes = every_code();
    for above in codes.iter().filter(|code| code.digits().len() == 2 || code.digits().contains('-')) {
        let starts: Vec<String> = match above.digits().split_once('-') {
            None => vec![above.digits().to_owned()],
            Some((first, last)) => {
                (first.parse::<u8>().unwrap()..=last.parse().unwrap()).map(|n| n.to_string()).collect()
            }
        };
        for code in &codes {
            let prefixed = starts.iter().any(|start| code.digits().starts_with(start)) && !code.digits().contains('-');
            let expected = code.system() == above.system() && (prefixed || code == above);
            assert_eq!(code.is_under(*above), expected, "{code} under {above}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_a_lead_matches_its_own_words(text in "\\PC{0,60}", lead in "[a-z0-9:& -]{0,40}") {
        for text in [text, lead] {
            if let (Ok(pattern), Some(industry)) = (Pattern::parse(&text), Industry::parse(&text)) {
                prop_assert!(pattern.matches(&industry), "{}", text);
                prop_assert_eq!(Pattern::parse(&pattern.to_string()), Ok(pattern));
            }
        }
    }

    #[test]
    fn a_keyword_is_found_as_its_words_stand_side_by_side(
        words in prop::collection::vec("[a-c]{1,2}", 1..8), keyword in prop::collection::vec("[a-c]{1,2}", 1..3),
    ) {
        let found = words.windows(keyword.len()).any(|window| window == keyword);
        prop_assert_eq!(pattern(&keyword.join(" ")).matches(&industry(&words.join(", "))), found);
    }
}
