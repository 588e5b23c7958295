use std::collections::BTreeMap;

use super::*;
use crate::id::Source;
use crate::lead::{Company, Facts, Qualification, Stage};
use crate::time::Span;

mod hostile;
mod list;
mod oracle;

const NOW: Millis = Millis(1_790_000_000_000);

fn facts() -> Facts {
    Facts {
        company: Company {
            name: "Müller & Söhne GmbH".into(),
            domain: "mueller.example".into(),
            employees: Some(120),
            industry: "manufacturing".into(),
            country: "DE".into(),
            region: "DE-BY".into(),
            city: "München".into(),
        },
        source: Source::parse("webinar").unwrap(),
        stage: Stage::Mql,
        score: Some(80),
        grade: "A".into(),
        product_interest: "routing".into(),
        qualification: Qualification { budget: "20 k".into(), timeline: "Q3".into(), authority: "director".into() },
        captured_at: NOW.after(Span::minutes(-90)),
    }
}

/// A lead of which only the source and the capture are known.
fn bare() -> Facts {
    Facts {
        company: Company::default(),
        stage: Stage::Unknown,
        score: None,
        grade: String::new(),
        product_interest: String::new(),
        qualification: Qualification::default(),
        ..facts()
    }
}

fn outcome(source: &str, facts: &Facts) -> Outcome {
    let attributes: BTreeMap<_, _> =
        [("utm-source".to_owned(), "ads".to_owned()), ("budget".into(), "12000".into())].into();
    let expression = Expression::parse(source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    expression.evaluate(&Lead::new(facts, &attributes), NOW)
}

fn faults(source: &str) -> Vec<String> {
    Expression::parse(source).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_language_can_say() {
    let true_of_the_lead = [
        r#"lead.company.country in ["DE", "AT", "CH"] && lead.score >= 80"#,
        r#"lead.company.name == "Müller & Söhne GmbH" && lead.company.city.size() == 7"#,
        r#"lead.company.domain.endsWith(".example") && !lead.company.domain.startsWith("www")"#,
        r#"lead.stage == "mql" && lead.temperature == "hot" && lead.size == "mid_market""#,
        r#"now - lead.captured_at > duration("1h") && now - lead.captured_at <= duration("1h30m")"#,
        r#"lead.captured_at > timestamp("2026-01-01T00:00:00Z")"#,
        r#"lead.company.name.lowerAscii().contains("gmbh") && size(lead.grade) == 1"#,
        r#"lead.company.name.matches(r"^M\S+ & ") && matches(lead.source, "bin")"#,
        r#"lead.attributes["utm-source"] == "ads" && int(lead.attributes.budget) > 10000"#,
        r#""budget" in lead.attributes && !("other" in lead.attributes) && has(lead.attributes.budget)"#,
        "lead.company.employees / 50 == 2 && lead.company.employees % 50 == 20 && -lead.score < 0",
        "double(lead.score) * 0.5 == 40.0 && lead.score < 80.5 && 80.5 > lead.score && int(80.9) == lead.score",
        r#"(lead.score > 50 ? "a" : "b") == "a""#,
        "lead.score in [10, 80] && (lead.score > 1) == true",
        "// which leads\n  lead.score\n  == 80 // and no others",
        "has(lead.captured_at) && now.getHours() in [14] && now.getHours('Europe/Berlin') == 16 && now.getDayOfWeek() == 1",
    ];
    for source in true_of_the_lead {
        assert_eq!(outcome(source, &facts()), Outcome::Matches, "{source}");
        assert_eq!(outcome(&format!("!({source}\n)"), &facts()), Outcome::Differs, "{source}");
    }
}

#[test]
fn parts_of_a_moment_are_counted_as_cel_does() {
    // A Sunday in UTC, already Monday in Auckland, which is 13 hours ahead in summer.
    let moment = "timestamp('2026-03-01T22:15:30.250Z')";
    let parts = [
        ("getFullYear", 2026, 2026),
        ("getMonth", 2, 2),
        ("getDate", 1, 2),
        ("getDayOfMonth", 0, 1),
        ("getDayOfWeek", 0, 1),
        ("getDayOfYear", 59, 60),
        ("getHours", 22, 11),
        ("getMinutes", 15, 15),
        ("getSeconds", 30, 30),
        ("getMilliseconds", 250, 250),
    ];
    for (part, utc, auckland) in parts {
        let source = format!("{moment}.{part}() == {utc} && {moment}.{part}('Pacific/Auckland') == {auckland}");
        assert_eq!(outcome(&source, &facts()), Outcome::Matches, "{source}");
    }
    let length = "duration('-1h30m1.5s')";
    for (part, expected) in
        [("getHours", -1), ("getMinutes", -90), ("getSeconds", -5401), ("getMilliseconds", -5_401_500)]
    {
        let source = format!("{length}.{part}() == {expected}");
        assert_eq!(outcome(&source, &facts()), Outcome::Matches, "{source}");
    }
}

#[test]
fn durations_are_written_as_in_go() {
    let same = [
        ("1.5h", "90m"),
        ("0", "0s"),
        ("-0", "0h"),
        (".5s", "500ms"),
        ("1500us1500000ns", "3ms"),
        ("+2m", "120s"),
        ("1h1h", "2h"),
    ];
    for (left, right) in same {
        let source = format!("duration('{left}') == duration('{right}')");
        assert_eq!(outcome(&source, &facts()), Outcome::Matches, "{source}");
    }
    for bad in [
        "",
        "-",
        "1",
        "h",
        ".h",
        "1.h",
        "1 h",
        "1d",
        "1h-1m",
        "1us",
        "99999999999999999h",
        "9999999999999999999999s",
        "0.000000000001h",
    ] {
        assert_eq!(faults(&format!("now - now > duration('{bad}')")).len(), 1, "{bad}");
    }
}

#[test]
fn everyday_patterns_fit() {
    for pattern in
        [r"\w+@\w+", r"\w{3}\s\w{3}", r"[\w.-]+\.\w+", r"^(?i)(vp|head|chief).*\b(sales|marketing)\b", r"\p{L}+"]
    {
        assert!(Expression::parse(&format!("lead.grade.matches(r'{pattern}')")).is_ok(), "{pattern}");
    }
}

#[test]
fn threads_may_share_one() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
}

#[test]
fn what_is_absent_decides_nothing_unless_the_rest_decides() {
    let missing = |field| Outcome::Missing(field);
    let cases = [
        ("lead.score > 50", missing(Field::Score)),
        ("!(lead.score > 50)", missing(Field::Score)),
        ("lead.score > 50 && lead.source == 'webinar'", missing(Field::Score)),
        ("lead.source == 'webinar' && lead.score > 50", missing(Field::Score)),
        ("lead.score > 50 && lead.source == 'other'", Outcome::Differs),
        ("lead.source == 'other' && lead.score > 50", Outcome::Differs),
        ("lead.score > 50 || lead.source == 'webinar'", Outcome::Matches),
        ("lead.score > 50 || lead.source == 'other'", missing(Field::Score)),
        ("lead.score > 50 && lead.company.employees > 5", missing(Field::Score)),
        ("lead.company.employees > 5 && lead.score > 50 && false", Outcome::Differs),
        ("lead.score > 50 ? true : true", missing(Field::Score)),
        ("has(lead.score) ? lead.score > 50 : lead.source == 'webinar'", Outcome::Matches),
        ("has(lead.score) && lead.score > 50", Outcome::Differs),
        ("lead.score == lead.score", missing(Field::Score)),
        ("lead.company.city != 'Berlin'", missing(Field::City)),
        ("lead.company.country in ['DE']", missing(Field::Country)),
        ("lead.source in ['webinar', lead.grade]", missing(Field::Grade)),
        ("lead.size == 'smb'", missing(Field::Size)),
        ("lead.temperature == 'cold'", missing(Field::Temperature)),
        ("lead.stage == 'icp'", missing(Field::Stage)),
        ("lead.attributes.plan == 'pro'", missing(Field::Attribute("plan".into()))),
        ("lead.company.name.lowerAscii().size() > 3", missing(Field::CompanyName)),
        ("lead.source == 'webinar' || 1 / 0 == 1", Outcome::Matches),
    ];
    for (source, expected) in cases {
        assert_eq!(outcome(source, &bare()), expected, "{source}");
    }
    let plan = Expression::parse("'budget' in lead.attributes").unwrap();
    assert_eq!(plan.evaluate(&Lead::without_attributes(&facts()), NOW), Outcome::Differs);
}

#[test]
fn what_cannot_be_computed_fails_and_does_not_match() {
    let cases = [
        ("lead.score / 0 == 1", Failure::DivisionByZero),
        ("lead.score % (lead.score - 80) == 1", Failure::DivisionByZero),
        ("9223372036854775807 + lead.score > 0", Failure::OutOfRange),
        ("-9223372036854775808 / (lead.score - 81) > 0", Failure::OutOfRange),
        ("-(lead.score - 80 - 9223372036854775807 - 1) > 0", Failure::OutOfRange),
        ("int(1e300) > 0", Failure::OutOfRange),
        ("int(0.0 / 0.0) > 0", Failure::OutOfRange),
        ("int(9223372036854775808.0) > 0", Failure::OutOfRange),
        ("int(-9223372036854775808.0) < 0", Failure::OutOfRange),
        ("int(lead.company.city) > 0", Failure::NotANumber),
        ("double(lead.company.city) > 0.0", Failure::NotANumber),
        ("now + duration('99999999h') > now", Failure::OutOfRange),
    ];
    for (source, failure) in cases {
        assert_eq!(outcome(source, &facts()), Outcome::Failed(failure), "{source}");
    }
}

#[test]
fn numbers_of_both_kinds_compare_exactly() {
    let true_ones = [
        "9007199254740993 > 9007199254740992.0",
        "9223372036854775807 < 9223372036854775808.0",
        "-9223372036854775808 == -9223372036854775808.0",
        "1 < 1.5 && -1 > -1.5 && 2 > 1.5 && -2 < -1.5 && 1 == 1.0",
        "0.0 / 0.0 != 1 && !(0.0 / 0.0 < 1) && !(0.0 / 0.0 == 0.0 / 0.0)",
        "1.0 / 0.0 > 9223372036854775807",
    ];
    for source in true_ones {
        assert_eq!(outcome(source, &facts()), Outcome::Matches, "{source}");
    }
}

#[test]
fn faults_say_where_and_what_was_meant() {
    let cases = [
        ("lead.score == \"hot\"", "1:12: no `==` between int and string"),
        ("lead.score", "1:1: a condition is bool, not int"),
        ("lead.scoer > 1", "1:6: no field `lead.scoer`: did you mean `lead.score`"),
        ("lead.country == 'DE'", "1:6: no field `lead.country`: did you mean `lead.company.country`"),
        ("country == 'DE'", "1:1: no field `country`: did you mean `lead.company.country`"),
        ("lead.email == 'x'", "1:6: `lead.email` is personal data, which expressions do not see"),
        ("lead.company == 'x'", "1:6: `lead.company` is a group of fields: name one of them"),
        ("lead.source.x == 'x'", "1:13: `lead.source` has no fields"),
        ("lead.source.startswith('a')", "1:13: no function `startswith`: did you mean `startsWith`"),
        ("lead.source.startsWith(1)", "1:13: `startsWith` is used as `string.startsWith(string)`"),
        ("['a'].exists(x, x == 'a')", "1:7: comprehensions such as `exists`, `all` and `map` are not supported"),
        ("lead.source.map(1)", "1:13: comprehensions such as `map` are not supported"),
        ("lead.stage == 'new'", "1:15: `lead.stage` is one of `icp`, `mql`, `sql`"),
        (
            "'de' != lead.company.country",
            "1:1: `lead.company.country` is an ISO 3166-1 code of two capitals, such as DE",
        ),
        (
            "lead.company.region in ['US-CA', 'CA']",
            "1:34: `lead.company.region` is an ISO 3166-2 code in capitals, such as US-CA",
        ),
        ("lead.source in []", "1:16: nothing is `in` an empty list"),
        ("lead.source in ['a', 1]", "1:22: no `in` between string and int"),
        ("lead.source in lead.grade", "1:20: `in` is followed by a list in brackets or `lead.attributes`"),
        ("lead.grade + 'x' == 'Ax'", "1:12: no `+` between string and string: texts cannot be joined"),
        ("lead.score * 0.5 > 1.0", "1:12: no `*` between int and double: `double()` makes an int a double"),
        ("lead.attributes[lead.source] == 'x'", "1:21: an attribute's name is a text in quotes"),
        ("lead.attributes['Ä'] == 'x'", "1:17: an attribute's name has 1 to 64 characters of a-z 0-9 _ -"),
        ("lead.grade == null", "1:15: `null` is not supported: `has()` asks whether a field is known"),
        ("lead.grade.matches('(')", "1:20: not a regular expression, or too large a one"),
        ("lead.grade.matches(r'(\\w{50}){50}')", "1:20: not a regular expression, or too large a one"),
        ("lead.grade.matches(lead.source)", "1:12: `matches` is used as `string.matches(TEXT)`"),
        ("now > timestamp('soon')", "1:17: not a moment to the millisecond, such as 2026-01-31T09:00:00Z"),
        ("now - now > duration('2d')", "1:22: not a duration to the millisecond, in h, m, s and ms, such as 1h30m"),
        ("now.getHours('Mars') > 1", "1:14: not a time zone of the IANA database, such as Europe/Berlin"),
        ("has(lead)", "1:5: `has()` takes a field, as in `has(lead.score)`"),
        ("has(lead.nothing)", "1:5: no field `lead.nothing`"),
        ("", "1:1: an expression is needed"),
        ("// nothing", "1:1: an expression is needed"),
        ("lead.score = 1", "1:12: unexpected `=`: equality is `==`"),
        ("lead.score == 1 &", "1:17: unexpected `&`: both is `&&`"),
        ("lead.score ==", "1:14: the expression ends too early"),
        ("lead.score 1", "1:12: unexpected number"),
        ("lead.source 'secret'", "1:13: unexpected text"),
        ("lead.score > 1 lead", "1:16: unexpected `lead`"),
        ("(lead.score > 1", "1:1: `(` is not closed"),
        ("lead.score > 1)", "1:15: `)` closes nothing"),
        ("lead.grade == 'x", "1:15: a quote is not closed"),
        ("lead.grade == 'x\n'", "1:15: a quote is not closed on its line"),
        (r"lead.grade == '\q'", "1:15: a text has an escape that CEL does not know"),
        (r"lead.grade == '\ud800'", "1:15: a text has an escape that is no character"),
        ("lead.grade == b'x'", "1:15: bytes are not supported"),
        ("lead.score == 80u", "1:15: unsigned numbers are not supported: leave out the `u`"),
        ("lead.score == 9223372036854775808", "1:15: a whole number beyond 64 bits"),
        ("{'a': 1} == 1", "1:1: maps and messages are not supported"),
        ("while == 1", "1:1: `while` is a reserved word"),
        ("lead.?score == 1", "1:5: not an expression that is supported"),
        ("lead.score > 1 ? 2 : 'x'", "1:16: `?` chooses between int and string"),
        // The column counts characters, not bytes.
        ("'ä' == lead.grade && lead.grade == 1", "1:33: no `==` between string and int"),
        ("lead.grade == 'ä'\n  && 'ö' == lead.grad", "2:18: no field `lead.grad`: did you mean `lead.grade`"),
    ];
    for (source, expected) in cases {
        assert_eq!(faults(source), [expected], "{source}");
    }
}

#[test]
fn several_faults_are_told_at_once_in_order() {
    let source = "lead.scoer > 80 &&\n  lead.stage == 'new' ||\n  foo(lead.company.contry) && lead.score";
    assert_eq!(
        faults(source),
        [
            "1:6: no field `lead.scoer`: did you mean `lead.score`",
            "2:17: `lead.stage` is one of `icp`, `mql`, `sql`",
            "3:3: no function `foo`",
            "3:20: no field `lead.company.contry`: did you mean `lead.company.country`",
        ]
    );
}

#[test]
fn two_expressions_are_equal_when_their_texts_are() {
    let parse = |source| Expression::parse(source).unwrap();
    assert_eq!(parse("lead.score > 1"), parse("lead.score > 1").clone());
    assert_ne!(parse("lead.score > 1"), parse("lead.score>1"));
    assert_eq!(format!("{:?}", parse("true")), r#"Expression("true")"#);
    assert_eq!(parse("true").source(), "true");
}

#[test]
fn what_is_required_can_be_looked_up() {
    let required = |source| -> Vec<String> {
        let equalities = Expression::parse(source).unwrap().requires();
        let told = |value: &Constant| match value {
            Constant::Text(text) => text.to_string(),
            Constant::Number(number) => number.to_string(),
        };
        let values = |equality: &Equality| equality.values.iter().map(told).collect::<Vec<_>>().join(",");
        equalities.iter().map(|equality| format!("{} {}", equality.field, values(equality))).collect()
    };
    assert_eq!(required("lead.source == 'a'"), ["lead.source a"]);
    assert_eq!(
        required(
            "'a' == lead.source && (lead.score > 1 && lead.company.country in ['DE', 'AT', 'DE']) && lead.score == 7"
        ),
        ["lead.source a", "lead.company.country AT,DE", "lead.score 7"]
    );
    assert_eq!(
        required("(lead.source == 'b' || lead.source in ['c', 'a']) && lead.score in [3, 2]"),
        ["lead.source a,b,c", "lead.score 2,3"]
    );
    assert_eq!(required("lead.attributes.plan == 'pro' && true"), ["lead.attributes[\"plan\"] pro"]);
    for none in [
        "lead.source == 'a' || lead.score > 1",
        "lead.source == 'a' || lead.grade == 'a'",
        "!(lead.source == 'a')",
        "lead.source != 'a'",
        "lead.source == lead.grade",
        "lead.source in ['a', lead.grade]",
        "lead.source.lowerAscii() == 'a'",
        "lead.score in [1, lead.company.employees]",
        "true ? lead.source == 'a' : false",
    ] {
        assert_eq!(required(none), [""; 0], "{none}");
    }
}

#[test]
fn the_fields_have_one_name_each() {
    for (path, field) in field::FIELDS {
        assert_eq!(field.to_string(), path);
        assert!(Expression::parse(&format!("has({path})")).is_ok(), "{path}");
    }
}

#[test]
fn temperature_and_size_change_at_their_bounds() {
    let with = |score, employees| {
        let facts = Facts {
            score: Some(score),
            company: Company { employees: Some(employees), ..Company::default() },
            ..facts()
        };
        let lead = Lead::without_attributes(&facts);
        format!("{} {}", lead.text(&Field::Temperature).unwrap(), lead.text(&Field::Size).unwrap())
    };
    let seen = [with(0, 1), with(49, 49), with(50, 50), with(79, 499), with(80, 500), with(100, 9_000)];
    assert_eq!(
        seen,
        ["cold smb", "cold smb", "warm mid_market", "warm mid_market", "hot enterprise", "hot enterprise"]
    );
}
