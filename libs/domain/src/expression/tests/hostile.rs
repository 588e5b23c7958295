//! Whatever the text is: no panic, no overflow of the 2 MB of stack that a thread gets.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

fn in_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap().join().unwrap();
}

/// Parses, and evaluates what passes.
fn tries(source: &str) -> Result<Outcome, Vec<Fault>> {
    let expression = Expression::parse(source)?;
    expression.requires();
    Ok(expression.evaluate(&Lead::without_attributes(&facts()), NOW))
}

/// Every way to nest, `n` times.
fn nested(n: usize) -> Vec<String> {
    let around = |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(n), close.repeat(n));
    let chain = |link: &str| format!("1{} == 1", link.repeat(n));
    vec![
        around("(", "true", ")"),
        around("[", "1", "]"),
        around("!(", "true", ")"),
        around("-(", "1", ") == 1"),
        around("size(", "lead.source", ")"),
        around("1 in [", "1", "]"),
        around("(1 + 1 < 3 ? true : ", "true", ")"),
        around("(true && ", "true", ")"),
        around("[1].exists(x, ", "true", ")"),
        around("(", "", ""),
        around("[", "", ""),
        around("f(", "", ""),
        around("(a[", "", ""),
        around("has(", "", ""),
        around("", "", ")"),
        around("!", "true", ""),
        around("-", "lead.score == 1", ""),
        around("!-", "lead.score", ""),
        around("true ? true : ", "true", ""),
        around("true ? ", "true", " : true"),
        around("lead.source == 'a' in ", "true", ""),
        chain(" + 1"),
        chain(" * 1 + 1"),
        chain(" - -1"),
        chain(" < 1"),
        chain(" == 1"),
        format!("lead{} == 1", ".a".repeat(n)),
        format!("lead{} == 1", ".a()".repeat(n)),
        format!("lead{} == 1", "[0]".repeat(n)),
        format!("lead.source{} == 'a'", ".lowerAscii()".repeat(n)),
        format!("true{}", " && true".repeat(n)),
        format!("true{}", " || true".repeat(n)),
        format!("lead.score in [1{}]", ", 1".repeat(n)),
        format!("lead.grade.matches(r'{}')", "(".repeat(n) + &")".repeat(n)),
        format!("lead.grade.matches(r'{}')", "(a|".repeat(n) + "b" + &")*".repeat(n)),
        format!("lead.grade == '{}'", "((".repeat(n)),
    ]
}

#[test]
fn nesting_is_bounded_before_anything_recurses() {
    in_a_small_stack(|| {
        for n in [1, 2, 7, 8, 9, 15, 16, 31, 32, 33, 64, 200, 500, 1_000, 100_000] {
            for source in nested(n) {
                let result = tries(&source);
                if source.len() > MAX_SOURCE {
                    assert!(result.is_err(), "{n}: {source:.60}");
                }
            }
        }
    });
}

#[test]
fn the_caps_are_where_they_are_said_to_be() {
    in_a_small_stack(|| {
        let ok = |source: String| assert!(tries(&source).is_ok(), "{source:.60}: {:?}", tries(&source));
        let refused = |source: String, why: &str| {
            let faults = tries(&source).unwrap_err();
            assert!(faults.len() == 1 && faults[0].message.contains(why), "{source:.60}: {faults:?}");
        };
        let brackets = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
        ok(brackets(MAX_NESTING));
        refused(brackets(MAX_NESTING + 1), "brackets");
        // The comparison is one more than the sums.
        let sums = |n: usize| format!("0{} == 1", " + 1".repeat(n));
        ok(sums(MAX_DEPTH - 1));
        refused(sums(MAX_DEPTH), "too deep");
        let choices = |n: usize| format!("{}true", "true ? true : ".repeat(n));
        ok(choices(MAX_DEPTH));
        refused(choices(MAX_DEPTH + 1), "too deep");
        // What is inside brackets counts for what waits outside, also when it is not the last there.
        let around = |n: usize| format!("({} && true){}", sums(20), " == true".repeat(n));
        ok(around(MAX_DEPTH - 22));
        refused(around(MAX_DEPTH - 21), "too deep");
        // `in`, the brackets, the items and their commas.
        let items = |n: usize| format!("lead.score in [1{}]", ",1".repeat(n));
        ok(items((MAX_TOKENS - 7) / 2));
        refused(items(MAX_TOKENS / 2), "words and signs");
        let text = |n: usize| format!("lead.grade == '{}'", "x".repeat(n - 16));
        ok(text(MAX_SOURCE));
        refused(text(MAX_SOURCE + 1), "bytes");
        let patterns = |n: usize| vec!["lead.grade.matches('x')"; n].join(" && ");
        ok(patterns(MAX_PATTERNS));
        refused(patterns(MAX_PATTERNS + 1), "patterns");
    });
}

/// As deep as the caps allow, in every way at once.
#[test]
fn the_deepest_that_passes_fits_the_stack() {
    in_a_small_stack(|| {
        let rest = MAX_DEPTH - 2 * MAX_NESTING;
        for step in ["(false || !", "!(true && ", "(true ? true : "] {
            let close = ")".repeat(MAX_NESTING);
            for inside in [
                format!("0{} == 1", " + 1".repeat(rest - 1)),
                format!("{}true", "true ? true : ".repeat(rest)),
                format!("lead.grade{} == 'a'", ".lowerAscii()".repeat(rest / 2 - 1)),
            ] {
                let source = format!("{}{inside}{close}", step.repeat(MAX_NESTING));
                let inner = step.starts_with('!').then(|| format!("{}({inside}){close}", step.repeat(MAX_NESTING - 1)));
                for source in [Some(source), inner].into_iter().flatten() {
                    let _ = tries(&source);
                }
            }
        }
    });
}

fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "lead",
        ".",
        "score",
        "source",
        "company",
        "country",
        "attributes",
        "now",
        "has",
        "size",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        ",",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "?",
        ":",
        "in",
        "true",
        "false",
        "null",
        "1",
        "0",
        "2.5",
        "1e3",
        "0x1F",
        "'a'",
        "\"b\"",
        "r'c'",
        "'''d'''",
        "'ä'",
        "'\\n'",
        "'\\u00e4'",
        "duration",
        "'2h'",
        "timestamp",
        "matches",
        "exists",
        "map",
        "all",
        "x",
        "lead.score",
        "lead.source == 'a'",
        "lead.score > 1",
        "now - lead.captured_at",
        "while",
        "has(lead.score)",
        ".exists(x, true)",
        "[1, 2]",
        " ",
        "\n",
        "// c\n",
        "\\",
        "'",
        "\"",
        "`a`",
        "{",
        "}",
        "ä",
        "\u{0}",
        "1u",
        "b'x'",
        ";",
        "@",
        "=",
        "|",
    ]);
    let joined = |glue: &'static str| move |words: Vec<&str>| words.join(glue);
    prop_oneof![
        prop::collection::vec(words.clone(), 0..40).prop_map(joined(" ")),
        prop::collection::vec(words, 0..40).prop_map(joined("")),
        "\\PC{0,60}",
        "[ -~\\n]{0,80}",
        "[()\\[\\].!?:'\"a1 ,&|+-]{0,60}",
    ]
}

#[test]
fn no_text_panics() {
    in_a_small_stack(|| {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) };
        let run = TestRunner::new(config).run(&soup(), |source| {
            if let Err(faults) = tries(&source) {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(source.is_char_boundary(fault.offset), "{fault}");
                    prop_assert!(fault.line >= 1 && fault.column >= 1);
                }
            }
            Ok(())
        });
        run.unwrap();
    });
}
