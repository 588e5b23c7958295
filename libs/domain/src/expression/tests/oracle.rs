//! The crate's own evaluator as the oracle: random well-typed expressions, random leads, the same answer.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::{Context, Env, ExecutionError, Value, extensions};
use proptest::prelude::*;

use super::*;

/// An expression, or a part of one, as it is written.
type Written = BoxedStrategy<String>;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    Arc::new(env)
});

fn moment(at: Millis) -> Value {
    let program = ENV.compile(&format!("timestamp('{at}')")).unwrap();
    program.execute(&Context::with_env(ENV.clone())).unwrap()
}

/// What the crate says; absent fields are absent keys.
fn oracle(source: &str, lead: &Lead<'_>) -> Result<bool, ExecutionError> {
    let mut company: HashMap<String, Value> = HashMap::new();
    let mut qualification: HashMap<String, Value> = HashMap::new();
    let mut fields: HashMap<String, Value> = HashMap::new();
    for (path, field) in field::FIELDS {
        let value = match (lead.text(&field), lead.number(&field)) {
            (Some(text), _) => Value::from(text.to_owned()),
            (None, Some(number)) => Value::from(number),
            (None, None) if field == Field::CapturedAt => moment(lead.facts.captured_at),
            (None, None) => continue,
        };
        match (path.strip_prefix("lead.company."), path.strip_prefix("lead.qualification.")) {
            (Some(name), _) => company.insert(name.to_owned(), value),
            (None, Some(name)) => qualification.insert(name.to_owned(), value),
            _ => fields.insert(path.trim_start_matches("lead.").to_owned(), value),
        };
    }
    let attributes = lead.attributes.iter().filter(|(_, value)| !value.is_empty());
    let attributes: HashMap<String, Value> = attributes.map(|(k, v)| (k.clone(), Value::from(v.clone()))).collect();
    fields.insert("company".into(), Value::from(company));
    fields.insert("qualification".into(), Value::from(qualification));
    fields.insert("attributes".into(), Value::from(attributes));
    let mut context = Context::with_env(ENV.clone());
    context.add_variable_from_value("lead", fields);
    context.add_variable_from_value("now", moment(NOW));
    match ENV.compile(source).unwrap().execute(&context)? {
        Value::Bool(value) => Ok(value),
        other => panic!("{source} is {other:?}"),
    }
}

fn one_of(known: &'static [&'static str]) -> Written {
    prop::sample::select(known).prop_map(str::to_owned).boxed()
}

/// A text in quotes, with whatever needs an escape.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '\\' | '"' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn whole(depth: u32) -> Written {
    let leaf = prop_oneof![
        4 => one_of(&["lead.score", "lead.company.employees"]),
        4 => (-3i64..120).prop_map(|n| n.to_string()),
        1 => one_of(&["9223372036854775807", "-9223372036854775808", "0x1F", "0"]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let below = depth - 1;
    prop_oneof![
        2 => leaf,
        3 => (whole(below), one_of(&["+", "-", "*", "/", "%"]), whole(below)).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
        1 => whole(below).prop_map(|n| format!("-({n})")),
        1 => text(below).prop_map(|t| format!("size({t})")),
        1 => text(below).prop_map(|t| format!("int({t})")),
        1 => real(below).prop_map(|r| format!("int({r})")),
        1 => length(below).prop_map(|l| format!("({l}).getMinutes()")),
        1 => (span_of(), one_of(&["getHours", "getMinutes", "getSeconds", "getMilliseconds"]))
            .prop_map(|(l, f)| format!("{l}.{f}()")),
        2 => (moment_of(below), one_of(&["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
            "getHours", "getMinutes", "getSeconds", "getMilliseconds"]), one_of(&["", "'Europe/Berlin'", "'America/New_York'",
            "'UTC'", "'Asia/Kathmandu'"])).prop_map(|(m, f, z)| format!("({m}).{f}({z})")),
        1 => (truth(below), whole(below), whole(below)).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
    ]
    .boxed()
}

fn real(depth: u32) -> Written {
    let leaf = prop_oneof![4 => (-40i32..400).prop_map(|n| format!("{:?}", f64::from(n) / 4.0)), 1 => one_of(&["1e300", ".5"])];
    if depth == 0 {
        return leaf.boxed();
    }
    let below = depth - 1;
    prop_oneof![
        2 => leaf,
        3 => (real(below), one_of(&["+", "-", "*", "/"]), real(below)).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
        1 => real(below).prop_map(|n| format!("-({n})")),
        1 => text(below).prop_map(|t| format!("double({t})")),
        2 => whole(below).prop_map(|n| format!("double({n})")),
    ]
    .boxed()
}

fn text(depth: u32) -> Written {
    let leaf = prop_oneof![
        6 => one_of(&["lead.company.name", "lead.company.domain", "lead.company.industry", "lead.company.city", "lead.grade",
            "lead.product_interest", "lead.attributes.plan", "lead.attributes['utm-source']", "lead.source", "lead.stage"]),
        2 => "[ -~äöß\\n\\\\\"]{0,6}".prop_map(|text| quoted(&text)),
        2 => one_of(&["'a'", "\"12\"", "r'\\d'", "'''it's'''", "'1.5'", "'ads'"]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let below = depth - 1;
    prop_oneof![
        4 => leaf,
        1 => (text(below), one_of(&["lowerAscii", "upperAscii"])).prop_map(|(t, f)| format!("{t}.{f}()")),
        1 => (truth(below), text(below), text(below)).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
    ]
    .boxed()
}

fn span_of() -> Written {
    let written = prop_oneof![
        (0u32..300, 0u32..60).prop_map(|(h, m)| format!("{h}h{m}m")),
        (0u32..9_000).prop_map(|s| format!("-{s}s")),
        (0u32..100).prop_map(|h| format!("{h}.25h")),
        (0u32..5_000).prop_map(|ms| format!("{ms}ms")),
    ];
    written.prop_map(|text| format!("duration('{text}')")).boxed()
}

fn moment_of(depth: u32) -> Written {
    let leaf = prop_oneof![
        2 => one_of(&["now", "lead.captured_at"]),
        1 => (1970i32..2100, 1u32..13, 1u32..29, 0u32..24).prop_map(|(y, m, d, h)| format!("timestamp('{y}-{m:02}-{d:02}T{h:02}:07:09.250Z')")),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        3 => leaf,
        1 => (moment_of(depth - 1), one_of(&["+", "-"]), length(depth - 1)).prop_map(|(m, o, l)| format!("({m} {o} {l})")),
        1 => (length(depth - 1), moment_of(depth - 1)).prop_map(|(l, m)| format!("({l} + {m})")),
    ]
    .boxed()
}

fn length(depth: u32) -> Written {
    if depth == 0 {
        return span_of();
    }
    prop_oneof![
        1 => span_of(),
        2 => (moment_of(depth - 1), moment_of(depth - 1)).prop_map(|(l, r)| format!("({l} - {r})")),
        1 => (length(depth - 1), one_of(&["+", "-"]), length(depth - 1)).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
    ]
    .boxed()
}

/// A field whose values are few, with one of them.
fn coded() -> BoxedStrategy<(String, &'static str, &'static str)> {
    prop_oneof![
        prop::sample::select(vec![("'DE'", "'US'"), ("'AT'", "'DE'")]).prop_map(|(a, b)| (
            "lead.company.country".into(),
            a,
            b
        )),
        prop::sample::select(vec![("'DE-BY'", "'US-CA'")]).prop_map(|(a, b)| ("lead.company.region".into(), a, b)),
        prop::sample::select(vec![("'mql'", "'sql'"), ("'icp'", "'mql'")]).prop_map(|(a, b)| (
            "lead.stage".into(),
            a,
            b
        )),
        prop::sample::select(vec![("'hot'", "'warm'"), ("'cold'", "'hot'")]).prop_map(|(a, b)| (
            "lead.temperature".into(),
            a,
            b
        )),
        prop::sample::select(vec![("'smb'", "'enterprise'")]).prop_map(|(a, b)| ("lead.size".into(), a, b)),
        prop::sample::select(vec![("'webinar'", "'ads'"), ("'ads'", "'a'")]).prop_map(|(a, b)| (
            "lead.source".into(),
            a,
            b
        )),
        prop::sample::select(vec![("'ads'", "'a'")]).prop_map(|(a, b)| ("lead.attributes.plan".into(), a, b)),
    ]
    .boxed()
}

fn truth(depth: u32) -> Written {
    let order = || one_of(&["==", "!=", "<", "<=", ">", ">="]);
    let below = depth.saturating_sub(1);
    // No equality here: the field may be one of few values, and a constant beyond them is a fault.
    let ordered = one_of(&["<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        4 => coded().prop_map(|(field, a, _)| format!("{field} == {a}")),
        2 => coded().prop_map(|(field, a, b)| format!("{field} in [{a}, {b}]")),
        1 => coded().prop_map(|(field, a, b)| format!("({field} == {a} || {field} == {b})")),
        1 => coded().prop_map(|(field, a, _)| format!("{a} != {field}")),
        1 => one_of(&["true", "false", "has(lead.score)", "has(lead.company.city)", "has(lead.attributes.plan)",
            "'plan' in lead.attributes", "'utm-source' in lead.attributes", "has(lead.size)", "has(lead.captured_at)",
            "lead.grade in ['A', 'B', lead.company.city]"]),
        3 => (whole(below), order(), whole(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        1 => (whole(below), whole(below), whole(below)).prop_map(|(n, a, b)| format!("{n} in [{a}, 7, {b}]")),
        1 => (real(below), order(), real(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        1 => (real(below), real(below)).prop_map(|(l, r)| format!("{l} in [{r}, 1.5]")),
        1 => ((-100i64..100), order(), real(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        1 => (real(below), order(), (-100i64..100)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        2 => (text(below), ordered, text(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        2 => (text(below), one_of(&["startsWith", "endsWith", "contains"]), text(below)).prop_map(|(t, f, p)| format!("{t}.{f}({p})")),
        1 => (text(below), one_of(&["r'^\\w+$'", "'a|b'", "r'[A-Z]{2}'", "'(?i)GMBH'", "''"])).prop_map(|(t, p)| format!("{t}.matches({p})")),
        1 => (moment_of(below), order(), moment_of(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        2 => (length(below), order(), length(below)).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let chain = |sign: &'static str| move |parts: Vec<String>| format!("({})", parts.join(sign));
    prop_oneof![
        4 => leaf,
        2 => prop::collection::vec(truth(below), 2..5).prop_map(chain(" && ")),
        2 => prop::collection::vec(truth(below), 2..5).prop_map(chain(" || ")),
        1 => truth(below).prop_map(|t| format!("!({t})")),
        1 => (truth(below), one_of(&["==", "!="]), truth(below)).prop_map(|(l, o, r)| format!("(({l}) {o} ({r}))")),
        1 => (truth(below), truth(below), truth(below)).prop_map(|(c, l, r)| format!("({c} ? {l} : {r})")),
    ]
    .boxed()
}

/// A value in so many of 100 cases.
fn sometimes<S: Strategy>(percent: u8, values: S) -> impl Strategy<Value = Option<S::Value>> {
    (0..100u8, values).prop_map(move |(dice, value)| (dice < percent).then_some(value))
}

/// A lead; `known`: in how many of 100 cases each field is there.
fn lead(known: u8) -> impl Strategy<Value = (Facts, BTreeMap<String, String>)> {
    let maybe = move |values: &'static [&'static str]| {
        sometimes(known, prop::sample::select(values)).prop_map(|value| value.unwrap_or("").to_owned())
    };
    let company = (
        maybe(&["Müller GmbH", "ACME", "a", "12"]),
        maybe(&["a.example", "acme.example"]),
        sometimes(known, prop::sample::select(vec![1u32, 49, 50, 120, 499, 500, 10_000_000])),
        maybe(&["software", "A"]),
        maybe(&["DE", "US", "AT"]),
        maybe(&["DE-BY", "US-CA"]),
        maybe(&["München", "a\nb"]),
    );
    let company = company.prop_map(|(name, domain, employees, industry, country, region, city)| Company {
        name,
        domain,
        employees,
        industry,
        country,
        region,
        city,
    });
    let stage = prop::sample::select(vec![Stage::Icp, Stage::Mql, Stage::Sql]);
    let rest = (
        prop::sample::select(vec!["webinar", "ads", "a"]),
        sometimes(known, stage),
        sometimes(known, prop::sample::select(vec![0u8, 1, 49, 50, 79, 80, 100])),
        maybe(&["A", "B"]),
        maybe(&["routing", "it's"]),
        -500_000_000i64..1_000,
        (maybe(&["ads", "a", "12", "1.5"]), maybe(&["a", "-7"])),
    );
    (company, rest).prop_map(|(company, (source, stage, score, grade, product_interest, ago, (plan, utm)))| {
        let facts = Facts {
            company,
            source: Source::parse(source).unwrap(),
            stage: stage.unwrap_or_default(),
            score,
            grade,
            product_interest,
            qualification: Default::default(),
            captured_at: NOW.after(Span(ago)),
        };
        (facts, [("plan".to_owned(), plan), ("utm-source".to_owned(), utm)].into())
    })
}

fn agrees(source: &str, lead: &Lead<'_>) -> Result<Outcome, TestCaseError> {
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(faults) => {
            // What is well typed can still be too long.
            let capped = faults.iter().all(|f| f.message.contains("at most"));
            prop_assert!(capped, "{source}: {faults:?}");
            return Err(TestCaseError::reject("too long"));
        }
    };
    let outcome = expression.evaluate(lead, NOW);
    let expected = oracle(source, lead);
    let same = match (&outcome, &expected) {
        (Outcome::Matches, Ok(value)) => *value,
        (Outcome::Differs, Ok(value)) => !value,
        (Outcome::Missing(field), Err(_)) => !lead.has(field),
        (Outcome::Failed(_), Err(_)) => true,
        _ => false,
    };
    prop_assert!(same, "{source}\nours {outcome:?}, the oracle's {expected:?}");
    if outcome == Outcome::Matches {
        for equality in expression.requires() {
            prop_assert!(equality.holds(lead), "{source} matches without {equality:?}");
        }
    }
    Ok(outcome)
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 10_000, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn with_every_field_known(source in truth(3), (facts, attributes) in lead(100)) {
        let outcome = agrees(&source, &Lead::new(&facts, &attributes))?;
        prop_assert!(!matches!(outcome, Outcome::Missing(_)), "{source}: {outcome:?}");
    }

    #[test]
    fn with_fields_absent(source in truth(3), (facts, attributes) in lead(60)) {
        agrees(&source, &Lead::new(&facts, &attributes))?;
    }

    /// Short ones match more often.
    #[test]
    fn what_matches_has_what_is_required(source in truth(0), more in truth(0), (facts, attributes) in lead(90)) {
        agrees(&format!("{source} && {more}"), &Lead::new(&facts, &attributes))?;
    }
}
